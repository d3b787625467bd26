"""Sources of signed lists as they are stored."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
KEPT_BACK: Final = "list-kept-back"
WELL: Final = frozenset({"list-loaded", "list-unchanged", KEPT_BACK})
"""Outcomes after which nothing is wrong with what came."""
UNREACHABLE: Final = "list-unreachable"
"""Nothing came: an alarm only once the list in force is too old."""


class Source(NamedTuple):
    """Where a list comes from. name: under which it is put in force. public_key: Ed25519, 32 bytes.
    signed_at: of the newest list that was taken. outcome_code: how the last look went; None: there was none.
    seen_hash: SHA-256 of the signature that was looked at last."""

    source_id: int
    name: str
    address: str
    public_key: bytes
    age_hours_max: int
    registered_at: datetime
    checked_at: datetime | None
    signed_at: datetime | None
    outcome_code: str | None
    seen_hash: bytes | None

    def is_stale(self, at: datetime) -> bool:
        """Say whether the list in force is older than it may be."""
        return (self.signed_at or self.registered_at) + timedelta(hours=self.age_hours_max) < at

    @property
    def is_refused(self) -> bool:
        """Say whether what came last was refused."""
        return self.outcome_code is not None and self.outcome_code not in WELL | {UNREACHABLE}


async def insert_source(connection: Connection, source: Source, *, administration_id: int) -> bool:
    """Register a source; say whether it is new."""
    cursor = await connection.execute(
        QUERIES["insert_source"],
        source._asdict() | {"at": source.registered_at, "administration_id": administration_id},
    )
    return cursor.rowcount > 0


async def select_sources(connection: Connection, *, administration_id: int) -> list[Source]:
    """Return the sources that have not ended, by name."""
    cursor = await connection.execute(QUERIES["select_sources"], {"administration_id": administration_id})
    return [_source(row) for row in await cursor.fetchall()]


async def end_source(connection: Connection, source_id: int, *, at: datetime, administration_id: int) -> bool:
    """End a source; say whether there was one."""
    cursor = await connection.execute(
        QUERIES["end_source"], {"source_id": source_id, "at": at, "administration_id": administration_id}
    )
    return cursor.rowcount > 0


async def take_due(
    connection: Connection, *, before: datetime, at: datetime, administration_id: int
) -> Source | None:
    """Take the next source that was not asked since an instant, and note that it is asked now."""
    cursor = await connection.execute(
        QUERIES["take_due"], {"before": before, "at": at, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else _source(row)


async def note_outcome(
    connection: Connection,
    source_id: int,
    outcome_code: str,
    *,
    administration_id: int,
    signed_at: datetime | None = None,
    seen_hash: bytes | None = None,
) -> None:
    """Note how it went. signed_at: of a list that was taken; seen_hash: of a signature that needs no second
    look."""
    await connection.execute(
        QUERIES["note_outcome"],
        {
            "source_id": source_id,
            "outcome_code": outcome_code,
            "signed_at": signed_at,
            "seen_hash": seen_hash,
            "administration_id": administration_id,
        },
    )


def _source(row: Any) -> Source:
    source = Source(*row)
    seen = None if source.seen_hash is None else bytes(source.seen_hash)
    return source._replace(public_key=bytes(source.public_key), seen_hash=seen)
