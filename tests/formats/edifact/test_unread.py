"""What nothing reads is kept with its own consignment, or told that it is not."""

from serai.formats.cardit.read import decode_cardit
from serai.formats.cuscar.read import decode_cuscar
from serai.formats.decoded import FINDINGS_MAX
from serai.formats.edifact.convert import parts_of
from serai.formats.edifact.unread import REMARKS_MAX, with_unread
from serai.model.documents import TransportDocument
from tests.formats.edifact.interchanges import interchange

BEGIN = "BGM+85+M1+9"
SELLER = "NAD+CZ+++Seller+++++CN"


def kept(content: bytes) -> list[tuple[TransportDocument, list[tuple[str, str]], list[tuple[str, str]]]]:
    """Return documents with their remarks, and what is told of each."""
    (report,) = decode_cuscar(content).reports
    told = []
    for document, findings in with_unread(report):
        assert document is not None
        person = document.consignor
        remarks = [(one.element or "", one.text) for one in person.remarks] if person is not None else []
        told.append((document, remarks, [(one.code, one.pointer) for one in findings]))
    return told


def test_each_value_stays_with_its_own_consignment() -> None:
    first, second = kept(
        interchange(
            BEGIN,
            *("CNI+1", "RFF+BM:B1", "GIS+23", SELLER),
            *("CNI+2", "MOA+1", "RFF+MWB:M", "GIS+24", "RFF+HWB:H2", SELLER, "GIS+25"),
        )
    )

    assert first[1] == [("GIS/2/1", "23")]
    assert [text for _, text in second[1]] == ["24", "1", "25"]
    assert ("unread-element", "/1/5/GIS/2/1") in first[2]


def test_what_stands_before_all_consignments_is_told_and_makes_no_other_document() -> None:
    def told(hour: str) -> tuple[TransportDocument, list[tuple[str, str]]]:
        ((document, _, findings),) = kept(
            interchange(BEGIN, f"DTM+137:{hour}:203", "CNI+1", "RFF+BM:B1", SELLER)
        )
        return document, findings

    document, findings = told("202606300900")

    assert ("element-not-kept", "/1/3/DTM/2/2") in findings
    assert told("202606301000")[0] == document


def test_a_document_without_a_party_keeps_nothing_and_says_so() -> None:
    ((_, remarks, findings),) = kept(interchange(BEGIN, "CNI+1", "RFF+BM:B1", "GIS+23"))

    assert remarks == []
    assert ("element-not-kept", "/1/5/GIS/2/1") in findings


def test_remarks_have_a_most() -> None:
    ((_, remarks, findings),) = kept(
        interchange(BEGIN, "CNI+1", "RFF+BM:B1", SELLER, *["ZZZ+1"] * (REMARKS_MAX + 50))
    )

    assert len(remarks) == REMARKS_MAX
    assert ("element-not-kept", f"/1/{REMARKS_MAX + 7}/ZZZ/2/1") in findings


def test_values_of_a_receptacle_are_told_with_it() -> None:
    numbers = ["CVRAIADEFRAAAUN60017001000124", "CVRAIADEFRAAAUN60017002110070"]
    goods = [one for number in numbers for one in ("GID+7+1:BG", f"PCI+ZZZ+{number}")]
    (report,) = decode_cardit(interchange(BEGIN, "CNI+1", *goods, kind="IFCSUM:D:96B:UN")).reports

    first, second = with_unread(report)

    assert ("/1/4/GID/2/1") in [one.pointer for one in first[1]]
    assert ("/1/6/GID/2/1") in [one.pointer for one in second[1]]


def test_hundreds_of_values_that_nothing_reads_are_told_as_a_count() -> None:
    one = ["CNI+1", "RFF+BM:B1", *(f"GIS+{number}" for number in range(9)), SELLER]
    parts = parts_of(decode_cuscar(interchange(BEGIN, *one * (FINDINGS_MAX // 8))))

    assert len(parts[0].findings) == FINDINGS_MAX + 1
    assert parts[0].findings[-1].code == "more-faults"
