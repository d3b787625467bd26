"""How packed bytes are told from plain ones."""

import bz2
import gzip
import io
import lzma
import zipfile
from typing import Final

import pytest

from serai.formats.packed import find_packed, packing_of

MESSAGE: Final = b"UNB+UNOC:3+POST+CUSTOMS+261126:0317+1'"


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("message", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "packing"),
    [
        pytest.param(zipped(MESSAGE), "zip", id="zip"),
        pytest.param(gzip.compress(MESSAGE), "gzip", id="gzip"),
        pytest.param(bz2.compress(MESSAGE), "bzip2", id="bzip2"),
        pytest.param(lzma.compress(MESSAGE), "xz", id="xz"),
    ],
)
def test_how_a_message_is_packed_is_told_by_its_beginning(content: bytes, packing: str) -> None:
    finding = find_packed(content)

    assert packing_of(content[:8]) == packing
    assert finding is not None
    assert (finding.code, finding.parameters) == ("packed-message", {"kind": packing})


@pytest.mark.parametrize("content", [MESSAGE, b"", b"<x/>", b"{}", b"PK,price\n"])
def test_plain_bytes_are_not_packed(content: bytes) -> None:
    assert packing_of(content) is None
    assert find_packed(content) is None
