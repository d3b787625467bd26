"""Work beside the loop, whatever kind of callable it is."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from serai.foundation.worker_threads import beside_the_loop


def add(one: int, other: int) -> int:
    return one + other


@pytest.mark.parametrize("row_count", [1, 1_000])
@pytest.mark.parametrize("work", [add, partial(add), partial(partial(add, other=2))])
def test_a_function_and_one_whose_first_arguments_are_given_are_done(
    row_count: int, work: Callable[..., int]
) -> None:
    given = {} if isinstance(work, partial) and work.keywords else {"other": 2}

    assert asyncio.run(beside_the_loop(row_count, work, 1, **given)) == 3
