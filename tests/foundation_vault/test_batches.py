"""A batch is few rows: what they cost, what they refuse, and one of its 5,000 people erased for good."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.vault import sealing
from serai.foundation.vault.epochs import Connection
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.layout import FORMAT, Directory, read_directory, write_directory
from serai.foundation.vault.reading import list_reads, open_people, select_records
from serai.foundation.vault.records import MessageCodec
from serai.foundation.vault.sealing import RetentionClass, seal_batch, without_people
from serai.foundation.vault.wrapping import Epoch
from tests.foundation_vault.conftest import writer
from tests.foundation_vault.people import AT, REACH, Vault, expected, message

COUNT = 5_000
BATCH = [(1_000_000 + 2 * number, 1_000_001 + 2 * number) for number in range(COUNT)]
ERASED = BATCH[1_234]


@pytest.fixture
def backup(vault: Vault, server: EmbeddedPostgres) -> Iterator[Any]:
    """Copies the whole database as it is, as a backup does; calling it returns the copy as a vault."""
    made: list[str] = []

    def copy() -> Vault:
        name = str(psycopg.conninfo.conninfo_to_dict(vault.dsn)["dbname"])
        made.append(f"{name}_copy_{len(made)}")
        execute(server, "CREATE DATABASE {} TEMPLATE {} OWNER serai", made[-1], name)
        dsn = psycopg.conninfo.make_conninfo(vault.dsn, dbname=made[-1])
        return Vault(dsn, vault.keyring, writer(dsn))

    yield copy
    for name in made:
        execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def execute(server: EmbeddedPostgres, statement: str, *names: str) -> None:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


async def test_one_of_5000_people_is_erased_and_a_database_of_before_opens_for_all_but_that_one(
    vault: Vault, backup: Any
) -> None:
    epoch = await vault.put(BATCH)
    before = backup()
    old_key = next(vault.keyring.folder.rglob("00001.key")).read_bytes()
    others = [record for record in BATCH if record != ERASED]

    await vault.erase(ERASED[0])

    for database in (vault, before):
        assert await database.names(BATCH) == expected(others)
        assert await database.messages([document for _, document in BATCH]) == {
            document: message(document) for _, document in BATCH
        }
    # What the old row and everything that is left of the keys would give away.
    assert not any(old_key in path.read_bytes() for path in vault.keyring.folder.rglob("*") if path.is_file())
    assert vault.keyring.find(1, epoch.epoch_id, 1) is None
    async with vault.write() as connection:
        assert await select_records(connection, ERASED[0], administration_id=1) == []
        assert await select_records(connection, others[0][0], administration_id=1) == [others[0]]


async def test_batch_is_one_row_and_a_bulk_read_one_line_of_the_ledger(vault: Vault) -> None:
    await vault.put(BATCH)
    await vault.names(BATCH)
    await vault.names([BATCH[7]])

    async with vault.write() as connection:
        cursor = await connection.execute(
            "SELECT (SELECT count(*) FROM vault_batch), count(*) FROM vault_read"
        )
        assert await cursor.fetchall() == [(1, 2)]
        ledger = [await list_reads(connection, person, administration_id=1) for person, _ in BATCH[:9]]
    assert [len(one) for one in ledger] == [1] * 7 + [2, 1]
    assert {(one.subject_id, one.record_id, one.purpose, one.actor, one.read_at) for one in ledger[7]} == {
        (*BATCH[7], "examination", "officer-7", AT)
    }


async def test_who_is_not_there_stands_in_the_ledger_too(vault: Vault) -> None:
    await vault.put(BATCH[:3])

    assert await vault.names([BATCH[0], BATCH[5]]) == expected(BATCH[:1])

    async with vault.write() as connection:
        assert len(await list_reads(connection, BATCH[5][0], administration_id=1)) == 1


async def test_reading_takes_three_statements_however_many_are_read(vault: Vault) -> None:
    await vault.put(BATCH[:500])
    await vault.put(BATCH[500:900])
    counts = []

    for some in (BATCH[:1], BATCH[:900]):
        write, statements = counting(vault)
        assert await open_people(write, vault.keyring, some, REACH)
        counts.append(len(statements))

    assert counts == [3, 3], "where they lie, who may not be read, and what was read"


async def test_one_is_read_without_fetching_the_rest_of_its_batch(vault: Vault) -> None:
    await vault.put(BATCH)
    write, statements = counting(vault)

    await open_people(write, vault.keyring, [BATCH[4_000]], REACH)

    async with vault.write() as connection:
        cursor = await connection.execute("SELECT octet_length(sealed) FROM vault_batch")
        row = await cursor.fetchone()
    fetched = sum(parameters["sizes"].sum() for parameters in statements if "sizes" in parameters)
    assert row is not None
    assert 0 < fetched * 100 < row[0]


@pytest.mark.parametrize("column", ["person_ids", "document_ids"])
async def test_names_exchanged_in_the_directory_are_refused(vault: Vault, column: str) -> None:
    await vault.put(BATCH[:10])
    async with vault.write() as connection:
        directory = read_directory(FORMAT, await only(connection, "directory"))
        swapped = getattr(directory, column).copy()
        swapped[[2, 3]] = swapped[[3, 2]]
        changed = replaced(directory, column, swapped)
        await connection.execute("UPDATE vault_batch SET directory = %s", [write_directory(changed)])

    with pytest.raises(VaultError, match="vault-row-changed"):
        await vault.names([(int(changed.person_ids[2]), int(changed.document_ids[2]))])


async def test_sealed_part_of_another_document_does_not_open(vault: Vault) -> None:
    await vault.put(BATCH[:10])
    async with vault.write() as connection:
        directory, content = (
            read_directory(FORMAT, await only(connection, "directory")),
            await only(connection, "sealed"),
        )
        first, second = directory.person_places(np.array([2, 3]))
        assert first.size == second.size
        parts = [content[one.begin : one.begin + one.size] for one in (second, first)]
        content = content[: first.begin] + b"".join(parts) + content[second.begin + second.size :]
        await connection.execute("UPDATE vault_batch SET sealed = %s", [content])

    for record in BATCH[2:4]:
        with pytest.raises(VaultError, match="vault-row-changed"):
            await vault.names([record])
    assert await vault.names(BATCH[4:10]) == expected(BATCH[4:10])


@pytest.mark.parametrize("size", [0, 7, 100])
async def test_directory_cut_short_is_refused(vault: Vault, size: int) -> None:
    await vault.put(BATCH[:10])
    async with vault.write() as connection:
        await connection.execute("UPDATE vault_batch SET directory = substr(directory, 1, %s)", [size])

    with pytest.raises(VaultError, match="vault-row-changed"):
        await vault.names(BATCH[:1])


async def test_unknown_format_is_refused_with_its_number(vault: Vault) -> None:
    await vault.put(BATCH[:3])
    async with vault.write() as connection:
        await connection.execute("UPDATE vault_batch SET format = 7")

    with pytest.raises(VaultError, match="has format 7") as caught:
        await vault.names(BATCH[:1])

    assert caught.value.code == "vault-format-unknown"


async def test_large_documents_become_several_rows(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROW_SIZE_BYTES_MAX", 1_000)
    await vault.put(BATCH[:300])

    async with vault.write() as connection:
        cursor = await connection.execute("SELECT count(*) FROM vault_batch")
        row = await cursor.fetchone()
    assert row is not None
    assert 5 < row[0] < 30
    assert await vault.names(BATCH[:300]) == expected(BATCH[:300])
    ids = [document for _, document in BATCH[:300]]
    assert await vault.messages(ids) == {one: message(one) for one in ids}


def test_document_larger_than_a_row_is_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROW_SIZE_BYTES_MAX", 10)
    unsealed = without_people([1, 2, 3], [b"x", b"y" * 50, b"z"])

    rows = seal_batch(unsealed, Epoch(1, 5, 1, bytes(32)), MessageCodec(), RetentionClass.EVENT)

    assert rows.record_batch()["batch_id"].to_pylist() == [1, 2, 3]


def counting(vault: Vault) -> tuple[Any, list[dict[str, Any]]]:
    """A writer whose connections note the parameters of their statements."""
    statements: list[dict[str, Any]] = []

    class Counting(psycopg.AsyncConnection[Any]):
        async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            noted = dict(params)
            if "sizes" in noted:
                # The array as it goes to the server: a length and a number of eight bytes for each.
                cells = np.frombuffer(
                    noted["sizes"].content[20:], dtype=[("length", ">i4"), ("value", ">i8")]
                )
                noted["sizes"] = cells["value"]
            statements.append(noted)
            return await super().execute(query, params, **options)

    @asynccontextmanager
    async def write() -> AsyncIterator[Connection]:
        async with (
            await Counting.connect(vault.dsn, autocommit=True) as connection,
            connection.transaction(),
        ):
            yield connection

    return write, statements


async def only(connection: Connection, column: str) -> bytes:
    cursor = await connection.execute(f"SELECT {column} FROM vault_batch", binary=True)
    row = await cursor.fetchone()
    assert row is not None
    content: bytes = row[0]
    return content


def replaced(directory: Directory, column: str, values: Any) -> Directory:
    columns = {name: getattr(directory, name) for name in directory.__slots__}
    return Directory(**columns | {column: values})
