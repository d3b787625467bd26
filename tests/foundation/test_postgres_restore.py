"""Base backups of the embedded server, and back to an instant from them and the journal."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from serai.foundation import postgres_restore
from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_archive import BaseBackup
from serai.foundation.postgres_process import read_pid_file
from serai.foundation.postgres_restore import restore_to, take_base_backup
from serai.foundation.settings import DatabaseSettings, DataSettings, Settings
from serai.model.errors import SeraiError


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A node whose embedded server keeps an archive."""
    home = Path(tempfile.mkdtemp(prefix="serai-pr-"))
    home.chmod(0o755)
    settings = Settings(
        data=DataSettings(folder=str(home)),
        database=DatabaseSettings(archive_folder=str(home / "an archive")),
    )
    yield settings
    EmbeddedPostgres.of_node(settings).stop()
    shutil.rmtree(home)


def add(dsn: str, word: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS word (word text)")
        connection.execute("INSERT INTO word VALUES (%s)", [word])


def words(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM word ORDER BY word").fetchall()]


def kill(settings: Settings) -> None:
    pid_file = read_pid_file((Path(settings.data.folder) / "postgres").resolve() / "data")
    assert pid_file is not None
    os.kill(pid_file.process_id, signal.SIGKILL)


@pytest.mark.in_turn
def test_the_database_goes_back_to_an_instant_and_forth_to_the_last_commit(settings: Settings) -> None:
    server = EmbeddedPostgres.of_node(settings, until="stopped")
    dsn = server.start()
    add(dsn, "1 in the base")
    base = take_base_backup(server, SystemClock())
    # To this base one goes back from its whole second on.
    time.sleep(max(0.0, (base.ended_at - datetime.now(UTC)).total_seconds()))
    add(dsn, "2 after it")
    instant = datetime.now(UTC)
    add(dsn, "3 a mistake")
    with pytest.raises(SeraiError, match="runs"):
        restore_to(settings, instant, datetime.now(UTC))
    kill(settings)
    present = datetime.now(UTC)

    with pytest.raises(SeraiError, match="No base backup"):
        restore_to(settings, base.ended_at - timedelta(seconds=2), present)
    # Later than anything that happened: all there is, also what was never copied to the archive.
    assert restore_to(settings, present + timedelta(hours=1), present) == base
    assert words(server.start()) == ["1 in the base", "2 after it", "3 a mistake"]
    server.stop()
    assert restore_to(settings, instant, present + timedelta(seconds=1)) == base
    assert words(server.start()) == ["1 in the base", "2 after it"]

    # It goes on from there, with a base of its own; the older one goes with what only it needed.
    add(server.start(), "4 another way")
    newer = take_base_backup(server, SystemClock())
    assert server.archive.keep_newest(1) > 0
    assert server.archive.backups() == [newer]


@pytest.mark.slow
def test_a_restore_that_fails_leaves_the_data_as_they_were(settings: Settings) -> None:
    server = EmbeddedPostgres.of_node(settings, until="stopped")
    add(server.start(), "5 before it")
    before = words(server.start())
    base = take_base_backup(server, SystemClock())
    server.stop()
    (base.folder / "global/pg_control").write_bytes(b"")

    with pytest.raises(SeraiError, match="did not start"):
        restore_to(settings, None, datetime.now(UTC))

    assert words(server.start()) == before


@pytest.mark.slow
def test_so_does_one_that_fails_once_it_is_known_that_nothing_later_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres.of_node(settings, until="stopped")
    add(server.start(), "6 before it")
    take_base_backup(server, SystemClock())
    add(server.start(), "7 after it")
    before = words(server.start())
    server.stop()
    laid: list[Path] = []

    def lay_down(server: EmbeddedPostgres, base: BaseBackup, data: Path, kept: Path) -> None:
        lay_down_whole(server, base, data, kept)
        laid.append(data)
        if len(laid) == 2:
            (data / "global/pg_control").write_bytes(b"")

    lay_down_whole = postgres_restore._lay_down
    monkeypatch.setattr(postgres_restore, "_lay_down", lay_down)
    now = datetime.now(UTC)
    with pytest.raises(SeraiError, match="did not start"):
        restore_to(settings, now + timedelta(hours=1), now)

    assert len(laid) == 2
    assert words(server.start()) == before


def test_without_an_archive_nothing_can_be_taken() -> None:
    with pytest.raises(SeraiError, match="No archive"):
        _ = EmbeddedPostgres.of_node(Settings()).archive
