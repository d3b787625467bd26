"""Exact arithmetic on columns: products and shares of integers, rounded once, as a pack names it.

Everything is int64 in and out. Where a product could leave 64 bits the rows concerned are computed with Python's own integers, so a
result is right or an OverflowError, never wrapped.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from serai.model.columns import Int64s

RoundingMode = Literal["half_up", "half_even", "down", "up"]
SAFE = 1 << 62


def multiply_divide(
    amount: Int64s, numerator: Int64s | int, denominator: Int64s | int, *, mode: RoundingMode, unit: int = 1
) -> Int64s:
    """Return amount x numerator / denominator, rounded once to a multiple of `unit`.

    denominator > 0. half_up rounds halves away from zero, as customs laws do; down cuts towards zero; up away from it.
    """
    numerators = np.asarray(numerator, dtype=np.int64)
    denominators = np.asarray(denominator, dtype=np.int64) * unit
    amount_max = int(np.abs(amount).max(initial=0))
    numerator_max = int(np.abs(numerators).max(initial=0))
    if amount_max * numerator_max < SAFE:
        return _divide(amount * numerators, denominators, mode) * unit
    product = amount.astype(object) * numerators.astype(object)
    quotient = _divide(product, np.asarray(denominators, dtype=object), mode) * unit
    return quotient.astype(np.int64)


def _divide(
    product: npt.NDArray[np.generic], denominator: npt.NDArray[np.generic], mode: RoundingMode
) -> Int64s:
    if mode == "half_up":
        half = denominator // 2
        # Away from zero: shift by half towards the sign; the floor of a negative number needs one less to be exact at halves.
        positive = (product + half) // denominator
        if product.size and bool((product < 0).any()):
            negative = -((-product + half) // denominator)
            return np.where(product < 0, negative, positive)
        return positive
    quotient, rest = (
        np.divmod(np.abs(product), denominator)
        if product.dtype != object
        else _divmod_objects(product, denominator)
    )
    if mode == "up":
        quotient = quotient + (rest > 0)
    elif mode == "half_even":
        quotient = quotient + ((2 * rest > denominator) | ((2 * rest == denominator) & (quotient % 2 == 1)))
    return np.where(product < 0, -quotient, quotient)


def _divmod_objects(product: npt.NDArray[np.generic], denominator: npt.NDArray[np.generic]):  # type: ignore[no-untyped-def]
    magnitude = np.abs(product)
    return magnitude // denominator, magnitude % denominator


def sum_by_owner(values: Int64s, first_items: Int64s) -> Int64s:
    """Sum items of each consignment. first_items: index of each consignment's first item; every consignment has one."""
    return np.add.reduceat(values, first_items) if len(values) else np.zeros(0, dtype=np.int64)


def share_last_takes_rest(total: Int64s, weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Share each consignment's total over its items by weight, half up each; the last item takes what remains."""
    weights = _weights_or_equal(weight, owner, first_items)
    weight_sum = sum_by_owner(weights, first_items)
    shares = multiply_divide(total[owner], weights, weight_sum[owner], mode="half_up")
    last_items = np.append(first_items[1:], len(owner)) - 1
    shares[last_items] += total - sum_by_owner(shares, first_items)
    return shares


def share_largest_remainder(total: Int64s, weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Share by weight, cut down; left-over units go to the largest remainders, ties to the lower sequence (Hamilton's method)."""
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
    if int(total.max(initial=0)) * int(weight.max(initial=0)) < SAFE:
        return total * weight - share * weight_sum
    exact = total.astype(object) * weight.astype(object) - share.astype(object) * weight_sum.astype(object)
    return exact.astype(np.int64)


def _weights_or_equal(weight: Int64s, owner: Int64s, first_items: Int64s) -> Int64s:
    """Give every item the same weight where a consignment's weights are all zero, so that nothing is lost."""
    is_empty = sum_by_owner(weight, first_items) == 0
    return np.where(is_empty[owner], 1, weight) if is_empty.any() else weight


def fill_whole_units(
    unit_value: Int64s, unit_count: Int64s, limit: Int64s, owner: Int64s, first_items: Int64s
) -> Int64s:
    """Count for each item how many whole units fit under its consignment's limit, in the order of the items.

    An item that does not fit any more is passed over and a later, cheaper one may still fit. Reliefs for gifts count so: what is
    relieved is whole things, never part of one's price.
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
