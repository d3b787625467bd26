"""The score of a document is the share of what was asked, and each check moves with what it is about."""

import re
from typing import Any

import msgspec
import numpy as np
import pytest

from serai.journey.finding_messages import sentence_of
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.rules import RULES, MessageRule, apply_rules
from serai.model.documents import VENDOR, AdditionalFiscalReference, ConsignmentDetail, Container, Person
from serai.model.findings import Finding
from tests.journey.batches import AT_MS, ROOT, person
from tests.journey.validation.data_quality.scored import best, best_item, checked_of, quality_of

POINTS = {check.code: check.points for check in FORMULA.checks}


def failed(document: Any) -> set[str]:
    return set(quality_of(document).failed_codes(0))


def test_a_document_with_everything_has_a_hundred() -> None:
    quality = quality_of(best())

    assert quality.score.tolist() == [100]
    assert quality.failed_codes(0) == []


SHORT_NUMBER = {
    "scheme_kind_code": "IOSS",
    "additional_fiscal_references": [AdditionalFiscalReference(VENDOR, "IM12")],
}


@pytest.mark.parametrize(
    ("changed", "document", "code"),
    [
        ({"description": "gift"}, {}, "description-vague"),
        ({"commodity_code": "610910"}, {}, "commodity-code-short"),
        ({"net_mass_kg": None}, {}, "net-mass-missing"),
        ({"merchant_product_id": None}, {}, "product-id-missing"),
        ({"standard_product_id": "4006381333932"}, {}, "gtin-check"),
        ({"quantity_unit_code": "ZZZ"}, {}, "unknown-unit"),
        ({}, {"sale_nature_code": "not-stated"}, "sale-nature-missing"),
        ({}, {"purchased_at": None}, "purchase-time-missing"),
        ({}, {"paid_at": None}, "payment-time-missing"),
        ({}, {"expected_arrival_at": None}, "arrival-time-missing"),
        ({}, {"paid_at": "2026-07-06T10:00:00Z"}, "dates-out-of-order"),
        ({}, {"dispatch_country_code": None}, "dispatch-country-missing"),
        ({}, {"dispatch_country_code": "HK"}, "consignor-elsewhere"),
        ({}, {"house_document": None}, "house-document-missing"),
        ({}, {"transport_mode_code": "4", "master_document": "020-12345674"}, "air-waybill-check"),
        ({}, {"detail": ConsignmentDetail(containers=[Container("CSQU3054384")])}, "container-number-check"),
        ({}, {"buyer": person(tax_number="DE136695975")}, "tax-number-check"),
        ({}, SHORT_NUMBER, "scheme-number-unfit"),
        ({}, {"consignee": person(street="1 Mill Lane")}, "address-incomplete"),
        ({}, {"consignee": person(street="1 Mill Lane", city="Berlin", postcode=None)}, "postcode-missing"),
        ({}, {"consignee": person(street="Lane 1", city="Berlin", postcode="SW1 1A")}, "postcode-malformed"),
        ({}, {"consignee": person(street="N/A", city="Berlin")}, "address-filled-in"),
        ({}, {"consignee": person(street="1 Mill Lane", city="10115")}, "address-filled-in"),
        ({}, {"consignor": Person(name="Invented Sender Ltd", country_code="CN")}, "consignor-incomplete"),
    ],
)  # fmt: skip
def test_each_check_moves_alone(changed: Any, document: Any, code: str) -> None:
    quality = quality_of(best(best_item(**changed), **document))

    assert quality.failed_codes(0) == [code]
    lost = int(quality.lost[:, 0].sum())
    assert lost == POINTS[code] * 1000
    asked = int(quality.asked_points[0])
    assert quality.score[0] == (asked - POINTS[code]) * 100 // asked


def test_items_count_by_their_share() -> None:
    quality = quality_of(best(best_item(), best_item(sequence_number=2, description="parts")))

    assert quality.failed_codes(0) == ["description-vague"]
    assert quality.lost[FORMULA.bit_of["description-vague"], 0] == POINTS["description-vague"] * 500


@pytest.mark.parametrize(
    ("country", "postcode", "is_malformed"),
    [
        ("GB", "SW1A 1AA", False),
        ("GB", "sw1a1aa", False),
        ("GB", "12345", True),
        ("NL", "1012 AB", False),
        ("NL", "1012", True),
        ("PL", "00-950", False),
        ("US", "20500-0003", False),
        ("US", "2050", True),
        ("NO", "0150", False),
        ("HK", "anything", False),
    ],
)
def test_a_postcode_has_the_form_of_its_country(country: str, postcode: str, is_malformed: bool) -> None:
    consignee = person(country_code=country, street="1 Mill Lane", city="Somewhere", postcode=postcode)

    assert ("postcode-malformed" in failed(best(consignee=consignee))) is is_malformed


def test_a_country_without_postcodes_is_not_asked_for_one() -> None:
    consignee = Person(name="Invented Person", country_code="HK", street="1 Mill Lane", city="Hong Kong")

    assert failed(best(consignee=consignee)) == set()


def test_round_prices_are_a_fault_only_where_there_are_many() -> None:
    round_ones = [best_item(sequence_number=n + 1, invoice_amount=f"{n + 1}0.00") for n in range(5)]

    assert failed(best(*round_ones)) == {"round-values"}
    assert failed(best(*round_ones[:4])) == set()
    assert failed(best(*round_ones, best_item(sequence_number=6), best_item(sequence_number=7))) == set()


def test_scores_of_a_batch_are_those_of_each_alone() -> None:
    documents = [
        best(),
        best(best_item(description="gift"), best_item(sequence_number=2, net_mass_kg=None)),
        best(sale_nature_code="not-stated", consignee=person(postcode="?")),
    ]

    together = quality_of(*documents)

    assert together.score.tolist() == [int(quality_of(one).score[0]) for one in documents]
    assert together.bits.tolist() == [int(quality_of(one).bits[0]) for one in documents]
    assert FORMULA.codes_of(int(together.bits[0])) == []


def test_a_faulty_neighbour_does_not_shift_scores() -> None:
    faulty = best(best_item(quantity="0"), best_item(sequence_number=2))
    worse = best(best_item(description="gift"))

    quality = quality_of(faulty, worse, faulty, best())

    assert [set(quality.failed_codes(row)) for row in (0, 1)] == [{"description-vague"}, set()]


def test_what_is_said_is_advice_with_place_and_remedy_and_keeps_nobody_out() -> None:
    document = best(
        best_item(standard_product_id="4006381333932"),
        consignee=person(street="test", city="Berlin", postcode="SW1A 1AA"),
        buyer=person(tax_number="DE136695975"),
    )

    checked = checked_of(document)

    said = {one.finding.code: one.finding for one in checked.remarks}
    assert checked.faults == [[]]
    assert {code: one.pointer for code, one in said.items()} == {
        "gtin-check": "/goods_items/0/standard_product_id",
        "tax-number-check": "/buyer/tax_number",
        "postcode-malformed": "/consignee/postcode",
        "address-filled-in": "/consignee/street",
    }
    assert {one.severity for one in said.values()} == {"advice"}
    assert "would be 1" in sentence_of(said["gtin-check"]).sentence
    assert "136695975" not in str(said.values())


def test_every_check_has_sentence_and_remedy() -> None:
    for check in FORMULA.checks:
        said = sentence_of(Finding(check.code, ""))
        assert "See the reference" not in said.remedy, check.code


def test_the_page_states_the_points_of_each_check() -> None:
    page = (ROOT / "docs" / "explanation" / "data-quality.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|[^|]*\|[^|]*\| (\d+) \|", page, re.MULTILINE))

    assert rows == {code: str(points) for code, points in POINTS.items()}


# ---- rules of messages have days ----


def test_a_rule_in_its_grace_says_from_when_it_is_a_fault_and_then_is_one() -> None:
    document = best(best_item(quantity_unit_code="ZZZ"))
    after_ms = int(np.datetime64(RULES["unknown-unit"].advice_to, "ms").astype(np.int64))
    (before,) = [one.finding for one in checked_of(document).remarks]
    (after,) = checked_of(document, at_ms=after_ms).faults[0]

    assert before.severity == "advice"
    assert before.parameters["fault_from"] == "2027-04-01"
    assert "From 2027-04-01 on it keeps a message out." in sentence_of(before).sentence
    assert after.severity == "fault"
    assert "Since 2027-04-01 it keeps a message out." in sentence_of(after).sentence
    assert checked_of(document, at_ms=after_ms - 1).faults == [[]]


def test_a_rule_outside_its_days_says_nothing() -> None:
    class _Gathered(msgspec.Struct):
        gathered: list[Any]

    remarks = _Gathered(list(checked_of(best(best_item(quantity_unit_code="ZZZ"))).remarks))
    later = msgspec.convert(
        {"code": "unknown-unit", "advice_to": None, "source": "test", "valid_from": "2030-01-01"}, MessageRule
    )

    apply_rules(remarks, np.array([AT_MS]), {"unknown-unit": later})  # type: ignore[arg-type]

    assert remarks.gathered == []
