"""The oldest open transaction: what readers follow is told up to there, so one that does not end holds back
everything."""

from datetime import datetime
from pathlib import Path

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


class Seen(msgspec.Struct, frozen=True):
    """An open transaction. server_process_id: 0 for one that was prepared. since: when it was first seen."""

    number: int
    server_process_id: int
    since: datetime


class OldestTransaction:
    """Remembers since when the oldest transaction has been seen: the server tells that to its superuser
    alone. seen: by the last look."""

    def __init__(self) -> None:
        self.seen: Seen | None = None

    async def look(self, connection: AsyncConnection, at: datetime) -> Seen | None:
        """Return the oldest open transaction; None when none is open that writes."""
        cursor = await connection.execute(_QUERIES["select_oldest"])
        row = await cursor.fetchone()
        if row is None:
            self.seen = None
        elif self.seen is None or self.seen.number != row[0]:
            self.seen = Seen(row[0], row[1] or 0, at)
        return self.seen
