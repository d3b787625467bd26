"""What is old and what of it is kept, listed in tables of one transaction; then the partitions without the
rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.queries import load_queries
from serai.journey.matching import store as matching_store
from serai.model.columns import Int64s
from serai.model.frames import FINAL_STATUSES

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

VAULT: Final = "vault_batch"

_LOCKED_COUNT = 10_000


class CutTable(NamedTuple):
    """A table cut by time. kept_column: of it, whose values in kept_table say which rows are kept."""

    name: str
    kept_column: str
    kept_table: str


CASE_TABLES: Final = (
    CutTable("cumulative_allowance_draw", "consignment_id", "kept_consignment"),
    CutTable("declared_consignment", "case_id", "kept_case"),
    CutTable("earlier_decision", "case_id", "kept_case"),
    CutTable("landing", "consignment_id", "kept_consignment"),
    CutTable("loading_assessment", "case_id", "kept_case"),
    CutTable("supporting_document", "case_id", "kept_case"),
    CutTable(VAULT, "batch_id", "kept_batch"),
)
"""What goes with cases, in the order in which it is locked."""

QUOTES: Final = CutTable("quote", "quote_id", "kept_quote")
FEED: Final = CutTable("event_batch", "last_event_id", "kept_nothing")
VISIBILITY: Final = CutTable("epcis_event", "event_id", "kept_nothing")
"""Events, of the parties' feeds and of things: they go with their time alone."""


class Share(NamedTuple):
    """A partition of declarations: where it ends, how many it holds, how many of these are kept."""

    end_id: int
    row_count: int
    kept_count: int


class GoneCases(NamedTuple):
    """How much goes with cases, and the first of them (None: nothing goes)."""

    case_count: int
    consignment_count: int
    document_count: int
    kept_consignment_count: int
    first_case_id: int | None


async def begin(connection: Connection) -> bool:
    """Take the turn of the node, and make the lists; False: another process is at it."""
    cursor = await connection.execute(QUERIES["lock_retention"])
    if await cursor.fetchone() != (True,):
        return False
    await connection.execute(QUERIES["limit_waiting"])
    await connection.execute(QUERIES["take_time"])
    await connection.execute(QUERIES["make_lists"])
    return True


async def select_bound(connection: Connection, table: CutTable, before_id: int) -> int:
    """Return where the newest partition of a table ends that lies before an id; 0: there is none."""
    if not before_id:
        return 0
    (bound,) = await _row(connection, "select_bound", table_name=table.name, before_id=before_id)
    return int(bound)


async def lock_kept_cases(connection: Connection) -> None:
    """Let nobody change the cases that are kept until the transaction ends."""
    cursor = await connection.execute(QUERIES["select_kept_cases"], binary=True)
    case_ids = [one for (one,) in await cursor.fetchall()]
    for begin_at in range(0, len(case_ids), _LOCKED_COUNT):
        await matching_store.lock_cases(connection, case_ids[begin_at : begin_at + _LOCKED_COUNT])


async def close(connection: Connection, tables: Mapping[CutTable, int]) -> None:
    """Let nobody into the partitions before each table's id any more. Raises psycopg.errors.LockNotAvailable
    where others need them for too long."""
    for table, before_id in sorted(tables.items()):
        await connection.execute(
            QUERIES["close_partitions"], {"table_name": table.name, "before_id": before_id}
        )


async def list_cases(connection: Connection, before_id: int) -> None:
    """List the cases with anything before an id, and which of them are kept."""
    await connection.execute(QUERIES["empty_lists"])
    await connection.execute(QUERIES["fill_old_cases"], {"before_id": before_id})
    await connection.execute(QUERIES["fill_kept_cases"], _since(before_id))
    await connection.execute(QUERIES["learn_cases"])
    await connection.execute(QUERIES["fill_rest"], {"before_id": before_id})
    await connection.execute(QUERIES["learn_rest"])


async def select_shares(connection: Connection, before_id: int) -> list[Share]:
    """Return how much of each partition of declarations is kept, the oldest first."""
    cursor = await connection.execute(QUERIES["select_shares"], {"before_id": before_id})
    return [Share(*row) for row in await cursor.fetchall()]


async def count_gone(connection: Connection) -> GoneCases:
    """Count what the lists say."""
    return GoneCases(*await _row(connection, "count_gone"))


async def count_kept(connection: Connection, before_id: int) -> dict[str, int]:
    """Count the old cases that are kept, by ground: held, open, task, changed-since, with-another."""
    cursor = await connection.execute(QUERIES["count_kept"], _since(before_id))
    rows: list[tuple[str, int]] = await cursor.fetchall()
    return dict(rows)


async def select_kept_messages(connection: Connection, before_id: int) -> Int64s:
    """Return the ids of the messages that are kept, older than an id: of kept cases and of open disputes."""
    cursor = await connection.execute(QUERIES["select_kept_messages"], {"before_id": before_id}, binary=True)
    return np.array([one for (one,) in await cursor.fetchall()], dtype=np.int64)


async def list_kept_batches(connection: Connection, batch_ids: Sequence[int]) -> None:
    """List the rows of the vault that stay as they are."""
    await connection.execute(QUERIES["fill_kept_batches"], {"batch_ids": bigints(batch_ids)})


async def list_quotes(connection: Connection, before_id: int) -> int:
    """List the old quotes that are kept; returns how many are not."""
    await connection.execute(QUERIES["fill_kept_quotes"], _since(before_id))
    (count,) = await _row(connection, "count_quotes", before_id=before_id)
    return int(count)


async def count_events(
    connection: Connection, *, feed_before_id: int, visibility_before_id: int
) -> tuple[int, int]:
    """Count events of feeds and of things before ids."""
    feed, visibility = await _row(
        connection,
        "count_events",
        feed_before_id=feed_before_id,
        visibility_before_id=visibility_before_id,
    )
    return int(feed), int(visibility)


async def delete_beside(connection: Connection) -> bool:
    """Delete what stands beside the partitions of cases that go; False: one of them has become part of
    another meanwhile, so that the transaction must not commit."""
    cursor = await connection.execute(QUERIES["delete_beside"])
    survivors = {one for (one,) in await cursor.fetchall() if one is not None}
    (count,) = await _row(connection, "count_among_gone", case_ids=bigints(sorted(survivors)))
    return int(count) == len(survivors)


async def has_come_back(connection: Connection, since: datetime) -> bool:
    """Say whether something has happened to a case that goes. since: shortly before it began."""
    (count,) = await _row(connection, "count_come_back", since_id=first_id_at(since))
    return int(count) > 0


async def delete_visibility(connection: Connection, before_id: int) -> None:
    """Delete by what events of things before an id are found."""
    await connection.execute(QUERIES["delete_visibility"], {"before_id": before_id})


async def copy_kept(connection: Connection, table: CutTable, before_id: int) -> int:
    """Copy what is kept of a table's partitions before an id beside; returns the number of rows."""
    (count,) = await _row(
        connection,
        "copy_kept",
        table_name=table.name,
        before_id=before_id,
        kept_column=table.kept_column,
        kept_table=table.kept_table,
    )
    return int(count)


async def put_kept(connection: Connection, tables: Mapping[CutTable, int]) -> None:
    """Put what was copied in the place of the partitions before each table's id."""
    for table, before_id in sorted(tables.items()):
        await connection.execute(QUERIES["put_kept"], {"table_name": table.name, "before_id": before_id})


async def insert_run(
    connection: Connection, run_id: int, *, administration_id: int, at: datetime, content: str, salt: bytes
) -> None:
    """Record what went, with what opens its leaf in the log."""
    await connection.execute(
        QUERIES["insert_run"],
        {
            "run_id": run_id,
            "administration_id": administration_id,
            "at": at,
            "content": content,
            "salt": salt,
        },
    )


async def select_runs(connection: Connection, *, administration_id: int) -> list[tuple[Any, ...]]:
    """Return id, instant, content and salt of each record, oldest first."""
    cursor = await connection.execute(QUERIES["select_runs"], {"administration_id": administration_id})
    return await cursor.fetchall()


def _since(before_id: int) -> dict[str, Any]:
    return {
        "before_id": before_id,
        "before_at": read_instant(before_id),
        "final_statuses": list(FINAL_STATUSES),
    }


async def _row(connection: Connection, query: str, **parameters: Any) -> tuple[Any, ...]:
    cursor = await connection.execute(QUERIES[query], parameters)
    row = await cursor.fetchone()
    assert row is not None
    return tuple(row)
