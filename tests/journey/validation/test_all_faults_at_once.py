"""Every fault of a document is said at once, at its place; sound neighbours go on."""

from typing import Any

import pytest

from serai.journey.validation.remarks import FINDINGS_MAX
from serai.model.documents import AdditionalDocument, ConsignmentDetail, Person, Procedure, ValuationCharge
from tests.journey.batches import item, parcel, person, run


def faults(*documents: Any) -> list[set[tuple[str, str]]]:
    return [{(f.code, f.pointer) for f in found} for found in run(*documents).faults]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"logistics_channel_code": "pigeon"}, "unknown-channel", "/logistics_channel_code"),
        ({"sale_nature_code": "theft"}, "unknown-sale-nature", "/sale_nature_code"),
        ({"transport_mode_code": "x"}, "unknown-transport-mode", "/transport_mode_code"),
        ({"dispatch_country_code": "XX"}, "unknown-country", "/dispatch_country_code"),
        (
            {"procedure": Procedure(direction_code="banana")},
            "unknown-direction",
            "/procedure/direction_code",
        ),
        (
            {"procedure": Procedure(requested_procedure_code="ZZ")},
            "unknown-procedure",
            "/procedure/requested_procedure_code",
        ),
        ({"scheme_kind_code": "XXX"}, "unknown-scheme-kind", "/scheme_kind_code"),
        ({"consignee": person(country_code="UK")}, "unknown-country", "/consignee/country_code"),
        ({"buyer": Person(country_code="DE")}, "person-without-name", "/buyer"),
        ({"freight_amount": "1.00"}, "currency-missing", "/charges_currency_code"),
        (
            {"freight_amount": "-1.00", "charges_currency_code": "EUR"},
            "negative-amount",
            "/freight_amount",
        ),
        (
            {"discount_amount": "9999999999.99", "charges_currency_code": "EUR"},
            "discount-above-price",
            "/discount_amount",
        ),
        (
            {"discount_amount": "1.00", "charges_currency_code": "USD"},
            "discount-in-another-currency",
            "/discount_amount",
        ),
        (
            {"discount_amount": "1.005", "charges_currency_code": "EUR"},
            "too-many-decimals",
            "/discount_amount",
        ),
        ({"insurance_amount": "1e3", "charges_currency_code": "EUR"}, "not-a-decimal", "/insurance_amount"),
        ({"charges_currency_code": "EURO"}, "unknown-currency", "/charges_currency_code"),
        ({"invoice_total_amount": "12,50"}, "not-a-decimal", "/invoice_total_amount"),
        ({"purchased_at": "2026-07-01T10:00:00"}, "not-an-instant", "/purchased_at"),
        ({"purchased_at": "yesterday-ish"}, "not-an-instant", "/purchased_at"),
        ({"paid_at": "1999-12-31T23:59:59Z"}, "instant-out-of-range", "/paid_at"),
        ({"accepted_at": "2100-01-01T00:00:00Z"}, "instant-out-of-range", "/accepted_at"),
        ({"expected_arrival_at": "2226-07-01T10:00:00Z"}, "instant-out-of-range", "/expected_arrival_at"),
        ({"house_document": "RR123456784CN"}, "postal-number-check", "/house_document"),
    ],
)
def test_fault_of_a_consignment(changes: dict[str, Any], code: str, pointer: str) -> None:
    assert faults(parcel(**changes)) == [{(code, pointer)}]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"origin_country_code": "ZZ"}, "unknown-country", "origin_country_code"),
        ({"invoice_currency_code": "XXX"}, "unknown-currency", "invoice_currency_code"),
        ({"commodity_code": "6109"}, "commodity-code-malformed", "commodity_code"),
        ({"commodity_code": "6109.10"}, "commodity-code-malformed", "commodity_code"),
        ({"commodity_code": "٦١٠٩١٠"}, "commodity-code-malformed", "commodity_code"),
        ({"commodity_code": "61091000001"}, "commodity-code-malformed", "commodity_code"),
        ({"commodity_code": "770000"}, "commodity-chapter-unknown", "commodity_code"),
        ({"commodity_code": "001000"}, "commodity-chapter-unknown", "commodity_code"),
        ({"invoice_amount": "0.00"}, "not-positive", "invoice_amount"),
        ({"invoice_amount": "-0"}, "not-positive", "invoice_amount"),
        ({"invoice_amount": "-5"}, "not-positive", "invoice_amount"),
        ({"invoice_amount": "1000000000000.01"}, "number-too-large", "invoice_amount"),
        ({"invoice_amount": "12.345"}, "too-many-decimals", "invoice_amount"),
        ({"invoice_amount": "100.5", "invoice_currency_code": "JPY"}, "too-many-decimals", "invoice_amount"),
        ({"invoice_amount": "1e400"}, "not-a-decimal", "invoice_amount"),
        ({"quantity": "0"}, "not-positive", "quantity"),
        ({"quantity": "two"}, "not-a-decimal", "quantity"),
        ({"quantity": "2000000000000"}, "number-too-large", "quantity"),
        ({"gross_mass_kg": "-0.4"}, "not-positive", "gross_mass_kg"),
        ({"gross_mass_kg": "0.0001"}, "not-positive", "gross_mass_kg"),
        ({"net_mass_kg": "0.401"}, "net-above-gross", "net_mass_kg"),
        ({"supplementary_quantity": "many"}, "not-a-decimal", "supplementary_quantity"),
        ({"supplementary_quantity": "0"}, "not-positive", "supplementary_quantity"),
    ],
)
def test_fault_of_a_goods_item_points_to_its_place(changes: dict[str, Any], code: str, field: str) -> None:
    document = parcel("T-1", item(), item(**{"sequence_number": 2} | changes))

    assert faults(document) == [{(code, f"/goods_items/1/{field}")}]


def test_what_is_at_its_limit_is_no_fault() -> None:
    sound = item(
        invoice_amount="1000000000000.00", quantity="0.000001", gross_mass_kg="0.001", net_mass_kg="0.001"
    )
    three_places = item(sequence_number=2, invoice_amount="1.005", invoice_currency_code="BHD")
    document = parcel(
        "T-1",
        sound,
        three_places,
        house_document="RR123456785CN",
        accepted_at="2099-12-31T23:59:59Z",
        paid_at="2000-01-01T00:00:00Z",
        buyer=Person(country_code="XK", party_identifier="X-1"),
    )

    assert faults(document) == [set()]


@pytest.mark.parametrize("code", ["980490", "9807100000", "990500"])
def test_a_code_that_a_country_made_in_the_chapters_left_to_it_is_no_fault(code: str) -> None:
    assert faults(parcel("T-1", item(commodity_code=code))) == [set()]


def test_a_house_number_of_the_posts_own_is_no_fault() -> None:
    assert faults(
        parcel(house_document="INVENTED-POST-77"),
        parcel(house_document="RR123456784CN", logistics_channel_code="express"),
    ) == [set(), set()]


@pytest.mark.parametrize(
    ("charges", "codes"),
    [
        ([("IC", "2.50", "EUR"), ("IC", "0", "EUR")], set()),
        ([("AK", "2.50", "EUR")], {"valuation-charge-unsupported"}),
        ([("IC", "2.50", "USD")], {"valuation-charge-unsupported"}),
        ([("IC", "-2.50", "EUR")], {"valuation-charge-unsupported"}),
        ([("IC", "much", "EUR")], {"valuation-charge-unsupported"}),
        ([("IC", "900000000000", "EUR")] * 30, {"number-too-large"}),
    ],
)
def test_only_charges_of_the_import_are_taken_and_only_as_amounts(
    charges: list[tuple[str, str, str]], codes: set[str]
) -> None:
    detail = ConsignmentDetail(charges=[ValuationCharge(*one) for one in charges])

    (found,) = faults(parcel("T-1", item(), charges_currency_code="EUR", detail=detail))

    assert {code for code, _ in found} == codes


def test_excise_is_held_to_the_currency_of_the_charges() -> None:
    odd = parcel("T-1", item(excise_amount="1.005"), charges_currency_code="EUR")
    without = parcel("T-2", item(excise_amount="1.00"))
    negative = parcel("T-3", item(excise_amount="-1"), charges_currency_code="EUR")

    assert faults(odd, without, negative) == [
        {("too-many-decimals", "/goods_items/0/excise_amount")},
        {("currency-missing", "/charges_currency_code")},
        {("negative-amount", "/goods_items/0/excise_amount")},
    ]


def test_a_repeated_sequence_number_is_said_of_the_later_item_only() -> None:
    documents = parcel("T-1", item(), item(), item(sequence_number=2)), parcel("T-2")

    assert faults(*documents) == [{("sequence-number-repeated", "/goods_items/1/sequence_number")}, set()]


def test_ten_faults_are_said_in_one_answer() -> None:
    bad = item(
        commodity_code="99",
        origin_country_code="ZZ",
        invoice_currency_code="EURO",
        quantity="0",
        invoice_amount="-1",
        gross_mass_kg="heavy",
    )
    document = parcel(
        "T-1",
        bad,
        logistics_channel_code="x",
        consignee=Person(country_code="??"),
        paid_at="2026-07-01T10:00",
    )

    found = run(document).faults[0]

    assert [f.code for f in found if f.pointer.startswith("/goods_items")] == [
        "not-a-decimal",
        "unknown-country",
        "unknown-currency",
        "commodity-code-malformed",
        "not-positive",
        "not-positive",
    ]
    assert {f.code for f in found} >= {"unknown-channel", "person-without-name", "not-an-instant"}
    assert len(found) == 10


def test_findings_of_one_document_are_limited_and_the_rest_is_counted() -> None:
    document = parcel("T-1", *(item(sequence_number=n + 1, quantity="0") for n in range(FINDINGS_MAX + 7)))

    found = run(document).faults[0]

    assert len(found) == FINDINGS_MAX + 1
    assert (found[-1].code, found[-1].parameters) == ("more-faults", {"count": "7"})


def test_an_unusual_unit_is_advice_and_keeps_nobody_out() -> None:
    processed = run(parcel("T-1", item(quantity_unit_code="ZZZ")))

    assert processed.faults == [[]]
    rows = dict(
        zip(
            processed.findings.words("code").texts(),
            processed.findings.words("severity").texts(),
            strict=True,
        )
    )
    assert rows["unknown-unit"] == "advice"


def test_a_day_outside_any_law_is_no_fault_but_a_finding() -> None:
    processed = run(parcel(accepted_at="2020-01-01T00:00:00Z"))

    assert processed.faults == [[]]
    assert processed.findings.words("code").texts() == ["no-law"]


def test_no_fault_repeats_what_may_be_personal() -> None:
    secret = person(name=None, country_code="??", street="Secret Street", phone="+49 30 555")

    found = run(parcel(consignee=secret)).faults[0]

    assert len(found) == 2
    assert not any("Secret" in str(f) or "555" in str(f) for f in found)


def test_documents_of_item_and_consignment_are_known_to_the_law() -> None:
    listed = item(additional_documents=[AdditionalDocument("Y900"), AdditionalDocument("C506")])
    documents = parcel("T-1", listed, additional_documents=[AdditionalDocument("N380")]), parcel("T-2")

    codes = run(*documents).items.words("document_type_codes").texts()

    assert codes == ["C506 N380 Y900", ""]
