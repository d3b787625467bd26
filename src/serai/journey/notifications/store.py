"""Rows of webhooks and of the tries to tell events."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries
from serai.journey.consignments.store import Place

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))
ACTIVE: Final = "active"
OFF: Final = "off"

Row = TypeVar("Row", bound=msgspec.Struct)
Connection = AsyncConnection[Any]


class WebhookRow(msgspec.Struct, frozen=True):
    """A webhook. secret, secret_before: sealed. state: ACTIVE or OFF. run: how often its cursor was set.
    holder: the run that tells it, 0: none.
    """

    webhook_id: int
    party_id: int
    reference: str
    url: str
    kinds: list[str]
    secret: bytes
    secret_before: bytes | None
    secret_before_until: dt.datetime | None
    made_by: str
    made_at: dt.datetime
    state: str
    state_reason: str
    state_since: dt.datetime
    after_era: int
    after_tx: int
    after_event_id: int
    run: int
    tries_count: int
    failing_since: dt.datetime | None
    next_try_at: dt.datetime
    holder: int

    @property
    def after(self) -> Place:
        """The last event told."""
        return Place(self.after_era, self.after_tx, self.after_event_id)


class TryRow(msgspec.Struct, frozen=True):
    """A try to tell one event. status: of HTTP; None where no answer came."""

    try_id: int
    event_id: int
    try_number: int
    outcome: str
    status: int | None
    duration_ms: int
    at: dt.datetime


async def select_all(
    connection: Connection, query: str, parameters: Mapping[str, object], row: type[Row]
) -> list[Row]:
    """Run a named query; return all its rows."""
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(QUERIES[query].encode(), parameters)
        return await cursor.fetchall()


async def execute(connection: Connection, query: str, parameters: Mapping[str, object]) -> int:
    """Run a named query; return how many rows it touched."""
    cursor = await connection.execute(QUERIES[query].encode(), parameters)
    return cursor.rowcount


async def claim_webhooks(
    connection: Connection,
    *,
    administration_id: int,
    at: dt.datetime,
    until: dt.datetime,
    holder: int,
    limit: int,
    of_party: int,
    busy: Mapping[int, int],
) -> list[WebhookRow]:
    """Take up to `limit` webhooks that have something to tell, for `holder` alone until the lease ends.

    of_party: most that a party may have under way. busy: by party, how many it has already.
    """
    values = {
        "administration_id": administration_id,
        "at": at,
        "until": until,
        "beyond": until + (until - at),
        "holder": holder,
        "limit": limit,
        "of_party": of_party,
        "busy_party_ids": list(busy),
        "busy_counts": list(busy.values()),
    }
    return await select_all(connection, "claim_webhooks", values, WebhookRow)
