"""Invented rates of exchange and of duty under which laws are compared: the same for every law, and no law
themselves.

What differs between two laws is then the law. A tariff line that a pack has goes before the invented one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from serai.laboratory.invented import rates
from serai.law.exchange import ExchangeRate
from serai.law.pack import Pack
from serai.law.tariff import TariffLine
from serai.model.money import PLACES

SOURCE = "invented for comparing laws"
HOME_OF_SUMS = "EUR"

_EUR_CENTS_MILLIONTHS = {
    "AED": 234_000,
    "AMD": 2_250,
    "ARS": 600,
    "BRL": 158_000,
    "BYN": 262_000,
    "CHF": 1_070_000,
    "CLP": 90_000,
    "COP": 215,
    "DKK": 134_000,
    "EGP": 17_800,
    "GHS": 78_000,
    "HKD": 110_000,
    "IDR": 52,
    "ILS": 255_000,
    "INR": 9_700,
    "KES": 6_650,
    "KZT": 1_640,
    "MAD": 93_000,
    "MXN": 46_500,
    "MYR": 204_000,
    "NGN": 590,
    "NOK": 85_500,
    "NZD": 495_000,
    "PHP": 14_700,
    "PLN": 235_000,
    "RON": 197_000,
    "RUB": 10_600,
    "SAR": 229_000,
    "SEK": 91_000,
    "SGD": 663_000,
    "THB": 26_500,
    "TWD": 27_600,
    "VND": 3_270,
    "XOF": 152_449,
    "ZAR": 49_800,  # codespell:ignore
}
IN_EUR = rates.IN_EUR | _EUR_CENTS_MILLIONTHS
"""One minor unit of a currency in millionths of a euro cent; invented, near what they were in 2026."""

_DUTY_RATES = (
    "610910:120 611030:120 610463:120 611595:120 610711:120 610610:120 620342:120 620443:120 621210:65 "
    "620240:120 621710:63 640411:169 640299:168 640391:80 850440:0 851762:0 851830:0 851713:0 854442:33 "
    "850760:27 852589:37 853952:37 950300:0 950450:0 950699:27 950590:27 950440:27 711719:40 711790:40 "
    "711311:25 420222:37 420221:30 420232:37 420292:37 330499:0 330410:0 330300:0 330590:0 330420:0 "
    "392690:65 392410:65 392640:65 940542:27 940440:37 940360:0 940179:0 940511:37"
)
DUTY_RATES_PPM = {one[:6]: int(one[7:]) * 1_000 for one in _DUTY_RATES.split()}
"""Ad valorem duty by six digits, parts per million: one invented tariff for the whole world."""

OTHER_RATES_PPM = {
    "admission": 1_000_000,
    "article_tax": 200_000,
    "income_tax": 75_000,
}
"""Other measures by which a law counts, the same on all goods; admission: every list is open to them."""
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
