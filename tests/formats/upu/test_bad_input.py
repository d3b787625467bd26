"""Bad messages get a clear finding each, whatever the bytes; no message costs much."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.standards import CHECKS
from serai.formats.upu.check import check_message
from serai.model.findings import Finding
from tests.costs import costs_at_most
from tests.formats.upu.items import CDS, CUSITM, CUSRSP, ITMATT, codes

SOUND = {"itmatt": ITMATT, "cusitm": CUSITM, "cusrsp": CUSRSP}
NAMES = sorted(SOUND)


def check(name: str, content: bytes) -> list[Finding]:
    return check_message(content, name)  # type: ignore[arg-type]


def packed(content: bytes) -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("message.xml", content)
        return file.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_valid(name: str) -> None:
    assert CHECKS[name].find(SOUND[name]) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-message"),
        (b" \n", "empty-message"),
        (b"UNB+UNOA:1", "malformed-xml"),
        (b"<Declaration/>", "other-root"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>", "doctype-refused"),
        (b"<a>" * 100 + b"</a>" * 100, "too-deep"),
        ("<?xml version='1.0' encoding='UTF-16'?><x/>".encode("utf-16"), "not-utf-8"),
        (b"<x>\xff</x>", "not-utf-8"),
    ],
)
def test_what_is_no_such_message_is_told(name: str, content: bytes, code: str) -> None:
    assert codes(check(name, content)) == [code]


@pytest.mark.parametrize("name", NAMES)
def test_a_message_cut_short_packed_or_in_another_namespace_is_told(name: str) -> None:
    sound = SOUND[name]

    assert codes(check(name, sound[: len(sound) // 2])) == ["malformed-xml"]
    assert codes(check(name, packed(sound))) == ["packed-message"]
    own = b"urn:serai:upu:itmatt:1.5.0" if name == "itmatt" else CDS.encode()
    assert codes(check(name, sound.replace(own, b"urn:x"))) == ["other-namespace"]


@pytest.mark.parametrize("name", NAMES)
def test_a_byte_order_mark_is_no_fault(name: str) -> None:
    assert check(name, b"\xef\xbb\xbf" + SOUND[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_million_empty_elements_are_told_in_little_time(name: str) -> None:
    in_an_item = SOUND[name].replace(b"<CDSView>", b"<CDSView>" + b"<X/>" * 1_000_000, 1)
    beside = SOUND[name].replace(b"<CDSView>", b"<X/>" * 1_000_000 + b"<CDSView>", 1)

    with costs_at_most(cpu_s=5):
        assert "too-many" in codes(check(name, in_an_item))
        assert "too-many" in codes(check(name, beside))


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400", "NaN", "-5", "0x10", "\u0665", "1_000", "+-1"])
def test_huge_and_odd_numbers_are_told_or_left_to_the_decision(number: str) -> None:
    changed = CUSITM.replace(b"<GrossWeight>1.150", f"<GrossWeight>{number}".encode())

    found = codes(check("cusitm", changed))
    assert found in ([], ["not-a-decimal"], ["too-long"]), found
    assert found != [] or number == "-5"


def test_a_message_without_items_is_told() -> None:
    assert codes(check("cusitm", f'<ArrayOfCDSView xmlns="{CDS}"/>'.encode())) == ["missing-field"]


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from(NAMES))
def test_any_bytes_are_answered(content: bytes, name: str) -> None:
    assert check(name, content)


@settings(max_examples=100)
@given(st.data(), st.sampled_from(NAMES))
def test_a_spoilt_message_is_answered(data: st.DataObject, name: str) -> None:
    sound = SOUND[name]
    begin = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(begin, min(begin + 200, len(sound))))
    check(name, sound[:begin] + data.draw(st.binary(max_size=20)) + sound[end:])


def test_of_many_faults_in_many_items_the_first_are_told_and_the_rest_counted() -> None:
    item = CUSITM[CUSITM.index(b"<CDSView>") : CUSITM.index(b"</CDSView>")] + b"</CDSView>"
    spoilt = item.replace(b"<GrossWeight>1.150", b"<GrossWeight>heavy")
    assert spoilt != item

    found = check("cusitm", CUSITM.replace(item, spoilt * 400))

    assert len(found) == 201
    assert found[-1].code == "more-faults"
