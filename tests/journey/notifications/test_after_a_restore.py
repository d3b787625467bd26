"""Nobody who follows misses anything when the database is restored into a cluster that counts from below."""

import datetime as dt
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from serai.foundation.clock import FixedClock
from serai.foundation.database import Database, begin_era
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_binaries import choose_server_user, find_binaries
from serai.journey.cases import lists
from serai.journey.consignments.store import BEFORE_ALL, Place, select_events
from serai.journey.notifications import store
from tests.feed import wait_until_shown

AT = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
PARTY = 77
BURN = "DO $$ BEGIN FOR i IN 1..4000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


@pytest.fixture(scope="module")
def other_server() -> Iterator[EmbeddedPostgres]:
    """A server whose cluster has just been made: its numbers of transactions are low."""
    with tempfile.TemporaryDirectory(prefix="serai-era-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", settings={"fsync": "off"})
        server.start()
        try:
            yield server
        finally:
            server.stop()


@asynccontextmanager
async def opened(dsn: str, at: dt.datetime = AT) -> AsyncIterator[Database]:
    async with Database(
        dsn, pool_size_count=1, statement_timeout_ms=60_000, clock=FixedClock(at)
    ) as database:
        yield database


async def add_event(dsn: str, number: int, at: dt.datetime = AT) -> None:
    """As a process does it that has just connected."""
    async with opened(dsn, at) as database, database.write() as connection:
        await connection.execute(
            "INSERT INTO event_batch (last_event_id, administration_id, party_id, kind, at, event_ids,"
            " case_ids, decision_ids, counts) VALUES (%s, 1, %s, 0, %s, ARRAY[%s], '{5}', '{0}', '{1}')",
            [number, PARTY, AT, number],
        )
    wait_until_shown(dsn)


async def told_after(dsn: str, place: Place) -> tuple[list[int], str]:
    """The events after a place, and the cursor after them."""
    async with opened(dsn) as database, database.read(1) as connection:
        rows = await select_events(connection, party_id=PARTY, administration_id=1, after=place, limit=100)
    return [row.event_id for row in rows], lists.write_place(rows[-1].place if rows else place)


async def claim(dsn: str) -> list[int]:
    """The webhooks that have something to tell."""
    async with opened(dsn) as database, database.write() as connection:
        rows = await store.claim_webhooks(
            connection,
            administration_id=1,
            at=AT,
            until=AT + dt.timedelta(minutes=1),
            holder=1,
            limit=8,
            of_party=2,
            busy={},
        )
    return [row.webhook_id for row in rows]


def run(program: str, server: EmbeddedPostgres, *words: str) -> None:
    folder = Path(str(psycopg.conninfo.conninfo_to_dict(server.superuser_dsn())["host"])).parent
    binaries = find_binaries(folder / "binaries", choose_server_user(folder))
    done = subprocess.run([str(binaries / program), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def restore(server: EmbeddedPostgres, other: EmbeddedPostgres, name: str, dump: Path) -> str:
    """Restore a dump into a database of another server, as the how-to says."""
    with psycopg.connect(other.superuser_dsn(), autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE DATABASE {} OWNER serai").format(psycopg.sql.Identifier(name))
        )
    target = psycopg.conninfo.make_conninfo(other.superuser_dsn(), dbname=name)
    run("pg_restore", server, "--exit-on-error", "--dbname", target, str(dump))
    return psycopg.conninfo.make_conninfo(target, user="serai")


@pytest.fixture
def dsn(make_database: Callable[[], str]) -> str:
    dsn = make_database()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(BURN)
        connection.execute("INSERT INTO administration VALUES (1, 'TEST', 'Test', 'UTC', true, %s)", [AT])
        connection.execute(
            "INSERT INTO party (party_id, administration_id, name, created_at) VALUES (%s, 1, 'Shop', %s)",
            [PARTY, AT],
        )
        connection.execute(
            "INSERT INTO webhook (webhook_id, administration_id, party_id, reference, url, kinds, secret,"
            " made_by, made_at, state, state_reason, state_since, after_era, after_tx, after_event_id, run,"
            " tries_count, next_try_at, tried_at, leased_until, holder)"
            " VALUES (9, 1, %(party)s, 'one', 'https://x.example',"
            " '{}', '', '', %(at)s, 'active', '', %(at)s, present_era(), pg_current_xact_id(), 0, 0, 0,"
            " %(at)s, %(at)s, %(at)s, 0)",
            {"party": PARTY, "at": AT},
        )
    return dsn


@pytest.mark.in_turn
async def test_who_follows_is_told_all_that_comes_after_dump_and_restore_into_a_new_cluster(
    dsn: str, server: EmbeddedPostgres, other_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    await add_event(dsn, 1)
    _, kept = await told_after(dsn, BEFORE_ALL)
    dump = tmp_path / "dump"
    run("pg_dump", server, "-Fc", "-f", str(dump), psycopg.conninfo.make_conninfo(dsn, user="postgres"))
    await add_event(dsn, 2)
    _, kept_later = await told_after(dsn, BEFORE_ALL)

    restored = restore(server, other_server, f"era_{os.getpid()}", dump)
    await add_event(restored, 3)

    assert (await told_after(restored, lists.read_place(kept)))[0] == [3]
    assert (await told_after(restored, lists.read_place(kept_later)))[0] == [3], "of what the dump never had"
    assert (await told_after(restored, BEFORE_ALL))[0] == [1, 3]
    assert await claim(restored) == [9]


@pytest.mark.in_turn
async def test_two_restores_of_one_dump_do_not_share_their_places(
    dsn: str, server: EmbeddedPostgres, other_server: EmbeddedPostgres, tmp_path: Path
) -> None:
    dump = tmp_path / "dump"
    run("pg_dump", server, "-Fc", "-f", str(dump), psycopg.conninfo.make_conninfo(dsn, user="postgres"))
    first = restore(server, server, f"test_{os.getpid()}_era", dump)
    await add_event(first, 1)
    _, kept = await told_after(first, BEFORE_ALL)

    # It counts from below, like the first one in its cluster.
    second = restore(server, other_server, f"era_{os.getpid()}_again", dump)
    await add_event(second, 2, AT + dt.timedelta(hours=1))

    assert (await told_after(second, lists.read_place(kept)))[0] == [2]


async def test_cluster_put_back_to_an_earlier_time_begins_an_era_and_so_does_an_operator(dsn: str) -> None:
    async def read_era() -> int:
        async with opened(dsn) as database, database.read(1) as connection:
            cursor = await connection.execute("SELECT present_era()")
            return int((await cursor.fetchone() or (0,))[0])

    async with opened(dsn) as database, database.write() as connection:
        await connection.execute("UPDATE database_era SET history = 'another'")
    put_back = await read_era()
    again = await read_era()
    async with opened(dsn) as database, database.write() as connection:
        await begin_era(connection, AT)

    assert put_back == again >= int(AT.timestamp())
    assert await read_era() == put_back + 1
