"""Dated rates of exchange, kept as they were published, and looked up by table, currency and day."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

import msgspec

from serai.law.tariff import day_number
from serai.model.money import PLACES


class ExchangeRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One published rate: numerator / denominator, exactly as printed.

    table: whose rates (`ecb-daily`, `gb-customs-monthly` ...). direction foreign_per_home: units of
    `currency` for one unit of `home`; home_per_foreign: the other way. valid_to is exclusive; null holds
    until the next one of its table.
    """

    table: str
    home: str
    currency: str
    numerator: int
    denominator: int
    direction: Literal["foreign_per_home", "home_per_foreign"]
    valid_from: dt.date
    valid_to: dt.date | None
    source: str


FACTORS_MAX = 50_000
"""Factors kept; then they are forgotten, so that strangers' days cannot fill memory."""


class Exchange:
    """Rates indexed by (table, currency).

    A day without a rate has none: never the last known beyond its validity.
    """

    def __init__(self, rates: Iterable[ExchangeRate]) -> None:
        by_key: dict[tuple[str, str], list[ExchangeRate]] = defaultdict(list)
        for rate in rates:
            by_key[rate.table, rate.currency].append(rate)
        self._rates = {key: sorted(found, key=lambda rate: rate.valid_from) for key, found in by_key.items()}
        self._factors: dict[tuple[str, str, str, int], tuple[int, int] | None] = {}
        self._days = {
            key: [day_number(rate.valid_from) for rate in found] for key, found in self._rates.items()
        }

    def rates(self) -> list[ExchangeRate]:
        """Return all rates."""
        return [rate for found in self._rates.values() for rate in found]

    def find(self, table: str, currency: str, day: int) -> ExchangeRate | None:
        """Return the rate in force on a day (days since 1970), or None."""
        key = (table, currency)
        rates = self._rates.get(key, ())
        # The latest that holds wins, so that a table that has ended does not hide a list that goes on.
        for place in range(bisect_right(self._days.get(key, ()), day) - 1, -1, -1):
            if day < day_number(rates[place].valid_to):
                return rates[place]
        return None

    def factor(self, table: str, home: str, currency: str, day: int) -> tuple[int, int] | None:
        """Return numerator and denominator that turn minor units of `currency` into minor units of `home`,
        or None.
        """
        if currency == home:
            return (1, 1)
        asked = table, home, currency, day
        if asked not in self._factors:
            if len(self._factors) >= FACTORS_MAX:
                self._factors.clear()
            self._factors[asked] = self._factor(*asked)
        return self._factors[asked]

    def _factor(self, table: str, home: str, currency: str, day: int) -> tuple[int, int] | None:
        rate = self.find(table, currency, day)
        if rate is None or rate.home != home:
            return None
        numerator, denominator = rate.numerator, rate.denominator
        if rate.direction == "foreign_per_home":
            numerator, denominator = denominator, numerator
        places = PLACES[home] - PLACES[currency]
        return (
            (numerator * 10**places, denominator) if places >= 0 else (numerator, denominator * 10**-places)
        )
