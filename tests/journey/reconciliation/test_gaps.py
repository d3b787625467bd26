"""A gap between two sums is closed by the parts that make it, or said to be open by exactly what is left."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.reconciliation.gaps import EQUAL, ROUNDED, SMALL, UNEXPLAINED, Gap, close_gaps

AMOUNTS = st.integers(-(10**14), 10**14)


def close(gap: int, parts: list[int], rounding: int = 2, tolerance: int = 10) -> Gap:
    return close_gaps(
        np.array([gap]),
        [np.array([part]) for part in parts],
        rounding_minor=np.array([rounding]),
        tolerance_minor=np.array([tolerance]),
    )


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=5), st.integers(0, 5), st.integers(0, 1_000))
def test_parts_and_rest_make_the_gap(gap: int, parts: list[int], rounding: int, tolerance: int) -> None:
    found = close(gap, parts, rounding, tolerance)
    used = sum(part for place, part in enumerate(parts) if int(found.parts[0]) >> place & 1)

    assert used + int(found.rest_minor[0]) == gap
    most = {EQUAL: 0, ROUNDED: rounding, SMALL: tolerance, UNEXPLAINED: None}[int(found.closing[0])]
    assert most is None or abs(int(found.rest_minor[0])) <= most


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=5, unique=True), st.data())
def test_what_one_or_two_parts_make_is_closed(parts: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(parts))), min_size=1, max_size=2, unique=True))

    found = close(sum(parts[place] for place in chosen), parts)

    assert found.closing.tolist() == [EQUAL]
    assert found.rest_minor.tolist() == [0]


def test_the_fewest_parts_win() -> None:
    assert close(500, [200, 300, 500]).parts.tolist() == [0b100]


def test_rounding_comes_before_tolerance_and_tolerance_before_nothing() -> None:
    closings = [int(close(gap, [500]).closing[0]) for gap in (2, 3, 10, 11, 501, 503)]

    assert closings == [ROUNDED, SMALL, SMALL, UNEXPLAINED, ROUNDED, UNEXPLAINED]
