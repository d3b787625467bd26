"""Lines of a tariff that would answer the same question on the same day: at most one may."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from serai.law.tariff_line import TariffLine, day_number


class Place(NamedTuple):
    """Where a line stands: what to say before its number, and the number. The words are shared by many."""

    words: str
    number: int

    def __str__(self) -> str:
        return f"{self.words}{self.number}"


class _Held(NamedTuple):
    """Days a line holds, since 1970, half-open."""

    begin: int
    end: int
    place: Place


class Occupied:
    """The days that lines taken so far hold, by what they answer: some 400 bytes a line."""

    def __init__(self) -> None:
        self._held: dict[str, list[_Held]] = defaultdict(list)

    def find_overlap(self, line: TariffLine) -> Place | None:
        """Return the place of a line that answers for the same goods, origin and day as this one."""
        begin, end = day_number(line.valid_from), day_number(line.valid_to)
        for key in _keys(line):
            held = self._held.get(key, [])
            at = bisect_left(held, begin, key=_begin)
            # Those held follow each other without overlap, so only the neighbours in time can meet this one.
            for one in held[max(at - 1, 0) : at + 1]:
                if one.begin < end and begin < one.end:
                    return one.place
        return None

    def add(self, line: TariffLine, place: Place) -> None:
        """Take a line that overlaps none. place: where it stands, for people."""
        held = _Held(day_number(line.valid_from), day_number(line.valid_to), place)
        for key in _keys(line):
            insort(self._held[key], held, key=_begin)


def _begin(held: _Held) -> int:
    return held.begin


def _keys(line: TariffLine) -> Iterator[str]:
    """Return what a line answers: a country before a group before any, as the look-up chooses."""
    asked = (
        f"{line.measure}|{line.commodity_prefix}|{line.preference_code}|{line.additional_code}"
        f"|{line.territory_code}|"
    )
    if line.origin_codes:
        return (f"{asked}group|{code}" for code in line.origin_codes)
    return iter((f"{asked}country|{line.origin_code}",))
