"""Rows of customs offices."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]


class OfficeRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an office is from a day on, until another row says otherwise. is_ended: it is none then."""

    office_row_id: int
    reference: str
    valid_from: date
    is_ended: bool
    name: str
    address: str
    hours: str
    contact: str
    country_codes: list[str]
    channel_codes: list[str]
    written_at: datetime


async def lock_offices(connection: Connection, administration_id: int) -> None:
    """Wait for whoever writes offices of the administration."""
    await connection.execute(QUERIES["lock_offices"].encode(), {"administration_id": administration_id})


async def insert_office(connection: Connection, administration_id: int, row: OfficeRow) -> None:
    """Add a row."""
    values = msgspec.structs.asdict(row) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_office"].encode(), values)


async def select_offices(connection: Connection, administration_id: int) -> list[OfficeRow]:
    """Return all rows, those of an office in the order of writing."""
    async with connection.cursor(row_factory=class_row(OfficeRow)) as cursor:
        await cursor.execute(QUERIES["select_offices"].encode(), {"administration_id": administration_id})
        return await cursor.fetchall()
