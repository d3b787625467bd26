"""The tariff: dated lines by measure, commodity prefix, origin and preference; the longest prefix wins within a measure.

A code shorter than the tariff's lines is good enough where all lines below it agree; otherwise the look-up says so and nothing is guessed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import msgspec
import numpy as np

from serai.model.columns import Coded, Int64s

NO_LINE = -1
CODE_TOO_SHORT = -2


class TariffLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dated row of a tariff.

    measure: duty, tax or excise. commodity_prefix: digits. origin_code, preference_code, territory_code: empty says any (third country).
    ad_valorem_ppm: parts per million of the value. specific_micro: millionths of a minor unit for one `specific_unit` (g or piece).
    minimum_minor_micro, maximum_minor_micro: bounds, millionths of a minor unit per unit. source: text reference of the law.
    """

    measure: str
    commodity_prefix: str
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    origin_code: str = ""
    preference_code: str = ""
    territory_code: str = ""
    ad_valorem_ppm: int = 0
    specific_micro: int = 0
    specific_unit: str = ""
    minimum_micro: int = 0
    maximum_micro: int | None = None
    confidence: str = "sourced"

    def terms(self) -> tuple[object, ...]:
        """Return what the line charges, to compare lines below a short code."""
        return (
            self.ad_valorem_ppm,
            self.specific_micro,
            self.specific_unit,
            self.minimum_micro,
            self.maximum_micro,
        )


class Tariff:
    """Lines indexed for look-up in bulk. Immutable; one a generation of law."""

    def __init__(self, lines: Iterable[TariffLine]) -> None:
        self.lines = tuple(lines)
        self._by_prefix: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._below: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, line in enumerate(self.lines):
            self._by_prefix[line.measure, line.commodity_prefix].append(number)
            for length in range(2, len(line.commodity_prefix)):
                self._below[line.measure, line.commodity_prefix[:length]].append(number)
        self._found: dict[tuple[str, str, str, str, str, int], int] = {}
        self.ad_valorem_ppm = np.array([line.ad_valorem_ppm for line in self.lines] or [0], dtype=np.int64)
        self.is_ad_valorem_only = np.array(
            [
                not line.specific_micro and not line.minimum_micro and line.maximum_micro is None
                for line in self.lines
            ]
            or [True]
        )

    def find(
        self,
        measure: str,
        commodity_code: str,
        origin_code: str,
        preference_code: str,
        territory_code: str,
        day: int,
    ) -> int:
        """Return the number of the line in force on a day (days since 1970), NO_LINE or CODE_TOO_SHORT."""
        key = (measure, commodity_code, origin_code, preference_code, territory_code, day)
        found = self._found.get(key)
        if found is None:
            found = self._search(*key)
            if len(self._found) > 200_000:
                self._found.clear()
            self._found[key] = found
        return found

    def find_all(
        self,
        measure: str,
        commodity: Coded,
        origin: Coded,
        preference: Coded | None,
        territory: Coded,
        days: Int64s,
    ) -> Int64s:
        """Return the line of each row; distinct combinations are searched once."""
        first_day = int(days.min(initial=0))
        key = (days - first_day) * (len(territory.words) + 1) + territory.codes + 1
        preference_codes = 0 if preference is None else preference.codes + 1
        key = key * ((0 if preference is None else len(preference.words)) + 1) + preference_codes
        key = (
            (key * (len(origin.words) + 1) + origin.codes + 1) * (len(commodity.words) + 1)
            + commodity.codes
            + 1
        )
        _, first_rows, inverse = np.unique(key, return_index=True, return_inverse=True)
        found = [
            self.find(
                measure,
                _word(commodity, row),
                _word(origin, row),
                "" if preference is None else _word(preference, row),
                _word(territory, row),
                int(days[row]),
            )
            for row in first_rows
        ]
        return np.array(found, dtype=np.int64)[inverse]

    def _search(
        self, measure: str, commodity_code: str, origin: str, preference: str, territory: str, day: int
    ) -> int:
        if not commodity_code:
            return NO_LINE
        for length in range(len(commodity_code), 1, -1):
            candidates = self._by_prefix.get((measure, commodity_code[:length]), ())
            fitting = [n for n in candidates if self._fits(self.lines[n], origin, preference, territory, day)]
            if fitting:
                # The line that names this origin or territory goes before the one for any.
                return max(
                    fitting,
                    key=lambda n: (self.lines[n].origin_code != "", self.lines[n].territory_code != ""),
                )
        below = [
            n
            for n in self._below.get((measure, commodity_code), ())
            if self._fits(self.lines[n], origin, preference, territory, day)
        ]
        if not below:
            return NO_LINE
        return below[0] if len({self.lines[n].terms() for n in below}) == 1 else CODE_TOO_SHORT

    @staticmethod
    def _fits(line: TariffLine, origin: str, preference: str, territory: str, day: int) -> bool:
        return (
            line.origin_code in ("", origin)
            and line.preference_code == preference
            and line.territory_code in ("", territory)
            and day_number(line.valid_from) <= day
            and (line.valid_to is None or day < day_number(line.valid_to))
        )


def _word(coded: Coded, row: int) -> str:
    code = coded.codes[row]
    return coded.words[code] if code >= 0 else ""


_EPOCH = dt.date(1970, 1, 1).toordinal()
DAY_MAX = dt.date(9999, 12, 31).toordinal() - _EPOCH


def day_number(day: dt.date | None) -> int:
    """Return days since 1970-01-01; an open end is the last day there is."""
    return DAY_MAX if day is None else day.toordinal() - _EPOCH


def day_of(number: int) -> dt.date:
    """Return the date of a day number."""
    return dt.date.fromordinal(number + _EPOCH)
