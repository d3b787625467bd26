"""Exact arithmetic: every rounding against fractions, shares that lose nothing, no overflow that wraps."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.law.exact import (
    RoundingMode,
    checked_product,
    fill_whole_units,
    multiply_divide,
    share_largest_remainder,
    share_last_takes_rest,
)
from serai.model.columns import Int64s

TRILLION = 10**12
INT64_MAX = 2**63 - 1


def _rounded(exact: Fraction, mode: RoundingMode) -> int:
    size = abs(exact)
    down = floor(size)
    rest = size - down
    up = {
        "down": False,
        "up": rest > 0,
        "half_up": rest >= Fraction(1, 2),
        "half_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and down % 2 == 1),
    }[mode]
    whole = down + up
    return whole if exact >= 0 else -whole


@given(
    st.integers(-TRILLION, TRILLION),
    st.integers(0, 10**13),
    st.integers(1, 10**13),
    st.sampled_from(["half_up", "half_even", "down", "up"]),
    st.sampled_from([1, 5, 10, 100]),
)
def test_one_rounding_equals_the_fraction_rounded(
    amount: int, numerator: int, denominator: int, mode: RoundingMode, unit: int
) -> None:
    wanted = _rounded(Fraction(amount * numerator, denominator * unit), mode) * unit
    columns = np.array([amount, 0]), np.array([numerator, 0])

    if abs(wanted) > INT64_MAX:
        with pytest.raises(OverflowError):
            multiply_divide(*columns, denominator, mode=mode, unit=unit)
        return
    got = multiply_divide(*columns, denominator, mode=mode, unit=unit)

    assert got.dtype == np.int64
    assert got.tolist() == [wanted, 0]


def test_bounds_of_the_law_are_far_from_wrapping() -> None:
    got = multiply_divide(np.array([TRILLION, -TRILLION]), 10_000_000, 1_000_000, mode="half_up")

    assert got.tolist() == [10 * TRILLION, -10 * TRILLION]


def test_product_that_leaves_64_bits_is_an_error_and_never_wraps() -> None:
    with pytest.raises(OverflowError):
        checked_product(np.array([2**40]), np.array([2**40]))
    with pytest.raises(OverflowError):
        multiply_divide(np.array([2**62]), np.array([2**62]), 1, mode="down")


consignments = st.lists(
    st.tuples(st.integers(0, TRILLION), st.lists(st.integers(0, TRILLION), min_size=1, max_size=5)),
    min_size=1,
    max_size=4,
)


def _columns(drawn: list[tuple[int, list[int]]]) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    counts = np.array([len(weights) for _, weights in drawn], dtype=np.int64)
    owner = np.repeat(np.arange(len(drawn), dtype=np.int64), counts)
    totals = np.array([total for total, _ in drawn], dtype=np.int64)
    weights = np.array([weight for _, weights in drawn for weight in weights], dtype=np.int64)
    return totals, weights, owner, np.cumsum(counts) - counts


@given(consignments)
def test_shares_always_sum_to_the_whole(drawn: list[tuple[int, list[int]]]) -> None:
    totals, weights, owner, first = _columns(drawn)

    for share in (share_last_takes_rest, share_largest_remainder):
        shares = share(totals, weights, owner, first)
        sums = np.add.reduceat(shares, first)
        assert sums.tolist() == totals.tolist()


@given(consignments)
def test_largest_remainder_is_never_a_unit_away_from_the_exact_share(
    drawn: list[tuple[int, list[int]]],
) -> None:
    totals, weights, owner, first = _columns(drawn)

    shares = share_largest_remainder(totals, weights, owner, first).tolist()

    for number, (total, given_weights) in enumerate(drawn):
        own = given_weights if sum(given_weights) else [1] * len(given_weights)
        for share, weight in zip(shares[first[number] : first[number] + len(own)], own, strict=True):
            assert abs(share - Fraction(total * weight, sum(own))) < 1


def test_ties_go_to_the_lower_sequence() -> None:
    got = share_largest_remainder(np.array([100]), np.array([1, 1, 1]), np.zeros(3, dtype=int), np.array([0]))

    assert got.tolist() == [34, 33, 33]


def test_whole_things_fill_a_limit_and_a_cheaper_one_may_still_fit() -> None:
    got = fill_whole_units(
        np.array([2000, 9000, 500]),
        np.array([3, 1, 2]),
        np.array([4500]),
        np.zeros(3, dtype=int),
        np.array([0]),
    )

    assert got.tolist() == [2, 0, 1]
