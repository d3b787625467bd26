"""The table of tasks, which this room alone writes: opened, closed and moved in the transaction of what
makes it so."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.copying import Target, array_of, bigints, change
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))


async def open_tasks(target: Target, batch: Any, *, administration_id: int, at: datetime) -> None:
    """Open a task for each row, or say on the one that is open already what holds now.

    batch: a record batch with task_id, consignment_id (once each), party_id, transport_unit_id, value_minor,
    basis_id, kind, lane, currency_code and rules, as the table has them. The caller holds the cases' locks.
    """
    if batch.num_rows:
        columns = {name: array_of(batch.column(name)) for name in batch.schema.names}
        await change(
            target, QUERIES["open_tasks"], {"administration_id": administration_id, "at": at, **columns}
        )


async def close_tasks(
    target: Target, consignment_ids: Sequence[int], *, administration_id: int, at: datetime
) -> None:
    """Close what is open of consignments that need nobody any more; nothing open is harmless."""
    if consignment_ids:
        await change(
            target,
            QUERIES["close_tasks"],
            {"consignment_ids": bigints(consignment_ids), "administration_id": administration_id, "at": at},
        )


async def place_tasks(
    connection: AsyncConnection[Any],
    consignment_ids: Sequence[int],
    unit_ids: Sequence[int],
    *,
    administration_id: int,
) -> None:
    """Say of open tasks on which transport units their consignments lie now. unit_ids: one a consignment."""
    if consignment_ids:
        await connection.execute(
            QUERIES["place_tasks"],
            {
                "consignment_ids": bigints(consignment_ids),
                "unit_ids": bigints(unit_ids),
                "administration_id": administration_id,
            },
        )
