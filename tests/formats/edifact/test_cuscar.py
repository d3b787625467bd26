"""Cargo reports become transport documents; what is wrong, too much or not read is told at its place."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.convertible import Circumstances
from serai.formats.cuscar.read import decode_cuscar
from serai.formats.edifact.interchange import SEGMENTS_MAX
from serai.formats.standards import CHECKS, CONVERSIONS
from serai.model.documents import TransportDocument
from tests.costs import costs_at_most
from tests.formats.edifact.interchanges import HEAD, codes, faults, interchange

SAMPLE = Path("examples/standards/cuscar.edi").read_bytes()
BEGIN = "BGM+85+M1+9"
BY_SEA = "TDT+20+V17+1++MAEU:172:20:Invented Line+++9306237:146::Invented Vessel"
BILL = ("CNI+1", "RFF+BM:BOL1")


def documents(content: bytes, zone: dt.tzinfo = dt.UTC) -> list[TransportDocument]:
    reports = decode_cuscar(content, zone=zone)
    assert not reports.is_faulty, reports.findings
    return [one.document for report in reports.reports for one in report.documents if one.document]


def only(*segments: str) -> TransportDocument:
    (document,) = documents(interchange(BEGIN, *segments))
    return document


def test_the_sample_is_valid_and_read() -> None:
    assert CHECKS["cuscar"].find(SAMPLE) == []

    first, second = documents(SAMPLE, ZoneInfo("Europe/Berlin"))

    assert (first.house_document, second.house_document) == ("HAWB0001", "HAWB0002")
    assert {first.master_document, second.master_document} == {"999-12345675"}
    assert first.conveyance_reference == "XX100-2026-07-02"
    assert first.scheduled_arrival_at == "2026-07-02T02:30:00Z"
    assert (first.loading_place_code, first.unloading_place_code) == ("CNSZX", "DEFRA")
    assert (first.gross_mass_kg, first.packages[0].count, first.packages[0].marks) == ("7.5", 2, "LOT 17")
    assert first.description == "T-shirts, cotton, knitted size M: twelve+six pieces"
    assert (first.loading_unit_id, second.loading_unit_id) == ("CSQU3054383", None)
    assert first.consignor is not None
    assert first.consignor.name == "Invented Seller Ltd"
    assert second.consignee is not None
    assert second.consignee.city == "Köln"


def test_a_bill_without_house_documents_makes_one_document() -> None:
    document = only(BY_SEA, *BILL, "CNT+7:8090:KGM", "LOC+9+GBLIV::139", "GID+1+50:CT", "FTX+AAA+++Tea")

    assert (document.house_document, document.master_document) == ("BOL1", None)
    assert document.gross_mass_kg == "8090"
    assert document.transport_mode_code == "1"
    assert document.conveyance_reference == "V17"
    assert document.detail is not None
    assert (document.detail.carrier_id, document.detail.carrier_name) == ("MAEU", "Invented Line")


def test_parties_before_the_first_house_document_are_those_of_all() -> None:
    shared = ("CNI+1+MASTER1", "RFF+ABC:1", "NAD+CZ+++Seller+++++CN")
    houses = ("RFF+HWB:H1", "GID+1+1:CT", "RFF+HWB:H2", "NAD+CZ+++Other+++++VN")

    first, second = documents(interchange(BEGIN, *shared, *houses))

    assert (first.master_document, second.master_document) == ("MASTER1", "MASTER1")
    assert first.consignor is not None
    assert second.consignor is not None
    assert (first.consignor.name, second.consignor.name) == ("Seller", "Other")


@pytest.mark.parametrize(
    ("stated", "kilograms"),
    [("KGM:7.50", "7.50"), ("KGM:7,5", "7.5"), ("TNE:1.2", "1200.0"), ("GRM:600", "0.600")],
)
def test_masses_are_read_in_kilograms(stated: str, kilograms: str) -> None:
    assert only(*BILL, "GID+1+1:CT", f"MEA+AAE+G+{stated}").gross_mass_kg == kilograms


def test_a_mass_in_another_unit_is_not_guessed() -> None:
    content = interchange(BEGIN, *BILL, "GID+1+1:CT", "MEA+AAE+G+LBR:10")

    assert documents(content)[0].gross_mass_kg is None
    assert codes(CHECKS["cuscar"].find(content)) == ["edifact-unit-unknown"]


def test_an_address_without_structure_is_read_by_lines() -> None:
    consignee = only(*BILL, "NAD+CN++Person:Street 1:Town++++++DE").consignee

    assert consignee is not None
    assert (consignee.name, consignee.street, consignee.country_code) == ("Person", "Street 1\nTown", "DE")


def test_a_party_without_a_country_stays_out_and_is_told() -> None:
    content = interchange(BEGIN, *BILL, "NAD+CN++Person:Street 1")

    assert documents(content)[0].consignee is None
    assert codes(CHECKS["cuscar"].find(content)) == ["edifact-party-without-country"]


@pytest.mark.parametrize(
    ("code", "act"), [("9", "original"), ("5", "replace"), ("4", "change"), ("1", "cancel")]
)
def test_the_function_says_what_is_asked_for(code: str, act: str) -> None:
    reports = decode_cuscar(interchange(f"BGM+85+M1+{code}", *BILL))

    assert [one.act for one in reports.reports] == [act]


def test_what_is_read_into_no_field_is_told_when_converted() -> None:
    told = Circumstances(dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    content = interchange("BGM+85+M1+5", *BILL, "GIS+23", "ZZZ+9")

    lost, document = CONVERSIONS["cuscar"].read(content, told)

    found = {(one.code, one.pointer) for one in lost.findings}
    assert ("act-not-carried", "/1") in found
    assert ("unread-element", "/1/5/GIS/2/1") in found
    assert ("unread-element", "/1/6/ZZZ/2/1") in found
    assert document.document is not None


@pytest.mark.parametrize(
    ("segments", "code", "pointer"),
    [
        (("BGM+85+M1+7", *BILL), "edifact-function-unknown", "/1/2/BGM/4/1"),
        ((BEGIN,), "edifact-no-consignment", "/1"),
        (BILL, "edifact-segment-missing", "/1"),
        ((BEGIN, BEGIN, *BILL), "edifact-too-often", "/1/3/BGM"),
        ((BEGIN, "DTM+:20260101:102", *BILL), "missing-field", "/1/3/DTM/2/1"),
        ((BEGIN, "TDT+20+V", "DTM+132:20260230:102", *BILL), "edifact-not-a-time", "/1/4/DTM/2/2"),
        ((BEGIN, "TDT+20+V", "DTM+132:2026W07:616", *BILL), "edifact-not-a-time", "/1/4/DTM/2/2"),
        ((BEGIN, *BILL, "GID+1+x:CT"), "edifact-not-a-number", "/1/5/GID/3/1"),
        ((BEGIN, *BILL, "GID+1+1:CT", "MEA+AAE+G+KGM:1e9"), "edifact-not-a-number", "/1/6/MEA/4/2"),
        ((BEGIN, *BILL, "CNI+2", "RFF+BM:BOL1"), "edifact-document-repeated", "/1/6/RFF"),
        ((BEGIN, "CNI+1", "RFF+BM:BOL 1"), "pattern", ""),
    ],
)
def test_each_fault_is_told_at_its_place(segments: tuple[str, ...], code: str, pointer: str) -> None:
    findings = CHECKS["cuscar"].find(interchange(*segments))

    if code == "pattern":
        assert [one.pointer for one in findings if one.severity == "fault"][-1] == "/1/4/RFF/2/2"
    else:
        assert (code, pointer) in [(one.code, one.pointer) for one in findings if one.severity == "fault"]


@pytest.mark.parametrize(
    ("segments", "faulty"),
    [
        (("CNI+1", "RFF+HWB:A", "GID+1+1:CT", "RFF+HWB:B", "GID+1+x:CT"), [False, True]),
        (("CNI+1", "RFF+HWB:A", "GID+1+x:CT", "RFF+HWB:B", "GID+1+1:CT"), [True, False]),
        (("CNI+1", "RFF+MWB:M", "GID+1+x:CT", "RFF+HWB:A", "RFF+HWB:B"), [True, True]),
        (("CNI+1", "RFF+BM:A", "CNI+2", "RFF+MWB:M", "GID+1+x:CT", "RFF+BM:B"), [False, True]),
        (("CNI+1", "RFF+MWB:M", "GID+1+x:CT", "RFF+BM:A", "CNI+2", "RFF+BM:B"), [True, False]),
    ],
)
def test_a_number_that_is_none_keeps_out_the_documents_it_is_about(
    segments: tuple[str, ...], faulty: list[bool]
) -> None:
    reports = decode_cuscar(interchange(BEGIN, *segments))

    assert not reports.is_faulty
    assert [bool(faults(one.findings)) for one in reports.reports[0].documents] == faulty
    assert [one.document is None for one in reports.reports[0].documents] == faulty


@pytest.mark.parametrize(
    "segments",
    [
        ("EQD+CN+CSQU3054383+22G1", "MEA+AAE+G+KGM:x", *BILL),
        ("CNI+1", "RFF+HWB:A", "RFF+HWB:B", "RFF+HWB:A", "GID+1+x:CT"),
    ],
)
def test_a_number_of_nobody_or_of_who_is_named_twice_keeps_out_the_interchange(
    segments: tuple[str, ...],
) -> None:
    assert decode_cuscar(interchange(BEGIN, *segments)).is_faulty


@pytest.mark.parametrize("number", ["9" * 18, "9" * 400, "-" + "9" * 17, "1" + "0" * 30])
def test_huge_numbers_are_no_masses_or_counts(number: str) -> None:
    reports = decode_cuscar(interchange(BEGIN, *BILL, f"GID+1+{number}:CT", f"MEA+AAE+G+KGM:{number}"))

    assert reports.is_faulty or reports.reports[0].documents[0].findings


def test_wrong_check_digits_are_advice() -> None:
    by_air = BY_SEA.replace("+V17+1+", "+XX100+4+")
    content = interchange(BEGIN, by_air, "EQD+CN+CSQU3054384", "CNI+1+999-12345676", "RFF+HWB:H1")

    findings = CHECKS["cuscar"].find(content)

    assert faults(findings) == []
    assert sorted(codes(findings)) == ["air-waybill-check", "container-number-check"]


def test_another_message_and_a_release_not_looked_at_are_told() -> None:
    assert faults(CHECKS["cuscar"].find(interchange(BEGIN, *BILL, kind="CUSDEC:D:95B:UN"))) == [
        "edifact-other-message"
    ]
    assert codes(CHECKS["cuscar"].find(interchange(BEGIN, *BILL, kind="CUSCAR:D:21B:UN"))) == [
        "edifact-release-unknown"
    ]


@pytest.mark.parametrize(
    "segment", ["RFF+HWB:H{}'", "RFF+ABC:H{}'", "CNI+{}'", "NAD+CN+++A'", "SGP+A{}'", "DTM+132:x:203'"]
)
def test_reports_of_very_many_segments_cost_in_proportion(segment: str) -> None:
    many = SEGMENTS_MAX // 20
    inner = "CNI+1'RFF+BM:B'GID+1'" + "".join(segment.format(number) for number in range(many))

    with costs_at_most(cpu_s=4):
        decode_cuscar(f"{HEAD}UNH+1+CUSCAR:D:95B:UN'BGM+85+M1+9'{inner}UNT+{many + 6}+1'UNZ+1+REF1'".encode())


TEXTS = st.text(alphabet="BGMCNIRFDTAH0123456789+:'?. ", max_size=40)


@settings(max_examples=200)
@given(st.lists(TEXTS, max_size=6), st.integers(0, 900), st.binary(max_size=4))
def test_no_bytes_make_a_check_fail(segments: list[str], place: int, noise: bytes) -> None:
    CHECKS["cuscar"].find(interchange(BEGIN, *BILL, *segments))
    CHECKS["cuscar"].find(SAMPLE[:place] + noise + SAMPLE[place:])
    CHECKS["cuscar"].find(SAMPLE[:place] + noise + SAMPLE[place + len(noise) :])
