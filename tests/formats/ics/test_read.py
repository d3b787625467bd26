"""An entry summary read into transport documents."""

from zoneinfo import ZoneInfo

from serai.formats.ics.read import decode_entry_summary, mapped_to
from tests.formats.ics.ens_message import write_message

LONDON = ZoneInfo("Europe/London")


def test_goods_items_of_one_house_waybill_are_one_transport_document() -> None:
    summary, findings = decode_entry_summary(
        write_message("HAWB1", "HAWB1", "HAWB2").encode(), office_zone=LONDON
    )

    assert findings == []
    assert summary is not None
    first, second = summary.documents
    assert (first.reference, first.house_document, second.house_document) == ("MSG0001-1", "HAWB1", "HAWB2")
    assert (first.gross_mass_kg, second.gross_mass_kg) == ("3.0", "1.5")
    assert [package.count for package in first.packages] == [1, 1]
    assert (first.transport_mode_code, first.conveyance_reference) == ("4", "BA1326")
    assert (first.loading_place_code, first.unloading_place_code) == ("CNSZX", "GBLHR")
    # Noon on a summer's day in London.
    assert first.scheduled_arrival_at == "2026-07-01T11:00:00Z"
    assert first.consignor is not None
    assert (first.consignor.name, first.consignor.country_code) == ("Shirts Ltd", "CN")
    assert first.consignee is not None
    assert (first.consignee.party_identifier, first.consignee.country_code) == ("GB987654321000", "GB")


def test_what_has_no_field_is_kept_and_named() -> None:
    summary, _ = decode_entry_summary(write_message().encode(), office_zone=LONDON)

    assert summary is not None
    unread = [one.way for of_document in summary.unread for one in of_document]
    assert "/ie:CC315A[1]/GOOITEGDS[1]/COMCODGODITM[1]/ComNomCMD1[1]" in unread
    assert not any("GooDesGDS23" in location for location in unread)
    assert mapped_to("/GOOITEGDS/TRACONCO2/NamCO27") == "consignor.name"


def test_a_faulty_message_is_not_read_and_all_its_faults_come() -> None:
    summary, findings = decode_entry_summary(
        write_message().replace("BA1326", "NOFLIGHT99999").encode(), office_zone=LONDON
    )

    assert summary is None
    assert [one.code for one in findings] == ["8118"]


def test_a_value_that_the_model_cannot_hold_is_told_at_its_place() -> None:
    summary, findings = decode_entry_summary(write_message("HAWB 1").encode(), office_zone=LONDON)

    assert summary is None
    assert [(one.code, one.pointer) for one in findings] == [
        ("bad-pattern", "/ie:CC315A[1]/GOOITEGDS[1]/PRODOCDC2[1]/DocRefDC23[1]")
    ]
