"""A start waits for a database server that is not there yet, and for no other fault."""

import io
import threading
import time
from pathlib import Path

import msgspec
import psycopg
import pytest

from serai.app import running_database
from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.settings import DatabaseSettings, Settings
from serai.model.errors import SeraiError


def at_place(database: str, place: Path, *, wait_ms: int) -> Settings:
    """Settings with a connection string that leads to a folder of sockets."""
    dsn = psycopg.conninfo.make_conninfo(database, host=str(place))
    return Settings(database=DatabaseSettings(dsn=dsn, wait_ms=wait_ms))


@pytest.mark.in_turn
def test_a_server_that_comes_later_is_waited_for_and_that_is_told_once(
    database: str, tmp_path: Path, told: io.StringIO
) -> None:
    place = tmp_path / "sockets"
    sockets = str(psycopg.conninfo.conninfo_to_dict(database)["host"])

    def come() -> None:
        while not told.getvalue():
            time.sleep(0.01)
        time.sleep(1)
        place.symlink_to(sockets)

    thread = threading.Thread(target=come)
    thread.start()
    with running_database(at_place(database, place, wait_ms=60_000), SystemClock()) as dsn:
        psycopg.connect(dsn).close()
    thread.join()

    lines = [msgspec.json.decode(line) for line in told.getvalue().splitlines()]
    assert [(one["event"], one["code"]) for one in lines] == [("database-awaited", "database-unreachable")]


def test_a_server_that_does_not_come_is_given_up(database: str, tmp_path: Path) -> None:
    settings = at_place(database, tmp_path / "nowhere", wait_ms=0)

    with pytest.raises(SeraiError) as fault, running_database(settings, SystemClock()):
        pass

    assert fault.value.code == "database-unreachable"


def test_a_server_that_answers_and_refuses_is_not_waited_for(
    server: EmbeddedPostgres, told: io.StringIO
) -> None:
    dsn = server.superuser_dsn("no_such_database")
    settings = Settings(database=DatabaseSettings(dsn=dsn, wait_ms=600_000))

    with pytest.raises(SeraiError) as fault, running_database(settings, SystemClock()):
        pass

    assert fault.value.code == "database-unreachable"
    assert told.getvalue() == ""
