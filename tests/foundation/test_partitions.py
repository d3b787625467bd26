"""Partitions of tables cut by time: made ahead, once, and while others read and write."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.partitions import add_partitions, find_partitions_missing


@pytest.fixture
def fresh(make_database: object) -> str:
    return make_database()  # type: ignore[operator,no-any-return]


def newest_end(dsn: str) -> datetime:
    """Where the partitions of the tables end that take rows the shortest, for the next of them to begin."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT min(end_id) FROM partition_end").fetchone()
    assert row is not None
    return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row[0] >> 22)


async def make(dsn: str, at: datetime) -> list[str]:
    async with await AsyncConnection.connect(dsn) as connection:
        return await add_partitions(connection, at)


async def missing(dsn: str, at: datetime) -> list[str]:
    async with await AsyncConnection.connect(dsn) as connection:
        return [one.message for one in await find_partitions_missing(connection, at)]


async def test_what_the_next_months_need_is_made_once_and_no_more(fresh: str) -> None:
    at = newest_end(fresh) - timedelta(milliseconds=1)

    made = await make(fresh, at)
    again = await make(fresh, at)

    with psycopg.connect(fresh) as connection:
        names = {name for (name,) in connection.execute("SELECT table_name FROM partition_end")}
    assert {name.rpartition("_before_")[0] for name in made} == names
    assert {
        "declared_consignment",
        "landing",
        "earlier_decision",
        "event_batch",
        "vault_batch",
        "quote",
    } <= names
    assert len(made) == len(names)
    assert again == []


async def test_an_id_of_every_instant_has_a_place_and_no_two(fresh: str) -> None:
    begin = newest_end(fresh)
    for months in range(0, 24, 2):
        await make(fresh, begin + timedelta(days=30 * months))
    instants = [begin + timedelta(milliseconds=one) for one in (-1, 0, 1)]
    instants += [begin + timedelta(days=day) for day in range(0, 700, 13)]
    instants.append(datetime(2025, 1, 1, tzinfo=UTC))

    with psycopg.connect(fresh) as connection:
        for at in instants:
            connection.execute(
                "INSERT INTO event_batch (last_event_id, party_id, at, administration_id, kind, event_ids,"
                " case_ids, decision_ids, counts) VALUES (%s, 1, %s, 1, 1, '{}', '{}', '{}', '{}')",
                [first_id_at(at), at],
            )
        row = connection.execute("SELECT count(*) FROM event_batch").fetchone()
    assert row == (len(instants),)


async def test_two_processes_at_once_make_each_partition_once(fresh: str) -> None:
    at = newest_end(fresh)

    made = await asyncio.gather(*(make(fresh, at) for _ in range(6)))

    names = [name for one in made for name in one]
    assert names
    assert len(names) == len(set(names))


async def test_nobody_waits_while_they_are_made(fresh: str) -> None:
    at = newest_end(fresh)
    with psycopg.connect(fresh) as reader, psycopg.connect(fresh) as writer:
        reader.execute("SELECT count(*) FROM consignment")
        writer.execute("LOCK TABLE declared_consignment, event_batch, vault_batch IN ROW EXCLUSIVE MODE")

        made = await make(fresh, at)

    assert any(name.startswith("declared_consignment_before_") for name in made)


async def test_the_alarm_asks_for_all_of_next_month(fresh: str) -> None:
    end = newest_end(fresh)
    last_month_but_one = end - timedelta(days=40)

    assert await missing(fresh, last_month_but_one) == []
    assert len(await missing(fresh, end - timedelta(days=1))) >= 9
    await make(fresh, end - timedelta(days=1))
    assert await missing(fresh, end - timedelta(days=1)) == []


async def test_a_new_partition_has_the_indexes_and_the_storage_of_its_table(fresh: str) -> None:
    await make(fresh, newest_end(fresh))

    with psycopg.connect(fresh) as connection:
        rows = connection.execute(
            "SELECT inhparent::regclass::text, inhrelid,"
            " (SELECT count(*) FROM pg_index WHERE indrelid = inhparent),"
            " (SELECT count(*) FROM pg_index JOIN pg_inherits AS i ON i.inhrelid = indexrelid"
            "  WHERE indrelid = pg_inherits.inhrelid),"
            " (SELECT array_agg(attstorage::text ORDER BY attnum) FROM pg_attribute"
            "  WHERE attrelid = inhparent AND attnum > 0),"
            " (SELECT array_agg(attstorage::text ORDER BY attnum) FROM pg_attribute"
            "  WHERE attrelid = pg_inherits.inhrelid AND attnum > 0)"
            " FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r'"
        ).fetchall()

    assert len(rows) >= 18
    for name, _, indexes, own_indexes, storage, own_storage in rows:
        assert (own_indexes, own_storage) == (indexes, storage), name
