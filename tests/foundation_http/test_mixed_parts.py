"""Parts of a multipart body, however the body is cut on its way."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.foundation.http.mixed_parts import Part, read_boundary, read_parts
from serai.model.errors import SeraiError


class Chunks:
    """A body that comes in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def parts_of(*pieces: bytes, bytes_max: int = 1_000) -> list[Part]:
    async def gather() -> list[Part]:
        body: Any = Chunks(*pieces)
        return [part async for parts in read_parts(body, b"b-1", part_bytes_max=bytes_max) for part in parts]

    return asyncio.run(gather())


def written(*contents: bytes, head: bytes = b"Content-Type: application/xml\r\n") -> bytes:
    return b"".join(b"--b-1\r\n" + head + b"\r\n" + one + b"\r\n" for one in contents) + b"--b-1--\r\n"


def test_parts_come_whole_and_in_order() -> None:
    found = parts_of(written(b"<a/>", b"<b>\r\n</b>", b""))

    assert found == [Part("application/xml", one) for one in (b"<a/>", b"<b>\r\n</b>", b"")]


@given(st.lists(st.binary(max_size=40).filter(lambda one: b"--b-1" not in one), max_size=5), st.data())
@settings(max_examples=150)
def test_where_the_body_is_cut_makes_no_difference(contents: list[bytes], data: st.DataObject) -> None:
    contents = [one.removesuffix(b"\r") for one in contents]
    body = b"before\r\n" + written(*contents) + b"after"
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=6)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]

    assert [part.content for part in parts_of(*pieces)] == contents


def test_python_reads_the_same_parts() -> None:
    body = written(b"<a>1</a>", b"<b/>")
    other = message_from_bytes(b"Content-Type: multipart/mixed; boundary=b-1\r\n\r\n" + body)

    assert [one.get_payload(decode=True) for one in other.walk() if not one.is_multipart()] == [
        part.content for part in parts_of(body)
    ]


def test_a_part_without_headers_or_with_line_feeds_only_is_read() -> None:
    assert parts_of(b"--b-1\n\n<a/>\n--b-1--") == [Part("", b"<a/>")]
    assert parts_of(written(b"<a/>", head=b"")) == [Part("", b"<a/>")]


def test_a_part_beyond_the_limit_is_let_go_and_its_neighbours_stay() -> None:
    long = b"x" * 50_000
    body = written(b"<a/>", long, b"<b/>")
    pieces = [body[n : n + 1_000] for n in range(0, len(body), 1_000)]

    for found in (parts_of(body), parts_of(*pieces)):
        assert [(part.content, part.is_too_long) for part in found] == [
            (b"<a/>", False),
            (b"", True),
            (b"<b/>", False),
        ]


def test_a_body_without_its_end_is_cut_off_after_the_whole_parts() -> None:
    body = written(b"<a/>", b"<b/>").removesuffix(b"--b-1--\r\n")
    got: list[Part] = []

    async def gather() -> None:
        cut: Any = Chunks(body)
        async for parts in read_parts(cut, b"b-1", part_bytes_max=100):
            got.extend(parts)

    with pytest.raises(SeraiError, match="body-cut-off"):
        asyncio.run(gather())
    assert [part.content for part in got] == [b"<a/>"]


@pytest.mark.parametrize("boundary", ["", " ", "a" * 71, "a\nb", "ä"])
def test_a_boundary_has_to_be_one(boundary: str) -> None:
    with pytest.raises(SeraiError, match="body-not-readable"):
        read_boundary({"boundary": boundary})
