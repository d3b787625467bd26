"""Whatever is done to a message, it is answered with findings, never with an exception."""

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.ics.check import check_message
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.sentences import render
from tests.formats.ics.ens_message import write_message

SOUND = write_message("HAWB1", "HAWB2").encode()
LONDON = ZoneInfo("Europe/London")
PIECES = (
    b"<",
    b">",
    b"/>",
    b"&amp;",
    b"&x;",
    b"<GOOITEGDS/>",
    b"<TRACONCO2/>",
    b"\xff",
    b"\x00",
    b"\xc3\xa4",
    b"9" * 40,
)


@settings(max_examples=400)
@given(
    cuts=st.lists(
        st.tuples(
            st.integers(0, len(SOUND)),
            st.integers(0, 40),
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_message_cut_and_mended_anywhere_is_answered(cuts: list[tuple[int, int, bytes]]) -> None:
    content = SOUND
    for begin, length, piece in cuts:
        content = content[:begin] + piece + content[begin + length :]

    findings = check_message(content)
    summary, faults = decode_entry_summary(content, office_zone=LONDON)

    assert (summary is None) == bool(faults)
    assert not findings or summary is None
    assert all(render(one) or not one.code.isdigit() for one in findings)


@settings(max_examples=200)
@given(
    tag=st.sampled_from(sorted({part.split(b">")[0] for part in SOUND.split(b"<") if part[:1].isalpha()})),
    text=st.text(),
)
def test_any_text_in_any_element_is_answered(tag: bytes, text: str) -> None:
    name = tag.split(b" ")[0]
    safe = text.translate({ord("<"): " ", ord("&"): " "}).encode("utf-8", "ignore")

    findings = check_message(SOUND.replace(b"<" + name + b">", b"<" + name + b">" + safe, 1))

    assert all(render(one) or not one.code.isdigit() for one in findings)
