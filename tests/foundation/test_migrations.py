"""Migrations: forward only, each once, and no quiet change of history."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.migrations import migrate, migrate_for_start, read_migrations, require_known_shape
from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError

AT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def empty(server: EmbeddedPostgres, worker_id: str) -> Iterator[str]:
    """The connection string of an empty database."""
    name = f"test_migrations_{worker_id}"
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER serai").format(sql.Identifier(name)))
        yield psycopg.conninfo.make_conninfo(server.superuser_dsn(), user="serai", dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_pre_one.sql").write_text("CREATE TABLE one (n int);")
    (tmp_path / "0002_post_two.sql").write_text("CREATE TABLE two (n int);")
    (tmp_path / "0003_pre_three.sql").write_text("CREATE TABLE three (n int);")
    return tmp_path


def tables(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }


def test_all_our_migrations_bring_an_empty_database_forward_once(empty: str) -> None:
    names = [migration.file_name for migration in read_migrations(find_shipped("migrations"))]

    assert migrate(empty, find_shipped("migrations"), at=AT) == names
    assert migrate(empty, find_shipped("migrations"), at=AT) == []
    assert {"administration", "party", "api_key", "node_id", "migration"} <= tables(empty)


def test_every_table_of_substance_is_under_row_level_security(database: str) -> None:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
            "WHERE attname = 'administration_id' AND relkind IN ('r', 'p') AND NOT relispartition "
            "AND NOT relrowsecurity"
        ).fetchall()

    assert rows == []


def test_pre_runs_apart_from_post(empty: str, folder: Path) -> None:
    assert migrate(empty, folder, at=AT, phases=["pre"]) == ["0001_pre_one.sql", "0003_pre_three.sql"]
    assert migrate(empty, folder, at=AT, phases=["post"]) == ["0002_post_two.sql"]


def test_starters_that_come_at_once_do_not_clash(empty: str, folder: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        applied = list(pool.map(lambda _: migrate(empty, folder, at=AT), range(6)))

    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, 3]


def test_an_edited_or_removed_migration_is_an_error(empty: str, folder: Path) -> None:
    migrate(empty, folder, at=AT)
    text = (folder / "0001_pre_one.sql").read_text()

    (folder / "0001_pre_one.sql").write_text(text + " -- harmless")
    with pytest.raises(SeraiError, match=r"migration-edited: 0001_pre_one\.sql"):
        migrate(empty, folder, at=AT)
    (folder / "0001_pre_one.sql").unlink()
    with pytest.raises(SeraiError, match="migration-edited: Migration 0001"):
        migrate(empty, folder, at=AT)
    (folder / "0001_pre_one.sql").write_text(text.replace("\n", "\r\n"))
    assert migrate(empty, folder, at=AT) == []


def test_older_code_works_beside_what_newer_code_has_added(empty: str, folder: Path) -> None:
    migrate(empty, folder, at=AT)
    (folder / "0003_pre_three.sql").unlink()

    assert migrate(empty, folder, at=AT) == []
    assert migrate_for_start(empty, folder, at=AT) == []


async def test_older_code_refuses_a_database_from_which_newer_code_has_taken_away(
    empty: str, folder: Path
) -> None:
    (folder / "0004_post_without_one.sql").write_text("DROP TABLE one;")
    migrate(empty, folder, at=AT)
    (folder / "0003_pre_three.sql").unlink()
    (folder / "0004_post_without_one.sql").unlink()

    with pytest.raises(SeraiError) as at_start:
        migrate_for_start(empty, folder, at=AT)
    async with await psycopg.AsyncConnection.connect(empty) as connection:
        with pytest.raises(SeraiError) as in_a_process:
            await require_known_shape(connection, folder)

    assert (at_start.value.code, in_a_process.value.code) == ("database-newer", "database-newer")
    assert "0004" in at_start.value.message
    assert "restore a backup" in at_start.value.next_step


def test_a_start_takes_nothing_away_unless_the_database_is_new(empty: str, folder: Path) -> None:
    names = ["0001_pre_one.sql", "0002_post_two.sql", "0003_pre_three.sql"]
    assert migrate_for_start(empty, folder, at=AT) == names
    (folder / "0004_post_without_one.sql").write_text("DROP TABLE one;")
    (folder / "0005_pre_five.sql").write_text("CREATE TABLE five (n int);")

    assert migrate_for_start(empty, folder, at=AT) == ["0005_pre_five.sql"]
    assert "one" in tables(empty)
    assert migrate(empty, folder, at=AT, phases=["post"]) == ["0004_post_without_one.sql"]


def test_a_migration_slipped_in_below_is_an_error(empty: str, folder: Path) -> None:
    moved = folder / "0001_pre_one.sql"
    text = moved.read_text()
    moved.unlink()
    migrate(empty, folder, at=AT)
    moved.write_text(text)

    with pytest.raises(SeraiError, match="migration-out-of-order"):
        migrate(empty, folder, at=AT)
    assert "one" not in tables(empty)


def test_a_failing_migration_leaves_nothing_behind_and_can_be_corrected(empty: str, folder: Path) -> None:
    (folder / "0003_pre_three.sql").write_text("CREATE TABLE three (n int); SELECT 1 / 0;")

    with pytest.raises(SeraiError, match=r"migration-failed: 0003_pre_three\.sql .*division by zero"):
        migrate(empty, folder, at=AT)
    assert tables(empty) == {"migration", "one", "two"}
    (folder / "0003_pre_three.sql").write_text("CREATE TABLE three (n int);")
    assert migrate(empty, folder, at=AT) == ["0003_pre_three.sql"]


@pytest.mark.parametrize("name", ["3_pre_x.sql", "0004_during_x.sql", "0004_pre_X.sql", "0003_post_x.sql"])
def test_a_misnamed_file_is_an_error(folder: Path, name: str) -> None:
    shutil.copy(folder / "0001_pre_one.sql", folder / name)

    with pytest.raises(SeraiError, match="migration-misnamed"):
        read_migrations(folder)
