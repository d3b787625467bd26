"""Bodies of requests, read from the ASGI stream in chunks or line by line; size, type and encoding are
checked on the way. A file is never held whole, and no line beyond the limit at all.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.types import Receive

from serai.foundation.http.kit import Kit
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.http.provided import provided
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CHUNK_BYTES_MAX: Final = 1 << 18
_LARGE_BYTES: Final = 16 << 20
"""What is announced to be larger than this must have room on the disk beforehand."""
_GZIP_WINDOW: Final = 31  # zlib's word for "gzip header and checksum, largest window"


class Body:
    """A request's body, to be read once: `chunks()` as it comes, or `read()` whole.

    Raises SeraiError `body-too-large`, `body-cut-off`, `body-not-readable`, `client-gone`.
    """

    def __init__(self, receive: Receive, media_type: str, encoding: str, bytes_max: int) -> None:
        self._receive = receive
        self._encoding = encoding
        self.media_type = media_type
        self.bytes_max = bytes_max
        self.bytes_count = 0
        self.is_complete = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces, decoded; `bytes_max` counts after decoding, as gzip may hide much."""
        pieces = self._received() if self._encoding == "identity" else self._inflated()
        async for piece in pieces:
            self.bytes_count += len(piece)
            if self.bytes_count > self.bytes_max:
                raise _too_large(self.bytes_max)
            yield piece

    async def read(self) -> bytes:
        """Return the whole body."""
        if self._encoding != "identity":
            return b"".join([piece async for piece in self.chunks()])
        pieces = []
        while not self.is_complete:
            piece = await self._receive_piece()
            self.bytes_count += len(piece)
            if self.bytes_count > self.bytes_max:
                raise _too_large(self.bytes_max)
            pieces.append(piece)
        return b"".join(pieces)

    async def wait_until_gone(self) -> None:
        """Return when the client has gone away. Only after the body is complete."""
        assert self.is_complete
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _received(self) -> AsyncIterator[bytes]:
        while not self.is_complete:
            if piece := await self._receive_piece():
                yield piece

    async def _receive_piece(self) -> bytes:
        message: Any = await self._receive()
        if message["type"] == "http.disconnect":
            raise SeraiError(
                "client-gone",
                "The client went away before its body was complete.",
                "Send it again: what was accepted is known, repeats are harmless.",
            )
        self.is_complete = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def _inflated(self) -> AsyncIterator[bytes]:
        inflate = zlib.decompressobj(_GZIP_WINDOW)
        async for piece in self._received():
            rest = piece
            while rest:
                if inflate.eof:  # a gzip file may have several members, one after the other
                    inflate = zlib.decompressobj(_GZIP_WINDOW)
                try:
                    part = inflate.decompress(rest, CHUNK_BYTES_MAX)
                except zlib.error as fault:
                    raise SeraiError(
                        "body-not-readable",
                        "The body is marked as gzip but is not.",
                        "Send it plain, or compress it again.",
                    ) from fault
                if part:
                    yield part
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        if not inflate.eof:
            raise SeraiError(
                "body-cut-off",
                "The compressed body ended before its end mark.",
                "Send it again: what was accepted is known, repeats are harmless.",
            )


def open_body(request: Request[Any, Any, Any], *, media_types: tuple[str, ...], bytes_max: int) -> Body:
    """Check the headers of a request and give its body, of which nothing has been read yet.

    media_types: what is read here, e.g. `("application/json", "application/x-ndjson")`.
    Raises `content-type-unsupported`, `content-encoding-unsupported`, `body-too-large`, `disk-full`.
    """
    media_type, parameters = request.content_type
    if media_type.lower() not in media_types or parameters.get("charset", "utf-8").lower() not in {
        "utf-8",
        "utf8",
    }:
        raise SeraiError(
            "content-type-unsupported",
            MessageText("'{media_type}' is not read here; text is UTF-8.", media_type=media_type)
            if media_type
            else "A body without a content type is not read here; text is UTF-8.",
            MessageText("Send one of: {listed}.", listed=", ".join(media_types)),
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise SeraiError(
            "content-encoding-unsupported",
            "Bodies are read plain or as gzip.",
            "Send it plain, or compressed with gzip.",
        )
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal():
        fault = InputFault("header:Content-Length", "not-a-number", "Content-Length is not a number.")
        raise InputFaultyError(
            (fault,), "The request's headers cannot be read.", "Leave Content-Length to your library."
        )
    if int(announced) > bytes_max:
        raise _too_large(bytes_max)
    if int(announced) > _LARGE_BYTES:
        provided(request, Kit).rooms.disk.require(int(announced))
    return Body(request.receive, media_type.lower(), encoding, bytes_max)


def _too_large(bytes_max: int) -> SeraiError:
    return SeraiError(
        "body-too-large",
        MessageText("A body has at most {bytes_max} bytes here.", bytes_max=bytes_max),
        "Cut it into several files and send one after the other.",
    )


class Lines(msgspec.Struct, frozen=True):
    r"""Lines that came in together.

    first_number: number of the first line, from 1. lines: without `\n` or `\r\n`; a blank line is `b""`.
    too_long: numbers of those lines that passed the limit; in `lines` they are `b""`.
    """

    first_number: int
    lines: list[bytes]
    too_long: tuple[int, ...] = ()


async def read_lines(body: Body, *, line_bytes_max: int) -> AsyncIterator[Lines]:
    """Split a body into lines, some hundred at a time, while it comes in.

    A line that is too long is dropped as it arrives and named in `too_long`: its neighbours go on.
    The last line may lack its line end. Raises what `Body.chunks` raises.
    """
    number = 1
    pieces: list[bytes] = []  # of a line whose end has not come yet
    held_bytes = 0
    is_dropping = False
    async for chunk in body.chunks():
        head, end, tail = chunk.partition(b"\n")
        if not end:
            held_bytes += len(head)
            if held_bytes > line_bytes_max:
                is_dropping = True
                pieces.clear()
            else:
                pieces.append(head)
            continue
        pieces.append(head)
        first = b"".join(pieces)
        lines = [first, *tail.split(b"\n")]
        rest = lines.pop()
        too_long: tuple[int, ...] = ()
        if is_dropping or len(first) > line_bytes_max or len(chunk) > line_bytes_max:
            too_long = _empty_long_lines(lines, number, line_bytes_max, is_first_long=is_dropping)
        if b"\r" in chunk or first.endswith(b"\r"):
            lines = [line.removesuffix(b"\r") for line in lines]
        yield Lines(number, lines, too_long)
        number += len(lines)
        is_dropping = len(rest) > line_bytes_max
        pieces = [] if is_dropping else [rest]
        held_bytes = len(rest)
    if held_bytes:
        yield Lines(number, [b"".join(pieces)], (number,) if is_dropping else ())


def _empty_long_lines(
    lines: list[bytes], number: int, bytes_max: int, *, is_first_long: bool
) -> tuple[int, ...]:
    """Empty the lines beyond the limit in place; return their numbers."""
    long = [
        index for index, line in enumerate(lines) if len(line) > bytes_max or (index == 0 and is_first_long)
    ]
    for index in long:
        lines[index] = b""
    return tuple(number + index for index in long)
