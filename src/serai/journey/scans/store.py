"""How far scans have come, and what is in flight."""

import datetime as dt
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.frames import RELEASED, WITHDRAWN

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Scan(NamedTuple):
    """A scan under way. after_id: the last consignment looked at. until_id: the first it leaves out."""

    after_id: int
    until_id: int
    finished_at: dt.datetime | None


class InFlight(NamedTuple):
    """A consignment that is neither released nor withdrawn, with what the vault holds apart of it."""

    consignment_id: int
    document_id: int
    person_roles: int
    first_person_id: int


async def hold_scan(
    connection: Connection, generation_id: int, *, administration_id: int, until_id: int, at: dt.datetime
) -> Scan | None:
    """Hold the scan for a generation until commit, begun if it is not there; None: another process has it.

    until_id: of one that begins now.
    """
    own = {"administration_id": administration_id, "generation_id": generation_id}
    await connection.execute(QUERIES["open_scan"], own | {"until_id": until_id, "at": at})
    cursor = await connection.execute(QUERIES["select_scan"], own)
    row = await cursor.fetchone()
    return None if row is None else Scan(*row)


async def select_scanned_before(
    connection: Connection, generation_id: int, *, administration_id: int
) -> int | None:
    """Return the newest generation before one for which a scan has ended; None: there was none."""
    cursor = await connection.execute(
        QUERIES["select_scanned_before"],
        {"administration_id": administration_id, "generation_id": generation_id},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def advance_scan(
    connection: Connection,
    generation_id: int,
    *,
    administration_id: int,
    after_id: int,
    read_count: int,
    listed_count: int,
    finished_at: dt.datetime | None,
) -> None:
    """Note how far a scan has come."""
    await connection.execute(
        QUERIES["advance_scan"],
        {
            "administration_id": administration_id,
            "generation_id": generation_id,
            "after_id": after_id,
            "read_count": read_count,
            "listed_count": listed_count,
            "finished_at": finished_at,
        },
    )


async def select_in_flight(
    connection: Connection, scan: Scan, *, administration_id: int, limit: int
) -> list[InFlight]:
    """Return the next consignments in flight that a scan has to look at."""
    cursor = await connection.execute(
        QUERIES["select_in_flight"],
        {
            "administration_id": administration_id,
            "after_id": scan.after_id,
            "until_id": scan.until_id,
            "limit": limit,
            "released": RELEASED,
            "withdrawn": WITHDRAWN,
        },
        binary=True,
    )
    return [InFlight(*row) for row in await cursor.fetchall()]
