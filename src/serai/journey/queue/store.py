"""Reads the queue, and keeps the views that people save; tasks themselves are written by `journey/tasks`."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.queue.asked import Place, Wanted, is_of_anybody
from serai.journey.tasks.store import TOP

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
COUNT_MAX: Final = 10_000
"""Tasks that are counted and listed at most: a page costs the same in a queue that nobody has worked on for
months."""
PARTS_COUNT_MAX: Final = 100_000
"""Tasks of which the choices of filters are counted."""
VIEWS_COUNT_MAX: Final = 20
_BEGINNING: Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)

Connection = AsyncConnection[Any]


class RuleBits(NamedTuple):
    """Where one rule stands in the reasons of bases: a bit for each from the first on, -1: it has none."""

    first_basis: int
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


class Search(msgspec.Struct, frozen=True):
    """What is looked for in a queue. rule: where the wanted rule stands, None: any. soon_at: until when a
    landing is soon."""

    wanted: Wanted
    rule: RuleBits | None
    administration_id: int
    at: dt.datetime
    soon_at: dt.datetime

    def values(self) -> dict[str, Any]:
        """Return the parameters of the queries."""
        wanted, rule = self.wanted, self.rule
        return {
            "administration_id": self.administration_id,
            "at": self.at,
            "soon": self.soon_at,
            "top": TOP,
            "queue": wanted.queue,
            "party_id": wanted.party_id,
            "movement_id": wanted.movement_id,
            "market": wanted.market,
            "owner_id": wanted.owner_id,
            "takes_free": wanted.takes_free,
            "is_of_anybody": is_of_anybody(wanted),
            "rule_bits": None if rule is None else rule.bits,
            "first_basis": 0 if rule is None else rule.first_basis,
            "look_max": COUNT_MAX,
        }


async def select_queue(
    connection: Connection, search: Search, count_max: int
) -> tuple[Counted, list[QueueRow]]:
    """Count what is found, and return the next tasks, the soonest landing first."""
    after = search.wanted.after or Place(_BEGINNING, 0)
    place = {"after_at": after.lands_at, "after_id": after.task_id, "count_max": count_max}
    cursor = await _execute(connection, "select_queue", search.values() | place)
    found = await cursor.fetchall()
    rows = [QueueRow(*row[3:]) for row in found if row[3] is not None]
    return Counted(*found[0][:3]), rows


async def count_queue(connection: Connection, search: Search) -> Counted:
    """Count what is found."""
    cursor = await _execute(connection, "count_queue", search.values())
    return Counted(*await cursor.fetchone())


async def count_parts(connection: Connection, *, administration_id: int) -> list[PartRow]:
    """Count the tasks of each choice of each filter."""
    values = {"administration_id": administration_id, "look_max": PARTS_COUNT_MAX}
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


async def _execute(connection: Connection, query: str, values: dict[str, Any]) -> Any:
    # Planned each time for what is asked: a plan for any filter would read all tasks.
    return await connection.execute(QUERIES[query], values, prepare=False)
