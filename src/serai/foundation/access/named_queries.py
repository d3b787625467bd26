"""Runs the named queries of a store, each into rows of a struct."""

from collections.abc import Mapping
from typing import TypeVar

from psycopg import AsyncConnection
from psycopg.rows import class_row

Row = TypeVar("Row")


class NamedQueries:
    """The queries of one store, by name."""

    def __init__(self, queries: Mapping[str, str]) -> None:
        self._queries = queries

    async def select_one(
        self, connection: AsyncConnection, query: str, parameters: Mapping[str, object], row: type[Row]
    ) -> Row | None:
        """Run a named query that finds at most one row."""
        async with connection.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(self._queries[query].encode(), parameters)
            return await cursor.fetchone()

    async def select_all(
        self, connection: AsyncConnection, query: str, parameters: Mapping[str, object], row: type[Row]
    ) -> list[Row]:
        """Run a named query; return all its rows."""
        async with connection.cursor(row_factory=class_row(row)) as cursor:
            await cursor.execute(self._queries[query].encode(), parameters)
            return await cursor.fetchall()

    async def execute(self, connection: AsyncConnection, query: str, parameters: Mapping[str, object]) -> int:
        """Run a named query; return how many rows it touched."""
        cursor = await connection.execute(self._queries[query].encode(), parameters)
        return cursor.rowcount
