"""How many connections an address holds: by what a network is given, and not by who stands in front of us.

And which of them are cut off.
"""

import asyncio
import socket
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from serai.cli.watched_connections import ConnectionWatch, WatchedProtocol


def watch(*proxies: str) -> ConnectionWatch:
    return ConnectionWatch(head_timeout_s=1, per_address_count_max=2, proxies=proxies)


@pytest.mark.parametrize(
    ("hosts", "is_last_taken"),
    [
        (["203.0.113.9", "203.0.113.9", "203.0.113.9"], False),
        (["203.0.113.9", "203.0.113.9", "203.0.113.10"], True),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], False),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::3"], True),
        (["::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9"], False),
        ([None, None, None], True),
    ],
)
async def test_an_address_holds_so_many_and_no_more(hosts: list[str | None], is_last_taken: bool) -> None:
    ours = watch()

    assert [ours.begin(host) for host in hosts] == [True, True, is_last_taken]


async def test_what_has_ended_makes_room() -> None:
    ours = watch()
    assert [ours.begin("203.0.113.9") for _ in range(3)] == [True, True, False]

    ours.end("203.0.113.9")

    assert [ours.begin("203.0.113.9") for _ in range(2)] == [True, False]


async def test_a_trusted_proxy_holds_as_many_as_it_wants() -> None:
    ours = watch("10.1.0.0/16", "2001:db8::/32")

    assert all(ours.begin(host) for host in ["10.1.2.3"] * 5 + ["2001:db8::1"] * 5)
    assert [ours.begin("10.2.2.3") for _ in range(3)] == [True, True, False]


async def told_length(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers with how much it was sent."""
    assert scope["type"] == "http"
    count, is_whole = 0, False
    while not is_whole:
        part = await receive()
        count, is_whole = count + len(part["body"]), not part["more_body"]
    content = b"%d bytes" % count
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


async def refused_at_once(_scope: Any, _receive: Any, send: Any) -> None:
    """An application that answers before it has read anything."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def until(client: socket.socket, end: bytes) -> bytes:
    """Read what the server says until it says so, or no more."""
    said = b""
    while not said.endswith(end) and (data := await asyncio.get_running_loop().sock_recv(client, 1 << 16)):
        said += data
    return said


async def served(application: Any, first: bytes) -> socket.socket:
    """Serve a connection on which so much lies already, so that it is read in one piece; the client's end."""
    ours, client = socket.socketpair()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    client.sendall(first)
    for end in (ours, client):
        end.setblocking(False)
    config = uvicorn.Config(application, http="httptools", log_config=None, lifespan="off")
    config.load()
    await asyncio.get_running_loop().connect_accepted_socket(
        lambda: WatchedProtocol(watch=watch(), config=config, server_state=ServerState(), app_state={}),
        ours,
    )
    return client


BODY = b"x" * 120_000
POST = b"POST / HTTP/1.1\r\nhost: serai\r\ncontent-length: %d\r\n\r\n" % len(BODY)
CHUNKED = b"POST / HTTP/1.1\r\nhost: serai\r\ntransfer-encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nhost: serai\r\n"


@pytest.mark.parametrize(
    "first",
    [POST + BODY, CHUNKED + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n", (GET + b"\r\n") * 4_000],
    ids=["a body", "a body in many pieces", "many heads"],
)
async def test_a_head_that_begins_behind_what_was_sent_before_is_waited_for(first: bytes) -> None:
    with await served(told_length, first + GET) as client:
        await asyncio.sleep(0.05)
        await asyncio.get_running_loop().sock_sendall(client, b"x-last: yes\r\nconnection: close\r\n\r\n")

        said = await until(client, b"connection: close\r\n\r\n0 bytes")

    assert said.count(b"HTTP/1.1 200 OK") == first.count(b"HTTP/1.1") + 1


async def test_the_rest_of_a_body_that_was_refused_is_let_run_out_and_the_next_request_answered() -> None:
    with await served(refused_at_once, POST) as client:
        refused = await until(client, b"\r\n\r\n")
        await asyncio.get_running_loop().sock_sendall(client, BODY)
        await asyncio.sleep(0.05)
        await asyncio.get_running_loop().sock_sendall(client, GET + b"\r\n")

        again = await until(client, b"\r\n\r\n")

    assert (refused.count(b" 413 "), again.count(b" 413 ")) == (1, 1)


async def test_a_head_that_does_not_end_is_cut_off_also_behind_a_body() -> None:
    with await served(told_length, POST + BODY + GET) as client:
        await until(client, b"120000 bytes")
        with pytest.raises(ConnectionError):
            await more_of_a_head(client, 800_000)


async def more_of_a_head(client: socket.socket, count: int) -> None:
    line = b"x-more: yes\r\n" * 1_000
    for _ in range(count // len(line)):
        await asyncio.get_running_loop().sock_sendall(client, line)
        await asyncio.sleep(0.01)
