"""What is kept of a bulk act: whose it is, its cases and which of them were opened; none of its words."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]


class BulkRow(NamedTuple):
    """A bulk act. content_hash: of what was said when its sample was drawn. confirmed_at: None: not yet."""

    bulk_id: int
    acting_user: str
    drawn_at: datetime
    expires_at: datetime
    content_hash: bytes
    confirmed_at: datetime | None


class BulkCase(NamedTuple):
    """A case of a bulk act, by its place in it."""

    place: int
    case_id: int
    consignment_id: int
    is_sample: bool
    opened_at: datetime | None


async def insert_bulk_act(
    connection: Connection, values: dict[str, Any], cases: Sequence[tuple[int, int]], sample: Sequence[int]
) -> bool:
    """Keep a bulk act with its cases (case and consignment of each); say whether its reference is new.
    values: of its columns. sample: places from 1."""
    given = {**values, "case_count": len(cases)}
    if await (await connection.execute(QUERIES["insert_bulk_act"], given)).fetchone() is None:
        return False
    await connection.execute(
        QUERIES["insert_bulk_cases"],
        {
            "bulk_id": values["bulk_id"],
            "administration_id": values["administration_id"],
            "case_ids": bigints([case_id for case_id, _ in cases]),
            "consignment_ids": bigints([consignment_id for _, consignment_id in cases]),
            "sample": list(sample),
        },
    )
    return True


async def select_bulk_act(
    connection: Connection,
    *,
    party_id: int,
    administration_id: int,
    bulk_id: int | None = None,
    reference: str | None = None,
) -> BulkRow | None:
    """Return a party's bulk act by its number or its reference; None: it has none such."""
    query = "select_bulk_act" if reference is None else "select_bulk_act_by_reference"
    values: dict[str, Any] = {"party_id": party_id, "administration_id": administration_id}
    values |= {"bulk_id": bulk_id} if reference is None else {"reference": reference}
    row = await (await connection.execute(QUERIES[query], values)).fetchone()
    return None if row is None else BulkRow(*row)


async def select_bulk_cases(
    connection: Connection, bulk_id: int, *, administration_id: int
) -> list[BulkCase]:
    """Return the cases of a bulk act in their order."""
    values = {"bulk_id": bulk_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_bulk_cases"], values)
    return [BulkCase(*row) for row in await cursor.fetchall()]


async def open_sample(
    connection: Connection, bulk_id: int, case_id: int, *, administration_id: int, at: datetime
) -> bool:
    """Note that a case of the sample was opened; say whether it is one."""
    values = {"bulk_id": bulk_id, "case_id": case_id, "administration_id": administration_id, "at": at}
    return await (await connection.execute(QUERIES["open_sample"], values)).fetchone() is not None


async def confirm_bulk_act(
    connection: Connection, bulk_id: int, *, administration_id: int, at: datetime
) -> None:
    """Note that a bulk act was confirmed."""
    values = {"bulk_id": bulk_id, "administration_id": administration_id, "at": at}
    await connection.execute(QUERIES["confirm_bulk_act"], values)
