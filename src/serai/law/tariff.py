"""The tariff: dated lines by measure, commodity prefix, origin and preference; the longest prefix wins
within a measure.

A code shorter than the tariff's lines is good enough where all lines below it agree; otherwise the look-up
says so and nothing is guessed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from serai.law.few_rows import distinct
from serai.model.columns import Coded, Int64s

NO_LINE = -1
CODE_TOO_SHORT = -2
FOUND_MAX = 200_000
"""Answers kept; then they are forgotten, so that strangers' codes cannot fill memory."""


Digits = Annotated[str, Meta(pattern=r"^[0-9]{2,14}$")]
Ppm = Annotated[int, Meta(ge=0, le=10_000_000)]
Micro = Annotated[int, Meta(ge=0, le=10**15)]
ORDINARY_PREFERENCES = ("", "100")
"""No preference: none claimed, or code 100, third-country duty (UCC-DA Annex B, D.E. 14 11 000)."""


class TariffLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dated row of a tariff.

    measure: duty, tax, excise or another the vocabulary names. origin_code, preference_code, territory_code:
    empty says any (third country). ad_valorem_ppm: parts per million of the value, at most 1000 %.
    specific_micro: millionths of a minor unit for one `specific_unit`; minimum_micro, maximum_micro: bounds,
    likewise per unit. source: text reference of the law. is_extract: neighbours of the line may be missing.
    """

    measure: str
    commodity_prefix: Digits
    valid_from: dt.date
    valid_to: dt.date | None
    source: Annotated[str, Meta(min_length=1)]
    origin_code: str = ""
    preference_code: str = ""
    territory_code: str = ""
    ad_valorem_ppm: Ppm = 0
    specific_micro: Micro = 0
    specific_unit: Literal["", "kg", "piece", "pair", "litre", "litre_alcohol", "m2"] = ""
    minimum_micro: Micro = 0
    maximum_micro: Micro | None = None
    confidence: Literal["sourced", "partly", "from-general-knowledge"] = "sourced"
    is_extract: bool = False

    def terms(self) -> tuple[object, ...]:
        """Return what the line charges, to compare lines below a short code."""
        return (
            self.ad_valorem_ppm,
            self.specific_micro,
            self.specific_unit,
            self.minimum_micro,
            self.maximum_micro,
        )


class Asked(NamedTuple):
    """What a tariff is asked. preference_code: claimed. day: since 1970."""

    measure: str
    commodity_code: str
    origin_code: str
    preference_code: str
    territory_code: str
    day: int


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
        self._found: dict[Asked, int] = {}
        self.ad_valorem_ppm = np.array([line.ad_valorem_ppm for line in self.lines] or [0], dtype=np.int64)
        self.is_ad_valorem_only = np.array(
            [
                not line.specific_micro and not line.minimum_micro and line.maximum_micro is None
                for line in self.lines
            ]
            or [True]
        )

    def find(self, asked: Asked) -> int:
        """Return the number of the line in force, NO_LINE or CODE_TOO_SHORT."""
        found = self._found.get(asked)
        if found is None:
            found = self._search(asked)
            if len(self._found) > FOUND_MAX:
                self._found.clear()
            self._found[asked] = found
        return found

    def find_all(
        self,
        measure: str,
        codes: tuple[Coded, Coded, Coded | None],
        territory: Coded,
        days: Int64s,
    ) -> Int64s:
        """Return the line of each row; distinct combinations are searched once.

        codes: commodity, origin, and the preference claimed (None: as if none was).
        """
        commodity, origin, preference = codes
        key = days * (len(territory.words) + 1) + territory.codes + 1
        if preference is not None:
            key = key * (len(preference.words) + 1) + preference.codes + 1
        key = key * (len(origin.words) + 1) + origin.codes + 1
        key = key * (len(commodity.words) + 1) + commodity.codes + 1
        first_rows, inverse = distinct(key)
        found = [
            self.find(
                Asked(
                    measure,
                    _word(commodity, row),
                    _word(origin, row),
                    "" if preference is None else _word(preference, row),
                    _word(territory, row),
                    int(days[row]),
                )
            )
            for row in first_rows
        ]
        return np.array(found, dtype=np.int64)[inverse]

    def _search(self, asked: Asked) -> int:
        code = asked.commodity_code
        for length in range(len(code), 1, -1):
            candidates = self._by_prefix.get((asked.measure, code[:length]), ())
            fitting = [n for n in candidates if _fits(self.lines[n], asked)]
            if fitting:
                # The line that names this origin or territory goes before the one for any.
                return max(fitting, key=self._closeness)
        below = [n for n in self._below.get((asked.measure, code), ()) if _fits(self.lines[n], asked)]
        if not below:
            return NO_LINE
        # In an extract the lines that are missing may differ, so agreement of those that are there proves
        # nothing.
        is_extract = any(self.lines[n].is_extract for n in below)
        is_agreed = len({self.lines[n].terms() for n in below}) == 1
        return below[0] if is_agreed and not is_extract else CODE_TOO_SHORT

    def _closeness(self, number: int) -> tuple[bool, bool]:
        line = self.lines[number]
        return line.origin_code != "", line.territory_code != ""


def _fits(line: TariffLine, asked: Asked) -> bool:
    preference = "" if asked.preference_code in ORDINARY_PREFERENCES else asked.preference_code
    return (
        line.origin_code in ("", asked.origin_code)
        and line.preference_code == preference
        and line.territory_code in ("", asked.territory_code)
        and day_number(line.valid_from) <= asked.day < day_number(line.valid_to)
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
