"""Consignments of mail become a transport document for each receptacle."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.cardit.read import decode_cardit
from serai.formats.cardit.receptacle import CHARACTERS, read_receptacle
from serai.formats.edifact.interchange import SEGMENTS_MAX
from serai.formats.standards import CHECKS
from serai.model.documents import TransportDocument
from tests.formats.edifact.interchanges import codes, faults, interchange

SAMPLE = Path("examples/standards/cardit.edi").read_bytes()
NUMBER = "CVRAIADEFRAAAUN60017001000124"
KIND = "IFCSUM:D:96B:UN"
BEGIN = "BGM+85+CVRAIADEFRAAAUN60017+9"


def documents(content: bytes) -> list[TransportDocument]:
    reports = decode_cardit(content)
    assert not reports.is_faulty, reports.findings
    return [one.document for report in reports.reports for one in report.documents if one.document]


def test_the_sample_is_valid_and_read() -> None:
    assert CHECKS["cardit"].find(SAMPLE) == []

    first, second = documents(SAMPLE)

    assert (first.receptacle_id, first.house_document) == (NUMBER, NUMBER)
    assert (first.gross_mass_kg, second.gross_mass_kg) == ("12.4", "7.0")
    assert first.master_document == "CVRAIADEFRAAAUN60017"
    assert first.logistics_channel_code == "post"


def test_the_movement_is_the_leg_that_arrives() -> None:
    first = documents(SAMPLE)[0]

    assert first.conveyance_reference == "XX200-2026-07-02"
    assert (first.loading_place_code, first.unloading_place_code) == ("CVRAI", "DEFRA")
    assert first.scheduled_departure_at == "2026-07-01T09:30:00Z"
    assert first.scheduled_arrival_at == "2026-07-02T04:30:00Z"


def test_a_receptacle_says_from_where_to_where_and_how_heavy() -> None:
    read = read_receptacle(NUMBER)

    assert read is not None
    assert (read.origin, read.destination) == ("CVRAIA", "DEFRAA")
    assert (read.category, read.subclass, read.dispatch, read.serial) == ("A", "UN", "0017", "001")
    assert read.gross_mass_kg == "12.4"


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (("GID+1+1:BG", "PCI+ZZZ+" + "X" * CHARACTERS), "cardit-receptacle-number"),
        (("GID+1+1:BG",), "edifact-no-consignment"),
        (("GID+1+1:BG", f"PCI+ZZZ+{NUMBER}", "GID+2+1:BG", f"GIN+BJ+{NUMBER}"), "edifact-document-repeated"),
    ],
)
def test_each_fault_is_told(segments: tuple[str, ...], code: str) -> None:
    assert faults(CHECKS["cardit"].find(interchange(BEGIN, "CNI+1", *segments, kind=KIND))) == [code]


def test_what_might_be_otherwise_is_advice() -> None:
    nowhere = NUMBER.replace("DE", "QQ")
    content = interchange(BEGIN, "CNT+7:99:KGM", "CNI+1", "GID+1", f"PCI+ZZZ+{nowhere}", kind=KIND)

    assert sorted(codes(CHECKS["cardit"].find(content))) == ["cardit-mass-differs", "unknown-country"]
    assert faults(CHECKS["cardit"].find(content)) == []


@pytest.mark.parametrize("stated", ["1" * 18, "-5", "0,0000000000000000000001"])
def test_odd_totals_do_no_harm(stated: str) -> None:
    CHECKS["cardit"].find(
        interchange(BEGIN, f"CNT+7:{stated}", "CNI+1", "GID+1", f"PCI+ZZZ+{NUMBER}", kind=KIND)
    )


@settings(max_examples=100)
@given(st.integers(0, len(SAMPLE)), st.binary(max_size=4))
def test_no_bytes_make_a_check_fail(place: int, noise: bytes) -> None:
    CHECKS["cardit"].find(SAMPLE[:place] + noise + SAMPLE[place:])
    CHECKS["cardit"].find(SAMPLE[:place] + noise + SAMPLE[place + len(noise) :])


def test_very_many_receptacles_are_read_each() -> None:
    count = SEGMENTS_MAX // 40
    inner = [
        one for number in range(count) for one in (f"GID+{number}", f"PCI++{NUMBER[:13]}UN{number:014d}")
    ]

    assert len(documents(interchange(BEGIN, "CNI+1", *inner, kind=KIND))) == count


def test_a_number_that_is_no_receptacles_keeps_out_only_itself() -> None:
    content = interchange(
        BEGIN, "CNI+1", "GID+1+1:BG", f"PCI+ZZZ+{NUMBER}", "GID+2+1:BG", f"PCI+ZZZ+{'X' * 29}", kind=KIND
    )

    reports = decode_cardit(content)

    assert not reports.is_faulty
    assert [faults(one.findings) for one in reports.reports[0].documents] == [
        [],
        ["cardit-receptacle-number"],
    ]
    assert reports.reports[0].documents[1].document is None
