"""`serai backup`: base backups of the embedded database, and going back to an instant."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from serai.cli.instant import parse_instant
from serai.cli.log import recover_log
from serai.cli.node import running_database
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.cli.person import mend_persons
from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_restore import restore_to, take_base_backup
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.model.errors import SeraiError


def take(
    *,
    keep: Annotated[
        int, Parameter(help="Base backups to keep; with older ones goes what only they need.")
    ] = 2,
    output: OutputOption = None,
) -> int:
    """Copy the embedded database, while it runs, into database.archive_folder, and check the copy."""
    if keep < 1:
        raise SeraiError("command-misused", "--keep is less than 1.", "Keep at least the one that is made.")
    settings = _settings_of_embedded()
    server = EmbeddedPostgres.of_node(settings)
    archive = server.archive
    with running_database(settings):
        made = take_base_backup(server, SystemClock())
    facts: dict[str, Any] = {
        "folder": str(made.folder),
        "restores_from": made.ended_at.isoformat(),
        "journal_files_removed": archive.keep_newest(keep),
    }
    print_facts(facts, choose_output(output))
    return 0


def list_backups(*, output: OutputOption = None) -> int:
    """List the base backups, the oldest first: from its end on, one can be restored to any instant."""
    archive = EmbeddedPostgres.of_node(_settings_of_embedded()).archive
    rows = [
        {"restores_from": one.ended_at.isoformat(), "folder": str(one.folder)} for one in archive.backups()
    ]
    print_rows(rows, choose_output(output))
    return 0


def restore(
    *,
    reason: Annotated[str, Parameter(help="Why; it is recorded with how much was lost.")],
    until: Annotated[
        str | None,
        Parameter(help="Instant, as 2026-07-01T08:30:00+02:00; without one, the last that is kept."),
    ] = None,
    output: OutputOption = None,
) -> int:
    """Put the embedded database back to what it was at an instant. Keys stay: who was erased since, stays so.

    The present data are left beside the new ones. What was erased since is erased again, and the log goes on
    from there; what it lost is recorded.
    """
    settings, clock = _settings_of_embedded(), SystemClock()
    if not reason.strip():
        raise SeraiError("reason-missing", "There is no reason.", "Say why the database is put back.")
    base = restore_to(settings, None if until is None else _instant(until), clock.now())
    erased_count = asyncio.run(mend_persons())
    signed_count, stored_count = asyncio.run(recover_log(reason))
    facts = {
        "base": str(base.folder),
        "erased_again": erased_count,
        "leaves_there": stored_count,
        "leaves_lost": max(0, signed_count - stored_count),
    }
    print_facts(facts, choose_output(output))
    return 0


def _instant(text: str) -> datetime:
    instant = parse_instant(text)
    if instant is None:
        raise SeraiError(
            "at-unreadable", f"--until {text} is no instant.", "Write 2026-07-01T08:30:00+02:00, or with Z."
        )
    return instant


def _settings_of_embedded() -> Settings:
    settings = read_settings_here()
    if settings.database.dsn:
        raise SeraiError(
            "database-not-ours",
            "database.dsn names a server of your own, which Serai neither copies nor stops.",
            "Use that server's tools, as pgBackRest; docs/how-to/restore-a-backup.md says what to do after.",
        )
    return settings
