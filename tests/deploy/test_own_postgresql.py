"""A PostgreSQL that is not the wheel's: Debian's package, as the embedded server and as one's own by DSN."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.postgres_binaries import VERSION_MIN
from serai.model.errors import SeraiError
from tests.deploy.programs import DEPLOY, leave_out, run
from tests.faults.serving import encoded, parcel, serving, short_folder

DEBIAN = Path("/usr/lib/postgresql")


def debian_programs() -> Path:
    """The newest of Debian's PostgreSQL on this machine."""
    versions = sorted(int(path.name) for path in DEBIAN.glob("[0-9]*") if (path / "bin/postgres").exists())
    if not versions or versions[-1] < VERSION_MIN:
        leave_out(f"no PostgreSQL {VERSION_MIN} or later of Debian's is on this machine")
    return DEBIAN / str(versions[-1]) / "bin"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """Debian's server, started by us."""
    programs = debian_programs()
    with short_folder() as folder:
        server = EmbeddedPostgres(folder / "postgres", programs=programs)
        with server:
            yield server


def test_the_embedded_server_runs_debians_programs_when_the_settings_name_them(
    server: EmbeddedPostgres,
) -> None:
    with psycopg.connect(server.superuser_dsn()) as connection:
        row = connection.execute("SHOW server_version").fetchone()

    assert row is not None
    assert row[0].split(".")[0] == debian_programs().parent.name


def test_a_node_serves_on_a_server_of_ones_own_with_the_role_that_the_script_makes(
    server: EmbeddedPostgres,
) -> None:
    variables = {
        "PGHOST": str(psycopg.conninfo.conninfo_to_dict(server.superuser_dsn())["host"]),
        "SERAI_DATABASE_PASSWORD": "it's invented",
        "PATH": f"{debian_programs()}:{os.environ['PATH']}",
    }
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE serai")
        connection.execute("DROP ROLE serai, serai_reader, serai_writer")
    made = run(DEPLOY / "postgres/create-role.sh", variables=variables)
    assert made.returncode == 0, made.stderr
    dsn = psycopg.conninfo.make_conninfo(server.superuser_dsn(), user="serai", dbname="serai")

    with (
        short_folder() as folder,
        serving(folder, workers=1, environment={"SERAI_DATABASE_DSN": dsn}) as node,
    ):
        _, key = node.add_party("Invented Filer")
        answer = node.send(encoded(parcel("OWN-1")), key).json()
        ready = node.get("/readyz").json()

    assert (answer["status"], ready["is_ready"]) == ("decided", True), ready
    assert not (folder / "data/postgres").exists()


@pytest.mark.parametrize("found", ["nothing", "an older one"])
def test_programs_that_do_not_serve_are_refused_with_what_to_install(tmp_path: Path, found: str) -> None:
    tmp_path.chmod(0o755)
    if found == "an older one":
        (tmp_path / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.9 (Debian)'\n")
        (tmp_path / "postgres").chmod(0o755)

    with short_folder() as folder, pytest.raises(SeraiError) as caught:
        EmbeddedPostgres(folder / "postgres", programs=tmp_path).start()

    assert caught.value.code == "database-cannot-start"
    assert "postgresql-17" in caught.value.next_step
