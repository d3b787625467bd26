"""Which parts of a sale make up the gap between two of its sums."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from serai.model.columns import Flags, Int64s

PPM = 1_000_000
UNEXPLAINED, EQUAL, ROUNDED, SMALL = 0, 1, 2, 3
"""How a gap closes: not; to the minor unit; within rounding; within the tolerance of a remark."""


class Gap(NamedTuple):
    """How gaps close. parts: bit by place of the part; rest_minor: what stays open."""

    closing: Int64s
    parts: Int64s
    rest_minor: Int64s


def close_gaps(
    gap_minor: Int64s,
    parts: Sequence[Int64s],
    *,
    rounding_minor: Int64s,
    tolerance_minor: Int64s,
    together_max: int = 2,
) -> Gap:
    """Close each gap with the fewest parts that fit to the unit, then within rounding, then without any part
    within the tolerance.

    parts: signed amounts, 0 where the sale has none; of several that fit, earlier ones are taken.
    """
    closing = np.where(gap_minor == 0, EQUAL, UNEXPLAINED)
    used = np.zeros(len(gap_minor), dtype=np.int64)
    rest = gap_minor.copy()
    open_rows = np.flatnonzero(closing == UNEXPLAINED)
    for way, slack in ((EQUAL, np.zeros_like(rounding_minor)), (ROUNDED, rounding_minor)):
        for places in _choices(len(parts), together_max):
            if not len(open_rows):
                break
            if not places and way == EQUAL:
                continue
            left, fits = _try(gap_minor, parts, places, open_rows, slack)
            rows = open_rows[fits]
            closing[rows], used[rows], rest[rows] = way, sum(1 << one for one in places), left[fits]
            open_rows = open_rows[~fits]
    small = open_rows[np.abs(gap_minor[open_rows]) <= tolerance_minor[open_rows]]
    closing[small] = SMALL
    return Gap(closing, used, rest)


def _try(
    gap_minor: Int64s, parts: Sequence[Int64s], places: tuple[int, ...], rows: Int64s, slack: Int64s
) -> tuple[Int64s, Flags]:
    taken = [parts[place][rows] for place in places]
    left = gap_minor[rows] - (sum(taken) if taken else 0)
    fits = np.abs(left) <= slack[rows]
    for part in taken:
        fits &= part != 0
    return left, fits


def _choices(count: int, together_max: int) -> list[tuple[int, ...]]:
    return [places for size in range(together_max + 1) for places in combinations(range(count), size)]
