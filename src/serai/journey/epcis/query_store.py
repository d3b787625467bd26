"""Queries that a party gave a name."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("query_store.sql"))

Connection = AsyncConnection[Any]


class QueryRow(msgspec.Struct, frozen=True):
    """A query with a name. query: its parameters, JSON."""

    name: str
    query: str
    created_at: dt.datetime


async def insert_query(
    connection: Connection, row: QueryRow, *, administration_id: int, party_id: int, most_count: int
) -> bool:
    """Keep a query; False: the party has one of this name, or so many as it may."""
    parameters = {
        **msgspec.structs.asdict(row),
        "administration_id": administration_id,
        "party_id": party_id,
        "most_count": most_count,
    }
    cursor = await connection.execute(QUERIES["insert_query"], parameters)
    return cursor.rowcount == 1


async def select_queries(
    connection: Connection, *, administration_id: int, party_id: int, after: str, limit: int
) -> list[QueryRow]:
    """Return a party's queries, by name."""
    parameters = {
        "administration_id": administration_id,
        "party_id": party_id,
        "after": after,
        "limit": limit,
    }
    cursor = await connection.execute(QUERIES["select_queries"], parameters)
    return [QueryRow(*row) for row in await cursor.fetchall()]


async def select_query(
    connection: Connection, name: str, *, administration_id: int, party_id: int
) -> QueryRow | None:
    """Return one of a party's queries."""
    parameters = {"administration_id": administration_id, "party_id": party_id, "name": name}
    cursor = await connection.execute(QUERIES["select_query"], parameters)
    row = await cursor.fetchone()
    return None if row is None else QueryRow(*row)


async def delete_query(connection: Connection, name: str, *, administration_id: int, party_id: int) -> bool:
    """Forget a query; False: there is none of this name."""
    parameters = {"administration_id": administration_id, "party_id": party_id, "name": name}
    cursor = await connection.execute(QUERIES["delete_query"], parameters)
    return cursor.rowcount == 1
