"""Reads the decisions of an hour, some at a time, whether they stand or were replaced since."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from serai.foundation.ids import following
from serai.foundation.queries import load_queries
from serai.journey.decision.store import DECISION_KINDS
from serai.journey.history.rules import Recorded
from serai.model.documents import roles_of
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


async def select_oldest_writing(connection: Connection) -> datetime | None:
    """Return when the oldest transaction began that is writing; None where none is. Seen by the writing role
    alone."""
    cursor = await connection.execute(QUERIES["select_oldest_writing"])
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def select_next(connection: Connection, from_id: int, *, administration_id: int) -> int | None:
    """Return the oldest decision from an id on, None where there is none."""
    cursor = await connection.execute(
        QUERIES["select_next"], {"from_id": from_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def select_decided(
    connection: Connection, from_id: int, to_id: int, limit: int, *, administration_id: int
) -> list[Recorded]:
    """Return at most so many decisions of a half-open range of ids, in the order of their ids."""
    return await _select(
        connection,
        "select_decided",
        from_id=from_id,
        to_id=to_id,
        limit=limit,
        administration_id=administration_id,
    )


async def select_replaced(
    connection: Connection, decision_ids: Sequence[int], *, administration_id: int
) -> dict[int, Recorded]:
    """Return decisions that others replaced, by id."""
    found = await _select(
        connection,
        "select_replaced",
        decision_ids=list(decision_ids),
        administration_id=administration_id,
    )
    return {one.decision_id: one for one in found}


async def _select(connection: Connection, query: str, **parameters: Any) -> list[Recorded]:
    # Planned for these ids: a plan for any range would read whole tables.
    async with connection.cursor(binary=True, row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES[query], parameters, prepare=False)
        return [_recorded(**row) for row in await cursor.fetchall()]


def _recorded(
    *,
    decision_kind: int,
    party_id: int,
    person_roles: int,
    first_person_id: int,
    reasons: bytes,
    detail: bytes,
    **others: Any,
) -> Recorded:
    """Return a row of the store. others: what is kept as it is used."""
    roles = roles_of(person_roles)
    return Recorded(
        kind=DECISION_KINDS[decision_kind],
        declarant_id=party_id,
        person_ids=dict(zip(roles, following(first_person_id, len(roles)), strict=True)) if roles else {},
        reason_bits=read_bits(reasons),
        detail=unpack_detail(detail),
        **others,
    )
