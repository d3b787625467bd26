"""A place's law along time: a row for each slot, a bar for each version, in thousandths of the time shown."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from serai.foundation.http.interface_words import interface_words
from serai.portal.law.pack_view import PackView
from serai.portal.law.places import place_name

WIDTH = 1000
_YEARS_BEFORE, _YEARS_AFTER, _YEARS_AFTER_CHANGE = 8, 2, 1
_TICKS_MAX = 6
_BAR_MIN = 8
"""A version of some weeks is still seen."""


class Bar(msgspec.Struct, frozen=True):
    """A version and its place."""

    pack: PackView
    x: int
    width: int


class Row(msgspec.Struct, frozen=True):
    """Versions that follow one another. name: what they are of."""

    name: str
    bars: list[Bar]


class Tick(msgspec.Struct, frozen=True):
    """The first of January of a year."""

    year: int
    x: int


class Timeline(msgspec.Struct, frozen=True):
    """All rows; on_x: where the day looked at lies."""

    rows: list[Row]
    ticks: list[Tick]
    on_x: int


def draw_timeline(packs: Sequence[PackView], on: dt.date, language: str) -> Timeline:
    """Lay out the versions of a place's law.

    Versions of one slot stand in one row as long as none begins before the other ends; what governs beside
    another (another channel, a plan) gets a row of its own.
    """
    begin, end = _window(packs, on)
    rows: list[list[PackView]] = []
    for pack in sorted(packs, key=lambda one: (not one.is_base, _slot(one), one.valid_from, one.code)):
        for row in rows:
            if _slot(row[-1]) == _slot(pack) and _ends_before(row[-1], pack):
                row.append(pack)
                break
        else:
            rows.append([pack])

    def place(day: dt.date) -> int:
        inside = min(max(day, begin), end)
        return (inside - begin).days * WIDTH // (end - begin).days

    is_of_several = len({pack.jurisdiction for pack in packs}) > 1
    drawn = [
        Row(
            _name(row[0], language, with_place=is_of_several),
            [
                Bar(pack, x, max(_BAR_MIN, place(pack.valid_to or end) - x))
                for pack in row
                if (pack.valid_to is None or pack.valid_to > begin) and (x := place(pack.valid_from)) < WIDTH
            ],
        )
        for row in rows
    ]
    step = -(-(end.year - begin.year) // _TICKS_MAX)
    years = range(begin.year, end.year, step)
    return Timeline(
        [row for row in drawn if row.bars],
        [Tick(year, place(dt.date(year, 1, 1))) for year in years],
        place(on),
    )


def _slot(pack: PackView) -> tuple[str, ...]:
    """Return what only one version at a time can hold."""
    return (pack.layer, pack.jurisdiction, *pack.channels)


def _ends_before(earlier: PackView, later: PackView) -> bool:
    return earlier.valid_to is not None and earlier.valid_to <= later.valid_from


def _name(pack: PackView, language: str, *, with_place: bool) -> str:
    words = interface_words(language)
    name = words.gettext("Law") if pack.is_base else words.gettext(pack.layer.capitalize())
    if with_place:
        said = words.gettext("%(law)s of %(place)s")
        name = said % {"law": name, "place": place_name(pack.jurisdiction, language)}
    return (
        words.gettext("%(law)s, by %(channel)s") % {"law": name, "channel": words.gettext(pack.channels[0])}
        if pack.channels
        else name
    )


def _window(packs: Sequence[PackView], on: dt.date) -> tuple[dt.date, dt.date]:
    """Return the time shown: back to the oldest law, eight years at most, and past the last change."""
    oldest = min((pack.valid_from for pack in packs), default=on)
    begin = dt.date(max(min(oldest.year, on.year - 1), on.year - _YEARS_BEFORE), 1, 1)
    changes = [day for pack in packs for day in (pack.valid_from, pack.valid_to) if day is not None]
    last = max([on.year + _YEARS_AFTER, *(day.year + _YEARS_AFTER_CHANGE for day in changes)])
    return begin, dt.date(last + 1, 1, 1)


def versions_in_turn(packs: Sequence[PackView]) -> list[tuple[PackView, PackView]]:
    """Return each law with the one before it in the same slot, the newest first."""
    slots: dict[tuple[str, ...], list[PackView]] = {}
    for pack in sorted(packs, key=lambda one: (one.valid_from, one.code)):
        slots.setdefault(_slot(pack), []).append(pack)
    pairs = [pair for row in slots.values() for pair in pairwise(row)]
    return sorted(pairs, key=lambda pair: pair[1].valid_from, reverse=True)
