"""Exact arithmetic on columns: products and shares of integers, rounded once, as a pack names it.

Everything is int64 in and out. Where a product could leave 64 bits the rows concerned are computed with
Python's own integers, so a result is right or an OverflowError, never wrapped.
"""

import math
from typing import Any, Literal

import numpy as np

from serai.law.small_arrays import bounds
from serai.model.columns import Int64s

RoundingMode = Literal["half_up", "half_even", "down", "up"]
SAFE = 1 << 62
"""Below this a product and half of its divisor still fit together into 64 bits."""


def multiply_divide(
    amount: Int64s,
    numerator: Int64s | int,
    denominator: Int64s | int,
    *,
    mode: RoundingMode,
    unit: int = 1,
) -> Int64s:
    """Return amount x numerator / denominator, rounded once to a multiple of `unit`.

    denominator > 0. half_up rounds halves away from zero, as customs laws do; down cuts towards zero; up
    away from it. Raises OverflowError when a result does not fit 64 bits.
    """
    numerators = np.asarray(numerator, dtype=np.int64)
    divisors = np.asarray(denominator, dtype=np.int64)
    low, high = bounds(amount)
    numerator_low, numerator_high = bounds(numerators)
    products_most = max(high, -low) * max(numerator_high, -numerator_low)
    if products_most < SAFE and magnitude(divisors) * unit < SAFE:
        if mode == "half_up" and low >= 0 and numerator_low >= 0:
            whole = divisors if unit == 1 else divisors * unit
            quotient = (amount * numerators + whole // 2) // whole
            return np.asarray(quotient if unit == 1 else quotient * unit)
        return np.asarray(_divide(amount * numerators, divisors * unit, mode) * unit)
    product = amount.astype(object) * numerators.astype(object)
    quotient = _divide(product, divisors.astype(object) * unit, mode) * unit
    return np.asarray(quotient).astype(np.int64)


def magnitude(column: Int64s) -> int:
    """Return the largest absolute value as a whole number of any size; 0 of nothing."""
    low, high = bounds(column)
    return max(high, -low)


def checked_product(a: Int64s | int, b: Int64s | int) -> Int64s:
    """Multiply, or raise OverflowError where a product could leave 62 bits: two of them can still be
    added."""
    left, right = np.asarray(a, dtype=np.int64), np.asarray(b, dtype=np.int64)
    if magnitude(left) * magnitude(right) >= SAFE:
        raise OverflowError("a product leaves 64 bits; a parameter or a rate is out of range")
    return np.asarray(left * right)


def over_one_denominator(numerator: Int64s, denominator: Int64s | int) -> tuple[Int64s, Int64s | int]:
    """Bring a column of fractions to one denominator; raises OverflowError where that leaves 64 bits."""
    if isinstance(denominator, int) or denominator.size == 1:
        return numerator, denominator if isinstance(denominator, int) else int(denominator.flat[0])
    whole = math.lcm(*map(int, np.unique(denominator)))
    if whole >= SAFE:
        raise OverflowError("rates with such denominators cannot be compared in 64 bits")
    return checked_product(numerator, whole // denominator), whole


def _divide(product: Any, denominator: Any, mode: RoundingMode) -> Any:
    """Divide whole numbers (int64 or Python's own in an object column) and round."""
    size = np.abs(product)
    if mode == "half_up":
        quotient = (size + denominator // 2) // denominator
    else:
        quotient = size // denominator
        if mode != "down":
            rest = size - quotient * denominator
            if mode == "up":
                quotient = quotient + (rest > 0)
            else:
                above = rest > denominator - rest
                tied = rest == denominator - rest
                quotient = quotient + (above | (tied & (quotient % 2 == 1)))
    return np.where(product < 0, -quotient, quotient)


def sum_by_owner(values: Int64s, first_items: Int64s) -> Int64s:
    """Sum items of each consignment.

    first_items: each consignment's first item; every consignment has one.
    """
    return np.add.reduceat(values, first_items) if len(values) else np.zeros(0, dtype=np.int64)


def share_last_takes_rest(total: Int64s, weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Share each consignment's total over its items by weight, half up each; the last item takes the rest."""
    weights = _weights_or_equal(weight, owner, first_items)
    weight_sum = sum_by_owner(weights, first_items)
    shares = multiply_divide(total[owner], weights, weight_sum[owner], mode="half_up")
    last_items = np.append(first_items[1:], len(owner)) - 1
    shares[last_items] += total - sum_by_owner(shares, first_items)
    return shares


def share_largest_remainder(total: Int64s, weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Share by weight, cut down; left-over units go to the largest remainders, ties to the lower sequence.

    total, weight: not negative (Hamilton's method).
    """
    weights = _weights_or_equal(weight, owner, first_items)
    weight_sum = sum_by_owner(weights, first_items)[owner]
    shares = multiply_divide(total[owner], weights, weight_sum, mode="down")
    left_over = total - sum_by_owner(shares, first_items)
    if not left_over.any():
        return shares
    remainder = _remainders(total[owner], weights, shares, weight_sum)
    order = np.lexsort((np.arange(len(owner)), -remainder, owner))
    rank = np.empty(len(owner), dtype=np.int64)
    rank[order] = np.arange(len(owner)) - first_items[owner]
    return shares + (rank < left_over[owner])


def _remainders(total: Int64s, weight: Int64s, share: Int64s, weight_sum: Int64s) -> Int64s:
    if magnitude(total) * magnitude(weight) < SAFE:
        return total * weight - share * weight_sum
    exact = total.astype(object) * weight.astype(object) - share.astype(object) * weight_sum.astype(object)
    return np.asarray(exact).astype(np.int64)


def _weights_or_equal(weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Give every item the same weight where a consignment's weights are all zero, so that nothing is lost."""
    is_empty = sum_by_owner(weight, first_items) == 0
    return np.where(is_empty[owner], 1, weight) if is_empty.any() else weight


def fill_whole_units(
    unit_value: Int64s, unit_count: Int64s, limit: Int64s, owner: Int64s, first_items: Int64s
) -> Int64s:
    """Count for each item how many whole units fit under its consignment's limit, in the order of the items.

    An item that does not fit any more is passed over and a later, cheaper one may still fit. Reliefs for
    gifts count so: what is relieved is whole things, never part of one's price.
    """
    room = limit.copy()
    fitted = np.zeros(len(owner), dtype=np.int64)
    counts = np.diff(np.append(first_items, len(owner)))
    for position in range(int(counts.max(initial=0))):
        has_item = np.flatnonzero(counts > position)
        items = first_items[has_item] + position
        value = np.maximum(unit_value[items], 1)
        units = np.clip(room[has_item] // value, 0, unit_count[items])
        fitted[items] = units
        room[has_item] -= units * unit_value[items]
    return fitted
