"""Base backups of the embedded server, and going back to an instant: its journal is read again."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from serai.foundation.clock import Clock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_archive import BaseBackup
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

# The instant lies after the last transaction that is kept: then all there is, is right.
_NOTHING_LATER = "recovery ended before configured recovery target was reached"


def take_base_backup(server: EmbeddedPostgres, clock: Clock) -> BaseBackup:
    """Copy the data of a server that runs, check every byte of the copy, and keep it.

    Raises SeraiError `archive-not-set`, `base-backup-failed`.
    """
    unfinished = server.archive.unfinished
    shutil.rmtree(unfinished, ignore_errors=True)
    source = ["--dbname", server.superuser_dsn(), "--no-password", "--checkpoint", "fast"]
    target = ["--pgdata", str(unfinished), "--wal-method", "stream", "--manifest-checksums", "SHA256"]
    for program, words in (
        ("pg_basebackup", [*source, *target]),
        ("pg_verifybackup", ["--quiet", str(unfinished)]),
    ):
        done = server.run_program(program, *words)
        if done.returncode != 0:
            raise SeraiError(
                "base-backup-failed",
                f"{program} says: {' | '.join(done.stderr.splitlines()[-3:])}",
                "See that the server runs and that the disk of database.archive_folder has room; try again.",
            )
    return server.archive.finish(clock.now())


def restore_to(settings: Settings, until: datetime | None, at: datetime) -> BaseBackup:
    """Put the data of a stopped server back to what they were at an instant; return the base that was used.

    until: None, to the last transaction that is kept. at: names the folder in which the present data are
    left, for the operator to remove. When it fails, the present data are what they were. Raises SeraiError
    `archive-not-set`, `base-backup-missing`, `database-runs`, or as `EmbeddedPostgres.start`.
    """
    server = EmbeddedPostgres.of_node(settings)
    base = server.archive.find(until)
    with server.while_stopped() as data:
        kept = data.with_name(f"data.before-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        if data.exists():
            data.rename(kept)
    try:
        _replay_up_to(settings, base, kept, until)
    except SeraiError:
        _put_back(server, kept)
        raise
    return base


def _replay_up_to(settings: Settings, base: BaseBackup, kept: Path, until: datetime | None) -> None:
    try:
        _replay(settings, base, kept, until)
    except SeraiError as fault:
        if _NOTHING_LATER not in fault.message:
            raise
        _replay(settings, base, kept, None)


def _replay(settings: Settings, base: BaseBackup, kept: Path, until: datetime | None) -> None:
    """Start a server on a copy of the base, let it read the journal to the instant, and stop it."""
    archive = EmbeddedPostgres.of_node(settings).archive
    server = EmbeddedPostgres.of_node(settings, differing=archive.restoring(until))
    with server.while_stopped() as data:
        shutil.rmtree(data, ignore_errors=True)
        _lay_down(server, base, data, kept)
    with server:
        pass


def _lay_down(server: EmbeddedPostgres, base: BaseBackup, data: Path, kept: Path) -> None:
    """Copy a base backup to where the server looks; add what only the present journal has."""
    commands = [
        ["cp", "--archive", str(base.folder), str(data)],
        ["touch", str(data / "recovery.signal")],
    ]
    if (kept / "pg_wal").is_dir():
        commands.append(["cp", "--archive", "--no-clobber", f"{kept}/pg_wal/.", str(data / "pg_wal")])
    for command in commands:
        done = server.user.run(command)
        if done.returncode != 0:
            raise SeraiError(
                "base-backup-failed",
                f"{command[0]} says: {done.stderr.strip()}",
                f"Make room on the disk of {data}, and let the database's user read {base.folder}.",
            )


def _put_back(server: EmbeddedPostgres, kept: Path) -> None:
    if kept.exists():
        with server.while_stopped() as data:
            shutil.rmtree(data, ignore_errors=True)
            kept.rename(data)
