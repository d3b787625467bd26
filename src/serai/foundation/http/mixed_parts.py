"""Parts of a multipart body as they come in (RFC 2046, section 5.1): the body is never held whole, and no
part beyond the limit at all.
"""

import re
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from serai.foundation.http.body import Body
from serai.model.errors import SeraiError

BOUNDARY: Final = re.compile(r"[0-9a-zA-Z'()+_,./:=? -]{0,69}[0-9a-zA-Z'()+_,./:=?-]")
HEAD_BYTES_MAX: Final = 4_096
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")


class Part(msgspec.Struct, frozen=True):
    """One part. media_type: without parameters, lower case; empty where it says none. is_too_long: beyond the
    limit; its content is left out."""

    media_type: str
    content: bytes
    is_too_long: bool = False


def read_boundary(parameters: dict[str, str]) -> bytes:
    """Return the boundary that a Content-Type header names. Raises SeraiError `body-not-readable`."""
    boundary = parameters.get("boundary", "")
    if not BOUNDARY.fullmatch(boundary):
        raise SeraiError(
            "body-not-readable",
            "The Content-Type says multipart, but names no boundary between the parts.",
            "Let an HTTP library write the body, or add boundary=... to the header.",
        )
    return boundary.encode()


async def read_parts(body: Body, boundary: bytes, *, part_bytes_max: int) -> AsyncIterator[list[Part]]:
    """Split a body into parts, as many at a time as came in together.

    Raises SeraiError `body-cut-off` after the last whole part where the body ends before its closing
    boundary, and what `Body.chunks` raises.
    """
    splitter = _Splitter(boundary, part_bytes_max)
    async for chunk in body.chunks():
        parts = splitter.take(chunk)
        if parts:
            yield parts
    if not splitter.is_closed:
        raise SeraiError(
            "body-cut-off",
            "The body ended before its closing boundary.",
            "Send it again: what was accepted is known, repeats are harmless.",
        )


class _Splitter:
    r"""Cuts at lines that begin with the boundary. What comes after `held` began with a line end."""

    def __init__(self, boundary: bytes, part_bytes_max: int) -> None:
        self._cut = b"\n--" + boundary
        self._bytes_max = part_bytes_max + HEAD_BYTES_MAX
        self._held = [b"\n"]
        self._held_bytes = 1
        self._tail = b"\n"
        self._beginning = b""
        self._is_in_part = False
        self._is_dropping = False
        self.is_closed = False

    def take(self, chunk: bytes) -> list[Part]:
        """Take a piece of the body; returns the parts that are whole now."""
        # The boundary may lie across two chunks: as much of the last one is looked at again.
        if self._cut not in self._tail + chunk:
            self._hold(chunk)
            return []
        *whole, rest = b"".join([*self._held, chunk]).split(self._cut)
        parts: list[Part] = []
        for piece in whole:
            if self._is_in_part and not self.is_closed:
                if piece.startswith(b"--"):
                    self.is_closed = True
                else:
                    parts.append(self._part(piece))
            self._is_in_part = True
            self._beginning = b""
        self._held, self._held_bytes, self._is_dropping, self._tail = [], 0, False, b""
        self._hold(rest)
        return parts

    def _hold(self, chunk: bytes) -> None:
        self._tail = (self._tail + chunk)[-len(self._cut) :]
        self._held_bytes += len(chunk)
        if self._is_in_part and len(self._beginning) < 2:
            # What follows a boundary on its line: two hyphens close the body.
            self._beginning = (self._beginning + chunk)[:2]
            self.is_closed = self.is_closed or self._beginning == b"--"
        if self._is_dropping or self._held_bytes > self._bytes_max + len(self._cut):
            # Too long a part: its end is still looked for, its content is let go.
            self._is_dropping = True
            self._held = [self._tail]
        else:
            self._held.append(chunk)

    def _part(self, piece: bytes) -> Part:
        if self._is_dropping:
            self._is_dropping = False
            return Part("", b"", is_too_long=True)
        _, _, piece = piece.partition(b"\n")  # The rest of the boundary's line.
        match = _END_OF_HEAD.search(b"\n" + piece, 0, HEAD_BYTES_MAX)
        if match is None:
            return Part("", piece.removesuffix(b"\r"))
        head, content = piece[: max(match.start() - 1, 0)], piece[match.end() - 1 :].removesuffix(b"\r")
        if len(content) > self._bytes_max - HEAD_BYTES_MAX:
            return Part("", b"", is_too_long=True)
        return Part(_media_type(head), content)


def _media_type(head: bytes) -> str:
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-type":
            return value.partition(b";")[0].strip().lower().decode("ascii", "replace")
    return ""
