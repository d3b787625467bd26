"""Rounds over all that is stored: one begins a day after the one before, and goes on where it ended."""

from datetime import timedelta
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.journey.scans import store
from serai.journey.scans.store import Scan
from serai.journey.services import Services

Connection = AsyncConnection[Any]

ROUND: Final = timedelta(days=1)


async def hold_round(services: Services, connection: Connection, kind: store.Kind) -> Scan | None:
    """Hold a round, another one where the last began a day ago; None: another process has it."""
    at, key = services.clock.now(), {"administration_id": services.administration_id}
    until_id = first_id_at(at)
    scan = await store.hold_scan(connection, kind, 0, until_id=until_id, at=at, **key)
    if scan is None or scan.finished_at is None:
        return scan
    await store.begin_again(connection, kind, until_id=until_id, before=at - ROUND, at=at, **key)
    return await store.hold_scan(connection, kind, 0, until_id=until_id, at=at, **key)


async def advance_round(
    services: Services,
    connection: Connection,
    scan: Scan,
    last_id: int | None,
    *,
    read_count: int,
    hit_count: int = 0,
) -> None:
    """Note how far a round has come. last_id: None: to its end. hit_count: what was found now."""
    is_last = last_id is None
    await store.advance_scan(
        connection,
        scan._replace(
            after_id=scan.until_id if last_id is None else last_id,
            finished_at=services.clock.now() if is_last else None,
        ),
        administration_id=services.administration_id,
        read_count=read_count,
        hit_count=hit_count,
    )
