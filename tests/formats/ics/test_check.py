"""One message checked: numbers and places of the standard, all at once, in words, and whatever bytes come."""

from collections.abc import Callable

import pytest

from serai.formats.ics.check import check_message
from serai.formats.ics.sentences import render
from tests.costs import costs_at_most
from tests.formats.ics.ens_message import ITEM, write_message

SOUND = write_message("HAWB1", "HAWB2")


def _told(text: str) -> list[tuple[str, str, str]]:
    return [(one.code, one.pointer, one.parameters.get("kind", "")) for one in check_message(text.encode())]


def test_a_sound_message_has_nothing_to_tell() -> None:
    assert check_message(SOUND.encode()) == []
    assert check_message(b"\xef\xbb\xbf" + SOUND.encode()) == []


def test_all_breaches_of_rules_come_at_once_each_at_its_place() -> None:
    text = SOUND.replace("BA1326", "LONGREFERENCE").replace("<IteNumGDS7>2", "<IteNumGDS7>02", 1)
    text = text.replace("<CitCO124>Shenzhen</CitCO124>", "")

    told = [(code, pointer) for code, pointer, _ in _told(text)]

    assert told == [
        ("8118", "/ie:CC315A[1]/HEAHEA[1]"),
        ("8123", "/ie:CC315A[1]/TRACONCO1[1]"),
        ("8678", "/ie:CC315A[1]/GOOITEGDS[2]/IteNumGDS7[1]"),
    ]
    for finding in check_message(text.encode()):
        said = render(finding)
        assert said is not None
        assert "{" not in said.sentence + said.remedy


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (
            lambda text: text.replace("<TINPLD1>GB123456789000</TINPLD1>", ""),
            ("/ie:CC315A[1]/PERLODSUMDEC[1]", "missing"),
        ),
        (
            lambda text: text.replace("<TraModAtBorHEA76>4<", "<TraModAtBorHEA76>air<"),
            ("/ie:CC315A[1]/HEAHEA[1]/TraModAtBorHEA76[1]", "form"),
        ),
        (
            lambda text: text.replace("<RefNumHEA4>", "<Colour>red</Colour><RefNumHEA4>"),
            ("/ie:CC315A[1]/HEAHEA[1]/Colour[1]", "unknown"),
        ),
        (
            lambda text: text.replace(
                "<RefNumHEA4>LRN0001</RefNumHEA4>", "<RefNumHEA4>A</RefNumHEA4><RefNumHEA4>B</RefNumHEA4>"
            ),
            ("/ie:CC315A[1]/HEAHEA[1]/RefNumHEA4[2]", "too-many"),
        ),
        (
            lambda text: text.replace(
                "<ITI>", "<SEAID529><SeaIdSEAID530>1</SeaIdSEAID530></SEAID529><ITI>", 1
            ),
            ("/ie:CC315A[1]/ITI[1]", "order"),
        ),
        (
            lambda text: text.replace("LRN0001", "<b>LRN</b>"),
            ("/ie:CC315A[1]/HEAHEA[1]/RefNumHEA4[1]", "children"),
        ),
        (lambda text: text.replace("<HEAHEA>", "<HEAHEA>so"), ("/ie:CC315A[1]/HEAHEA[1]", "text")),
        (
            lambda text: text.replace("1.5<", f"1{'0' * 100_000}<"),
            ("/ie:CC315A[1]/GOOITEGDS[1]/GroMasGDS46[1]", "form"),
        ),
    ],
)
def test_what_the_schema_does_not_allow_is_told_at_its_place(
    spoil: Callable[[str], str], expected: tuple[str, str]
) -> None:
    findings = check_message(spoil(SOUND).encode())

    assert ("4065", *expected) in [(one.code, one.pointer, one.parameters["kind"]) for one in findings]
    assert all(render(one) is not None for one in findings)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-message"),
        (SOUND.encode()[:400], "malformed-xml"),
        (b"<CC999A/>", "other-root"),
        (SOUND.replace("ics.dgtaxud.ec/CC315A", "ics.dgtaxud.ec/CC315B").encode(), "other-namespace"),
        (SOUND.replace("<ie:", "<!DOCTYPE x><ie:", 1).encode(), "doctype-refused"),
        (SOUND.encode("utf-16"), "not-utf-8"),
        (SOUND.replace("Shirts", "Sh\u00efrts").encode("latin-1"), "not-utf-8"),
        (b"PK\x03\x04" + bytes(30), "packed-message"),
        (b"<a>" * 300 + b"</a>" * 300, "too-deep"),
        (b" " * 9_000_000, "message-too-large"),
    ],
)
def test_bytes_that_are_no_such_message_are_told_as_such(content: bytes, code: str) -> None:
    assert [one.code for one in check_message(content)] == [code]


def _many(middle: str) -> bytes:
    return SOUND.replace("<ITI>", f"{middle}<ITI>", 1).encode()


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "content",
    [
        _many("<x/>" * 1_000_000),
        _many("<GOOITEGDS/>" * 600_000),
        _many("".join(f"<x{number}/>" for number in range(300_000))),
        _many("".join(ITEM.format(number=number, house="H") for number in range(3, 15_000))),
        _many(ITEM.format(number=3, house="H" + " " * 4_000_000)),
        SOUND.replace("GB123456789000/0123456789", "GB" + " \t" * 2_000_000 + "/").encode(),
    ],
    ids=["unknown", "empty-items", "made-up-names", "items", "blanks", "blanks-in-a-pattern"],
)
def test_a_hostile_message_costs_seconds_not_minutes(content: bytes) -> None:
    with costs_at_most(cpu_s=15):
        findings = check_message(content)

    assert findings
    assert len(findings) <= 501 or findings[0].code != "4065"
