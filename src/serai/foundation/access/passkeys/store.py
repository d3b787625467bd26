"""Rows of passkeys."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))
Row = TypeVar("Row", bound=msgspec.Struct)


class ChallengeRow(msgspec.Struct, frozen=True):
    """What is to be signed, and until when."""

    challenge: bytes
    expires_at: datetime


class PasskeyRow(msgspec.Struct, frozen=True):
    """A passkey of an account. credential: id and public key; sign_count: as it told last."""

    passkey_id: int
    account_id: int
    credential: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


async def select_one(
    connection: AsyncConnection, query: str, parameters: Mapping[str, object], row: type[Row]
) -> Row | None:
    """Run a named query that finds at most one row."""
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(QUERIES[query].encode(), parameters)
        return await cursor.fetchone()


async def select_all(
    connection: AsyncConnection, query: str, parameters: Mapping[str, object], row: type[Row]
) -> list[Row]:
    """Run a named query; return all its rows."""
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(QUERIES[query].encode(), parameters)
        return await cursor.fetchall()


async def execute(connection: AsyncConnection, query: str, parameters: Mapping[str, object]) -> int:
    """Run a named query; return how many rows it touched."""
    cursor = await connection.execute(QUERIES[query].encode(), parameters)
    return cursor.rowcount
