"""Geometry of the small charts in pages: whole numbers, so that a page drawn twice is the same page."""

from collections.abc import Sequence
from typing import Final

import msgspec

WIDTH: Final = 1000
SEGMENT_WIDTH_MIN: Final = 6


class Segment(msgspec.Struct, frozen=True):
    """A part of a share bar, in thousandths of its width."""

    key: str
    x: int
    width: int


def share_segments(counts: Sequence[tuple[str, int]]) -> list[Segment]:
    """Lay `(key, count)` side by side over the whole width.

    A share too small to see still gets a sliver: what needs a person is often the smallest share.
    The largest gives way.
    """
    whole = sum(count for _, count in counts)
    if whole == 0:
        return []
    widths = [max(SEGMENT_WIDTH_MIN, count * WIDTH // whole) if count else 0 for _, count in counts]
    widths[widths.index(max(widths))] += WIDTH - sum(widths)
    starts = [sum(widths[:index]) for index in range(len(widths))]
    return [
        Segment(key, x, width) for (key, count), x, width in zip(counts, starts, widths, strict=True) if count
    ]


def bar_lengths(values: Sequence[int]) -> list[int]:
    """Lengths of bars in thousandths of the longest; a value above zero is always seen."""
    longest = max(values, default=0)
    return [max(4, value * WIDTH // longest) if value > 0 else 0 for value in values]
