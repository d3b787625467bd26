"""Who may file, how often, and how much at once: 401, 403, 404, 429 and 503 as they should be."""

import contextlib
import socket
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from serai.foundation.id_text import format_id, parse_id
from tests.faults.serving import CSV, NDJSON, Reply, Serving, encoded, ndjson, parcel, serving, short_folder


def test_an_expired_key_is_told_so_and_files_nothing(node: Serving) -> None:
    _, key = node.add_party("Invented Late", expires_in=timedelta(seconds=-1))

    reply = node.send(encoded(parcel("EXPIRED-1")), key)

    assert (reply.status, reply.json()["code"]) == (401, "key-expired")
    assert "www-authenticate" in reply.headers
    assert not node.rows("SELECT 1 FROM submission WHERE reference = 'EXPIRED-1'")


@pytest.mark.in_turn
def test_a_key_expires_while_the_server_runs(node: Serving) -> None:
    _, key = node.add_party("Invented Soon", expires_in=timedelta(seconds=3))

    before = node.send(encoded(parcel("SOON-1")), key)
    time.sleep(3.1)
    after = node.send(encoded(parcel("SOON-2")), key)

    assert (before.status, after.status, after.json()["code"]) == (201, 401, "key-expired")


@pytest.mark.in_turn
def test_a_revoked_key_is_refused_within_a_second_by_every_process(node: Serving) -> None:
    _, key = node.add_party("Invented Gone")
    assert all(node.send(encoded(parcel(f"GONE-{n}")), key).status == 201 for n in range(8))
    key_id = int(key.split("_")[1], 16)

    node.execute(f"UPDATE api_key SET revoked_at = clock_timestamp() WHERE key_id = {key_id}")
    time.sleep(1.1)

    replies = [node.send(encoded(parcel(f"GONE-LATE-{n}")), key) for n in range(16)]
    assert {(one.status, one.json()["code"]) for one in replies} == {(401, "key-revoked")}


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "sign-in-needed"), ("nonsense", "key-malformed"), ("serai_1_" + "A" * 43, None)],
)
def test_without_a_key_of_ours_nothing_is_filed(node: Serving, key: str | None, code: str | None) -> None:
    reply = node.send(encoded(parcel("NOBODY-1")), key)

    assert reply.status == 401
    assert code is None or reply.json()["code"] == code
    assert not node.rows("SELECT 1 FROM submission WHERE reference = 'NOBODY-1'")


def test_a_role_that_may_not_file_is_403(node: Serving) -> None:
    _, key = node.add_party("Invented Payments", "payment_provider")

    reply = node.send(encoded(parcel("ROLE-1")), key)

    assert (reply.status, reply.json()["code"]) == (403, "role-not-allowed")


def test_a_strangers_reference_is_free_to_use_and_tells_nothing(
    node: Serving, key: str, stranger: str
) -> None:
    mine = node.send(encoded(parcel("SHARED-1")), key).json()

    used = node.send(encoded(parcel("SHARED-1", sale_nature_code="C2C")), stranger)
    amended = node.send(encoded(parcel("SHARED-2", amends_version=1, amendment_reason="a try")), stranger)
    unused = node.send(encoded(parcel("NEVER-1", amends_version=1, amendment_reason="a try")), stranger)

    assert used.status == 201
    assert used.json()["case_id"] != mine["case_id"]
    assert amended.status == unused.status == 409
    assert amended.content.replace(b"SHARED-2", b"NEVER-1") == unused.content
    again = node.send(encoded(parcel("SHARED-1")), key).json()
    assert (again["status"], again["decision"]) == ("repeated", mine["decision"])


def test_another_partys_case_is_as_if_it_did_not_exist(node: Serving, key: str, stranger: str) -> None:
    mine = node.send(encoded(parcel("PRIVATE-1")), key).json()
    nobodys = format_id(parse_id(mine["case_id"]) + 5)
    paths = (
        "/v1/cases/{}",
        "/v1/cases/{}/decision",
        "/v1/cases/{}/receipt",
        "/v1/cases/{}/history",
        "/v1/cases/{}/charges",
        "/v1/cases/{}/explanation",
    )

    for path in paths:
        theirs = node.get(path.format(mine["case_id"]), stranger)
        none = node.get(path.format(nobodys), stranger)

        assert (theirs.status, none.status) == (404, 404), path
        assert _told(theirs) == _told(none), path
        assert node.get(path.format(mine["case_id"]), key).status == 200, path


def _told(reply: Reply) -> tuple[object, list[str]]:
    """All that a reply says, but for the request's own number."""
    told = {name: value for name, value in reply.json().items() if name != "request_id"}
    return told, sorted(name for name in reply.headers)


@pytest.fixture(scope="module")
def small() -> object:
    """A node with one web process that takes little: ten requests, forty waiting consignments, and so on."""
    with (
        short_folder() as folder,
        serving(
            folder,
            workers=1,
            environment={
                "SERAI_SERVER_PARTY_REQUESTS_PER_SECOND": "2",
                "SERAI_SERVER_PARTY_BURST_COUNT": "10",
                "SERAI_SERVER_PUBLIC_REQUESTS_PER_SECOND": "5",
                "SERAI_SERVER_PUBLIC_BURST_COUNT": "60",
                "SERAI_SERVER_BODIES_COUNT": "5",
                "SERAI_SERVER_CONNECTIONS_PER_ADDRESS_COUNT": "40",
                "SERAI_SERVER_HEAD_TIMEOUT_MS": "2000",
                "SERAI_SERVER_MAX_STREAM_BYTES": str(1 << 60),
                "SERAI_SERVER_MAX_SPOOL_BYTES": str(4 << 20),
                "SERAI_SERVER_BODY_TIMEOUT_MS": "2000",
                "SERAI_BATCH_QUEUE_LIMIT_COUNT": "40",
                "SERAI_BATCH_MAX_ROWS_COUNT": "40",
            },
        ) as node,
    ):
        yield node


@pytest.mark.in_turn
def test_too_many_requests_are_429_and_say_when_to_come_again(small: Serving) -> None:
    _, key = small.add_party("Invented Hurry")

    replies = [small.send(encoded(parcel(f"HURRY-{n}")), key) for n in range(14)]
    refused = [one for one in replies if one.status == 429]

    assert refused
    assert Counter(one.status for one in replies)[201] >= 10
    assert all(one.json()["code"] == "rate-limited" for one in refused)
    assert all(1 <= int(one.headers["retry-after"]) <= 2 for one in refused)
    time.sleep(int(refused[-1].headers["retry-after"]))
    assert small.send(encoded(parcel("HURRY-LAST")), key).status == 201


def test_strangers_have_a_limit_of_their_own_by_address(small: Serving) -> None:
    _, key = small.add_party("Invented Calm")

    many = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 200
    many += b"GET /law HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n" * 30
    with _open(small, many + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as one:
        told = _read_to_the_end(one)

    assert told.count(b"HTTP/1.1 200") >= 10
    assert told.count(b"HTTP/1.1 429") >= 60
    assert told.count(b'"code":"rate-limited"') >= 60
    # A slow machine lets one of them through meanwhile: the refused ones are compared.
    refused = [one for one in told.split(b"HTTP/1.1 ") if one.startswith(b"429")]
    pages = [one.partition(b"<!doctype html>")[2] for one in refused if b"<!doctype html>" in one]
    assert len(pages) >= 2
    assert len(set(pages)) == 1, "made once for all, without a number of the request"
    assert small.send(encoded(parcel("CALM-1")), key).status == 201, "a party is not a stranger"


def _open(node: Serving, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", node.port), timeout=30)
    connection.sendall(sent)
    return connection


def _read_to_the_end(connection: socket.socket) -> bytes:
    """Read until the server hangs up."""
    with contextlib.closing(connection.makefile("rb")) as answer:
        return answer.read()


def _post(path: str, media_type: str, key: str = "") -> bytes:
    """The head of a request whose body is longer than what follows."""
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\n{authorization}"
        f"Content-Type: {media_type}\r\nContent-Length: 1000\r\n\r\n"
    ).encode()


@pytest.mark.in_turn
def test_who_stands_still_is_let_go_at_every_door(small: Serving) -> None:
    _, key = small.add_party("Invented Slow")
    heads = (b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ")
    bodies = (
        _post("/v1/declarations", "application/json", key) + b"{",
        _post("/v1/declarations", "application/x-ndjson", key) + b"{",
        _post("/v1/declarations", "text/csv", key) + b"reference",
        _post("/v1/check/json", "application/json") + b"{",
        _post("/sign-in", "application/x-www-form-urlencoded") + b"name=",
        _post("/check", "multipart/form-data; boundary=b") + b"--b\r\n",
    )
    time.sleep(2)  # strangers have some requests again
    kept = _open(small, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert kept.recv(4_096).startswith(b"HTTP/1.1 200")
    kept.sendall(b"\r\n")

    ended = []
    for held in [kept, *(_open(small, sent) for sent in (*heads, *bodies))]:
        with held:
            ended.append(_read_to_the_end(held))

    assert b"HTTP/1.1" not in ended[0], "what follows an answer and is no request"
    assert ended[1:3] == [b"", b""]
    for one in ended[3:]:
        assert one.startswith(b"HTTP/1.1 408"), one
        assert b'"code":"client-stalled"' in one


@pytest.mark.in_turn
def test_a_party_has_so_many_bodies_under_way_and_no_more(small: Serving) -> None:
    _, key = small.add_party("Invented Many")
    _, another = small.add_party("Invented Other")
    held = [_open(small, _post("/v1/declarations", "application/json", key) + b"{") for _ in range(5)]
    time.sleep(0.5)

    refused = small.send(encoded(parcel("MANY-1")), key)
    others = small.send(encoded(parcel("OTHER-1")), another)
    for one in held:
        one.close()

    assert (refused.status, refused.json()["code"]) == (429, "rate-limited")
    assert "retry-after" in refused.headers
    assert others.status == 201
    time.sleep(0.5)
    assert small.send(encoded(parcel("MANY-1")), key).status == 201


def test_an_address_holds_so_many_connections_and_no_more(small: Serving) -> None:
    held = [_open(small, b"GET /h") for _ in range(40)]
    time.sleep(0.2)

    with pytest.raises(OSError), _open(small, b"GET /h") as one:  # noqa: PT011, PT012 - whichever it is told by
        if not one.recv(1):
            raise ConnectionResetError

    for one in held:
        one.close()
    small.await_ready()


def test_a_body_for_which_the_disk_has_no_room_is_refused_before_it_comes(small: Serving) -> None:
    _, key = small.add_party("Invented Endless")
    head = _post("/v1/declarations", "application/x-ndjson", key)

    with _open(small, head.replace(b"Length: 1000", b"Length: %d" % (1 << 59))) as one:
        told = one.recv(4_096)

    assert told.startswith(b"HTTP/1.1 507")


def test_files_that_are_kept_until_they_are_whole_share_their_room(small: Serving) -> None:
    _, key = small.add_party("Invented Sheets")
    sheet = b"reference\n" + b"x" * (5 << 20)

    refused = small.send(sheet, key, CSV)

    assert (refused.status, refused.json()["code"]) == (507, "disk-full")
    assert small.send(sheet[: 1 << 20], key, CSV).status == 200, "the room was given back"


@pytest.mark.in_turn
def test_a_full_house_is_503_before_the_first_line_and_loses_nothing(small: Serving) -> None:
    keys = [small.add_party(f"Invented Crowd {n}")[1] for n in range(12)]
    files = [ndjson([parcel(f"CROWD-{n}-{line}") for line in range(40)]) for n in range(12)]
    statuses: Counter[int] = Counter()
    busy_codes, waits = set(), set()
    lock = threading.Lock()

    def send(n: int) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            reply = small.send(files[n], keys[n], NDJSON)
            with lock:
                statuses[reply.status] += 1
            if reply.status == 200:
                assert reply.lines()[-1]["counts"] == {"decided": 40}
                return
            with lock:
                busy_codes.add((reply.status, reply.json()["code"]))
                waits.add(reply.headers["retry-after"])
            time.sleep(int(reply.headers["retry-after"]))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses[200] == 12
    assert statuses[503] > 0, "the queue was never full: the test shows nothing"
    assert busy_codes == {(503, "busy")}
    assert waits == {"2"}
    assert small.rows("SELECT count(*) FROM submission WHERE reference LIKE 'CROWD-%%'") == [(480,)]


def test_the_folder_of_the_tests_is_short(small: Serving) -> None:
    assert len(str(Path(small.data) / "postgres")) < 90
