"""Lines in and out: splitting, limits, both ways at once, clients that are slow or go away."""

import asyncio
import gzip
import json
import random
import re
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.disk_room import SpoolRoom, SpoolShare
from serai.foundation.http.body import Body, Lines, read_lines
from serai.foundation.http.line_stream import MEMORY_BYTES_MAX, SHARED_BYTES_MAX, Spill
from serai.model.errors import SeraiError
from tests.foundation_http.conftest import Kept
from tests.foundation_http.support import LINE_BYTES_MAX

NDJSON = {"content-type": "application/x-ndjson"}


def _body(chunks: list[bytes], *, encoding: str = "identity", bytes_max: int = 1 << 30) -> Body:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    waiting = iter(messages)

    async def receive() -> Any:
        return next(waiting)

    return Body(receive, "application/x-ndjson", encoding, bytes_max)


async def _all(lines: AsyncIterator[Lines]) -> list[Lines]:
    return [some async for some in lines]


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(edges)]


@given(
    st.lists(
        st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"")), max_size=12
    ),
    st.lists(st.integers(0, 200), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_lines_are_the_same_however_the_body_is_cut(
    lines: list[bytes], places: list[int], line_end: bytes, has_last_end: bool
) -> None:
    data = line_end.join(lines) + (line_end if has_last_end and lines else b"")
    expected = (
        lines if not has_last_end and lines and lines[-1] else lines[:-1] if not has_last_end else lines
    )

    got = asyncio.run(_all(read_lines(_body(_cut(data, places)), line_bytes_max=8)))

    numbered = {some.first_number + i: line for some in got for i, line in enumerate(some.lines)}
    long = {number for some in got for number in some.too_long}
    assert list(numbered) == list(range(1, len(expected) + 1))
    for number, line in enumerate(expected, start=1):
        # A line end of two bytes may push a line of exactly the limit over it: the limit is on bytes as sent.
        is_long = len(line) > 8 or (number in long and len(line + line_end[:-1]) > 8)
        assert (number in long) == is_long
        assert numbered[number] == (b"" if is_long else line)


async def test_gzip_is_read_in_members_and_counted_when_unpacked() -> None:
    packed = gzip.compress(b"a\nb\n") + gzip.compress(b"c")

    got = await _all(read_lines(_body(_cut(packed, [7, 30]), encoding="gzip"), line_bytes_max=10))

    assert [line for some in got for line in some.lines] == [b"a", b"b", b"c"]


async def test_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    body = _body([bomb], encoding="gzip", bytes_max=1_000_000)

    with pytest.raises(SeraiError, match="body-too-large"):
        await body.read()
    assert body.bytes_count < 1_400_000


async def test_cut_off_gzip_is_told() -> None:
    with pytest.raises(SeraiError, match="body-cut-off"):
        await _body([gzip.compress(b"a\nb\n")[:-9]], encoding="gzip").read()


async def test_client_that_leaves_in_mid_body_is_told_apart_from_the_end() -> None:
    messages = iter(
        [{"type": "http.request", "body": b"a\n", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Any:
        return next(messages)

    lines = read_lines(Body(receive, "application/x-ndjson", "identity", 1000), line_bytes_max=10)

    assert (await anext(lines)).lines == [b"a"]
    with pytest.raises(SeraiError, match="client-gone"):
        await anext(lines)


def test_line_of_100_mb_is_refused_and_its_neighbours_are_not(client: httpx2.Client) -> None:
    piece = b"x" * (1 << 20)

    def content() -> Any:
        yield b"first\n"
        for _ in range(100):
            yield piece
        yield b"\nlast\n"

    answer = client.post("/lines", content=content(), headers=NDJSON)

    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [line.get("status") for line in told] == ["accepted", "too_long", "accepted", None]
    assert told[1] == {"line": 2, "bytes": 0, "status": "too_long"}
    assert told[3] == {"complete": True, "lines": 3}


def test_line_of_100_mb_is_never_held() -> None:
    left = iter(range(1600, -1, -1))

    async def receive() -> Any:
        return {"type": "http.request", "body": bytes(1 << 16), "more_body": next(left) > 0}

    tracemalloc.start()
    body = Body(receive, "x", "identity", 1 << 30)
    got = asyncio.run(_all(read_lines(body, line_bytes_max=LINE_BYTES_MAX)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert got == [Lines(1, [b""], (1,))]
    assert body.bytes_count > 100_000_000
    assert peak < 4 * LINE_BYTES_MAX


def _connect(address: str, path: str) -> socket.socket:
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname, parts.port or 0), timeout=30)
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    return connection


def _send_chunk(connection: socket.socket, data: bytes) -> None:
    connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))


def test_answers_come_while_the_file_is_still_being_sent(kept: Kept) -> None:
    with _connect(kept.address, "/lines") as connection:
        _send_chunk(connection, b"one\ntwo\n")
        early = b""
        while b'"line":2' not in early:
            early += connection.recv(65536)
        assert b"complete" not in early

        _send_chunk(connection, b"three")
        connection.sendall(b"0\r\n\r\n")
        late = b""
        while b"complete" not in late:
            late += connection.recv(65536)

    assert b'"line":3' in late
    assert b'"lines":3' in late


def test_client_that_sends_all_before_it_reads_is_not_made_to_wait(kept: Kept) -> None:
    """Some 40 MB of answers that nobody reads yet: far more than sockets hold."""
    lines_count = 1_000_000
    chunk = b"x\n" * 10_000
    with _connect(kept.address, "/lines") as connection:
        connection.settimeout(60)
        for _ in range(lines_count // 10_000):
            _send_chunk(connection, chunk)
        connection.sendall(b"0\r\n\r\n")
        answers = bytearray()
        while b'"complete":true' not in answers[-200:]:
            answers += connection.recv(1 << 20)

    lines = re.sub(rb"\r\n[0-9a-f]+\r\n", b"", answers)  # what the transfer encoding put between
    assert lines.count(b'"accepted"') == lines_count


def test_client_that_goes_away_leaves_the_server_well(kept: Kept, client: httpx2.Client) -> None:
    incidents_before = kept.metrics.incidents._value.get()
    for path in ("/lines", "/swallow", "/lines"):
        connection = _connect(kept.address, path)
        _send_chunk(connection, b"one\ntwo\n" * 1000)
        connection.close()
    time.sleep(0.2)

    assert client.get("/thing").status_code == 200
    assert kept.metrics.incidents._value.get() == incidents_before


def test_unexpected_error_in_mid_stream_is_a_line_without_trailer(client: httpx2.Client) -> None:
    def content() -> Any:
        yield b"one\n"
        time.sleep(0.1)  # so that the first line is answered by itself
        yield b"break\n"

    answer = client.post("/lines", content=content(), headers=NDJSON)

    last = json.loads(answer.text.splitlines()[-1])
    assert answer.status_code == 200
    assert last["status"] == "stopped"
    assert last["problem"]["code"] == "internal-error"
    assert "Jane" not in answer.text
    assert "complete" not in answer.text


def test_refusal_before_the_first_line_is_an_ordinary_problem(client: httpx2.Client) -> None:
    answer = client.post("/lines", content=b"{}", headers={"content-type": "text/csv"})

    assert (answer.status_code, answer.json()["code"]) == (415, "content-type-unsupported")


def room_for(size_bytes: int = 1 << 40) -> SpoolRoom:
    return SpoolRoom(bytes_max=size_bytes, free_min_bytes=0)


def share() -> SpoolShare:
    return room_for().share_of("one")


async def test_spill_gives_back_what_it_took_in_order(tmp_path: Path) -> None:
    spill = Spill(file_bytes_max=1 << 26, stall_s=5, room=share(), folder=tmp_path)
    pieces = [random.Random(number).randbytes(1_000_000) for number in range(60)]
    got = bytearray()

    async def write() -> None:
        for number, piece in enumerate(pieces):
            await spill.put(piece)
            if number % 7 == 0:
                await asyncio.sleep(0)
        spill.end()

    writing = asyncio.create_task(write())
    while data := await spill.get():
        got += data
    await writing
    spill.close()

    assert bytes(got) == b"".join(pieces)
    assert list(tmp_path.iterdir()) == []


async def test_streams_share_a_bounded_memory_and_give_it_back(tmp_path: Path) -> None:
    before = Spill.in_use_bytes
    spills = [Spill(file_bytes_max=1 << 26, stall_s=5, room=share(), folder=tmp_path) for _ in range(4)]

    for spill in spills:
        for _ in range(MEMORY_BYTES_MAX >> 20):
            await spill.put(bytes(1 << 20))
    held = Spill.in_use_bytes - before
    got = len(await spills[0].get())
    for spill in spills:
        spill.close()

    assert MEMORY_BYTES_MAX < held <= SHARED_BYTES_MAX
    assert got == 1 << 20
    assert Spill.in_use_bytes == before


async def test_files_of_all_streams_share_their_room_and_give_it_back(tmp_path: Path) -> None:
    room = room_for(2_500)
    first, second = (
        Spill(file_bytes_max=1 << 26, stall_s=0.05, room=room.share_of(name), folder=tmp_path)
        for name in ("first", "second")
    )
    for spill in (first, second):
        await spill.put(bytes(MEMORY_BYTES_MAX))
    await first.put(bytes(1_000))

    with pytest.raises(SeraiError, match="client-stalled"):
        await second.put(bytes(1_000))
    first.close()
    await second.put(bytes(1_000))
    held = room.held_bytes
    got = len(await second.get()) + len(await second.get())
    second.close()

    assert held == 1_000
    assert got == MEMORY_BYTES_MAX + 1_000
    assert room.held_bytes == 0


async def test_spill_that_is_full_waits_and_then_gives_up() -> None:
    spill = Spill(file_bytes_max=1000, stall_s=0.05, room=share())
    await spill.put(bytes(MEMORY_BYTES_MAX))
    await spill.put(bytes(1000))

    with pytest.raises(SeraiError, match="client-stalled"):
        await spill.put(b"x")

    assert len(await spill.get()) == MEMORY_BYTES_MAX
    assert len(await spill.get()) == 1000
    await spill.put(b"x")
    assert await spill.get() == b"x"
    spill.close()
