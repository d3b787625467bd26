"""Text put together by Arrow, and of few rows without it: the same text at any size."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.journey.decision.text_arrays import (
    FEW,
    amounts_text,
    array_of,
    bytes_of,
    enclose,
    ids_text,
    join,
    join_by,
    numbers_text,
    optional,
    spread,
    take,
    texts_of,
)
from serai.model.columns import encode_words
from serai.model.frames import ABSENT

texts = st.text(alphabet='aé石"\\', max_size=3)
Rows = list[tuple[str, str | None, int, int]]
rows_strategy = st.lists(
    st.tuples(texts, st.none() | texts, st.integers(-(10**12), 10**12) | st.just(ABSENT), st.integers(0, 5)),
    min_size=1,
    max_size=8,
)
CURRENCIES = [None, "EUR", "JPY", "BHD"]


def joined(rows: Rows) -> Any:
    return join("<", texts_of([row[0] for row in rows]), "|", texts_of([row[1] for row in rows]), ">")


def left_out(rows: Rows) -> Any:
    return optional("<", texts_of([row[1] for row in rows]), ">")


def enclosed(rows: Rows) -> Any:
    first = texts_of([row[0] for row in rows])
    return join(first, *enclose(texts_of([row[1] or "" for row in rows]), "[", "]"))


def numbered(rows: Rows) -> Any:
    return numbers_text(np.array([row[2] for row in rows], dtype=np.int64))


def paid(rows: Rows) -> Any:
    currency = encode_words([CURRENCIES[row[3] % 4] for row in rows])
    return amounts_text(np.array([row[2] for row in rows], dtype=np.int64), currency)


def identified(rows: Rows) -> Any:
    return ids_text(np.array([abs(row[2]) // 2 for row in rows], dtype=np.int64))


def spreading(rows: Rows) -> Any:
    keys = [np.array([row[3] for row in rows]), np.array([row[1] is None for row in rows])]
    return spread(keys, lambda row: f"{keys[0][row]}{keys[1][row]}")


@pytest.mark.parametrize("write", [joined, left_out, enclosed, numbered, paid, identified, spreading])
@given(rows=rows_strategy)
@settings(max_examples=25)
def test_few_rows_say_what_many_say(write: Callable[[Rows], Any], rows: Rows) -> None:
    times = FEW // len(rows) + 1

    few, many = write(rows), write(rows * times)

    assert isinstance(few, list)
    assert not isinstance(many, list)
    assert many.to_pylist() == few * times
    assert array_of(few).to_pylist() == few


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
@settings(max_examples=25)
def test_texts_are_joined_by_their_owners_at_any_size(counts: list[int]) -> None:
    for times in (1, FEW // len(counts) + 1):
        every = counts * times
        owners = np.repeat(np.arange(len(every)), every)
        own = texts_of([f"t{number}" for number in range(len(owners))])

        found = array_of(join_by(own, owners, len(every))).to_pylist()

        ends = np.cumsum(every).tolist()
        expected = [
            ",".join(f"t{number}" for number in range(end - count, end))
            for end, count in zip(ends, every, strict=True)
        ]
        assert found == expected


def test_rows_are_taken_from_few_for_many_and_from_many_for_few() -> None:
    count = 2 * FEW
    few, many = texts_of(["a", "b"]), texts_of([str(number) for number in range(count)])

    assert take(few, np.arange(count) % 2).to_pylist() == ["a", "b"] * FEW
    assert take(many, np.array([99, 0])) == ["99", "0"]
    assert bytes_of(take(many, np.arange(FEW + 1)))[FEW] == b"%d" % FEW
