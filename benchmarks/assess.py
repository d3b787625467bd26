"""How long the law takes: `assess` on many consignments at once and on one, with the shipped packs.

Parcels are the invented ones, half of them on each side of 1 July 2026; duty rates and exchange rates are
the yardstick's and stand for lists, so that the figures do not move when a shipped table grows.

    uv run python benchmarks/assess.py --count 5000       one JSON line; times are medians
"""

import argparse
import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec
from serai.journey.assessment.rules import Assessment, assess
from serai.journey.validation.columns import read_columns
from serai.laboratory.invented import rates
from serai.laboratory.invented.parcels import consignments
from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.library import load_book
from serai.law.tariff import TariffLine
from serai.model.columns import fill_word
from serai.model.documents import Consignment

import law

LAWS = Path(__file__).parents[1] / "laws"
TABLES = {
    "eu-customs-monthly": "EUR",
    "ecb-daily": "EUR",
    "gb-customs-monthly": "GBP",
    "au-customs-daily": "AUD",
}
TERRITORIES = ("EU", "GB", "", "AU")
EVER = dt.date(2000, 1, 1)
CUTOVER = dt.datetime(2026, 6, 30, 22, tzinfo=dt.UTC)


def book_of_yardstick() -> LawBook:
    """Build the book of the shipped packs with the yardstick's duty rates and exchange rates as lists."""
    files = {str(p.relative_to(LAWS)): p.read_bytes() for p in LAWS.rglob("*") if p.is_file()}
    exchange = [
        ExchangeRate(
            table=table,
            home=home,
            currency=currency,
            numerator=rates.IN_EUR[currency],
            denominator=rates.IN_EUR[home] * 10 ** (2 - rates.PLACES[currency]),
            direction="home_per_foreign",
            valid_from=EVER,
            valid_to=None,
            source="invented",
        )
        for table, home in TABLES.items()
        for currency in rates.IN_EUR
        if currency != home
    ]
    tariff = [
        TariffLine(
            measure="duty",
            commodity_prefix=code,
            territory_code=territory,
            ad_valorem_ppm=row[place] * 100,
            valid_from=EVER,
            valid_to=None,
            source="invented",
        )
        for code, row in law.HS6.items()
        for place, territory in enumerate(TERRITORIES)
        if territory
    ]
    return load_book(files, tariff_lines=tariff, exchange_rates=exchange)


def documents_of(count: int) -> list[Consignment]:
    """Read the sound ones of the invented parcels until there are `count`."""
    day = dt.timedelta(days=1)
    found = []
    span = {"first_acceptance": CUTOVER - day, "last_acceptance": CUTOVER + day}
    for record in consignments(count * 2, at=CUTOVER + 3 * day, **span):
        try:
            found.append(msgspec.convert(record, Consignment))
        except msgspec.ValidationError:
            continue
        if len(found) == count:
            break
    return found


def measured(documents: list[Consignment], book: LawBook, rounds: int) -> tuple[float, Assessment]:
    """Return the median milliseconds of `assess` alone, and what it gave."""
    columns = read_columns(documents, ["bench"] * len(documents), 0, book)

    items = columns.items.with_columns(goods_kind_codes=fill_word("", columns.items.row_count))

    def once() -> Assessment:
        return assess(columns.consignments, items, columns.first_items, book)

    return timed_ms(once, rounds), once()


def timed_ms(act: Callable[[], object], rounds: int) -> float:
    """Return the median milliseconds of some calls, after one that warms up."""
    act()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        act()
        times.append((time.perf_counter() - begin) * 1_000)
    return round(median(times), 3)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    book = book_of_yardstick()
    documents = documents_of(given.count)
    many_ms, assessment = measured(documents, book, given.rounds)
    eu = next(d for d in documents if d.consignee.country_code == "DE")
    one_ms, _ = measured([eu], book, given.rounds * 20)
    print(
        json.dumps(
            {
                "consignments": len(documents),
                "goods_items": assessment.items.row_count,
                "charges": assessment.charges.row_count,
                "laws": sorted(book.programs[run.number].code for run in assessment.runs),
                "assess_ms": many_ms,
                "assess_one_ms": one_ms,
            }
        )
    )


if __name__ == "__main__":
    main()
