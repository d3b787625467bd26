"""Migrations: numbered SQL files that bring a database's shape forward, each exactly once."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import psycopg

from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

# pre runs before the new code starts, post when no old code runs any more.
Phase = Literal["pre", "post"]

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
_FILE_NAME = re.compile(r"(?P<number>\d{4})_(?P<phase>pre|post)_(?P<name>[a-z][a-z0-9_]*)\.sql")


class Migration(msgspec.Struct, frozen=True):
    """One migration file. checksum: SHA-256 of its text with plain line ends."""

    number: int
    phase: Phase
    name: str
    sql: str
    checksum: bytes

    @property
    def file_name(self) -> str:
        """Return the file's name, e.g. `0001_pre_foundation.sql`."""
        return f"{self.number:04}_{self.phase}_{self.name}.sql"


def read_migrations(folder: Path) -> list[Migration]:
    """Read the `*.sql` files of a folder, by number. Raises SeraiError `migration-misnamed`."""
    migrations = sorted(map(_read_migration, folder.glob("*.sql")), key=lambda migration: migration.number)
    for earlier, later in pairwise(migrations):
        if earlier.number == later.number:
            raise SeraiError(
                "migration-misnamed",
                f"{earlier.file_name} and {later.file_name} have the same number.",
                "Give the newer one the next free number.",
            )
    return migrations


def migrate(
    dsn: str, folder: Path, *, at: datetime, phases: Collection[Phase] = get_args(Phase)
) -> list[str]:
    """Apply what is missing, each file in its own transaction; return the names of the files applied.

    Starters that come at once wait for each other; the later ones find nothing to do. Raises SeraiError
    `migration-edited` (the files disagree with the history), `migration-out-of-order`, `migration-failed`,
    `database-newer`, `database-unreachable`.
    """
    return _migrate(dsn, folder, at, lambda _applied: phases)


def migrate_for_start(dsn: str, folder: Path, *, at: datetime) -> list[str]:
    """Apply what this version needs to start; on an empty database everything. Processes of the version
    before may be at work: what they need goes by `serai migrate --phase post` alone. Errors as in `migrate`.
    """
    return _migrate(dsn, folder, at, lambda applied: ("pre",) if applied else get_args(Phase))


async def require_known_shape(connection: psycopg.AsyncConnection[Any], folder: Path) -> None:
    """Raise SeraiError `database-newer` where a newer version has taken away what this one needs.

    What a newer version has added does no harm: this one goes on beside it.
    """
    cursor = await connection.execute(_QUERIES["select_migrations"])
    newest_known = max((migration.number for migration in read_migrations(folder)), default=0)
    _refuse_newer({number: phase for number, phase, _ in await cursor.fetchall()}, newest_known)


def _migrate(
    dsn: str,
    folder: Path,
    at: datetime,
    phases_of: Callable[[Mapping[int, bytes]], Collection[Phase]],
) -> list[str]:
    migrations = read_migrations(folder)
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(_QUERIES["lock_migrations"])
            connection.execute(_QUERIES["limit_waiting"])
            connection.execute(_QUERIES["tell_instant"], {"at": at.isoformat()})
            connection.execute(_QUERIES["create_migration"])
            rows = connection.execute(_QUERIES["select_migrations"]).fetchall()
            applied = {number: bytes(checksum) for number, _, checksum in rows}
            newest_known = max((migration.number for migration in migrations), default=0)
            _refuse_newer({number: phase for number, phase, _ in rows}, newest_known)
            _check_history(migrations, applied)
            phases = phases_of(applied)
            missing = [one for one in migrations if one.number not in applied and one.phase in phases]
            for migration in missing:
                _apply(connection, migration, at)
    except psycopg.OperationalError as fault:
        raise SeraiError(
            "database-unreachable",
            "The database went away, or does not answer.",
            "See that it runs and that database.dsn is right, then start again; nothing is half done.",
        ) from fault
    return [migration.file_name for migration in missing]


def _refuse_newer(applied: Mapping[int, Phase], newest_known: int) -> None:
    newer = [number for number, phase in applied.items() if number > newest_known and phase == "post"]
    if newer:
        raise SeraiError(
            "database-newer",
            f"A newer version of Serai has taken away what this one needs (migration {min(newer):04}).",
            "Start that version or a later one; to go back, restore a backup from before it.",
        )


def _read_migration(path: Path) -> Migration:
    parts = _FILE_NAME.fullmatch(path.name)
    if parts is None:
        raise SeraiError(
            "migration-misnamed",
            f"{path.name} is not named like a migration.",
            "Name it as 0007_pre_add_lane.sql: number, pre or post, what it does.",
        )
    sql = path.read_text(encoding="utf-8")
    checksum = hashlib.sha256(sql.encode()).digest()
    phase: Phase = "pre" if parts["phase"] == "pre" else "post"
    return Migration(int(parts["number"]), phase, parts["name"], sql, checksum)


def _check_history(migrations: list[Migration], applied: dict[int, bytes]) -> None:
    """Raise if files were changed, removed or slipped in below what the database has."""
    by_number = {migration.number: migration for migration in migrations}
    newest_known = max(by_number, default=0)
    for number, checksum in applied.items():
        # Higher numbers are what newer code has added: this code goes on working beside it.
        if number > newest_known:
            continue
        migration = by_number.get(number)
        if migration is None or migration.checksum != checksum:
            name = f"Migration {number:04}" if migration is None else migration.file_name
            raise SeraiError(
                "migration-edited",
                f"{name} was changed or removed after it had been applied to this database.",
                "Restore the file as it was and write a new migration for the change.",
            )
    for migration in migrations:
        later = [
            n
            for n in applied
            if n > migration.number and n in by_number and by_number[n].phase == migration.phase
        ]
        if migration.number not in applied and later:
            raise SeraiError(
                "migration-out-of-order",
                f"{migration.file_name} is new, but migration {min(later):04} has already been applied.",
                "Give it the next free number.",
            )


def _apply(connection: psycopg.Connection, migration: Migration, at: datetime) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.sql)
            connection.execute(
                _QUERIES["insert_migration"],
                {
                    "number": migration.number,
                    "phase": migration.phase,
                    "name": migration.name,
                    "checksum": migration.checksum,
                    "at": at,
                },
            )
    except psycopg.Error as fault:
        if isinstance(fault, psycopg.OperationalError) and not isinstance(
            fault, psycopg.errors.LockNotAvailable
        ):
            raise
        raise SeraiError(
            "migration-failed",
            f"{migration.file_name} failed and left nothing behind: {fault.diag.message_primary or fault}.",
            "Put the cause right and start again.",
        ) from fault
