"""The pools: what readers may see, what is done again, what survives a killed server."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import Made, Rows
from serai.foundation.copying import TableBuffer, copy_table
from serai.foundation.database import Database, run_again
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.migrations import migrate
from serai.foundation.postgres_process import read_pid_file
from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError

AT = datetime(2026, 7, 1, tzinfo=UTC)


def half() -> float:
    return 0.5


def connect(dsn: str) -> Database:
    return Database(dsn, pool_size_count=2, statement_timeout_ms=20_000)


@pytest.fixture(scope="module")
def filled(database: str) -> str:
    """A database with two administrations of one party each, and a table to write in."""
    with psycopg.connect(database) as connection:
        for number in (1, 2):
            connection.execute(
                "INSERT INTO administration VALUES (%s, %s, 'Customs', 'UTC', true, %s)",
                [number, f"X{number}", AT],
            )
            connection.execute("INSERT INTO party VALUES (%s, %s, 'Shop', %s)", [100 + number, number, AT])
        connection.execute("CREATE TABLE counter (name text PRIMARY KEY, n int NOT NULL)")
        connection.execute("INSERT INTO counter VALUES ('a', 0), ('b', 0)")
    return database


@pytest.fixture
async def pools(filled: str) -> AsyncIterator[Database]:
    async with connect(filled) as pools:
        yield pools


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server of this module alone, to be killed."""
    home = Path(tempfile.mkdtemp(prefix="serai-db-"))
    home.chmod(0o755)
    server = EmbeddedPostgres(home / "postgres", settings={"shared_buffers": "32MB"})
    try:
        dsn = server.start()
        migrate(dsn, find_shipped("migrations"), at=AT)
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE answered (n int PRIMARY KEY)")
        yield server
    finally:
        server.stop()
        shutil.rmtree(home)


async def test_a_reader_sees_its_own_administration_only(pools: Database) -> None:
    async with pools.read(1) as connection:
        one = await (await connection.execute("SELECT party_id FROM party")).fetchall()
    async with pools.read(2) as connection:
        two = await (await connection.execute("SELECT party_id FROM party")).fetchall()

    assert (one, two) == ([(101,)], [(102,)])


async def test_without_an_administration_a_reader_sees_nothing_at_all(filled: str) -> None:
    async with await AsyncConnection.connect(filled) as connection:
        await connection.execute("SET ROLE serai_reader")

        with pytest.raises(psycopg.Error):
            await connection.execute("SELECT * FROM party")


async def test_the_chosen_administration_does_not_stay_on_the_connection(filled: str) -> None:
    async with Database(filled, pool_size_count=1, statement_timeout_ms=0) as pools:
        async with pools.read(1) as connection:
            await connection.execute("SELECT * FROM party")
        async with pools._readers.connection() as connection:
            with pytest.raises(psycopg.Error):
                await connection.execute("SELECT * FROM party")


@pytest.mark.parametrize(
    "statement", ["INSERT INTO counter VALUES ('c', 1)", "SELECT * FROM api_key", "SELECT * FROM account"]
)
async def test_a_reader_writes_nothing_and_reads_no_keys(pools: Database, statement: str) -> None:
    with pytest.raises(psycopg.Error, match=r"read-only|permission denied"):
        async with pools.read(1) as connection:
            await connection.execute(statement.encode())


async def test_who_stands_still_in_a_transaction_gives_back_what_he_holds(filled: str) -> None:
    """As a process does that was stopped in the middle of its work."""
    hung = Database(filled, pool_size_count=1, statement_timeout_ms=0, idle_timeout_ms=300)
    async with hung, connect(filled) as others:

        async def stand_still(connection: AsyncConnection) -> None:
            await connection.execute("UPDATE counter SET n = n + 1 WHERE name = 'a'")
            async with others.write() as neighbour:
                await neighbour.execute("UPDATE counter SET n = n WHERE name = 'a'")
            await connection.execute("SELECT 1")

        with pytest.raises(SeraiError, match="database-unreachable"):
            await hung.write_with_retries(stand_still, jitter=half, tries_count_max=1)

        async def again(connection: AsyncConnection) -> int:
            return (await connection.execute("UPDATE counter SET n = n WHERE name = 'a'")).rowcount

        assert await hung.write_with_retries(again, jitter=half) == 1, "it goes on with another connection"


async def test_what_another_holds_for_long_is_busy_and_not_waited_for(filled: str) -> None:
    async with (
        connect(filled) as holder,
        Database(filled, pool_size_count=1, statement_timeout_ms=0, lock_timeout_ms=100) as pools,
        holder.write() as connection,
    ):
        await connection.execute("UPDATE counter SET n = n WHERE name = 'b'")

        async def change(other: AsyncConnection) -> None:
            await other.execute("UPDATE counter SET n = n WHERE name = 'b'")

        with pytest.raises(SeraiError) as caught:
            await pools.write_with_retries(change, jitter=half)

    assert caught.value.code == "database-busy"


async def test_a_write_is_whole_or_not_at_all(pools: Database) -> None:
    async def write_half() -> None:
        async with pools.write() as connection:
            await connection.execute("INSERT INTO counter VALUES ('half', 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_half()

    async with pools.write() as connection:
        row = await (await connection.execute("SELECT 1 FROM counter WHERE name = 'half'")).fetchone()
    assert row is None


async def test_as_many_as_there_are_connections_may_each_write_aside(filled: str) -> None:
    async with Database(filled, pool_size_count=2, statement_timeout_ms=5_000) as pools:
        all_within = asyncio.Barrier(2)

        async def work() -> tuple[int, int]:
            async with pools.write() as outer:
                await all_within.wait()
                async with pools.write() as inner:
                    return outer.info.backend_pid, inner.info.backend_pid

        async with asyncio.timeout(10):
            found = await asyncio.gather(work(), work())
            # What comes afterwards is no longer within.
            async with pools.write(), pools.write():
                pass

    assert all(outer != inner for outer, inner in found)


async def test_a_statement_that_takes_too_long_is_ended(filled: str) -> None:
    async with Database(filled, pool_size_count=1, statement_timeout_ms=50) as pools:
        with pytest.raises(psycopg.errors.QueryCanceled):
            async with pools.write() as connection:
                await connection.execute("SELECT pg_sleep(10)")


@pytest.mark.in_turn
async def test_a_deadlock_is_done_again_unseen(pools: Database) -> None:
    tries: list[str] = []

    async def raise_counters(first: str, second: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            tries.append(first)
            await connection.execute("UPDATE counter SET n = n + 1 WHERE name = %s", [first])
            await asyncio.sleep(0.05)
            await connection.execute("UPDATE counter SET n = n + 1 WHERE name = %s", [second])

        await pools.write_with_retries(work, jitter=half)

    await asyncio.gather(raise_counters("a", "b"), raise_counters("b", "a"))

    async with pools.write() as connection:
        rows = await (await connection.execute("SELECT n FROM counter WHERE name IN ('a', 'b')")).fetchall()
    assert rows == [(2,), (2,)]
    assert len(tries) == 3, "one of the two gave way and came again"


async def test_a_session_that_is_ended_in_mid_work_is_done_again(
    pools: Database, server: EmbeddedPostgres
) -> None:
    tries: list[int] = []

    async def work(connection: AsyncConnection) -> int:
        tries.append(connection.info.backend_pid)
        await connection.execute("INSERT INTO counter VALUES ('again', 1)")
        if len(tries) == 1:
            with psycopg.connect(server.superuser_dsn()) as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s, 5000)", tries)
        row = await (await connection.execute("SELECT count(*) FROM counter WHERE name = 'again'")).fetchone()
        assert row is not None
        return int(row[0])

    assert await pools.write_with_retries(work, jitter=half) == 1
    assert len(set(tries)) == 2


async def test_other_errors_are_not_tried_again(pools: Database) -> None:
    tries: list[int] = []

    async def work(connection: AsyncConnection) -> None:
        tries.append(1)
        await connection.execute("INSERT INTO counter VALUES ('a', 0)")

    with pytest.raises(psycopg.errors.UniqueViolation):
        await pools.write_with_retries(work, jitter=half)
    assert len(tries) == 1


async def test_trying_again_is_bounded() -> None:
    tries: list[int] = []

    async def clash() -> None:
        tries.append(1)
        raise psycopg.errors.SerializationFailure

    async def lose() -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    async def fill() -> None:
        raise psycopg.errors.DiskFull

    with pytest.raises(SeraiError, match="database-busy"):
        await run_again(clash, jitter=half, tries_count_max=3)
    with pytest.raises(SeraiError, match="met others 2 times"):
        await run_again(clash, jitter=half, clashes_count_max=2)
    with pytest.raises(SeraiError, match="database-unreachable"):
        await run_again(lose, jitter=half, tries_count_max=2, clashes_count_max=1)
    with pytest.raises(SeraiError, match="disk-full"):
        await run_again(fill, jitter=half)
    assert len(tries) == 3 + 2


async def test_the_connection_string_is_never_told(caplog: pytest.LogCaptureFixture) -> None:
    dsn = "host=127.0.0.1 port=1 user=serai password=geheim dbname=serai"
    pools = Database(dsn, pool_size_count=1, statement_timeout_ms=0, connect_patience_ms=300)

    with pytest.raises(SeraiError) as caught:
        await pools.open()

    assert caught.value.code == "database-unreachable"
    assert "geheim" not in f"{caught.value}{caught.value.__cause__}{caplog.text}{pools!r}"


@pytest.mark.in_turn
async def test_a_killed_session_resets_the_server_and_work_goes_on(own_server: EmbeddedPostgres) -> None:
    async with connect(own_server.start()) as pools:
        pids: list[int] = []

        async def work(connection: AsyncConnection) -> None:
            pids.append(connection.info.backend_pid)
            await connection.execute("INSERT INTO answered VALUES (-1)")
            if len(pids) == 1:
                os.kill(pids[0], signal.SIGKILL)
            await connection.execute("SELECT 1")

        await pools.write_with_retries(work, jitter=half)
        async with pools.write() as connection:
            row = await (await connection.execute("SELECT count(*) FROM answered WHERE n = -1")).fetchone()

    assert row == (1,)
    assert len(pids) > 1


async def test_all_that_was_answered_is_there_after_the_server_was_killed(
    own_server: EmbeddedPostgres,
) -> None:
    answered: list[int] = []

    async with connect(own_server.start()) as pools:

        async def insert(number: int) -> None:
            async def work(connection: AsyncConnection) -> None:
                # Safe to repeat: the commit's answer may be what was lost.
                await connection.execute("INSERT INTO answered VALUES (%s) ON CONFLICT DO NOTHING", [number])

            await pools.write_with_retries(work, jitter=half)
            answered.append(number)

        async def insert_many(begin: int) -> None:
            for number in range(begin, begin + 150):
                await insert(number)

        load = asyncio.gather(insert_many(0), insert_many(1000))
        while len(answered) < 50:
            await asyncio.sleep(0.001)
        pid_file = read_pid_file(own_server._data)
        assert pid_file is not None
        os.kill(pid_file.process_id, signal.SIGKILL)
        await asyncio.to_thread(own_server.start)
        await load

        async with pools.write() as connection:
            rows = await (
                await connection.execute("SELECT n FROM answered WHERE n >= 0 ORDER BY n")
            ).fetchall()
    assert [row[0] for row in rows] == sorted(answered)
    assert len(answered) == 300


@pytest.mark.parametrize("rows_count", [0, 1, 3000], ids=["none", "one", "many"])
async def test_copying_keeps_every_value_of_every_type(pools: Database, rows_count: int) -> None:
    row = {
        "small": -1,
        "whole": 2**31 - 1,
        "big": 2**63 - 1,
        "flag": True,
        "words": "Zażółć 漢字 \t\\N\n",
        "nothing": None,
        "raw": b"\x00\xff",
        "day": date(2026, 7, 1),
        "moment": datetime(2026, 7, 1, 23, 59, 59, 999999, tzinfo=UTC),
        "scopes": ["a", "b"],
    }
    schema = pa.schema(
        [
            ("small", pa.int16()),
            ("whole", pa.int32()),
            ("big", pa.int64()),
            ("flag", pa.bool_()),
            ("words", pa.string()),
            ("nothing", pa.string()),
            ("raw", pa.binary()),
            ("day", pa.date32()),
            ("moment", pa.timestamp("us", "UTC")),
            ("scopes", pa.list_(pa.string())),
        ]
    )
    batch = rows_of(pa.RecordBatch.from_pylist([row] * rows_count, schema=schema))

    async with pools.write() as connection:
        await connection.execute(
            "CREATE TEMP TABLE copied (scopes text[], small smallint, whole int, big bigint, flag boolean, "
            "words text, nothing text, raw bytea, day date, moment timestamptz) ON COMMIT DROP"
        )
        assert await copy_table(connection, "copied", batch) == rows_count
        cursor = await connection.execute(
            "SELECT small, whole, big, flag, words, nothing, raw, day, moment, scopes FROM copied"
        )
        rows = await cursor.fetchall()

    assert rows == [tuple(row.values())] * rows_count


def rows_of(batch: pa.RecordBatch) -> Rows:
    return Rows({name: Made(batch.column(name)) for name in batch.schema.names})


_FIELDS = (
    ("small", pa.int16(), "smallint"),
    ("whole", pa.int32(), "int"),
    ("big", pa.int64(), "bigint"),
    ("flag", pa.bool_(), "boolean"),
    ("words", pa.string(), "text"),
    ("raw", pa.binary(), "bytea"),
    ("day", pa.date32(), "date"),
    ("moment", pa.timestamp("us", "UTC"), "timestamptz"),
)
_ROWS = [
    (1, 2, 3, True, 'Zażółć 漢字 \t\\N\n{},"NULL"', b"\x00\xff", date(2026, 7, 1), AT),
    (-1, -2, -3, False, "", b"", date(1999, 12, 31), datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    (-(2**15), -(2**31), -(2**63), False, "NULL", b"NULL", date(1, 1, 1), datetime(1, 1, 1, tzinfo=UTC)),
    (
        2**15 - 1,
        2**31 - 1,
        2**63 - 1,
        True,
        " ",
        b"\\x",
        date(9999, 12, 31),
        datetime(1969, 7, 20, tzinfo=UTC),
    ),
    (0, 0, 0, True, "0", b"\xff\xff\xff\xff", date(1970, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)),
]
_NOTHING = (None,) * len(_FIELDS)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(_ROWS, id="no nulls"),
        pytest.param([*_ROWS[:2], _NOTHING, *_ROWS[2:], _NOTHING], id="nulls between"),
        pytest.param([_NOTHING, _NOTHING], id="nothing but nulls"),
        pytest.param([], id="none"),
    ],
)
@pytest.mark.parametrize("times", [1, 1_500], ids=["one statement", "by copy"])
@pytest.mark.parametrize("is_made", [True, False], ids=["of Arrow", "of NumPy and Python"])
async def test_a_buffer_keeps_every_value_of_every_type(
    pools: Database, rows: list[tuple[object, ...]], times: int, is_made: bool
) -> None:
    """Whichever of its two ways it takes; of a slice of a batch, too, whose cells begin elsewhere."""
    schema = pa.schema([(name, kind) for name, kind, _ in _FIELDS])
    columns = [[row[place] for row in [_ROWS[0], *rows * times]] for place in range(len(_FIELDS))]
    arrays = [pa.array(column, kind) for column, (_, kind, _) in zip(columns, _FIELDS, strict=True)]
    batch = rows_of(pa.RecordBatch.from_arrays(arrays, schema=schema).slice(1))
    if not is_made:
        batch = Rows(
            {name: column.plain() for name, column in batch.columns.items() if isinstance(column, Made)}
        )
    declared = ", ".join(f"{name} {kind}" for name, _, kind in reversed(_FIELDS))
    buffer = TableBuffer()

    async with pools.write() as connection:
        for table in ("first", "second"):
            await connection.execute(f"CREATE TEMP TABLE {table} ({declared}) ON COMMIT DROP".encode())
            assert await copy_table(buffer, table, batch) == len(rows) * times
        await buffer.write(connection)
        names = ", ".join(name for name, _, _ in _FIELDS)
        for table in ("first", "second"):
            cursor = await connection.execute(f"SELECT {names} FROM {table}".encode())
            assert await cursor.fetchall() == rows * times
        await buffer.write(connection)
        cursor = await connection.execute("SELECT count(*) FROM first")
        assert await cursor.fetchone() == (len(rows) * times,), "what was written is forgotten"
