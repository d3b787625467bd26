"""Processes killed under load: all that was answered is there, all that was not can be sent again."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from serai.evidence.receipt import verify_receipt
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.keys import KeyFolder
from tests.faults.load import Load
from tests.faults.nothing_lost import find_lost
from tests.faults.serving import NDJSON, Serving, Upload, encoded, ndjson, parcel, serving, short_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mortal() -> Iterator[Serving]:
    """A node of its own, whose processes are killed."""
    with short_folder() as folder, serving(folder) as node:
        yield node


def check_receipts(load: Load) -> None:
    """Every receipt is genuine, and the log brings all of them in."""
    key = KeyFolder(load.node.data / "keys").signing_key(())
    for answer in load.answers.values():
        verdict = verify_receipt(msgspec.json.encode(answer["receipt"]), key.public_key, [])
        assert verdict.is_genuine, verdict.faults
    end = time.monotonic() + 20
    while load.node.rows("SELECT count(*) FROM log_pending") != [(0,)]:
        assert time.monotonic() < end, "the log never brought all in"
        time.sleep(0.5)


def test_web_processes_are_killed_and_replaced(mortal: Serving) -> None:
    party_id, key = mortal.add_party("Invented Load 1")
    load = Load(mortal, key, "WEB")
    load.start()
    load.await_answers(600)
    before = mortal.web_process_ids()

    for victim in before:
        os.kill(victim, signal.SIGKILL)
        load.await_answers(900, 120)
    load.finish()

    after = mortal.web_process_ids()
    assert len(after) == len(before) == 2
    assert not set(after) & set(before)
    assert load.troubles, "nobody was hit: the test shows nothing"
    assert find_lost(load, party_id) == []
    check_receipts(load)


def test_a_web_process_that_hangs_is_replaced_and_its_neighbour_goes_on(mortal: Serving) -> None:
    """Stopped in the middle of its work: strangers' requests timed out for as long as it lived."""
    party_id, key = mortal.add_party("Invented Load 4")
    load = Load(mortal, key, "HANG")
    load.start()
    load.await_answers(600)
    before = mortal.web_process_ids()

    os.kill(before[0], signal.SIGSTOP)
    end = time.monotonic() + 60
    while before[0] in mortal.web_process_ids() or len(mortal.web_process_ids()) < 2:
        assert time.monotonic() < end, "it was never replaced"
        time.sleep(0.5)
    load.await_answers(900, 120)
    load.finish()

    assert before[1] in mortal.web_process_ids()
    assert find_lost(load, party_id) == []
    check_receipts(load)


def test_a_server_ends_in_time_though_a_web_process_hangs_and_uploads_are_open() -> None:
    with short_folder() as folder, serving(folder) as node, contextlib.ExitStack() as open_uploads:
        assert node.process is not None
        _, key = node.add_party("Invented Patience")
        for number in range(4):
            upload = open_uploads.enter_context(contextlib.closing(Upload(node, key)))
            upload.send(f"OPEN-{number}")
        os.kill(node.web_process_ids()[0], signal.SIGSTOP)
        begin = time.monotonic()

        node.process.send_signal(signal.SIGTERM)

        assert node.process.wait(60) == 0
        assert time.monotonic() - begin < 20 + 5, "sixteen seconds for the processes, and PostgreSQL"


@pytest.mark.parametrize("whom", ["first", "session"])
def test_the_database_is_killed_and_started_again(mortal: Serving, whom: str) -> None:
    party_id, key = mortal.add_party("Invented Load 2")
    load = Load(mortal, key, f"PG-{whom}")
    load.start()
    load.await_answers(600)
    web = mortal.web_process_ids()

    victim = mortal.database_process_id()
    if whom == "session":
        victim = mortal.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'serai-write'")[0][0]
    os.kill(victim, signal.SIGKILL)
    load.await_answers(1_500, 120)
    load.finish()

    assert mortal.web_process_ids() == web, "web processes bear it"
    assert not any(trouble.startswith("500") for trouble in load.troubles), load.troubles
    assert find_lost(load, party_id) == []
    check_receipts(load)


def test_killed_altogether_it_comes_back_with_all_that_was_answered(mortal: Serving) -> None:
    party_id, key = mortal.add_party("Invented Load 3")
    load = Load(mortal, key, "ALL")
    load.start()
    load.await_answers(600)
    answered = dict(load.answers)
    assert mortal.process is not None

    orphans = mortal.web_process_ids()
    mortal.process.kill()
    mortal.process.wait()
    end = time.monotonic() + 30
    while any(Path(f"/proc/{orphan}/stat").exists() for orphan in orphans):
        assert time.monotonic() < end, "web processes hold the port in front of no database"
        time.sleep(0.1)
    mortal.start()
    kept = {row[0] for row in mortal.rows("SELECT reference FROM submission WHERE party_id = %s", party_id)}
    load.await_answers(600, 120)
    load.finish()

    assert set(answered) <= kept
    assert find_lost(load, party_id) == []
    check_receipts(load)


def test_a_database_that_hangs_for_five_seconds_costs_a_moment(mortal: Serving) -> None:
    _, key = mortal.add_party("Invented Patience")
    mortal.send(encoded(parcel("PATIENCE-0")), key)
    with psycopg.connect(mortal.dsn) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        ).fetchall()
    hung = [mortal.database_process_id(), *(process_id for (process_id,) in found)]

    with _hanging(hung, 5.0):
        started_s = time.monotonic()
        reply = mortal.send(encoded(parcel("PATIENCE-1")), key)

    assert reply.status == 201
    assert time.monotonic() - started_s > 4


@contextlib.contextmanager
def _hanging(process_ids: list[int], duration_s: float) -> Iterator[None]:
    def send(number: signal.Signals) -> None:
        for process_id in process_ids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, number)

    waker = threading.Timer(duration_s, send, [signal.SIGCONT])
    send(signal.SIGSTOP)
    waker.start()
    try:
        yield
    finally:
        send(signal.SIGCONT)
        waker.join()


def test_a_database_of_ones_own_that_is_away_for_five_seconds_costs_a_moment() -> None:
    with short_folder() as folder:
        server = EmbeddedPostgres(folder / "own")
        dsn = server.start()
        try:
            with serving(folder, environment={"SERAI_DATABASE_DSN": dsn}) as node:
                _, key = node.add_party("Invented Patience")
                load = Load(node, key, "AWAY")
                load.start()
                load.await_answers(300)

                server.stop()
                time.sleep(5)
                server.start()
                load.await_answers(600, 60)
                load.finish()

                assert not load.unanswered
                assert not any(trouble.startswith("500") for trouble in load.troubles), load.troubles
                check_receipts(load)
        finally:
            server.stop()


def test_a_database_that_stays_away_is_503_with_a_time_to_come_again() -> None:
    with short_folder() as folder:
        server = EmbeddedPostgres(folder / "own")
        dsn = server.start()
        try:
            with serving(folder, environment={"SERAI_DATABASE_DSN": dsn}) as node:
                _, key = node.add_party("Invented Patience")
                assert node.send(encoded(parcel("GONE-0")), key).status == 201

                server.stop()
                replies = [
                    node.send(encoded(parcel("GONE-1")), key, timeout_s=90),
                    node.send(ndjson([parcel("GONE-1")]), key, NDJSON, timeout_s=90),
                ]
                server.start()

                for reply in replies:
                    assert (reply.status, reply.json()["code"]) == (503, "database-unreachable")
                    assert int(reply.headers["retry-after"]) > 0
                time.sleep(int(replies[0].headers["retry-after"]))
                again = node.send(encoded(parcel("GONE-1")), key, timeout_s=90)
                assert (again.status, again.json().get("status")) == (201, "decided"), again.content
        finally:
            server.stop()
