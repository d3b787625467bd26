"""Write `laws/tables/exchange/*.csv` and the invented list from the ECB's daily reference rates.

Facts with their source named; tables that other administrations publish are derived here, and every row of
them says so.

    python tools/exchange_tables.py ECB_HISTORY.csv.gz [OUTPUT_FOLDER]
"""

import csv
import datetime as dt
import gzip
import io
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from serai.laboratory.compare.assumed_rates import assumed_exchange
from serai.law.exchange import ExchangeRate
from serai.law.library import decode_packs
from serai.law.load import decode_table

CURRENCIES = [
    "AUD",
    "BRL",
    "CAD",
    "CHF",
    "CNY",
    "CZK",
    "DKK",
    "GBP",
    "HKD",
    "HUF",
    "INR",
    "JPY",
    "KRW",
    "NOK",
    "PLN",
    "RON",
    "SEK",
    "SGD",
    "TRY",
    "USD",
]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 4, 13)
DAY = dt.timedelta(days=1)
ECB = "European Central Bank, euro foreign exchange reference rates"
DERIVED = (
    "Derived by Serai from the ECB's reference rates by crossing through the euro; not what {} publishes"
)
INVENTED = "INVENTED for demonstration and tests; no rate that anybody published"
INVENTED_FROM, INVENTED_TO = dt.date(2026, 4, 14), dt.date(2028, 1, 1)
HEADING = [
    "table",
    "home",
    "currency",
    "numerator",
    "denominator",
    "direction",
    "valid_from",
    "valid_to",
    "source",
]

_WITH_ECB_RATES = {
    "ecb-daily": "EUR",
    "eu-customs-monthly": "EUR",
    "gb-customs-monthly": "GBP",
    "au-customs-daily": "AUD",
    "br-receita": "BRL",
    "cn-customs-monthly": "CNY",
    "jp-customs-weekly": "JPY",
    "kr-customs-weekly": "KRW",
    "no-customs": "NOK",
    "norges-bank-daily": "NOK",
}
_HOLDS_TO_MAY = ("eu-customs-monthly", "gb-customs-monthly")

Rates = dict[dt.date, dict[str, Fraction]]
"""Units of each currency for one euro, by day of publication."""


class Row(NamedTuple):
    """One row of a table; `rate`: units of the currency for one unit of home, written as a fraction."""

    table: str
    home: str
    currency: str
    rate: Fraction
    valid_from: dt.date
    valid_to: dt.date
    source: str

    def cells(self) -> tuple[object, ...]:
        """Return the row as it is written. Decimals stay as printed: 1.1721 is 11721 / 10000."""
        denominator = self.rate.denominator
        ten = next((10**places for places in range(9) if 10**places % denominator == 0), denominator)
        numerator = self.rate.numerator * (ten // denominator)
        span = self.valid_from.isoformat(), self.valid_to.isoformat()
        named = self.table, self.home, self.currency
        return (*named, numerator, ten, "foreign_per_home", *span, self.source)


def read_rates(content: bytes) -> Rates:
    """Read the bank's history: one line a day, one column a currency."""
    rates: Rates = {}
    for line in csv.DictReader(io.StringIO(gzip.decompress(content).decode())):
        day = dt.date.fromisoformat(line["Date"])
        if day >= FIRST - 40 * DAY:
            rates[day] = {c: Fraction(Decimal(line[c])) for c in CURRENCIES if line[c] not in ("", "N/A")}
            rates[day]["EUR"] = Fraction(1)
    return dict(sorted(rates.items()))


def crossed(rates: dict[str, Fraction], home: str) -> dict[str, Fraction]:
    """Return units of each other currency for one unit of home."""
    return {currency: rate / rates[home] for currency, rate in rates.items() if currency != home}


def ecb_daily(rates: Rates) -> Iterator[Row]:
    """The rate of a day, or of the next day of publication (Dir. 2006/112/EC art. 366(2), 369h(2), 369x)."""
    before = max(day for day in rates if day < FIRST)
    for day in (day for day in rates if FIRST <= day <= LAST):
        for currency, rate in crossed(rates[day], "EUR").items():
            begin = max(before + DAY, FIRST)
            yield Row("ecb-daily", "EUR", currency, rate, begin, day + DAY, f"{ECB}, {day}")
        before = day


def au_daily(rates: Rates) -> Iterator[Row]:
    """The rate of a day of publication holds until the next one, as for the day of export."""
    days = [day for day in rates if day <= LAST]
    source = DERIVED.format("the Australian Border Force")
    for day, later in zip(days, [*days[1:], LAST + DAY], strict=True):
        if later > FIRST:
            for currency, rate in crossed(rates[day], "AUD").items():
                begin = max(day, FIRST)
                yield Row("au-customs-daily", "AUD", currency, rate, begin, later, f"{source}; {day}")


def monthly(rates: Rates, table: str, home: str, source: str) -> Iterator[Row]:
    """The rate of the second-last Wednesday holds for the whole next month (UCC-IA art. 146)."""
    month = FIRST
    while month <= LAST:
        later = (month + 31 * DAY).replace(day=1)
        wednesday = second_last_wednesday(month)
        day = max(d for d in rates if d <= wednesday)
        for currency, rate in crossed(rates[day], home).items():
            yield Row(table, home, currency, rate, month, later, f"{source}, {day}")
        month = later


def second_last_wednesday(month: dt.date) -> dt.date:
    """Return the second-last Wednesday of the month before `month` (its first day)."""
    last = month - DAY
    return last - ((last.weekday() - 2) % 7 + 7) * DAY


def invented(rates: Rates) -> Iterator[Row]:
    """The last rates, rounded to four figures, for these tables over a time for which there are none."""
    last = rates[LAST]
    for table, home in _WITH_ECB_RATES.items():
        begin = dt.date(2026, 5, 1) if table in _HOLDS_TO_MAY else INVENTED_FROM
        for currency, rate in crossed(last, home).items():
            rounded = Fraction(Decimal(f"{float(rate):.4g}"))
            yield Row(table, home, currency, rounded, begin, INVENTED_TO, INVENTED)


def assumed(root: Path) -> Iterator[Row]:
    """The rates under which laws are compared, for the tables that only a pack names, over the same time.

    A pair that a table holds for good, as a peg, is left to it.
    """
    paths = sorted((root / "tables/exchange").glob("*.csv"))
    rates = [one for path in paths for one in decode_table(path.read_bytes(), ExchangeRate, path.name)]
    pegs = {(one.table, one.currency) for one in rates if one.valid_to is None}
    packs = decode_packs(
        {f"{path.parent.name}/{path.name}": path.read_bytes() for path in root.glob("*/pack.yaml")}
    )
    for one in assumed_exchange(packs.values()):
        is_known = one.table in _WITH_ECB_RATES or (one.table, one.currency) in pegs
        if not is_known and one.currency in {*CURRENCIES, "EUR"}:
            rate = Fraction(Decimal(f"{one.denominator / one.numerator:.4g}"))
            yield Row(one.table, one.home, one.currency, rate, INVENTED_FROM, INVENTED_TO, INVENTED)


def write(path: Path, rows: Iterator[Row]) -> None:
    """Write one table."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADING)
        writer.writerows(row.cells() for row in rows)


def main() -> None:
    """Write all tables."""
    rates = read_rates(Path(sys.argv[1]).read_bytes())
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1]
    folder = root / "laws/tables/exchange"
    eu = f"{ECB} (UCC-IA art. 146)"
    write(folder / "ecb-daily.csv", ecb_daily(rates))
    write(folder / "eu-customs-monthly.csv", monthly(rates, "eu-customs-monthly", "EUR", eu))
    gb = monthly(rates, "gb-customs-monthly", "GBP", DERIVED.format("HMRC"))
    write(folder / "gb-customs-monthly.csv", gb)
    write(folder / "au-customs-daily.csv", au_daily(rates))
    write(root / "examples/lists/invented-exchange-rates.csv", chain(invented(rates), assumed(root / "laws")))


if __name__ == "__main__":
    main()
