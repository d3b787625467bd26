"""What events are seen beside: the cases that their keys and units lead to, and what was decided in these."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, smallints, texts
from serai.foundation.queries import load_queries
from serai.journey.tracking.store import HashedKey, halves_of, join_halves

QUERIES = load_queries(Path(__file__).with_name("case_store.sql"))

Connection = AsyncConnection[Any]


class DecidedRow(msgspec.Struct, frozen=True):
    """A decision with what the world knows its consignment by. lane, status: places in LANES and STATUSES."""

    decision_id: int
    case_id: int
    lane: int
    status: int
    decided_at: dt.datetime
    supersedes: int | None
    house_document: str | None
    mrn: str


async def cases_of_keys(
    connection: Connection, keys: Sequence[HashedKey], *, administration_id: int
) -> list[tuple[HashedKey, int, dt.datetime]]:
    """Return the case of each key that has one, and since when the key is in use."""
    if not keys:
        return []
    cursor = await connection.execute(
        QUERIES["cases_of_keys"], {**halves_of(keys), "administration_id": administration_id}
    )
    return [(join_halves(*key), case_id, opened_at) for *key, case_id, opened_at in await cursor.fetchall()]


async def keys_of_cases(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[tuple[HashedKey, dt.datetime]]:
    """Return the keys of cases, and since when each is in use."""
    cursor = await connection.execute(
        QUERIES["keys_of_cases"], {"case_ids": bigints(case_ids), "administration_id": administration_id}
    )
    return [(join_halves(*key), opened_at) for *key, opened_at in await cursor.fetchall()]


async def units_of_cases(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[str]:
    """Return the numbers of the transport units that the consignments of cases lie in."""
    cursor = await connection.execute(
        QUERIES["units_of_cases"], {"case_ids": bigints(case_ids), "administration_id": administration_id}
    )
    return [number for (number,) in await cursor.fetchall()]


async def cases_of_units(
    connection: Connection,
    numbers: Sequence[str],
    *,
    unit_kinds: Sequence[int],
    administration_id: int,
    limit: int,
) -> list[tuple[str, int]]:
    """Return number and case of what lies in transport units, each unit's first so many."""
    if not numbers:
        return []
    cursor = await connection.execute(
        QUERIES["cases_of_units"],
        {
            "numbers": texts(numbers),
            "unit_kinds": smallints(unit_kinds),
            "administration_id": administration_id,
            "limit": limit,
        },
    )
    return [(number, case_id) for number, case_id in await cursor.fetchall()]


async def kinds_of_units(
    connection: Connection, numbers: Sequence[str], *, administration_id: int
) -> dict[str, int]:
    """Return the kind of transport unit that each number is known as; of several the largest."""
    cursor = await connection.execute(
        QUERIES["kinds_of_units"],
        {
            "numbers": texts(numbers),
            "unit_kinds": smallints(range(1, 6)),
            "administration_id": administration_id,
        },
    )
    return dict(await cursor.fetchall())


async def select_parts(connection: Connection, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those pairs of party and case in which the party has a part."""
    listed = sorted(set(pairs))
    if not listed:
        return set()
    cursor = await connection.execute(
        QUERIES["select_parts"],
        {
            "party_ids": bigints([party_id for party_id, _ in listed]),
            "case_ids": bigints([case_id for _, case_id in listed]),
        },
    )
    return {(party_id, case_id) for party_id, case_id in await cursor.fetchall()}


async def select_with_roles(
    connection: Connection, party_ids: Sequence[int], roles: Iterable[str], *, administration_id: int
) -> set[int]:
    """Return those parties that have one of the roles."""
    cursor = await connection.execute(
        QUERIES["select_with_roles"],
        {
            "party_ids": bigints(party_ids),
            "roles": texts(sorted(roles)),
            "administration_id": administration_id,
        },
    )
    return {party_id for (party_id,) in await cursor.fetchall()}


async def select_decided(
    connection: Connection, query: str, parameters: Mapping[str, Any]
) -> list[DecidedRow]:
    """Return decisions by one of the queries `decided_...`."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return [DecidedRow(*row) for row in await cursor.fetchall()]
