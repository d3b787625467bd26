"""The second reader says what the first one says, of every chunk that it does not hand back."""

from collections import Counter
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.json_columns import LINES_MIN, find_doubtful, read_json_columns
from serai.formats.json_lines import decode_lines
from serai.journey.documents.personal_data import cut_columns, cut_people
from serai.journey.pipeline import Checked, check_documents, check_fields
from serai.journey.validation.data_quality.reference_values import ReferenceValues, sketch_items, spreads_of
from serai.journey.validation.fields import fields_of_columns
from serai.model.columns import Coded, Frame
from serai.model.documents import Consignment
from tests.journey.batches import AT_MS, book
from tests.mutated_lines import sound_lines, spoilt_chunk

SEEDS = 60


@cache
def reference_values() -> ReferenceValues:
    documents = [one for one in decode_lines(sound_lines(600), Consignment).documents if one is not None]
    frame = check_documents(documents, ["1"] * len(documents), AT_MS, book()).columns.items
    return spreads_of((key, place, count * 40) for (key, place), count in sketch_items(frame).items())


def plain(value: Any) -> Any:
    """Drop what is absent: a column says null where a line says nothing."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one is not None}
    return [plain(one) for one in value] if isinstance(value, list) else value


def assert_same_frames(found: Frame, expected: Frame) -> None:
    assert found.row_count == expected.row_count
    assert list(found.columns) == list(expected.columns)
    for name, column in expected.columns.items():
        other = found.columns[name]
        if isinstance(column, Coded):
            assert isinstance(other, Coded), name
            assert other.texts() == column.texts(), name
            assert other.codes.dtype == column.codes.dtype, name
        else:
            assert isinstance(other, np.ndarray), name
            assert isinstance(column, np.ndarray), name
            assert other.dtype == column.dtype, name
            assert other.tolist() == column.tolist(), name


def assert_same_checked(found: Checked, expected: Checked) -> None:
    assert found.accepted_rows.tolist() == expected.accepted_rows.tolist()
    assert found.faults == expected.faults
    assert found.remarks == expected.remarks
    assert_same_frames(found.columns.consignments, expected.columns.consignments)
    assert_same_frames(found.columns.items, expected.columns.items)
    assert found.columns.first_items.tolist() == expected.columns.first_items.tolist()
    assert found.columns.stated_accepted_at.tolist() == expected.columns.stated_accepted_at.tolist()
    assert [one.role for one in found.people] == [one.role for one in expected.people]
    for one, other in zip(found.people, expected.people, strict=True):
        assert one.rows.tolist() == other.rows.tolist()
        places = range(len(one.rows))
        assert [one.fields.struct(p) for p in places] == [other.fields.struct(p) for p in places]
        assert one.fields.words("name").texts() == other.fields.words("name").texts()
    assert found.marks is not None
    assert expected.marks is not None
    for one_level, level in (
        (found.marks.items, expected.marks.items),
        (found.marks.consignments, expected.marks.consignments),
    ):
        assert (one_level.failed == level.failed).all()
        assert (one_level.asked == level.asked).all()
    assert (found.marks.round_items == expected.marks.round_items).all()


def assert_readers_agree(lines: list[bytes]) -> str:
    """Compare both readers, and what is checked of what they read; return whether there was something to."""
    read = read_json_columns(lines, Consignment)
    if read is None:
        return "handed back"
    decoded = decode_lines(lines, Consignment)
    documents = [one for one in decoded.documents if one is not None]

    assert read.places.tolist() == [p for p, one in enumerate(decoded.documents) if one is not None]
    assert read.findings == {p: found for p, found in enumerate(decoded.findings) if found}
    rows = [msgspec.convert(plain(row), Consignment) for row in read.documents.to_pylist()]
    assert rows == documents
    fields = fields_of_columns(read)
    assert [fields.document(row) for row in range(fields.count)] == documents
    declarants = ["1"] * len(documents)
    found = check_fields(fields_of_columns(read), declarants, AT_MS, book(), reference_values())
    assert_same_checked(found, check_documents(documents, declarants, AT_MS, book(), reference_values()))
    contents = [one for one in decoded.canonical if one is not None]
    assert cut_columns(read) == cut_people(documents, contents)
    return "read"


@pytest.mark.in_turn
def test_readers_agree_on_chunks_with_spoilt_lines() -> None:
    outcomes = Counter(assert_readers_agree(spoilt_chunk(seed)) for seed in range(SEEDS))

    assert outcomes["read"] > SEEDS * 0.6, outcomes


@pytest.mark.in_turn
@given(st.integers(0, 2**32))
@settings(max_examples=20)
def test_readers_agree_on_any_chunk(seed: int) -> None:
    assert_readers_agree(spoilt_chunk(seed))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}{}",
        b'{"reference":"A"}{"reference":"B"}',
        b'{"reference":"A","reference":"A"}',
        b'{"reference":"\\u0041"}',
        b'{"reference":"\xed\xa0\x80"}',
        b'{"reference":null}',
        b'{"sequence_number":1e400}',
        b'{"goods_items":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"reference":"A"}\x00',
        b'\xef\xbb\xbf{"reference":"A"}',
        b"x" * 5_000_000,
    ],
    ids=lambda line: repr(line[:24]),
)
def test_one_strange_line_is_answered_as_the_careful_reader_says(line: bytes) -> None:
    lines = [*sound_lines(600)[:LINES_MIN], line]

    assert assert_readers_agree(lines) in {"read", "handed back"}
    read = read_json_columns(lines, Consignment)
    assert read is None or read.findings[LINES_MIN] == decode_lines([line], Consignment).findings[0]


@pytest.mark.parametrize("line", [b"", b"a", b"{}", b'{"reference":"A","reference":"A"}', b"[]", b"null"])
def test_lines_none_of_which_is_a_document_are_read_alike(line: bytes) -> None:
    assert assert_readers_agree([line] * (LINES_MIN + 1)) in {"read", "handed back"}


def test_a_sound_chunk_is_read_without_the_careful_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [one for one in sound_lines(600) if decode_lines([one], Consignment).documents[0] is not None]

    def decode(*_: object) -> None:
        raise AssertionError("a sound line was doubted")

    monkeypatch.setattr("serai.formats.json_columns.decode_lines", decode)
    read = read_json_columns(lines, Consignment)

    assert read is not None
    assert len(read.places) == len(lines)


def test_doubt_falls_on_the_line_that_gives_cause_alone() -> None:
    lines = [
        b'{"a":"b"}',
        b'{"a":"\\n"}',
        b'{"a":null}',
        b'{"a":"\xff"}',
        b'{"a":"\t"}',
        b' {"a":1}',
        b'{"a":"\xc3\xa9"}',
    ]

    doubtful = find_doubtful(b"\n".join([*lines, b""]), len(lines))

    assert doubtful.tolist() == [False, True, True, True, True, True, False]
