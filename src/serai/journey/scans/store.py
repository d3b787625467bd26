"""How far scans have come, and what is in flight."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

# A page has some ten rows; fewer make a round longer, never shorter than it must be.
_ROWS_OF_PAGE = 8

Kind = Literal["list", "law", "mark", "count", "recall", "recall-released", "record", "act", "posting"]
"""What a scan is for: lists of a generation, its law, its word marks, counting what a recall
would find, looking for it, looking among what was released, holding decisions, acts and postings against the
log."""
Among = Literal["all", "without-law", "released"]
"""Which consignments a scan looks at: all in flight, those of them for which no law was loaded, or what was
released."""
_AMONG: Final[dict[Among, str]] = {
    "all": "select_in_flight",
    "without-law": "select_without_law",
    "released": "select_released",
}


class Scan(NamedTuple):
    """A scan under way. subject_id: a generation, or a recall. after_id: the last consignment looked at.
    until_id: the first it leaves out."""

    kind: Kind
    subject_id: int
    after_id: int
    until_id: int
    finished_at: dt.datetime | None


class InFlight(NamedTuple):
    """A consignment that is neither released nor withdrawn, with what the vault holds apart of it."""

    consignment_id: int
    document_id: int
    person_roles: int
    first_person_id: int
    consignee_country_code: str


async def hold_scan(
    connection: Connection,
    kind: Kind,
    subject_id: int,
    *,
    administration_id: int,
    until_id: int,
    at: dt.datetime,
    after_id: int = 0,
) -> Scan | None:
    """Hold a scan until commit, begun if it is not there; None: another process has it.

    after_id, until_id: of one that begins now.
    """
    own = {"administration_id": administration_id, "kind": kind, "subject_id": subject_id}
    await connection.execute(
        QUERIES["open_scan"], own | {"after_id": after_id, "until_id": until_id, "at": at}
    )
    cursor = await connection.execute(QUERIES["select_scan"], own)
    row = await cursor.fetchone()
    return None if row is None else Scan(kind, subject_id, *row)


async def select_scanned_before(
    connection: Connection, kind: Kind, generation_id: int, *, administration_id: int
) -> int | None:
    """Return the newest generation before one for which a scan of a kind has ended; None: there was none."""
    cursor = await connection.execute(
        QUERIES["select_scanned_before"],
        {"administration_id": administration_id, "kind": kind, "generation_id": generation_id},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def count_found(connection: Connection, kind: Kind, *, administration_id: int) -> int:
    """Return how much a round has found so far."""
    cursor = await connection.execute(
        QUERIES["count_found"], {"administration_id": administration_id, "kind": kind}
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def advance_scan(
    connection: Connection,
    scan: Scan,
    *,
    administration_id: int,
    read_count: int,
    hit_count: int,
) -> None:
    """Note how far a scan has come: what `scan` says, and how much was looked at and found since."""
    await connection.execute(
        QUERIES["advance_scan"],
        scan._asdict()
        | {"administration_id": administration_id, "read_count": read_count, "hit_count": hit_count},
    )


async def begin_again(
    connection: Connection,
    kind: Kind,
    *,
    administration_id: int,
    until_id: int,
    before: dt.datetime,
    at: dt.datetime,
) -> None:
    """Begin another round of a scan that goes round and round, if the last has ended and began before an
    instant."""
    await connection.execute(
        QUERIES["begin_again"],
        {
            "administration_id": administration_id,
            "kind": kind,
            "until_id": until_id,
            "before": before,
            "at": at,
        },
    )


async def measure_decided(connection: Connection) -> tuple[int, int]:
    """Return about how many consignments are stored, and on how many pages."""
    cursor = await connection.execute(QUERIES["measure_decided"])
    row = await cursor.fetchone()
    assert row is not None
    return max(int(row[0]), int(row[1]) * _ROWS_OF_PAGE), int(row[1])


async def select_at_random(
    connection: Connection, count: int, pages_count: int, *, administration_id: int
) -> list[int]:
    """Return so many consignments, at most, of pages drawn at random. pages_count: of `measure_decided`."""
    percent = min(100.0, 100.0 * max(1, 2 * count // _ROWS_OF_PAGE) / max(1, pages_count))
    cursor = await connection.execute(
        QUERIES["select_at_random"],
        {"pages_percent": percent, "administration_id": administration_id, "limit": count},
    )
    return [int(consignment_id) for (consignment_id,) in await cursor.fetchall()]


async def select_in_flight(
    connection: Connection, scan: Scan, among: Among, *, administration_id: int, limit: int
) -> list[InFlight]:
    """Return the next consignments in flight that a scan has to look at."""
    cursor = await connection.execute(
        QUERIES[_AMONG[among]],
        {
            "administration_id": administration_id,
            "after_id": scan.after_id,
            "until_id": scan.until_id,
            "limit": limit,
        },
        binary=True,
    )
    return [InFlight(*row) for row in await cursor.fetchall()]


async def select_some_in_flight(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[InFlight]:
    """Return those of some consignments that are in flight."""
    cursor = await connection.execute(
        QUERIES["select_some_in_flight"],
        {"ids": bigints(consignment_ids), "administration_id": administration_id},
        binary=True,
    )
    return [InFlight(*row) for row in await cursor.fetchall()]


async def select_details(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[tuple[int, int, bytes]]:
    """Return of consignments id, document and what was decided of them, packed."""
    cursor = await connection.execute(
        QUERIES["select_details"],
        {"ids": bigints(consignment_ids), "administration_id": administration_id},
        binary=True,
    )
    return [
        (consignment_id, document_id, detail)
        for consignment_id, document_id, detail in await cursor.fetchall()
    ]
