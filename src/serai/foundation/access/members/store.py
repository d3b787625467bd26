"""Rows of persons of parties and of the links that are sent to them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))
Row = TypeVar("Row", bound=msgspec.Struct)
LinkKind = Literal["registration", "invitation", "password"]


class LinkRow(msgspec.Struct, frozen=True):
    """A link that was sent and is still good. sealed: to whom, and what was said with it."""

    link_id: int
    kind: LinkKind
    party_id: int | None
    account_id: int | None
    sealed: bytes
    created_at: datetime
    expires_at: datetime


class MemberRow(msgspec.Struct, frozen=True):
    """A person of a party. sign_in_name: the e-mail address."""

    account_id: int
    sign_in_name: str
    member_role: str
    created_at: datetime


class OrganisationRow(msgspec.Struct, frozen=True):
    """A party as its own people see it. waits: whether it asked to be admitted and nobody has decided."""

    party_id: int
    name: str
    country_code: str | None
    roles: list[str]
    waits: bool


class CountRow(msgspec.Struct, frozen=True):
    """How many there are."""

    count: int


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
