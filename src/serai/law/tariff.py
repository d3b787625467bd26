"""The tariff: dated lines by measure, commodity prefix, origin and preference; the longest prefix wins
within a measure.

A code shorter than the tariff's lines is good enough where all lines below it agree; otherwise the look-up
says so, with the range of the rates and some of the lines, and nothing is guessed.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from serai.law.small_arrays import distinct
from serai.law.tariff_bulk import CODE_TOO_SHORT, NO_LINE, BulkTariff, Questions
from serai.law.tariff_line import (
    DAY_MAX,
    ORDINARY_PREFERENCES,
    Asked,
    TariffLine,
    day_number,
    day_of,
    preference_of,
)
from serai.model.columns import Coded, Int64s

__all__ = (
    "CODE_TOO_SHORT",
    "DAY_MAX",
    "NO_LINE",
    "ORDINARY_PREFERENCES",
    "Asked",
    "ShortCode",
    "Tariff",
    "TariffLine",
    "day_number",
    "day_of",
)
FOUND_MAX = 200_000
"""Answers kept; then they are forgotten, so that strangers' codes cannot fill memory."""
CANDIDATES_MAX = 5
_FEW: Final = 32
"""Up to so many questions, asking one by one costs less than asking all at once."""


class ShortCode(NamedTuple):
    """What stands below a code that is too short.

    lowest_ppm, highest_ppm: of the ad valorem rates. is_more_than_a_rate: some line has amounts by quantity,
    or bounds. candidates: the first lines by code, at most five. line_count: of all. is_extract: there may
    be further lines.
    """

    lowest_ppm: int
    highest_ppm: int
    is_more_than_a_rate: bool
    candidates: tuple[TariffLine, ...]
    line_count: int
    is_extract: bool


class Tariff:
    """Lines indexed for look-up in bulk. Immutable as seen from outside; one a generation of law."""

    def __init__(self, lines: Iterable[TariffLine]) -> None:
        self.lines = tuple(lines)
        self._by_prefix: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for number, line in enumerate(self.lines):
            self._by_prefix[line.measure].setdefault(line.commodity_prefix, []).append(number)
        self._coded_measures = {line.measure for line in self.lines if line.additional_code}
        # Made when first needed: a small node asks few measures, and one by one.
        self._prefixes: dict[str, list[str]] = {}
        self._bulk: dict[str, BulkTariff] = {}
        self._found: dict[Asked, int] = {}
        self.ad_valorem_ppm = np.array([line.ad_valorem_ppm for line in self.lines] or [0], dtype=np.int64)
        self.is_ad_valorem_only = np.array(
            [line.is_ad_valorem_only() for line in self.lines] or [True], dtype=np.bool_
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
        additional: Coded | None = None,
    ) -> Int64s:
        """Return the line of each row; distinct combinations are searched once.

        codes: commodity, origin, and the preference claimed (None: as if none was). additional: codes
        claimed, with blanks between; None: none.
        """
        if additional is not None and measure not in self._coded_measures:
            additional = None
        commodity, origin, preference = codes
        key = days * (len(territory.words) + 1) + territory.codes + 1
        if preference is not None:
            key = key * (len(preference.words) + 1) + preference.codes + 1
        if additional is not None:
            key = key * (len(additional.words) + 1) + additional.codes + 1
        key = key * (len(origin.words) + 1) + origin.codes + 1
        key = key * (len(commodity.words) + 1) + commodity.codes + 1
        first_rows, inverse = distinct(key)
        if measure not in self._by_prefix:
            return np.full(len(key), NO_LINE, dtype=np.int64)
        if len(first_rows) > _FEW:
            asked = Questions(*codes, territory, days, additional)
            return self._find_in_bulk(measure, asked, first_rows)[inverse]
        found = [
            self.find(
                Asked(
                    measure,
                    _word(commodity, row),
                    _word(origin, row),
                    "" if preference is None else _word(preference, row),
                    _word(territory, row),
                    int(days[row]),
                    "" if additional is None else _word(additional, row),
                )
            )
            for row in first_rows
        ]
        return np.array(found, dtype=np.int64)[inverse]

    def find_one(self, asked: Asked) -> int:
        """Return the line of one item, as `find_all` does of many."""
        if asked.measure not in self._by_prefix:
            return NO_LINE
        if asked.additional_codes and asked.measure not in self._coded_measures:
            asked = asked._replace(additional_codes="")
        return self.find(asked)

    def render_short(self, asked: Asked) -> ShortCode | None:
        """Return what stands below a code; None where nothing does."""
        below = self._below(asked)
        if not below:
            return None
        rates = [line.ad_valorem_ppm for line in below]
        return ShortCode(
            lowest_ppm=min(rates),
            highest_ppm=max(rates),
            is_more_than_a_rate=not all(line.is_ad_valorem_only() for line in below),
            candidates=tuple(below[:CANDIDATES_MAX]),
            line_count=len(below),
            is_extract=any(line.is_extract for line in below),
        )

    def _find_in_bulk(
        self,
        measure: str,
        asked: Questions,
        rows: list[int],
    ) -> Int64s:
        bulk = self._bulk.get(measure)
        if bulk is None:
            numbers = sorted(number for found in self._by_prefix[measure].values() for number in found)
            bulk = self._bulk[measure] = BulkTariff(self.lines, numbers)
        return bulk.find_all(asked.take(np.array(rows, dtype=np.int64)))

    def _search(self, asked: Asked) -> int:
        # A line for an additional code that is claimed goes before the line for all others.
        for is_coded in (True, False) if asked.additional_codes else (False,):
            found = self._search_above(asked, is_coded=is_coded)
            if found is not None:
                return found
        below = self._numbers_below(asked)
        if not below:
            return NO_LINE
        # In an extract the lines that are missing may differ, so agreement of those that are there proves
        # nothing.
        is_extract = any(self.lines[n].is_extract for n in below)
        is_agreed = len({self.lines[n].terms() for n in below}) == 1
        return min(below) if is_agreed and not is_extract else CODE_TOO_SHORT

    def _search_above(self, asked: Asked, *, is_coded: bool) -> int | None:
        """Return the line of the longest prefix, of those with or of those without an additional code."""
        code = asked.commodity_code
        by_prefix = self._by_prefix.get(asked.measure, {})
        for length in range(len(code), 1, -1):
            fitting = [
                n
                for n in by_prefix.get(code[:length], ())
                if bool(self.lines[n].additional_code) == is_coded and _fits(self.lines[n], asked)
            ]
            if fitting:
                # The line that names this origin or territory goes before the one for any.
                return max(fitting, key=lambda n: self.lines[n].closeness())
        return None

    def _below(self, asked: Asked) -> list[TariffLine]:
        return [self.lines[number] for number in self._numbers_below(asked)]

    def _numbers_below(self, asked: Asked) -> list[int]:
        """Return the closest line of each prefix below a code, by prefix."""
        by_prefix = self._by_prefix.get(asked.measure, {})
        code = asked.commodity_code
        if len(code) <= 1 or not (code.isascii() and code.isdigit()):
            return []
        prefixes = self._prefixes.get(asked.measure)
        if prefixes is None:
            prefixes = self._prefixes[asked.measure] = sorted(by_prefix)
        found = []
        # A colon follows the digit nine.
        for place in range(bisect_left(prefixes, code), bisect_left(prefixes, f"{code}:")):
            if len(prefixes[place]) == len(code):
                continue
            fitting = [n for n in by_prefix[prefixes[place]] if _fits(self.lines[n], asked)]
            if fitting:
                found.append(max(fitting, key=lambda n: self.lines[n].closeness()))
        return found


def _fits(line: TariffLine, asked: Asked) -> bool:
    return (
        line.is_for_origin(asked.origin_code)
        and line.preference_code == preference_of(asked.preference_code)
        and (not line.additional_code or line.additional_code in asked.additional_codes.split())
        and line.territory_code in ("", asked.territory_code)
        and day_number(line.valid_from) <= asked.day < day_number(line.valid_to)
    )


def _word(coded: Coded, row: int) -> str:
    code = coded.codes[row]
    return coded.words[code] if code >= 0 else ""
