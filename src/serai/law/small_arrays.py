"""Questions to columns that cost NumPy more to ask than to answer when a batch is small.

A call of NumPy costs about a microsecond however few rows there are, and a law asks thousands; a requester
waits for the answer of a single consignment. Every answer is the same as NumPy's, at any size.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from serai.model.columns import Flags, Int32s, Int64s

_FEW = 64
_FEW_MANY_CALLS = 400
"""Where NumPy needs many calls."""
_SPARE = 8
"""Up to so many places for each row, a table of all numbers that might turn up costs less than sorting."""
_TRUE, _FALSE = b"\x01", b"\x00"


def any_true(flags: Flags) -> bool:
    """Say whether any row is true."""
    return _TRUE in flags.tobytes()


def all_true(flags: Flags) -> bool:
    """Say whether every row is true; of no rows it is."""
    return _FALSE not in flags.tobytes()


def places_of(flags: Flags) -> Int64s:
    """Return the places of rows that are true, ascending."""
    return flags.nonzero()[0]


def among(column: Int64s | Int32s, numbers: Collection[int]) -> Flags:
    """Say which rows hold one of some numbers."""
    if len(column) > _FEW_MANY_CALLS:
        return np.isin(column, list(numbers))
    return np.fromiter(map(frozenset(numbers).__contains__, column.tolist()), np.bool_, len(column))


def bounds(column: Int64s | Int32s) -> tuple[int, int]:
    """Return the smallest and the largest number; twice 0 of nothing."""
    if column.size > _FEW:
        return int(column.min()), int(column.max())
    if not column.size:
        return 0, 0
    numbers = column.ravel().tolist()
    return min(numbers), max(numbers)


def without(places: Int64s, others: Int64s) -> Int64s:
    """Return the places that are not among others, ascending, each once."""
    if places.size + others.size > _FEW_MANY_CALLS:
        return np.setdiff1d(places, others)
    return np.array(sorted(set(places.tolist()).difference(others.tolist())), dtype=np.int64)


def together(places: Int64s, others: Int64s) -> Int64s:
    """Return what is in one of two, ascending, each once."""
    if places.size + others.size > _FEW_MANY_CALLS:
        return np.union1d(places, others)
    return np.array(sorted(set(places.tolist()).union(others.tolist())), dtype=np.int64)


class Distinct(NamedTuple):
    """The distinct numbers of a column. first_rows: where each turns up first, by ascending number.

    inverse: for each row the place of its number.
    """

    first_rows: list[int]
    inverse: Int64s


def distinct(key: Int64s | Int32s) -> Distinct:
    """Find the distinct numbers of a column, in ascending order."""
    if len(key) > _FEW:
        low, high = bounds(key)
        if high - low < len(key) * _SPARE:
            return _distinct_by_table(key, low, high)
        _, first_rows, inverse = np.unique(key, return_index=True, return_inverse=True)
        return Distinct(first_rows.tolist(), inverse)
    numbers = key.tolist()
    first: dict[int, int] = {}
    for row, number in enumerate(numbers):
        first.setdefault(number, row)
    if len(first) == 1:
        return Distinct([0], np.zeros(len(numbers), dtype=np.int64))
    ordered = sorted(first)
    place = {number: at for at, number in enumerate(ordered)}
    inverse = np.array([place[number] for number in numbers], dtype=np.int64)
    return Distinct([first[number] for number in ordered], inverse)


def distinct_rows(keys: Sequence[Int64s | Int32s | Flags]) -> Distinct:
    """Find the distinct rows of some columns of equal length, in no particular order."""
    count = len(keys[0])
    if count <= _FEW_MANY_CALLS:
        first: dict[tuple[int, ...], int] = {}
        rows = list(zip(*(key.tolist() for key in keys), strict=True))
        for row, one in enumerate(rows):
            first.setdefault(one, row)
        place = {one: at for at, one in enumerate(first)}
        inverse = np.fromiter(map(place.__getitem__, rows), np.int64, count)
        return Distinct(list(first.values()), inverse)
    joined = np.zeros(count, dtype=np.int64)
    for key in keys:
        column: Int64s = key.astype(np.int64, copy=False)
        low, high = bounds(column)
        if low < high:
            # Numbered anew at each step, so that no product leaves 64 bits: neither factor is more than
            # there are rows.
            own = distinct(column).inverse if high - low > count else column - low
            joined = distinct(joined * (int(own.max()) + 1) + own).inverse
    return distinct(joined)


def _distinct_by_table(key: Int64s | Int32s, low: int, high: int) -> Distinct:
    if low == high:
        return Distinct([0], np.zeros(len(key), dtype=np.int64))
    places = key - low
    first = np.full(high - low + 1, -1, dtype=np.int64)
    # Written from the end, so that the first row of each number is what stays.
    first[places[::-1]] = np.arange(len(key) - 1, -1, -1)
    numbers = places_of(first >= 0)
    first_rows = first[numbers]
    first[numbers] = np.arange(len(numbers))
    return Distinct(first_rows.tolist(), first[places])
