"""Recordals and their pictures in the store."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.journey.recordals.clocks import ExtensionAnswer
from serai.journey.screening.word_marks import MarkedRight

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]
COUNT_MAX = 1_000


class RecordalRow(msgspec.Struct, frozen=True):
    """A recordal as it is kept. party_name: of its holder. pictures_count: of genuine and of false goods."""

    recordal_id: int
    party_id: int
    party_name: str
    lodged_at: dt.datetime
    valid_to: dt.datetime
    granted_at: dt.datetime | None
    refused_at: dt.datetime | None
    ended_at: dt.datetime | None
    is_low: bool
    asks_small_consignments: bool
    reference: str
    kind_code: str
    right_number: str
    evidence_link: str | None
    contact_name: str
    contact_email: str
    refusal_reason_code: str | None
    marks: list[str]
    hs_prefixes: list[str]
    seller_ids: list[str]
    content_hash: bytes
    extension_asked_at: dt.datetime | None
    extension_to: dt.datetime | None
    extension_decided_at: dt.datetime | None
    extension_is_late: bool | None
    extension_answer: ExtensionAnswer | None
    extension_reason_code: str | None
    pictures_count: int

    def is_in_force(self, at: dt.datetime) -> bool:
        """Say whether customs acts on it."""
        return self.granted_at is not None and self.ended_at is None and at < self.valid_to


async def execute(connection: Connection, name: str, **values: Any) -> bool:
    """Run a statement; says whether it changed a row."""
    return (await connection.execute(QUERIES[name], values)).rowcount > 0


async def select_recordals(
    connection: Connection,
    *,
    administration_id: int,
    party_id: int | None = None,
    recordal_id: int | None = None,
    reference: str | None = None,
    limit: int = COUNT_MAX,
) -> list[RecordalRow]:
    """Return recordals, the newest first. party_id: of one holder; None: of everybody."""
    cursor = await connection.execute(
        QUERIES["select_recordals"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "recordal_id": recordal_id,
            "reference": reference,
            "limit": limit,
        },
    )
    return [RecordalRow(*row) for row in await cursor.fetchall()]


async def select_marks_in_force(
    connection: Connection, *, administration_id: int, at: dt.datetime
) -> list[MarkedRight]:
    """Return the rights whose word marks descriptions are searched for now."""
    cursor = await connection.execute(
        QUERIES["select_marks_in_force"], {"administration_id": administration_id, "at": at}
    )
    return [MarkedRight(format_id(row[0]), *row[1:]) for row in await cursor.fetchall()]


async def select_picture(
    connection: Connection, recordal_id: int, number: int, *, administration_id: int
) -> bytes | None:
    """Return a picture of a recordal: a JPEG; None: there is none."""
    cursor = await connection.execute(
        QUERIES["select_picture"],
        {"recordal_id": recordal_id, "number": number, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else bytes(row[0])
