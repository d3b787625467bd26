"""Two servers on one database and one key folder, behind a proxy that gives each connection to the next: what
one of them was told, the other knows (docs/explanation/several-servers.md)."""

import contextlib
import json
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from tests.faults.serving import JSON, NDJSON, Reply, Serving, encoded, ndjson, parcel, serving, short_folder
from tests.journey.processing.counted import LISTS, to_argentina
from tests.scenarios.registered import Registered, key_of_administrator

pytestmark = pytest.mark.slow

_PATIENCE_S = 60


class Proxy:
    """Listens, and joins each connection to the next server that takes one."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.counts = dict.fromkeys(ports, 0)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        for _ in self._ports:
            self._ports.append(port := self._ports.pop(0))
            with contextlib.suppress(OSError):
                server = socket.create_connection(("127.0.0.1", port))
                break
        else:
            client.close()
            return
        self.counts[port] += 1
        with client, server, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    assert isinstance(key.fileobj, socket.socket)
                    piece = key.fileobj.recv(1 << 16)
                    if not piece:
                        return
                    key.data.sendall(piece)


class Pair:
    """Two servers and the proxy before them."""

    def __init__(self, first: Serving, second: Serving, proxy: Proxy) -> None:
        self.first = first
        self.second = second
        self.proxy = proxy

    def ask(self, method: str, path: str, key: str, body: bytes = b"", media_type: str = JSON) -> Reply:
        """Ask through the proxy."""
        return _ask(self.proxy.port, method, path, key, sent=(body, media_type) if body else None)

    def page(self, server: Serving, path: str, cookie: str) -> Reply:
        """Ask one of them for a page."""
        return _ask(server.port, "GET", path, "", cookie=cookie)

    def both(self, path: str, key: str) -> list[Reply]:
        """Ask each of them."""
        return [_ask(one.port, "GET", path, key) for one in (self.first, self.second)]


def _ask(
    port: int,
    method: str,
    path: str,
    key: str,
    *,
    sent: tuple[bytes, str] | None = None,
    cookie: str = "",
) -> Reply:
    headers = {"serai-acting-person": "Ann"} | ({"authorization": f"Bearer {key}"} if key else {})
    headers |= {"cookie": cookie, "accept": "text/html"} if cookie else {}
    body, media_type = sent or (None, JSON)
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers | ({"content-type": media_type} if body else {}))
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with short_folder() as folder, short_folder() as one, short_folder() as other:
        server = EmbeddedPostgres(folder / "postgres")
        dsn = server.start()
        environment = {"SERAI_DATABASE_DSN": dsn}
        try:
            with serving(one, workers=1, environment=environment) as first:
                second = Serving(other, workers=1, environment=environment)
                second.data.mkdir()
                # One folder of keys that both mount.
                (second.data / "keys").symlink_to(first.data / "keys")
                second.start()
                proxy = Proxy([first.port, second.port])
                try:
                    yield Pair(first, second, proxy)
                finally:
                    proxy.close()
                    second.stop()
        finally:
            server.stop()


@pytest.fixture(scope="module")
def registered(pair: Pair) -> Registered:
    return Registered(pair.first, key_of_administrator(pair.first))


def file(pair: Pair, key: str, name: str) -> Reply:
    body = encoded(parcel(name, ucr=f"UCR-{name}"))
    return pair.ask("POST", "/v1/declarations", key, body)


def test_what_one_was_told_the_other_knows(pair: Pair, registered: Registered) -> None:
    key = registered.add("Pair", "declarant")
    answers = [file(pair, key, "PAIR") for _ in range(4)]
    case_id = answers[0].json()["case_id"]

    assert [one.json()["status"] for one in answers] == ["decided", *["repeated"] * 3]
    assert min(pair.proxy.counts.values()) >= 2, "each had its share"
    for path in (
        f"/v1/cases/{case_id}/decision",
        f"/v1/cases/{case_id}/people?purpose=correction",
        f"/v1/cases/{case_id}/history",
    ):
        here, there = pair.both(path, key)
        assert (here.status, here.json()) == (200, there.json()), path
        assert there.status == 200


def test_a_key_that_is_taken_back_opens_neither(pair: Pair, registered: Registered) -> None:
    key = registered.add("Leaver", "declarant")
    assert {one.status for one in pair.both("/v1/declarations", key)} == {200}
    number = registered.numbers["Leaver"]

    keys = registered.must("GET", f"/v1/parties/{number}/keys", registered.admin).json()["keys"]
    path = f"/v1/parties/{number}/keys/{keys[0]['key']}"
    assert pair.ask("DELETE", path, registered.admin).status in (200, 204)

    end = time.monotonic() + _PATIENCE_S
    while {one.status for one in pair.both("/v1/declarations", key)} != {401}:
        assert time.monotonic() < end, "one of them goes on taking it"
        time.sleep(0.2)


def test_a_session_that_one_opened_opens_the_other_and_ends_at_both(pair: Pair) -> None:
    words = "three unrelated words, invented\n"
    added = pair.first.command("account", "add", "ann", "--role", "officer", words_in=words)
    assert added.returncode == 0, added.stderr
    link = json.loads(pair.first.command("account", "link", "ann", "--output", "json").stdout)["link"]

    entered = pair.page(pair.first, "/" + link.split("/", 3)[3], "")
    cookie = {name.lower(): value for name, value in entered.headers.items()}["set-cookie"].partition(";")[0]
    opened = [pair.page(one, "/arrivals", cookie).status for one in (pair.first, pair.second)]
    ended = pair.second.command("account", "end", "ann")

    assert opened == [200, 200]
    assert ended.returncode == 0, ended.stderr
    assert {pair.page(one, "/arrivals", cookie).status for one in (pair.first, pair.second)} <= {303, 401}


def test_a_buyers_allowance_is_one_over_both(pair: Pair, registered: Registered) -> None:
    lists = [make_component(*one) for one in LISTS]
    pair.first.change_law(lambda present: with_lists(present, lists))
    time.sleep(2.5)
    key = registered.add("Allowance", "declarant")

    answers = [
        pair.ask("POST", "/v1/declarations", key, encoded(to_argentina(f"both-{number}", "20-77"))).json()
        for number in range(12)
    ]

    free = [
        one
        for one in answers
        if any(why["code"] == "ar-within-franchise" for why in one["decision"]["reasons"])
    ]
    assert len(free) == 5


def test_law_that_one_is_given_both_decide_by(pair: Pair) -> None:
    def generations() -> set[str]:
        return {
            check["detail"].partition(",")[0]
            for one in pair.both("/readyz", "")
            for check in one.json()["checks"]
            if check["name"] == "law"
        }

    (before,) = generations()
    pair.second.change_law(lambda present: [one for one in present if "PLANNED" not in one.name], "a test")

    end = time.monotonic() + _PATIENCE_S
    while before in (now := generations()) or len(now) != 1:
        assert time.monotonic() < end, now
        time.sleep(0.2)


def test_one_log_grows_by_what_both_have_decided(pair: Pair, registered: Registered) -> None:
    key = registered.add("Logged", "declarant")
    cases = [file(pair, key, f"LOG-{number}").json()["case_id"] for number in range(4)]

    end = time.monotonic() + _PATIENCE_S
    for case_id in cases:
        while "proof" not in pair.first.get(f"/v1/cases/{case_id}/receipt", key).content.decode():
            assert time.monotonic() < end, "its promise is not kept"
            time.sleep(0.2)
    end = time.monotonic() + _PATIENCE_S
    while len({one.content for one in pair.both("/log/checkpoint", "")}) != 1:
        assert time.monotonic() < end, "two logs under one name"
        time.sleep(0.2)


def test_one_may_end_while_the_other_serves(pair: Pair, registered: Registered) -> None:
    key = registered.add("Bearer", "declarant")
    answered: set[str] = set()
    lost: list[str] = []
    is_ended = threading.Event()

    def go_on() -> None:
        number = 0
        while not is_ended.is_set():
            number += 1
            try:
                reply = file(pair, key, f"GOES-ON-{number}")
            except OSError as fault:
                lost.append(repr(fault))
            else:
                assert reply.status == 201, reply.content
                answered.add(reply.json()["reference"])

    thread = threading.Thread(target=go_on)
    thread.start()
    time.sleep(1)
    assert pair.second.process is not None
    pair.second.process.send_signal(signal.SIGTERM)
    pair.second.process.wait(_PATIENCE_S)
    time.sleep(1)
    is_ended.set()
    thread.join()
    pair.second.start()

    lines = ndjson([parcel(name, ucr=f"UCR-{name}") for name in sorted(answered)])
    again = pair.ask("POST", "/v1/declarations", key, lines, NDJSON)
    statuses = [json.loads(line).get("status") for line in again.content.splitlines()[:-1]]
    assert statuses == ["repeated"] * len(answered), "nothing that was answered is lost"
    assert len(lost) <= 2, "only what was on its way to the one that ended"
