"""The event feed in tests: an event is shown once every earlier transaction of the server has ended, and
other tests, in databases of their own, have transactions too."""

import time
from typing import LiteralString

import psycopg

_PATIENCE_S = 20.0


def wait_until_shown(dsn: str) -> None:
    """Return when what was committed until now is shown to readers of the feed."""
    end = time.monotonic() + _PATIENCE_S
    with psycopg.connect(dsn, autocommit=True) as connection:
        edge = _number(connection, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        while _number(connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text") < edge:
            assert time.monotonic() < end, "an earlier transaction does not end"
            time.sleep(0.02)


def _number(connection: psycopg.Connection, query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
