"""What officers ask of the books: who owes how much and since when, revenue by market, way of payment and
day."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.queries import load_queries
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.model.ledger import ACCOUNT_KINDS, KIND_PLACES

QUERIES = load_queries(Path(__file__).with_name("figures.sql"))

Connection = AsyncConnection[Any]

YOUNG: Final = timedelta(days=10)
"""The shortest period for payment (UCC 108(1))."""
OLD: Final = timedelta(days=30)
WINDOW: Final = timedelta(days=30)
DEBTS_COUNT: Final = 100


class Debt(msgspec.Struct, frozen=True):
    """What a debtor owes in a currency, minor units. pending: may still change. posted: entered in the
    accounts; of it older: for more than ten days, oldest: for more than thirty."""

    party_id: int
    name: str
    currency_code: str
    pending_minor: int
    posted_minor: int
    older_minor: int
    oldest_minor: int


class DayRevenue(msgspec.Struct, frozen=True):
    """Revenue of a day (UTC) in a currency, minor units."""

    on: date
    currency_code: str
    amount_minor: int


class MarketRevenue(msgspec.Struct, frozen=True):
    """Revenue on goods to a country, minor units."""

    country_code: str
    currency_code: str
    amount_minor: int


class Collected(msgspec.Struct, frozen=True):
    """What was collected over a kind of account of the ledger, minor units."""

    account: str
    currency_code: str
    amount_minor: int


class MoneyFigures(msgspec.Struct, frozen=True):
    """The figures of the last thirty days; debts as they stand."""

    debts: list[Debt]
    days: list[DayRevenue]
    markets: list[MarketRevenue]
    collected: list[Collected]


async def read_money_figures(connection: Connection, *, administration_id: int, at: datetime) -> MoneyFigures:
    """Read the figures, best in one snapshot."""
    begin = {"administration_id": administration_id, "begin_id": first_id_at(at - WINDOW)}
    revenue = {**begin, "revenue": KIND_PLACES["revenue"]}
    debts = await connection.execute(
        QUERIES["debts"],
        {
            "administration_id": administration_id,
            "young_id": first_id_at(at - YOUNG),
            "old_id": first_id_at(at - OLD),
            "limit": DEBTS_COUNT,
        },
    )
    owed = [Debt(*row) for row in await debts.fetchall()]
    days = await connection.execute(QUERIES["revenue_by_day"], revenue)
    by_day = [DayRevenue(*row) for row in await days.fetchall()]
    markets = await connection.execute(QUERIES["revenue_by_market"], revenue)
    by_market = [MarketRevenue(*row) for row in await markets.fetchall()]
    ways = await connection.execute(QUERIES["collected_by_way"], begin)
    by_way = [Collected(_account_of(kind, way), *rest) for kind, way, *rest in await ways.fetchall()]
    return MoneyFigures(owed, by_day, by_market, by_way)


def _account_of(kind: str, way: str) -> str:
    """Return the kind of account that the money of a payment came over."""
    rules = shipped_posting_rules()
    return ACCOUNT_KINDS[rules.ways[way]].code if way else rules.payments[kind].debit
