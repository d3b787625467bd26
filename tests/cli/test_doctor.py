"""`serai doctor` names what is not well, with what to do, and changes nothing."""

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.cli.main import run
from serai.foundation.doctor import database as doctor_of_database
from serai.foundation.embedded_postgres import EmbeddedPostgres

Remarks = dict[str, dict[str, str]]


@pytest.fixture
def examine(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Remarks]]:
    """A function that runs the command under settings and gives its exit code and remarks by code, on a
    database as `serai migrate` leaves it."""
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    assert run(["migrate"]) == 0

    def go(**settings: str) -> tuple[int, Remarks]:
        variables = {"SERAI_DATABASE_DSN": database, "SERAI_SERVER_PORT": "9", **settings}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = run(["doctor", "--output", "json"])
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return code, {one["code"] or one["subject"]: one for one in said["remarks"]}

    return go


def test_what_is_not_well_is_named_with_what_to_do(examine: Callable[..., tuple[int, Remarks]]) -> None:
    code, remarks = examine(SERAI_ADMINISTRATION_IS_TEST="false", SERAI_DATABASE_POOL_SIZE_COUNT="500")

    assert code == 1
    # The tests' own server is made to be fast, not to last.
    assert "fsync" in remarks["database-not-durable"]["message"]
    wanted = {
        *("database-not-durable", "https-missing", "log-origin-missing", "second-factor-missing"),
        *("server-not-running", "connections-too-few", "keys-missing"),
    }
    assert wanted <= set(remarks)
    assert all(one["next_step"] for one in remarks.values() if one["state"] != "well")
    assert {remarks[name]["state"] for name in ("PostgreSQL", "clock", "migrations", "room for data")} == {
        "well"
    }
    assert not Path(".serai").exists(), "nothing was made"


def test_open_keys_and_an_unnamed_proxy_and_a_far_database(
    examine: Callable[..., tuple[int, Remarks]], tmp_path: Path
) -> None:
    keys = tmp_path / "data/keys"
    keys.mkdir(parents=True, mode=0o700)
    (keys / "signing.pem").write_text("invented")

    _, remarks = examine(
        SERAI_DATA_FOLDER=str(tmp_path / "data"),
        SERAI_SERVER_PUBLIC_URL="https://customs.example",
        SERAI_DATABASE_DSN="host=database.invalid user=serai connect_timeout=1",
    )

    assert str(keys / "signing.pem") in remarks["key-folder-open"]["message"]
    assert {"proxy-not-named", "database-not-verified", "database-unreachable"} <= set(remarks)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-invented\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"checks":[{}]}',
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>",
    ],
)
def test_what_else_listens_at_the_servers_port_is_named(
    examine: Callable[..., tuple[int, Remarks]], said: bytes
) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        _, remarks = examine(SERAI_SERVER_PORT=str(listener.getsockname()[1]))
        thread.join(10)

    assert "something else listens there" in remarks["not-ready"]["message"]


def test_an_empty_database_is_not_migrated_by_looking(
    examine: Callable[..., tuple[int, Remarks]], server: EmbeddedPostgres
) -> None:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_doctor_empty OWNER serai")
        try:
            dsn = psycopg.conninfo.make_conninfo(
                server.superuser_dsn(), user="serai", dbname="test_doctor_empty"
            )
            remarks = [examine(SERAI_DATABASE_DSN=dsn)[1] for _ in range(2)]
        finally:
            connection.execute("DROP DATABASE test_doctor_empty WITH (FORCE)")

    assert ["migrations-missing" in one for one in remarks] == [True, True]


def test_who_waits_for_whom_is_told(
    examine: Callable[..., tuple[int, Remarks]], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_of_database, "_WAITING_S", 0.0)
    monkeypatch.setattr(doctor_of_database, "_OPEN_S", 0)
    with psycopg.connect(database) as holder, psycopg.connect(database, autocommit=True) as waiter:
        holder.execute("SELECT pg_advisory_xact_lock(77)")
        holder_id = holder.info.backend_pid
        thread = threading.Thread(target=lambda: waiter.execute("SELECT pg_advisory_lock(77)"))
        thread.start()
        with psycopg.connect(database, autocommit=True) as looking:
            while looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is None:
                time.sleep(0.01)

        _, remarks = examine()
        holder.rollback()
        thread.join()

    waited = remarks["lock-waited-for"]
    assert f"of process {holder_id} " in waited["message"]
    assert f"pg_terminate_backend({holder_id})" in waited["next_step"]
    assert "transaction-open" in remarks


@pytest.mark.parametrize(("phase", "state"), [("pre", "warning"), ("post", "fault")])
def test_what_a_newer_version_has_taken_away_is_a_fault_and_what_it_has_added_is_none(
    database: str, examine: Callable[..., tuple[int, Remarks]], phase: str, state: str
) -> None:
    with psycopg.connect(database, autocommit=True) as newer:
        newer.execute("INSERT INTO migration VALUES (9000, %s, 'newer', '', now())", [phase])
        try:
            _, remarks = examine()
        finally:
            newer.execute("DELETE FROM migration WHERE number = 9000")

    assert remarks["database-newer"]["state"] == state
