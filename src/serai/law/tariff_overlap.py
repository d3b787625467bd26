"""Lines of a tariff that would answer the same question on the same day: at most one may."""

import datetime as dt
from bisect import bisect_left, insort
from collections import defaultdict
from typing import NamedTuple

from serai.law.tariff_line import TariffLine


class _Held(NamedTuple):
    valid_from: dt.date
    valid_to: dt.date
    place: str


class Occupied:
    """The days that lines taken so far hold, by what they answer."""

    def __init__(self) -> None:
        self._held: dict[tuple[object, ...], list[_Held]] = defaultdict(list)

    def find_overlap(self, line: TariffLine) -> str | None:
        """Return the place of a line that answers for the same goods, origin and day as this one."""
        wanted = _Held(line.valid_from, line.valid_to or dt.date.max, "")
        for key in _keys(line):
            held = self._held.get(key, [])
            at = bisect_left(held, wanted)
            # Those held follow each other without overlap, so only the neighbours in time can meet this one.
            for one in held[max(at - 1, 0) : at + 1]:
                if one.valid_from < wanted.valid_to and wanted.valid_from < one.valid_to:
                    return one.place
        return None

    def add(self, line: TariffLine, place: str) -> None:
        """Take a line that overlaps none. place: where it stands, for people."""
        held = _Held(line.valid_from, line.valid_to or dt.date.max, place)
        for key in _keys(line):
            insort(self._held[key], held)


def _keys(line: TariffLine) -> list[tuple[object, ...]]:
    """Return what a line answers: a country before a group before any, as the look-up chooses."""
    asked = (line.measure, line.commodity_prefix, line.preference_code, line.territory_code)
    if line.origin_codes:
        return [(*asked, "group", code) for code in line.origin_codes]
    return [(*asked, "country", line.origin_code)]
