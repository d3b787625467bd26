"""Rows of buyers' sessions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.binary_arrays import bigints, smallints
from serai.foundation.queries import load_queries
from serai.journey.matching.match_keys import Key

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class SessionRow(msgspec.Struct, frozen=True):
    """A buyer at a parcel. person_id, document_id: whose postcode it was. confirmed_at: since when a code has
    shown that it is that person; None: not yet."""

    session_id: int
    consignment_id: int
    person_id: int
    document_id: int
    opened_at: dt.datetime
    expires_at: dt.datetime
    confirmed_at: dt.datetime | None


async def select_cases_of_keys(
    connection: Connection, keys: Sequence[Key], *, administration_id: int
) -> list[int]:
    """Return the cases that hold some match keys, and those merged with them; some fifty at most."""
    cursor = await connection.execute(
        QUERIES["select_cases_of_keys"],
        {
            "kinds": smallints([kind for kind, _, _ in keys]),
            "key_hashes": bigints([key_hash for _, key_hash, _ in keys]),
            "check_hashes": bigints([check_hash for _, _, check_hash in keys]),
            "administration_id": administration_id,
        },
    )
    return [case_id for (case_id,) in await cursor.fetchall()]


async def select_session(
    connection: Connection, session_hash: bytes, at: dt.datetime, *, administration_id: int
) -> SessionRow | None:
    """Return an open session, or None."""
    async with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        await cursor.execute(
            QUERIES["select_buyer_session"].encode(),
            {"session_hash": session_hash, "at": at, "administration_id": administration_id},
        )
        return await cursor.fetchone()


async def execute(connection: Connection, query: str, parameters: Mapping[str, object]) -> int:
    """Run a named query; return how many rows it touched."""
    cursor = await connection.execute(QUERIES[query].encode(), parameters)
    return cursor.rowcount
