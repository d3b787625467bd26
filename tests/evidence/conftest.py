"""A database with an administration, for the tests of the log."""

from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from serai.evidence.store import Connection


@pytest.fixture
def log_dsn(make_database: Callable[[], str]) -> str:
    """The connection string of a database of this test's own: a log only grows, so tests cannot share one."""
    dsn = make_database()
    with psycopg.connect(dsn) as connection:
        for number in (1, 2):
            connection.execute(
                "INSERT INTO administration VALUES (%s, %s, 'Invented', 'UTC', true, '2026-01-01T00:00:00Z')",
                [number, f"X{number}"],
            )
    return dsn


@pytest.fixture
async def connection(log_dsn: str) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(log_dsn) as connection:
        yield connection
