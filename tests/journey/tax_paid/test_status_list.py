"""Status lists: the draft's own examples, each width, and what may not be unpacked."""

import zlib
from base64 import urlsafe_b64encode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.tax_paid.status_list import (
    PACKED_BYTES_MAX,
    Bits,
    decode_list,
    encode_list,
    pack_statuses,
)
from serai.model.errors import SeraiError


def test_the_examples_of_the_draft() -> None:
    # draft-ietf-oauth-status-list, section 4.1 and appendix: 16 statuses of 1 bit, 12 of 2 bits.
    one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]

    assert pack_statuses(np.array(one, np.uint8), 1).packed == bytes.fromhex("b9a3")
    assert pack_statuses(np.array(two, np.uint8), 2).packed == bytes.fromhex("c944f9")
    read = decode_list(1, "eNrbuRgAAhcBXQ")
    assert [read.status(index) for index in range(len(read))] == one
    read = decode_list(2, "eNo76fITAAPfAgc")
    assert [read.status(index) for index in range(len(read))] == two


@given(st.sampled_from([1, 2, 4, 8]), st.data())
def test_what_is_packed_comes_back(bits: Bits, data: st.DataObject) -> None:
    statuses = data.draw(st.lists(st.integers(0, (1 << bits) - 1), max_size=70))

    read = decode_list(bits, encode_list(pack_statuses(np.array(statuses, np.uint8), bits)))

    assert [read.status(index) for index in range(len(statuses))] == statuses
    assert len(statuses) <= len(read) < len(statuses) + 8
    assert read.status(len(read)) is None
    assert read.status(-1) is None


def test_a_status_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 bits"):
        pack_statuses(np.array([4], np.uint8), 2)


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        (3, "eNrbuRgAAhcBXQ"),
        (1, "eNrbuRgAAhcB"),
        (1, "not zlib"),
        (1, "A"),
        (1, encoded(zlib.compress(b"x") + b"more")),
        (1, encoded(zlib.compress(bytes(PACKED_BYTES_MAX + 1)))),
    ],
    ids=["width", "cut off", "no zlib", "no base64", "something follows", "a bomb"],
)
def test_what_is_no_list_is_refused(bits: int, text: str) -> None:
    with pytest.raises(SeraiError) as refused:
        decode_list(bits, text)

    assert refused.value.code == "status-list-unreadable"
