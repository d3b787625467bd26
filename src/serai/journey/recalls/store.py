"""Recalls, what they have found, and what platforms are asked and have answered."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class RecallRow(NamedTuple):
    """A recall, and how far its counting and its looking have come. rule: JSON. effect: task or
    suspension."""

    recall_id: int
    party_id: int
    declared_at: dt.datetime
    confirmed_at: dt.datetime | None
    ended_at: dt.datetime | None
    acting_user: str
    reference: str
    reason_code: str
    law_reference: str | None
    rule: str
    counted_read_count: int | None
    counted_hit_count: int | None
    counted_at: dt.datetime | None
    read_count: int | None
    hit_count: int | None
    effect: str
    ground_code: str | None
    confirming_user: str | None
    withdrawn_at: dt.datetime | None
    withdrawal_reason_code: str | None
    withdrawing_user: str | None
    undone_at: dt.datetime | None

    @property
    def suspends(self) -> bool:
        """Say whether it suspends what it certainly means."""
        return self.effect == "suspension"


class HitCounts(NamedTuple):
    """Of a recall that suspends. to_do_count: found, and not acted on yet."""

    suspended_count: int
    kept_count: int
    possible_count: int
    released_count: int
    to_do_count: int


class HitRow(NamedTuple):
    """A consignment that a recall has found. closed_at: when its task was settled. sureness: 1 certain, 2
    possible. act_id: None: nothing was done yet; 0: nothing had to be."""

    consignment_id: int
    case_id: int
    reference: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    sureness: int
    is_released: bool
    act_id: int | None
    ended_by: int | None


class FoundRow(NamedTuple):
    """A consignment that a recall has found, and its case."""

    consignment_id: int
    case_id: int
    sureness: int


class TakeDownRow(NamedTuple):
    """What a platform is asked. rule: JSON. answer: a code; None: none yet."""

    recall_id: int
    party_id: int
    told_at: dt.datetime
    due_at: dt.datetime
    answered_at: dt.datetime | None
    overdue_told_at: dt.datetime | None
    answer: str | None
    reference: str
    reason_code: str
    ground_code: str | None
    rule: str
    withdrawn_at: dt.datetime | None
    party_name: str


class RecallOfParcel(NamedTuple):
    """A recall that certainly means goods of a parcel."""

    recall_id: int
    reason_code: str
    ground_code: str | None
    withdrawn_at: dt.datetime | None
    declared_at: dt.datetime
    is_released: bool


async def execute(connection: Connection, name: str, **values: Any) -> None:
    """Change what is stored by one of the statements of `store.sql` that answer nothing."""
    await connection.execute(QUERIES[name], values)


async def select_recalls(
    connection: Connection,
    *,
    administration_id: int,
    party_id: int | None = None,
    recall_id: int | None = None,
    reference: str | None = None,
) -> list[RecallRow]:
    """Return recalls, oldest first. party_id: whose; None: of everybody. recall_id, reference: one alone."""
    cursor = await connection.execute(
        QUERIES["select_recalls"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "recall_id": recall_id,
            "reference": reference,
        },
    )
    return [RecallRow(*row) for row in await cursor.fetchall()]


async def count_hits(
    connection: Connection, recall_ids: Sequence[int], *, administration_id: int
) -> dict[int, HitCounts]:
    """Return by recall that suspends how much it has found."""
    cursor = await connection.execute(
        QUERIES["count_hits"],
        {"recall_ids": bigints(recall_ids), "administration_id": administration_id},
    )
    return {row[0]: HitCounts(*row[1:]) for row in await cursor.fetchall()}


async def select_hits(
    connection: Connection, recall_id: int, *, administration_id: int, after_id: int, limit: int
) -> list[HitRow]:
    """Return what a recall has found, by consignment."""
    return [
        HitRow(*row)
        for row in await _some(
            connection, "select_hits", recall_id, administration_id, limit, after_id=after_id
        )
    ]


async def select_to_reach(
    connection: Connection, recall_id: int, *, administration_id: int, limit: int
) -> list[FoundRow]:
    """Return what was found and not acted on yet, what is certain first."""
    return [
        FoundRow(*row)
        for row in await _some(connection, "select_to_reach", recall_id, administration_id, limit)
    ]


async def select_to_tell(
    connection: Connection, recall_id: int, *, administration_id: int, limit: int
) -> list[FoundRow]:
    """Return what its parties do not know yet."""
    return [
        FoundRow(*row)
        for row in await _some(connection, "select_to_tell", recall_id, administration_id, limit)
    ]


async def select_to_undo(
    connection: Connection, recall_id: int, *, administration_id: int, limit: int
) -> list[tuple[int, int, int]]:
    """Return what a recall still keeps: consignment, case, and the act on it, 0: none."""
    rows = await _some(connection, "select_to_undo", recall_id, administration_id, limit)
    return [(row[0], row[1], row[2]) for row in rows]


async def _some(
    connection: Connection, name: str, recall_id: int, administration_id: int, limit: int, **more: Any
) -> list[Any]:
    values = {"recall_id": recall_id, "administration_id": administration_id, "limit": limit, **more}
    return await (await connection.execute(QUERIES[name], values)).fetchall()


async def set_reached(
    connection: Connection,
    recall_id: int,
    reached: Mapping[int, int],
    released: Iterable[int],
    *,
    administration_id: int,
) -> None:
    """Note what was done. reached: by consignment the act, 0: nothing. released: those released meanwhile."""
    gone = set(released)
    await execute(
        connection,
        "set_reached",
        recall_id=recall_id,
        administration_id=administration_id,
        consignment_ids=bigints(list(reached)),
        act_ids=bigints(list(reached.values())),
        were_released=[one in gone for one in reached],
    )


async def set_ended(
    connection: Connection, recall_id: int, ended: Mapping[int, int], *, administration_id: int
) -> None:
    """Note that a recall keeps consignments no more; by consignment the act that did that, 0: none."""
    await execute(
        connection,
        "set_ended",
        recall_id=recall_id,
        administration_id=administration_id,
        consignment_ids=bigints(list(ended)),
        act_ids=bigints(list(ended.values())),
    )


async def set_told(
    connection: Connection,
    recall_id: int,
    consignment_ids: Sequence[int],
    *,
    administration_id: int,
    at: dt.datetime,
) -> None:
    """Note that the parties of consignments know."""
    await execute(
        connection,
        "set_told",
        recall_id=recall_id,
        administration_id=administration_id,
        consignment_ids=bigints(consignment_ids),
        at=at,
    )


async def select_platforms(
    connection: Connection, party_ids: Iterable[int], *, administration_id: int
) -> set[int]:
    """Return those of some parties that are platforms."""
    cursor = await connection.execute(
        QUERIES["select_platforms"],
        {"party_ids": bigints(sorted(party_ids)), "administration_id": administration_id},
    )
    return {row[0] for row in await cursor.fetchall()}


async def insert_take_downs(
    connection: Connection,
    recall_id: int,
    asked: Mapping[int, int],
    *,
    administration_id: int,
    at: dt.datetime,
    due_at: dt.datetime,
) -> dict[int, int]:
    """Ask platforms, each once; return those that were not asked before. asked: by party one of its cases."""
    cursor = await connection.execute(
        QUERIES["insert_take_downs"],
        {
            "recall_id": recall_id,
            "administration_id": administration_id,
            "at": at,
            "due_at": due_at,
            "party_ids": bigints(list(asked)),
            "case_ids": bigints(list(asked.values())),
        },
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def select_take_downs(
    connection: Connection,
    *,
    administration_id: int,
    party_id: int | None,
    by_party_id: int | None,
    recall_id: int | None,
    limit: int,
) -> list[TakeDownRow]:
    """Return what platforms are asked, the newest first. party_id: one platform; by_party_id: for the
    recalls of one party; recall_id: for one recall."""
    cursor = await connection.execute(
        QUERIES["select_take_downs"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "by_party_id": by_party_id,
            "recall_id": recall_id,
            "limit": limit,
        },
    )
    return [TakeDownRow(*row) for row in await cursor.fetchall()]


async def answer_take_down(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Keep a platform's answer; False: there is one, or nothing was asked."""
    cursor = await connection.execute(QUERIES["answer_take_down"], values)
    return await cursor.fetchone() is not None


async def select_overdue(
    connection: Connection, *, administration_id: int, at: dt.datetime, limit: int
) -> list[tuple[int, int, int, int]]:
    """Return what is late and not told: recall, platform, one of its cases, and whose recall it is."""
    values = {"administration_id": administration_id, "at": at, "limit": limit}
    rows = await (await connection.execute(QUERIES["select_overdue"], values)).fetchall()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def select_recalls_of(
    connection: Connection, consignment_id: int, *, administration_id: int
) -> list[RecallOfParcel]:
    """Return recalls that certainly mean goods of a parcel, the newest first."""
    values = {"consignment_id": consignment_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_recalls_of"], values)
    return [RecallOfParcel(*row) for row in await cursor.fetchall()]
