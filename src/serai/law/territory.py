"""Customs and tax territories: resolved from country, region and postcode by a dated table, never from the
country alone.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np

from serai.law.small_arrays import distinct_rows
from serai.law.tariff import day_number
from serai.model.columns import Coded, Int64s, encode_words


class Territory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dated row. postcode_pattern: regular expression over the postcode without blanks; empty says the
    whole country. The first row of a country that fits wins, so special territories stand before the
    country itself.
    """

    country_code: str
    customs_territory_code: str
    tax_territory_code: str
    time_zone: str
    valid_from: dt.date
    valid_to: dt.date | None
    source: str
    name: str
    postcode_pattern: str = ""
    region_codes: str = ""


class _Row(NamedTuple):
    """A row of the table, ready to be asked. begin, end: days since 1970, half-open."""

    pattern: re.Pattern[str] | None
    regions: frozenset[str]
    begin: int
    end: int
    territory: Territory


FOUND_MAX = 200_000
"""Answers kept; then they are forgotten, so that strangers' postcodes cannot fill memory."""


@cache
def _whole_country(country_code: str) -> Territory:
    return Territory(
        country_code=country_code,
        customs_territory_code=country_code,
        tax_territory_code=country_code,
        time_zone="UTC",
        valid_from=dt.date.min,
        valid_to=None,
        source="",
        name=country_code,
    )


def _encode_each(words: list[str | None], places: Int64s) -> Coded:
    return encode_words(words).take(places)


class Territories:
    """The table, indexed by country."""

    def __init__(self, rows: Iterable[Territory]) -> None:
        self._rows: dict[str, list[_Row]] = defaultdict(list)
        edges: set[int] = set()
        for row in rows:
            pattern = re.compile(row.postcode_pattern) if row.postcode_pattern else None
            begin, end = day_number(row.valid_from), day_number(row.valid_to)
            edges |= {begin, end}
            self._rows[row.country_code].append(
                _Row(pattern, frozenset(row.region_codes.split()), begin, end, row)
            )
        self._edges = np.array(sorted(edges), dtype=np.int64)
        self._found: dict[tuple[str | None, str | None, str | None, int], Territory | None] = {}

    def find(
        self, country_code: str, region_code: str | None, postcode: str | None, day: int
    ) -> Territory | None:
        """Return the territory of an address on a day, or None: a postcode is needed and not given.

        A country of which the table says nothing is one territory, and no law is known of it.
        """
        if country_code not in self._rows:
            return _whole_country(country_code)
        compact = "".join((postcode or "").split()).replace("-", "").upper()
        for pattern, regions, begin, end, row in self._rows.get(country_code, ()):
            if not begin <= day < end:
                continue
            if region_code and region_code in regions:
                return row
            if (
                pattern is None
                and not regions
                and (compact or region_code or not self.has_parts(country_code))
            ):
                return row
            if pattern is not None and compact and pattern.match(compact):
                return row
        return None

    def pairs(self) -> set[tuple[str, str]]:
        """Return every customs territory with the tax territories in it."""
        return {pair for country_code in self._rows for pair in self.pairs_of(country_code)}

    def pairs_of(self, country_code: str) -> set[tuple[str, str]]:
        """Return the customs and tax territories that addresses of a country lie in."""
        return {
            (one.territory.customs_territory_code, one.territory.tax_territory_code)
            for one in self._rows.get(country_code, ())
        }

    def countries(self) -> list[str]:
        """Return the countries of which the table says something."""
        return list(self._rows)

    def of_country(self, country_code: str) -> list[Territory]:
        """Return the rows of a country, special territories first."""
        return [one.territory for one in self._rows.get(country_code, ())]

    def has_parts(self, country_code: str) -> bool:
        """Say whether a country has special territories, so that the postcode matters."""
        return len(self._rows.get(country_code, ())) > 1

    def resolve(
        self, country: Coded, region: Coded, postcode: Coded, days: Int64s
    ) -> tuple[Coded, Coded, Coded]:
        """Return customs territory, tax territory and time zone of each row."""
        found = self._found
        if len(found) > FOUND_MAX:
            found.clear()
        countries, regions, postcodes = ((*one.words, None) for one in (country, region, postcode))
        has_parts = np.array([*map(self.has_parts, country.words), False], dtype=np.bool_)[country.codes]
        # Where a country is whole, neither region nor postcode matters.
        keys = [
            country.codes,
            np.where(has_parts, region.codes, -1),
            np.where(has_parts, postcode.codes, -1),
            # The table changes seldom: all days on which nothing begins or ends are one day.
            np.searchsorted(self._edges, days, side="right") - 1,
        ]
        rows: list[Territory | None] = []
        first_rows, places = distinct_rows(keys)
        for row in first_rows:
            key = (
                countries[keys[0][row]],
                regions[keys[1][row]],
                postcodes[keys[2][row]],
                self._day_of(int(keys[3][row])),
            )
            if key not in found:
                found[key] = None if key[0] is None else self.find(key[0], key[1], key[2], key[3])
            rows.append(found[key])
        return (
            _encode_each([None if row is None else row.customs_territory_code for row in rows], places),
            _encode_each([None if row is None else row.tax_territory_code for row in rows], places),
            _encode_each([None if row is None else row.time_zone for row in rows], places),
        )

    def _day_of(self, edge: int) -> int:
        """Return a day that stands for all from one edge on; -1: for those before the first."""
        return int(self._edges[edge]) if edge >= 0 else int(self._edges[0]) - 1
