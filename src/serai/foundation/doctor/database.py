"""What the database shows: version, settings, clock, shape, archive, who waits for whom, what is slow."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.database import connections_count
from serai.foundation.doctor.remark import Remark, blame, warn, well
from serai.foundation.migrations import read_migrations, require_known_shape
from serai.foundation.partitions import find_partitions_missing
from serai.foundation.queries import load_queries
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
_VERSION_MIN: Final = 160_000
_DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")
_TELLING: Final = {
    # What a server's log may hold of statements and rows, and with them of people.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
_COUNTS: Final = ("server_version_num", "server_version", "max_connections", "archive_mode")
_CLOCK_APART_S: Final = 2.0
_WAITING_S: Final = 5.0
_OPEN_S: Final = 60


class SlowStatement(msgspec.Struct, frozen=True):
    """A statement by what it cost in all. words: its first hundred letters, constants left out."""

    number: str
    calls_count: int
    mean_ms: float
    total_ms: float
    rows_count: int
    words: str


async def look_at_database(
    connection: AsyncConnection, settings: Settings, migrations: Path, at: datetime
) -> AsyncIterator[Remark]:
    """Look at the server and at the shape of the database. at: now, by this machine's clock."""
    names = [*_DURABLE, *_TELLING, *_COUNTS]
    cursor = await connection.execute(_QUERIES["select_settings"], {"names": names})
    found = {name: str(value) for name, value in await cursor.fetchall()}
    for remark in _look_at_server(found, settings):
        yield remark
    cursor = await connection.execute(_QUERIES["select_clock"])
    row = await cursor.fetchone()
    assert row is not None, "the database we are connected to exists"
    theirs, is_standby, encoding = row
    yield _look_at_clock((theirs - at).total_seconds(), encoding, is_standby=is_standby)
    try:
        shape = await _look_at_shape(connection, migrations, at)
    except SeraiError as fault:
        shape = blame("migrations", fault.code, fault.message, fault.next_step)
    yield shape
    if found["archive_mode"] != "off":
        yield await _look_at_archiver(connection)
    async for remark in _look_at_waits(connection, theirs):
        yield remark


async def slow_statements(connection: AsyncConnection) -> list[SlowStatement]:
    """List the ten that took most time in all; none where pg_stat_statements is not there."""
    cursor = await connection.execute(_QUERIES["select_has_statements"])
    if await cursor.fetchone() != (1,):
        return []
    cursor = await connection.execute(_QUERIES["select_slow_statements"])
    return [SlowStatement(*row) for row in await cursor.fetchall()]


def _look_at_server(found: dict[str, str], settings: Settings) -> list[Remark]:
    remarks = []
    if int(found["server_version_num"]) < _VERSION_MIN:
        remarks.append(
            blame(
                "PostgreSQL",
                "postgresql-old",
                f"The server is PostgreSQL {found['server_version']}; Serai needs 16 or later.",
                "Move the database to a newer one.",
            )
        )
    else:
        remarks.append(well("PostgreSQL", found["server_version"]))
    undurable = [name for name in _DURABLE if found[name] == "off"]
    if undurable:
        remarks.append(
            blame(
                "durability",
                "database-not-durable",
                f"Of {', '.join(undurable)} a power cut takes what was answered.",
                "Set them to on, and start the server anew.",
            )
        )
    telling = [f"{name} = {value}" for name, value in _TELLING.items() if found[name] != value]
    if telling:
        remarks.append(
            warn(
                "server log",
                "database-log-tells",
                f"Statements and rows, with people, come into the server's log: {', '.join(telling)}.",
                f"Set {', '.join(f'{name} = {value}' for name, value in _TELLING.items())}, and reload.",
            )
        )
    # Each process: writing and reading each, two for its pages, and some for commands beside.
    needed = settings.server.workers_count * (connections_count(settings.database.pool_size_count) + 2) + 10
    if int(found["max_connections"]) < needed:
        remarks.append(
            warn(
                "connections",
                "connections-too-few",
                f"The server takes {found['max_connections']} connections; this node may need {needed}.",
                "Raise max_connections, or lower server.workers_count or database.pool_size_count.",
            )
        )
    return remarks


def _look_at_clock(apart_s: float, encoding: str, *, is_standby: bool) -> Remark:
    if is_standby:
        return blame(
            "database",
            "database-read-only",
            "This server is a standby, and takes nothing.",
            "Point database.dsn to the primary, or promote this one.",
        )
    if encoding != "UTF8":
        return blame(
            "database",
            "database-encoding",
            f"The database is in {encoding}.",
            "Make it with ENCODING 'UTF8' TEMPLATE template0.",
        )
    if abs(apart_s) > _CLOCK_APART_S:
        return warn(
            "clock",
            "clock-differs",
            f"This machine's clock and the database's are {abs(apart_s):.1f} s apart.",
            "Let both follow the same time servers.",
        )
    return well("clock", f"{abs(apart_s):.1f} s from the database's")


async def _look_at_shape(connection: AsyncConnection, folder: Path, at: datetime) -> Remark:
    """Look at what is applied and made ahead. Raises what ends a start: SeraiError `database-newer`."""
    cursor = await connection.execute(_QUERIES["select_is_migrated"])
    if await cursor.fetchone() != (True,):
        return blame(
            "migrations", "migrations-missing", "The database is empty.", "Type `serai migrate --phase pre`."
        )
    await require_known_shape(connection, folder)
    cursor = await connection.execute(_QUERIES["select_migrations"])
    applied = {number for number, _ in await cursor.fetchall()}
    known = read_migrations(folder)
    missing = [one for one in known if one.number not in applied]
    newer = sorted(applied - {one.number for one in known})
    if any(one.phase == "pre" for one in missing):
        return blame(
            "migrations",
            "migrations-missing",
            f"The database lacks {', '.join(one.file_name for one in missing)}.",
            "Type `serai migrate --phase pre`.",
        )
    if missing:
        return warn(
            "migrations",
            "migrations-to-end",
            f"An update has not been ended: {', '.join(one.file_name for one in missing)}.",
            "When no process of the old version runs any more: `serai migrate --phase post`.",
        )
    if newer:
        return warn(
            "migrations",
            "database-newer",
            f"The database has been brought forward by a newer version ({newer[-1]:04}).",
            "Use the newer version here, too.",
        )
    ending = await find_partitions_missing(connection, at)
    if ending:
        one = ending[0]
        return blame("migrations", one.code, one.message, one.next_step)
    return well("migrations", f"{len(applied)}, none missing; partitions to the end of next month")


async def _look_at_archiver(connection: AsyncConnection) -> Remark:
    cursor = await connection.execute(_QUERIES["select_archiver"])
    row = await cursor.fetchone()
    assert row is not None, "the view has one row"
    archived_at, failed_at, segment = row
    if failed_at is not None and (archived_at is None or failed_at > archived_at):
        return blame(
            "archive",
            "archive-stalled",
            f"The journal's file {segment} could not be copied, last at {failed_at:%Y-%m-%d %H:%M:%S}.",
            "See the server's log for why; until then the disk fills up.",
        )
    when = "nothing yet" if archived_at is None else f"last at {archived_at:%Y-%m-%d %H:%M:%S}"
    return well("archive", f"the journal is copied, {when}")


async def _look_at_waits(connection: AsyncConnection, now: datetime) -> AsyncIterator[Remark]:
    """Look at who waits, by the server's clock."""
    cursor = await connection.execute(_QUERIES["select_waits"])
    for waiting, blocking, state, since in await cursor.fetchall():
        seconds = (now - since).total_seconds()
        if seconds >= _WAITING_S:
            yield warn(
                "locks",
                "lock-waited-for",
                f"Process {waiting} has waited {seconds:.0f} s for a lock of process {blocking} ({state}).",
                f"See what it does in pg_stat_activity; SELECT pg_terminate_backend({blocking}) ends it.",
            )
    before = now - timedelta(seconds=_OPEN_S)
    cursor = await connection.execute(_QUERIES["select_open_transactions"], {"before": before})
    for process, state, since in await cursor.fetchall():
        seconds = (now - since).total_seconds()
        yield warn(
            "transactions",
            "transaction-open",
            f"A transaction of process {process} ({state}) has been open for {seconds:.0f} s.",
            f"It holds back vacuum and the feed; SELECT pg_terminate_backend({process}) ends it.",
        )
