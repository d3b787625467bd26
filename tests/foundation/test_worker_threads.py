"""Work beside the loop, whatever kind of callable it is."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import pytest

from serai.foundation.worker_threads import beside_the_loop, going_first


def add(one: int, other: int) -> int:
    return one + other


@pytest.mark.parametrize("row_count", [1, 1_000])
@pytest.mark.parametrize("work", [add, partial(add), partial(partial(add, other=2))])
def test_a_function_and_one_whose_first_arguments_are_given_are_done(
    row_count: int, work: Callable[..., int]
) -> None:
    given = {} if isinstance(work, partial) and work.keywords else {"other": 2}

    assert asyncio.run(beside_the_loop(row_count, work, 1, **given)) == 3


def test_two_large_batches_are_not_computed_at_the_same_time() -> None:
    at_work: list[str] = []
    most: list[int] = []

    def compute(name: str) -> None:
        at_work.append(name)
        time.sleep(0.02)
        most.append(len(at_work))
        at_work.remove(name)

    async def both() -> None:
        await asyncio.gather(*(beside_the_loop(1_000, compute, name) for name in ("one", "other")))

    asyncio.run(both())

    assert most == [1, 1]


def test_a_step_of_a_large_batch_waits_for_what_goes_first_but_not_for_ever() -> None:
    done: list[str] = []

    async def first(turns_count: int) -> None:
        with going_first():
            for _ in range(turns_count):
                await asyncio.sleep(0)
            done.append("first")

    async def both() -> None:
        small = asyncio.create_task(first(5))
        await asyncio.sleep(0)
        await beside_the_loop(1_000, done.append, "large")
        await small

    asyncio.run(both())

    assert done == ["first", "large"]


def test_a_large_batch_goes_on_though_something_that_goes_first_never_ends() -> None:
    async def both() -> int:
        with going_first():
            return await beside_the_loop(1_000, add, 1, 2)

    assert asyncio.run(both()) == 3
