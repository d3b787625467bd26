"""Rows that share a value: joined into components, or taken in pairs."""

import numpy as np

from serai.model.columns import Flags, Int64s

_NO_ROWS = np.zeros(0, dtype=np.int64)


def components(row_count: int, rows: Int64s, values: Int64s, *, count_max: int | None = None) -> Int64s:
    """Return for each row the lowest row that it hangs together with over shared values.

    rows, values: pairs of a row and a value that it carries. count_max: a value of more rows joins nobody.
    """
    label = np.arange(row_count, dtype=np.int64)
    if not len(rows):
        return label
    order = np.argsort(values)
    sorted_values, members = values[order], rows[order]
    is_first = np.empty(len(order), dtype=np.bool_)
    is_first[0] = True
    np.not_equal(sorted_values[1:], sorted_values[:-1], out=is_first[1:])
    sizes = np.diff(np.append(np.flatnonzero(is_first), len(order)))
    joins = sizes > 1 if count_max is None else (sizes > 1) & (sizes <= count_max)
    members, sizes = members[np.repeat(joins, sizes)], sizes[joins]
    if not len(members):
        return label
    starts = np.cumsum(sizes) - sizes
    while True:
        lowest = np.repeat(np.minimum.reduceat(label[members], starts), sizes)
        new = label.copy()
        np.minimum.at(new, members, lowest)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def components_of_pairs(row_count: int, first: Int64s, second: Int64s) -> Int64s:
    """Return for each row the lowest row that it hangs together with over pairs."""
    numbers = np.arange(len(first), dtype=np.int64)
    return components(row_count, np.concatenate([first, second]), np.concatenate([numbers, numbers]))


def pairs_within(rows: Int64s, values: Int64s, *, count_max: int) -> tuple[Int64s, Int64s]:
    """Return all pairs (lower row first) of rows that share a value. A pair may come more than once.

    A value of more than `count_max` rows says too little and gives none.
    """
    order = np.lexsort((rows, values))
    sorted_values, members = values[order], rows[order]
    if not len(order):
        return _NO_ROWS, _NO_ROWS
    is_first = np.append(True, sorted_values[1:] != sorted_values[:-1])
    sizes = np.diff(np.append(np.flatnonzero(is_first), len(order)))
    is_wanted = np.repeat((sizes > 1) & (sizes <= count_max), sizes)
    sorted_values, members = sorted_values[is_wanted], members[is_wanted]
    firsts, seconds = [_NO_ROWS], [_NO_ROWS]
    for step in range(1, count_max):
        is_pair = sorted_values[step:] == sorted_values[:-step]
        if not is_pair.any():
            break
        firsts.append(members[:-step][is_pair])
        seconds.append(members[step:][is_pair])
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    differs = first != second
    return first[differs], second[differs]


def are_among(values: Int64s, others: Int64s) -> Flags:
    """Say which values are among others: both are sorted, which is several times faster than hashing millions
    that lie scattered in memory."""
    found = np.zeros(len(values), dtype=np.bool_)
    if len(others):
        order = np.argsort(values)
        known = np.sort(others)
        places = np.minimum(np.searchsorted(known, values[order]), len(known) - 1)
        found[order] = known[places] == values[order]
    return found


def distinct_pairs(first: Int64s, second: Int64s, row_count: int) -> tuple[Int64s, Int64s]:
    """Return each pair once, in order."""
    joined = np.unique(first * row_count + second)
    return joined // row_count, joined % row_count
