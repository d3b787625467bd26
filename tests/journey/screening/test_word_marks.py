"""Word marks in descriptions: in any spelling, of the right goods, not of authorised sellers, and quickly."""

import numpy as np
import pytest

from serai.journey.screening.word_marks import (
    MarkedRight,
    WordMarks,
    add_marks,
    build_word_marks,
    mark_words,
    read_rights,
    write_rights,
)
from serai.model.columns import Frame, encode_words
from serai.model.errors import SeraiError
from tests.costs import costs_at_most


def right(*marks: str, name: str = "1", is_exact: bool = False) -> MarkedRight:
    return MarkedRight(name, list(marks), ["64", "6109"], ["HOLDER-SHOP"], is_exact)


def names(marks: WordMarks, text: str, code: str = "640411", seller: str | None = "SHOP") -> list[str]:
    return [one.recordal_id for one in marks.name(text.casefold(), code, seller)]


MARKS = build_word_marks([right("Quxzora"), right("Nikoz"), right("Bike", name="3"), right("Long Vexit")])


@pytest.mark.parametrize(
    "text",
    [
        "quxzora running shoes",
        "shoes, QUXZORA-style",
        "quxzorra shoes",
        "qvxzora shoes",
        "Quxz0ra shoes",
        "Qu\u0445\u200bzora shoes",  # a Cyrillic letter, and a sign without width
        "Quxz\u043era shoes",
        "shoes \u202earozxuq\u202c",
        "Quxzóra",
    ],
)
def test_a_mark_is_found_however_it_is_written(text: str) -> None:
    assert names(MARKS, text) == ["1"]


@pytest.mark.parametrize(
    "text", ["running shoes", "nike shoes", "bikes and hike boots", "vexit long", "long", ""]
)
def test_other_words_are_no_mark(text: str) -> None:
    assert names(MARKS, text) == []


def test_words_of_a_mark_stand_one_after_another() -> None:
    assert names(MARKS, "long vexit boots") == ["1"]
    assert names(MARKS, "long boots, vexit") == []


def test_other_goods_and_authorised_sellers_are_not_meant() -> None:
    assert names(MARKS, "quxzora shoes", code="851712") == []
    assert names(MARKS, "quxzora shoes", seller="HOLDER-SHOP") == []
    assert names(MARKS, "quxzora shoes", seller=None) == ["1"]


def test_a_right_that_was_used_without_reason_is_looked_for_as_written_alone() -> None:
    marks = build_word_marks([right("Quxzora", is_exact=True)])

    assert names(marks, "quxzora shoes") == ["1"]
    assert names(marks, "quxzorra shoes") == []


def test_a_mark_that_never_ends_or_says_nothing_does_no_harm() -> None:
    with costs_at_most(cpu_s=2):
        marks = build_word_marks([right("a" * 10_000), right("\u202e\u200b "), right("Quxzora")])

        assert mark_words("\u202e\u200b ") == ()
        assert names(marks, "quxzora " + "b" * 10_000) == ["1"]
        assert names(marks, "x" * 10_000) == []


def test_rights_are_kept_in_one_order_and_read_again() -> None:
    rights = [right("B", name="2"), right("A", name="1")]

    assert write_rights(rights) == write_rights(reversed(rights))
    assert read_rights(write_rights(rights)) == sorted(rights, key=lambda one: one.recordal_id)
    with pytest.raises(SeraiError) as raised:
        read_rights(b"[{}]")
    assert raised.value.code == "word-marks-unreadable"


def test_columns_go_in_and_come_out_and_nothing_is_looked_at_where_no_right_stands() -> None:
    texts = ["quxzora shoes", "plain shoes", "quxzora shoes", "quxzora shoes"]
    items = Frame(
        4,
        {
            "owner": np.array([0, 0, 1, 2]),
            "commodity_code": encode_words(["640411", "640411", "640411", "851712"]),
        },
    )
    sellers = encode_words(["SHOP", "HOLDER-SHOP", None])

    named = add_marks(items, encode_words(texts), MARKS, lambda: sellers)
    assert named.tolist() == [True, False, False, False]
    nobody = build_word_marks([])
    assert not add_marks(items, encode_words(texts), nobody, lambda: pytest.fail("asked for sellers")).any()
