"""Settings read again while the server serves: no answer is lost, and unfit settings change nothing."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.faults.serving import Serving, Upload, encoded, parcel

_PATIENCE_S = 120


def await_line(node: Serving, event: str, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many lines tell of an event; returns them."""
    end = time.monotonic() + _PATIENCE_S
    while len(found := [one for one in node.lines() if one["event"] == event]) < count:
        assert time.monotonic() < end, f"{event} is not told: {node.said()}"
        time.sleep(0.1)
    return found


@pytest.fixture
def settings_file(node: Serving) -> Iterator[Any]:
    path = node.folder / "serai.toml"
    yield path
    path.unlink()


class Clients:
    """Two clients that file one after the other: one anew each time, one on a connection that it keeps."""

    def __init__(self, node: Serving, key: str) -> None:
        self._node = node
        self._key = key
        self._is_ended = threading.Event()
        self.statuses: list[int] = []
        self.troubles: list[str] = []
        self._threads = [threading.Thread(target=self._file, args=(is_kept,)) for is_kept in (False, True)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ended.set()
        for thread in self._threads:
            thread.join()

    def _file(self, is_kept: bool) -> None:
        connection = HTTPConnection("127.0.0.1", self._node.port, timeout=_PATIENCE_S)
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._key}"}
        number = 0
        while not self._is_ended.is_set():
            number += 1
            body = encoded(parcel(f"RELOAD-{is_kept}-{number}"))
            try:
                # http.client opens another connection where the answer said that this one ends.
                connection.request("POST", "/v1/declarations", body, headers)
                answer = connection.getresponse()
                answer.read()
                self.statuses.append(answer.status)
            except Exception as fault:  # noqa: BLE001 - any is a lost answer
                self.troubles.append(repr(fault))
                connection.close()
            if not is_kept:
                connection.close()
        connection.close()


@pytest.mark.slow
def test_settings_are_read_again_and_no_answer_is_lost(
    node: Serving, key: str, party: tuple[int, str], settings_file: Any
) -> None:
    assert node.process is not None
    before = node.web_process_ids()
    settings_file.write_text("[server]\naccess_log = true\n")
    upload = Upload(node, key)
    upload.send("RELOAD-UP-1")

    with Clients(node, key) as clients:
        while not clients.statuses:
            assert clients.troubles == []
            time.sleep(0.05)
        os.kill(node.process.pid, signal.SIGHUP)
        await_line(node, "settings-reloaded")
        upload.send("RELOAD-UP-2")
    answer = upload.finish()

    assert clients.troubles == []
    assert set(clients.statuses) == {201}
    assert answer.count(b'"status":"decided"') == 2, "it went on where it had begun"
    assert b'"complete":true' in answer
    end = time.monotonic() + _PATIENCE_S
    while set(before) & set(node.web_process_ids()):
        assert time.monotonic() < end, "those who were replaced do not end"
        time.sleep(0.1)
    assert len(node.web_process_ids()) == node.workers
    assert node.get("/v1/declarations?limit=1", key).status == 200
    told = await_line(node, "request-answered")
    asked = [one for one in told if one["route"] == "GET /v1/declarations" and one["status"] == 200]
    assert asked[-1]["party_id"] == party[0]
    assert {"request_id", "duration_ms"} <= set(asked[-1])
    assert "RELOAD-" not in node.log.read_text(), "no reference, no query"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("[server]\naccess_log = 7\n", "wrong-setting"),
        ("[server]\nno_such = 7\n", "unknown-setting"),
        ("[log]\norigin = 'other.example/serai'\n", "restart-needed"),
    ],
)
def test_settings_that_cannot_be_used_change_nothing(
    node: Serving, settings_file: Any, wrong: str, code: str
) -> None:
    assert node.process is not None
    before = node.web_process_ids()
    count = len([one for one in node.lines() if one["event"] == "settings-not-reloaded"])

    settings_file.write_text(wrong)
    os.kill(node.process.pid, signal.SIGHUP)

    assert await_line(node, "settings-not-reloaded", count + 1)[-1]["code"] == code
    assert node.web_process_ids() == before


@pytest.mark.in_turn
def test_a_successor_that_neither_begins_nor_ends_is_given_up_and_those_before_serve_on(
    node: Serving, key: str, settings_file: Any
) -> None:
    assert node.process is not None
    before = node.web_process_ids()
    count = len([one for one in node.lines() if one["event"] == "settings-not-reloaded"])
    settings_file.write_text("[server]\nstart_timeout_ms = 2000\n")

    os.kill(node.process.pid, signal.SIGHUP)
    end = time.monotonic() + _PATIENCE_S
    while not (coming := set(node.web_process_ids()) - set(before)):
        assert time.monotonic() < end, "no successor is started"
        time.sleep(0.01)
    os.kill(coming.pop(), signal.SIGSTOP)

    assert await_line(node, "settings-not-reloaded", count + 1)[-1]["code"] == "web-process-not-begun"
    assert node.web_process_ids() == before
    assert node.get("/v1/declarations?limit=1", key).status == 200
    settings_file.write_text("[server]\naccess_log = 7\n")
    os.kill(node.process.pid, signal.SIGHUP)
    await_line(node, "settings-not-reloaded", count + 2)  # settings are read again
