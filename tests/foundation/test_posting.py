"""A request to an address that an operator has named: whoever answers there decides little."""

import asyncio
import gzip

from serai.foundation.posting import ANSWER_BYTES_MAX, Poster

PACKED = gzip.compress(bytes(10_000_000))


async def answered_with(head: str, content: bytes) -> tuple[bytes, bytes]:
    """Return what was asked and what was taken of an answer."""
    asked = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(f"HTTP/1.1 200 OK\r\n{head}connection: close\r\n\r\n".encode() + content)
        await writer.drain()
        writer.close()

    poster = Poster(timeout_ms=10_000)
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        got = await poster.post(f"http://127.0.0.1:{port}/", b"text")
        await poster.close()
    assert got is not None
    return bytes(asked), got.content


async def test_an_answer_is_not_unpacked_and_none_is_asked_for_that_is_packed() -> None:
    asked, content = await answered_with("content-encoding: gzip\r\n", PACKED)

    assert b"accept-encoding: identity" in asked.lower()
    assert content == PACKED


async def test_no_more_is_kept_than_an_answer_may_have() -> None:
    _, content = await answered_with("", bytes(3 * ANSWER_BYTES_MAX))

    assert content == bytes(ANSWER_BYTES_MAX)
