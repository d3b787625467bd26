"""Words of the suite: what is kept of answers, numbers of a case's own, answers that are no JSON."""

from typing import Any

import pytest

from serai.laboratory.conform.kept import at_pointer, in_header
from serai.laboratory.conform.offline import check_by_standard
from serai.laboratory.conform.other_answers import hold_xml, look_first, read_segments, read_xml_answer
from serai.laboratory.conform.own_numbers import COUNT, own_numbers
from serai.model.check_digits import verify_number

ADDRESS = "http://127.0.0.1:8000"
CONTRL = (
    b"UNB+UNOC:3+A+B+260630:0900+1'UNH+1+CONTRL:D:3:UN'UCI+1+B+A+4'UCM+1+CUSCAR:D:95B:UN+4'UNT+4+1'UNZ+1+1'"
)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", {"a": [{"b": 1}, 2]}),
        ("/a/0/b", 1),
        ("/a/-1", 2),
        ("/a/2", None),
        ("/a/x", None),
        ("/a/0/b/c", None),
    ],
)
def test_a_pointer_finds_what_is_there(pointer: str, found: Any) -> None:
    assert at_pointer({"a": [{"b": 1}, 2]}, pointer) == found


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, None),
        ("/v1/epcis/capture/1", "/v1/epcis/capture/1"),
        (f"{ADDRESS}/v1/epcis/capture/1", "/v1/epcis/capture/1"),
        ("https://serai.example/v1/epcis/capture/1", "/v1/epcis/capture/1"),
        ('</v1/epcis/events?nextPageToken=a>; rel="next"', "/v1/epcis/events?nextPageToken=a"),
        ('<https://serai.example/v1/events?a=b>; rel="next"', "/v1/events?a=b"),
        ("rollback", "rollback"),
    ],
)
def test_the_address_in_a_header_becomes_a_path_of_the_server(value: str | None, path: str | None) -> None:
    assert in_header(value, ADDRESS) == path


def test_numbers_of_a_case_are_its_own_and_sound() -> None:
    numbers = own_numbers("RUN", "one")

    assert numbers == own_numbers("RUN", "one")
    assert len(set(numbers.values())) == 4 * COUNT
    assert not set(numbers.values()) & set(own_numbers("RUN", "two").values())
    for kind, word in (("s10", "s10"), ("air-waybill", "awb"), ("container", "container")):
        assert verify_number(kind, numbers[f"{word}_1"]) == "sound"


def test_segments_are_written_with_the_signs_by_default() -> None:
    other_signs = CONTRL.translate(bytes.maketrans(b"+:'", b"*^|")).replace(b"UNB", b"UNA^*.? |UNB", 1)

    assert read_segments(CONTRL) == (["UCI+1+B+A+4", "UCM+1+CUSCAR:D:95B:UN+4"], [])
    assert read_segments(other_signs) == read_segments(CONTRL)


@pytest.mark.parametrize("content", [b"", b"{}", CONTRL.replace(b"UNT+4", b"UNT+5"), CONTRL[:-20]])
def test_an_answer_that_is_no_sound_interchange_is_told(content: bytes) -> None:
    _, why = read_segments(content)

    assert why


def test_an_answer_in_xml_is_looked_at_by_local_names() -> None:
    root, why = read_xml_answer(b'<a:R xmlns:a="urn:x"><a:N> 1 </a:N><a:N>2</a:N></a:R>')

    assert why == []
    assert list(hold_xml({"name(/*)": "R", "//N/text()": ["1", "2"], "count(//N)": 2}, root)) != []
    assert list(hold_xml({"name(/*)": "R", "//N": ["1", "2"], "count(//N)": 2, "//N = 2": True}, root)) == []
    assert list(hold_xml({"//N": "1"}, root)) == []
    assert list(hold_xml({"//N = 3": True}, root)) != []
    assert (look_first(root, "//N"), look_first(root, "//M")) == ("1", None)


def test_an_answer_that_is_no_xml_is_told() -> None:
    root, why = read_xml_answer(b'{"a": 1}')

    assert root is None
    assert why


def test_an_answer_is_held_against_its_own_standard() -> None:
    assert list(check_by_standard("cusrsp", b"<CUSRSP/>"))
    assert list(check_by_standard("epcis", b'{"type": "EPCISQueryDocument"}'))
