"""Lines of a tariff that would answer the same question on the same day: at most one may."""

import datetime as dt
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
        start, end = line.valid_from, line.valid_to or dt.date.max
        for key in _keys(line):
            for held in self._held.get(key, ()):
                if held.valid_from < end and start < held.valid_to:
                    return held.place
        return None

    def add(self, line: TariffLine, place: str) -> None:
        """Take a line. place: where it stands, for people."""
        held = _Held(line.valid_from, line.valid_to or dt.date.max, place)
        for key in _keys(line):
            self._held[key].append(held)


def _keys(line: TariffLine) -> list[tuple[object, ...]]:
    """Return what a line answers: a country before a group before any, as the look-up chooses."""
    asked = (line.measure, line.commodity_prefix, line.preference_code, line.territory_code)
    if line.origin_codes:
        return [(*asked, "group", code) for code in line.origin_codes]
    return [(*asked, "country", line.origin_code)]
