"""Envelopes: signs, counts and references, and bytes that are no interchange; no bytes cost much."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.edifact.interchange import SEGMENTS_MAX, read_interchange
from serai.formats.edifact.segment import Segment
from serai.formats.edifact.separators import Separators
from serai.formats.edifact.write import write_interchange
from tests.costs import costs_at_most
from tests.formats.edifact.interchanges import HEAD, codes, interchange

SOUND = interchange("BGM+85+M1+9", "FTX+AAA+++A?'B:C?+D??")


def packed(content: bytes) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("report.edi", content)
        return file.getvalue()


def test_released_signs_are_text() -> None:
    read, findings = read_interchange(SOUND)

    assert findings == []
    assert read is not None
    text = read.messages[0].segments[1].text(5, 1)
    assert text == "A'B"
    assert text.place == "/1/3/FTX/5/1"
    assert read.messages[0].segments[1].text(5, 2) == "C+D?"


def test_una_says_which_signs_part() -> None:
    told = b"UNA|*,! ~UNB*UNOA|2*A*B*260630|0900*R~UNH*1*CUSCAR|D|95B|UN~BGM*85*M!*1~UNT*3*1~UNZ*1*R~"

    read, findings = read_interchange(told)

    assert findings == []
    assert read is not None
    assert read.messages[0].segments[0].text(3) == "M*1"


@pytest.mark.parametrize(
    ("content", "code", "pointer"),
    [
        (b"", "empty-message", ""),
        (b"\xef\xbb\xbf \n", "empty-message", ""),
        (b"<Declaration/>", "edifact-no-interchange", ""),
        (b"UNH+1+CUSCAR:D:95B:UN'", "edifact-no-interchange", ""),
        (b"UNA++.? 'UNB+UNOA:1'", "edifact-separators", "/UNA"),
        (b"UNA:+.?", "edifact-separators", "/UNA"),
        (b"UNB+UNOX:3+A'", "edifact-repertoire-unknown", "/UNB/2/1"),
        (b"UNB+ABCD:3+A'", "edifact-repertoire-unknown", "/UNB/2/1"),
        (b"UNB+UNOA:3+\xd6'", "edifact-not-in-repertoire", ""),
        (b"UNB+UNOY:4+\xd6'", "edifact-not-in-repertoire", ""),
        (SOUND.decode("latin-1").encode("utf-16"), "edifact-not-in-repertoire", ""),
        (packed(SOUND), "packed-message", ""),
        (b"UNB+UNOA:1" + b"'" * 1_000_000, "edifact-too-many-segments", ""),
        (b"x" * (8 * 1024 * 1024 + 1), "message-too-large", ""),
    ],
)
def test_what_is_no_interchange_is_told(content: bytes, code: str, pointer: str) -> None:
    read, findings = read_interchange(content)

    assert read is None
    assert [(one.code, one.pointer) for one in findings] == [(code, pointer)]


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer"),
    [
        (b"UNT+4+1", b"UNT+5+1", "edifact-count", "/1/4/UNT/2/1"),
        (b"UNT+4+1", b"UNT+" + b"9" * 5000 + b"+1", "edifact-count", "/1/4/UNT/2/1"),
        (b"UNT+4+1", b"UNT+\xb2+1", "edifact-count", "/1/4/UNT/2/1"),
        (b"UNZ+1+", b"UNZ+2+", "edifact-count", "/UNZ/2/1"),
        (b"UNT+4+1", b"UNT+4+2", "edifact-reference", "/1/4/UNT/3/1"),
        (b"UNZ+1+REF1", b"UNZ+1+REF2", "edifact-reference", "/UNZ/3/1"),
        (b"UNT+4+1'", b"", "edifact-service-segment-missing", "/UNT"),
        (b"UNZ+1+REF1'", b"", "edifact-service-segment-missing", "/UNZ"),
        (b"UNZ+1+REF1'", b"UNZ+1+REF1'" + SOUND, "edifact-after-end", "/UNB"),
        (b"'UNT+4", b"''UNT+5", "edifact-no-tag", "/1/4"),
        (b"UNT", b"BGM+1+" + b"A" * 20_000 + b"'UNT", "too-long", "/1/4"),
        (b"UNH+1+", b"UNH++", "missing-field", "/1/1/UNH/2/1"),
        (b"'UNH", b"'BGM+85'UNH", "edifact-outside-message", "/BGM"),
    ],
)
def test_each_fault_of_an_envelope_is_told_at_its_place(
    old: bytes, new: bytes, code: str, pointer: str
) -> None:
    assert SOUND.count(old) == 1

    _, findings = read_interchange(SOUND.replace(old, new))

    assert (code, pointer) in [(one.code, one.pointer) for one in findings]


def test_an_interchange_cut_anywhere_is_never_sound() -> None:
    for length in range(len(SOUND)):
        assert codes(read_interchange(SOUND[:length])[1]), length


def test_groups_are_counted_too() -> None:
    group = b"UNG+CUSCAR+A+B+260630:0900+7+UN+D:95B'"
    told = SOUND.replace(b"'UNH", b"'" + group + b"UNH").replace(b"'UNZ", b"'UNE+1+7'UNZ")

    assert read_interchange(told)[1] == []
    assert codes(read_interchange(told.replace(b"UNE+1+7", b"UNE+2+7"))[1]) == ["edifact-count"]


@pytest.mark.parametrize(
    ("repertoire", "codec"), [("UNOC", "latin-1"), ("UNOE", "iso8859-5"), ("UNOY", "utf-8")]
)
def test_letters_are_read_by_the_repertoire_stated(repertoire: str, codec: str) -> None:
    name = "Иванов" if codec != "latin-1" else "Müller"
    head = HEAD.replace("UNOC", repertoire)
    told = f"{head}UNH+1+CUSCAR:D:95B:UN'NAD+CN+++{name}'UNT+3+1'UNZ+1+REF1'".encode(codec)

    read, findings = read_interchange(told)

    assert findings == []
    assert read is not None
    assert read.messages[0].segments[0].text(5) == name


def test_a_byte_order_mark_is_left_out_and_told() -> None:
    read, findings = read_interchange(b"\xef\xbb\xbf" + SOUND)

    assert read is not None
    assert codes(findings) == ["edifact-byte-order-mark"]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "content",
    [
        HEAD.encode() + b"'" * (SEGMENTS_MAX - 10),
        HEAD.encode() + b"?" * 8_000_000,
        HEAD.encode() + b"+" * 8_000_000 + b"'",
        HEAD.encode() + b"UNH+1+CUSCAR:D:95B:UN'" + b"UNH+1'" * (SEGMENTS_MAX - 10),
        HEAD.encode() + (b"?+" * 4_000 + b"'") * 900,
    ],
)
def test_hostile_bytes_cost_little(content: bytes) -> None:
    with costs_at_most(cpu_s=5):
        assert read_interchange(content)[1]


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(alphabet="UNBZHTA+:'?1 \n", max_size=80).map(str.encode))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    read_interchange(content)
    read_interchange(HEAD.encode() + content)


VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=("Cc", "Zs")), max_size=12
)
SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from(["BGM", "FTX", "NAD", "RFF"]),
        st.lists(st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=4),
    ),
    max_size=5,
)


def trimmed(segments: list[Segment]) -> list[tuple[str, list[list[str]]]]:
    told = []
    for one in segments:
        rows = [list(row) for row in one.elements]
        for row in rows:
            while row and not row[-1]:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        told.append((one.tag, rows))
    return told


@settings(max_examples=200)
@given(SEGMENTS)
def test_what_is_written_reads_back_the_same(given_segments: list[tuple[str, list[list[str]]]]) -> None:
    segments = [Segment(tag, tuple(tuple(row) for row in rows), "") for tag, rows in given_segments]
    header = Segment("UNB", (("UNOC", "3"), ("A'",), ("B+",), ("260630", "0900"), ("R?",)), "")

    written = write_interchange(header, [(("CUSCAR", "D", "95B", "UN"), segments)])
    read, findings = read_interchange(written)

    assert findings == []
    assert read is not None
    assert read.signs == Separators()
    assert trimmed(read.messages[0].segments) == trimmed(segments)
    assert (read.reference, read.header.text(3)) == ("R?", "A'")


def test_what_the_repertoire_cannot_hold_is_written_as_a_question_mark_that_releases_nothing() -> None:
    header = Segment("UNB", (("UNOA", "3"), ("A",), ("B",), ("260630", "0900"), ("R",)), "")
    segments = [Segment("FTX", (("AAA", "Ж", "B"),), "")]

    read, findings = read_interchange(write_interchange(header, [(("CUSCAR", "D", "95B", "UN"), segments)]))

    assert findings == []
    assert read is not None
    assert read.messages[0].segments[0].elements == (("AAA", "?", "B"),)
