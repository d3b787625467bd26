"""Partitions of the tables cut by time: made ahead, with an alarm when those of next month are missing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from psycopg import AsyncConnection

from serai.foundation.database import partition_missing
from serai.foundation.ids import first_id_at
from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))

MONTHS_AHEAD: Final = 2
"""A month more than the alarm asks for: making them may fail for a month before anybody need hurry."""


async def add_partitions(connection: AsyncConnection, at: datetime) -> list[str]:
    """Make the partitions that this month and the next two need; return the names of those made now.

    Under an advisory lock: nothing is done while another process is at it.
    """
    cursor = await connection.execute(_QUERIES["lock_partitions"])
    if await cursor.fetchone() != (True,):
        return []
    await connection.execute(_QUERIES["limit_waiting"])
    now = at.astimezone(UTC).replace(tzinfo=None)
    cursor = await connection.execute(
        _QUERIES["add_partitions"], {"at": now, "until": _month_after(now, MONTHS_AHEAD + 1)}
    )
    return [str(name) for (name,) in await cursor.fetchall()]


async def find_partitions_missing(connection: AsyncConnection, at: datetime) -> list[SeraiError]:
    """Return a `partition-missing` for each table that cannot take the rows of next month, up to its end."""
    last = _month_after(at.astimezone(UTC), 2) - timedelta(milliseconds=1)
    cursor = await connection.execute(_QUERIES["select_ending"], {"first_id": first_id_at(last)})
    return [partition_missing(name) for (name,) in await cursor.fetchall()]


def _month_after(at: datetime, count: int) -> datetime:
    """Return the first instant of the month that comes `count` months after that of `at`."""
    months = at.year * 12 + at.month - 1 + count
    return at.replace(
        year=months // 12, month=months % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
