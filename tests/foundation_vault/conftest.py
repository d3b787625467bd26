"""A vault of its own for each test: an empty database, a key folder, a small set of invented people in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from serai.foundation.vault.epochs import Connection
from serai.foundation.vault.keyring import Keyring
from tests.foundation_vault.people import Vault


@pytest.fixture
def vault(database: str, tmp_path: Path) -> Vault:
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE administration, vault_batch, vault_read CASCADE")
        for number in (1, 2):
            connection.execute(
                "INSERT INTO administration VALUES (%s, %s, 'Invented', 'UTC', true, '2026-01-01T00:00:00Z')",
                [number, f"X{number}"],
            )
    return Vault(database, Keyring(tmp_path / "vault"), writer(database))


def writer(dsn: str) -> Callable[[], AbstractAsyncContextManager[Connection]]:
    @asynccontextmanager
    async def write() -> AsyncIterator[Connection]:
        async with (
            await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection,
            connection.transaction(),
        ):
            yield connection

    return write
