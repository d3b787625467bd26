"""A message checked by any form or standard: no bytes break it, and each finding is said in words."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.screening.lists import build_lists
from serai.laboratory.message_check.checked import NAMES, check_content
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.portal.message_check.view import view_message
from tests.journey.processing.support import parcel

LAWS = read_law_files(find_shipped("laws"))
BOOK, VAGUE = load_book(LAWS), read_vague_words(LAWS[VAGUE_WORDS])
AT_MS = 1_790_000_000_000
PIECES = st.sampled_from(
    [
        *(b"{", b"}", b"[", b'"goods_items"', b":", b",", b"<a>", b"</a>", b"<!DOCTYPE a>", b"\xff\xfe"),
        *(b"\xef\xbb\xbf", b"UNB+UNOA:1+A+B'", b"reference,quantity\n", b"=1+1", b"\x00", b"PK\x03\x04"),
        *(b"<?xml version='1.0'?>", b"1e999"),
    ]
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(content=st.one_of(st.binary(max_size=120), st.lists(PIECES, max_size=12).map(b"".join)))
def test_no_bytes_break_it(name: str, content: bytes) -> None:
    checked = check_content(content, name, kind="declaration", book=BOOK, vague_words=VAGUE, at_ms=AT_MS)

    view = view_message(content, checked, "en")
    assert all(one.sentence and one.remedy and one.line >= 0 for one in checked.findings)
    shown = [finding for line in view.lines for finding in line.findings] + view.elsewhere
    assert len(shown) == len(checked.findings)


def test_what_may_not_be_sent_is_told_before_dispatch() -> None:
    lists = build_lists((), VAGUE, read_goods_kinds(LAWS))

    def told(declared: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
        content = json.dumps(declared).encode()
        checked = check_content(
            content, "json", kind="declaration", book=BOOK, vague_words=VAGUE, at_ms=AT_MS, lists=lists
        )
        assert checked.valid
        return [
            (one.pointer, one.sentence, one.parameters)
            for one in checked.findings
            if one.code == "restricted-goods"
        ]

    carving = parcel("carving")
    carving["goods_items"].append(
        carving["goods_items"][0]
        | {"sequence_number": 2, "commodity_code": "96011000", "description": "Ivory carving"}
    )
    ((pointer, sentence, said),) = told(carving)
    assert (pointer, said["rule"], said["documents"]) == (
        "/goods_items/1/commodity_code", "eu-cites", "C400, Y900",
    )  # fmt: skip
    assert "eu-cites" in sentence
    assert "CITES" in said["agency"]
    # With its document it may go; of what nobody restricts nothing is told.
    carving["goods_items"][1]["additional_documents"] = [{"type_code": "C400", "reference": "X"}]
    assert told(carving) == []
    assert told(parcel("shirt")) == []
