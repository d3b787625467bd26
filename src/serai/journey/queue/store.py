"""Reads the queue, and keeps the views that people save; tasks themselves are written by `journey/tasks`."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.queue.asked import Place, Wanted, is_of_anybody

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
COUNT_MAX: Final = 100_000
"""Tasks that are counted at most: a page costs the same in a queue that nobody has worked on for months."""
VIEWS_COUNT_MAX: Final = 20
_BEGINNING: Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)

Connection = AsyncConnection[Any]


class RuleBits(NamedTuple):
    """Where one rule stands in the reasons of bases: a bit each."""

    basis_ids: list[int]
    bits: list[int]


class QueueRow(msgspec.Struct, frozen=True):
    """An open task and what its list shows of the consignment. lands_at: None: not known. kind, lane: places
    in TASK_KINDS and SHOWN_LANES. rules: by bit of the reasons of basis_id."""

    task_id: int
    consignment_id: int
    case_id: int
    document_id: int
    reference: str
    house_document: str | None
    mrn: str
    item_count: int
    detail: bytes
    party_id: int
    party: str
    owner_id: int | None
    value_minor: int | None
    currency_code: str | None
    opened_at: dt.datetime
    due_at: dt.datetime | None
    lands_at: dt.datetime | None
    movement_id: int | None
    movement: str
    kind: int
    lane: int | None
    basis_id: int | None
    rules: bytes
    market: str


class Counted(msgspec.Struct, frozen=True):
    """Tasks that a filter lets through. landed_count: their flight is due already; soon_count: it lands
    soon. Up to COUNT_MAX."""

    count: int
    landed_count: int
    soon_count: int


class PartRow(NamedTuple):
    """How many tasks one choice of a filter has: a queue, party, movement or market, or basis and rules."""

    queue: int | None
    party_id: int | None
    movement_id: int | None
    market: str | None
    basis_id: int | None
    rules: bytes | None
    tasks_count: int


async def select_queue(
    connection: Connection, wanted: Wanted, rule: RuleBits | None, *, administration_id: int, count_max: int
) -> list[QueueRow]:
    """Return the next tasks, the soonest landing first. rule: where the wanted rule stands; None: any."""
    after = wanted.after or Place(_BEGINNING, 0)
    cursor = await _execute(
        connection,
        "select_queue",
        {
            **_filters(wanted, rule, administration_id),
            "after_at": after.lands_at,
            "after_id": after.task_id,
            "count_max": count_max,
        },
    )
    return [QueueRow(*row) for row in await cursor.fetchall()]


async def count_queue(
    connection: Connection,
    wanted: Wanted,
    rule: RuleBits | None,
    *,
    administration_id: int,
    at: dt.datetime,
    soon: dt.timedelta,
) -> Counted:
    """Count what a filter lets through. soon: how far ahead a landing is soon."""
    values: dict[str, Any] = {"at": at, "soon": at + soon, "count_max": COUNT_MAX}
    cursor = await _execute(
        connection, "count_queue", {**_filters(wanted, rule, administration_id), **values}
    )
    row = await cursor.fetchone()
    assert row is not None, "counting gives a row"
    return Counted(*row)


async def count_parts(connection: Connection, *, administration_id: int) -> list[PartRow]:
    """Count the tasks of each choice of each filter."""
    values = {"administration_id": administration_id, "count_max": COUNT_MAX}
    cursor = await _execute(connection, "count_parts", values)
    return [PartRow(*row) for row in await cursor.fetchall()]


async def name_parties(
    connection: Connection, party_ids: Sequence[int], *, administration_id: int
) -> dict[int, str]:
    """Return what parties are called."""
    values = {"party_ids": list(party_ids), "administration_id": administration_id}
    return dict(await (await _execute(connection, "name_parties", values)).fetchall())


async def name_movements(
    connection: Connection, movement_ids: Sequence[int], *, administration_id: int
) -> dict[int, tuple[str, dt.datetime | None]]:
    """Return the number of movements, and when each is to land."""
    values = {"movement_ids": list(movement_ids), "administration_id": administration_id}
    rows = await (await _execute(connection, "name_movements", values)).fetchall()
    return {unit_id: (number, lands_at) for unit_id, number, lands_at in rows}


async def select_views(
    connection: Connection, account_id: int, *, administration_id: int
) -> list[tuple[str, str]]:
    """Return the views of an account: name and query."""
    values = {"account_id": account_id, "administration_id": administration_id}
    cursor = await _execute(connection, "select_views", values)
    return [(name, query) for name, query in await cursor.fetchall()]


async def save_view(
    connection: Connection, account_id: int, name: str, query: str, *, administration_id: int, at: dt.datetime
) -> bool:
    """Keep a view, in place of one of that name; says whether there was room."""
    cursor = await connection.execute(
        QUERIES["save_view"],
        {
            "account_id": account_id,
            "administration_id": administration_id,
            "at": at,
            "name": name,
            "query": query,
            "count_max": VIEWS_COUNT_MAX,
        },
    )
    return await cursor.fetchone() is not None


async def delete_view(connection: Connection, account_id: int, name: str, *, administration_id: int) -> None:
    """Forget a view; one that is not there is harmless."""
    await connection.execute(
        QUERIES["delete_view"],
        {"account_id": account_id, "administration_id": administration_id, "name": name},
    )


def _filters(wanted: Wanted, rule: RuleBits | None, administration_id: int) -> dict[str, Any]:
    return {
        "administration_id": administration_id,
        "queue": wanted.queue,
        "party_id": wanted.party_id,
        "movement_id": wanted.movement_id,
        "market": wanted.market,
        "owner_id": wanted.owner_id,
        "takes_free": wanted.takes_free,
        "is_of_anybody": is_of_anybody(wanted),
        "rule_bases": None if rule is None else rule.basis_ids,
        "rule_bits": None if rule is None else rule.bits,
    }


async def _execute(connection: Connection, query: str, values: dict[str, Any]) -> Any:
    # Planned each time for what is asked: a plan for any filter would read all tasks.
    return await connection.execute(QUERIES[query], values, prepare=False)
