"""Invented rates of exchange and of duty under which laws are compared: the same for every law, and no law
themselves.

What differs between two laws is then the law. A tariff line that a pack has goes before the invented one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import TypeVar

import msgspec

from serai.laboratory.invented import rates
from serai.law.exchange import ExchangeRate
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.tariff import TariffLine
from serai.model.money import PLACES

_T = TypeVar("_T", bound=msgspec.Struct)


class _Worth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `exchange.csv`."""

    currency: str
    eur_cent_millionths: int
    source: str


class _DutyRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `duty.csv`."""

    commodity_prefix: str
    ad_valorem_ppm: int
    source: str


class _MeasureRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `measures.csv`."""

    measure: str
    ad_valorem_ppm: int
    source: str


def read_assumed(name: str, row_type: type[_T]) -> Iterator[_T]:
    """Read one of the tables in `assumed/`, each row with its source. Raises LawPackError."""
    content = files("serai.laboratory.compare").joinpath("assumed", name).read_bytes()
    return decode_table(content, row_type, name)


SOURCE = "invented for comparing laws"
HOME_OF_SUMS = "EUR"

IN_EUR = rates.IN_EUR | {
    row.currency: row.eur_cent_millionths for row in read_assumed("exchange.csv", _Worth)
}
"""One minor unit of a currency in millionths of a euro cent."""
DUTY_RATES_PPM = {row.commodity_prefix: row.ad_valorem_ppm for row in read_assumed("duty.csv", _DutyRate)}
"""Ad valorem duty by six digits, parts per million: one invented tariff for the whole world."""
OTHER_RATES_PPM = {row.measure: row.ad_valorem_ppm for row in read_assumed("measures.csv", _MeasureRate)}
"""Other measures by which a law counts, the same on all goods."""
_CHAPTERS = [f"{number:02d}" for number in range(1, 98)]
_EVER = dt.date(1990, 1, 1)


def assumed_exchange(packs: Iterable[Pack]) -> list[ExchangeRate]:
    """Return a rate of every currency in every table that some packs convert by, into each one's currency.

    A law without a rate for one of its currencies would be no comparison; see `IN_EUR`.
    """
    laws = [pack for pack in packs if pack.currency in IN_EUR]
    homes = {(conversion.table, pack.currency) for pack in laws for conversion in pack.conversions}
    return [
        _exchange_rate(table, home, currency)
        for table, home in sorted(homes, key=str)
        if home is not None
        for currency in IN_EUR
        if currency != home
    ]


def _exchange_rate(table: str, home: str, currency: str) -> ExchangeRate:
    return ExchangeRate(
        table=table,
        home=home,
        currency=currency,
        numerator=IN_EUR[currency] * 10 ** PLACES[currency],
        denominator=IN_EUR[home] * 10 ** PLACES[home],
        direction="home_per_foreign",
        valid_from=_EVER,
        valid_to=None,
        source=SOURCE,
    )


def assumed_tariffs(own: Mapping[str, Iterable[TariffLine]], on: dt.date) -> list[TariffLine]:
    """Return what `assumed_tariff` gives for each customs territory. own: the lines of each."""
    return [
        msgspec.structs.replace(line, territory_code=territory)
        for territory, lines in own.items()
        for line in assumed_tariff(lines, on)
    ]


def assumed_tariff(own: Iterable[TariffLine], on: dt.date) -> list[TariffLine]:
    """Return invented lines for the codes of which a law's own tariff says nothing on a day.

    own: all lines of the law. A line for some origins, or under a preference, says nothing of the others.
    """
    said: dict[str, set[str]] = defaultdict(set)
    for line in own:
        is_general = not line.origin_code and not line.preference_code
        if is_general and line.valid_from <= on and (line.valid_to is None or on < line.valid_to):
            said[line.measure].add(line.commodity_prefix)
    duties = [
        _line("duty", code, rate_ppm)
        for code, rate_ppm in DUTY_RATES_PPM.items()
        if not any(code.startswith(prefix) or prefix.startswith(code) for prefix in said["duty"])
    ]
    # Of two digits, so that every line that a law has, for whatever origin, is the longer one.
    others = [
        _line(measure, chapter, rate_ppm)
        for measure, rate_ppm in OTHER_RATES_PPM.items()
        for chapter in _CHAPTERS
        if chapter not in said[measure]
    ]
    return duties + others


def _line(measure: str, prefix: str, rate_ppm: int) -> TariffLine:
    return TariffLine(
        measure=measure,
        commodity_prefix=prefix,
        ad_valorem_ppm=rate_ppm,
        valid_from=_EVER,
        valid_to=None,
        source=SOURCE,
    )
