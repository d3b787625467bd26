"""Items of posts are read into declarations, each by itself; what nothing reads is kept and told."""

import json

import pytest

from serai.formats.upu.consignment import share_out
from serai.formats.upu.read import decode_upu
from tests.beside import SHARED, needs
from tests.formats.upu.items import CUSITM, ITMATT, NAMES, SAMPLES, changed, codes, first_item, read


@pytest.mark.parametrize("name", NAMES)
def test_samples_have_no_finding(name: str) -> None:
    message, findings = decode_upu((SAMPLES / f"{name}.xml").read_bytes(), name)  # type: ignore[arg-type]

    assert findings == []
    assert message is not None
    assert [item.findings for item in message.items] == [[], [], []]
    assert [item.kept for item in message.items] == [[], [], []]


def test_an_item_becomes_a_declaration_and_a_transport_document() -> None:
    item = read(CUSITM).items[0]

    declared, carried = item.consignment, item.transport_document
    assert declared is not None
    assert carried is not None
    assert declared.reference == carried.reference == "RR100000017CV-2026"
    assert declared.house_document == carried.house_document == "RR100000017CV"
    assert (declared.logistics_channel_code, declared.transport_mode_code) == ("post", "5")
    assert (declared.scheme_kind_code, declared.vendor_number) == ("IOSS", "IM3720000224")
    assert declared.consignor.tax_number is None
    assert (declared.freight_amount, declared.charges_currency_code) == ("9.50", "EUR")
    bowls, runner = declared.goods_items
    assert (bowls.quantity, bowls.invoice_amount, bowls.net_mass_kg) == ("2", "38.00", "0.800")
    assert (bowls.commodity_code, bowls.origin_country_code) == ("69120085", "CV")
    assert (bowls.merchant_product_id, runner.merchant_product_id) == ("BOWL-7", "RUNNER-2")
    assert (bowls.gross_mass_kg, runner.gross_mass_kg) == ("0.920", "0.230")
    assert carried.gross_mass_kg == "1.150"
    assert carried.scheduled_departure_at == "2026-07-01T18:00:00Z"


def test_a_gift_is_one_and_a_sale_does_not_say_between_whom() -> None:
    natures = [one.consignment.sale_nature_code for one in read(CUSITM).items if one.consignment]

    assert natures == ["not-stated", "not-stated", "gift"]


def test_itmatt_says_the_same_as_cusitm() -> None:
    ours, theirs = read(ITMATT, "itmatt"), read(CUSITM)

    assert [one.consignment for one in ours.items] == [one.consignment for one in theirs.items]
    assert ours.header is not None
    assert (ours.header.sender_code, ours.header.recipient_code) == ("CVA", "DEA")


def test_reference_of_a_sender_that_is_no_scheme_number_is_a_tax_number() -> None:
    item = first_item(("IM3720000224", "CV123456"))

    assert item.consignment is not None
    assert item.consignment.vendor_number is None
    assert item.consignment.consignor.tax_number == "CV123456"


def test_unknown_and_unread_elements_are_kept_and_told() -> None:
    item = first_item(
        ("<GrossWeight>", "<Colour>blue</Colour><InsuredValue>50</InsuredValue><GrossWeight>"),
        ("MerchantProductId<", "BatchNumber<"),
    )

    assert item.consignment is not None
    assert {one.way for one in item.kept} == {
        "Declaration/Data/Colour",
        "Declaration/Data/InsuredValue",
        "Declaration/Data/ContentPieces/Declaration.DeclarationData.ContentPiece[1]/ExtraFieldNames/string",
        "Declaration/Data/ContentPieces/Declaration.DeclarationData.ContentPiece[1]/ExtraFieldValues/string",
    }
    told = [one.parameters["element"] for one in item.findings]
    assert codes(item.findings) == ["unread-element"] * 3
    assert told == ["Colour", "InsuredValue", "BatchNumber"]
    assert {one.severity for one in item.findings} == {"advice"}


def test_much_that_is_unknown_makes_no_fault() -> None:
    item = first_item(("<GrossWeight>", "<Odd/>" * 1_000 + "<GrossWeight>"))

    assert item.consignment is not None
    assert len(item.kept) == 1_000
    assert len(item.findings) == 201
    assert {one.severity for one in item.findings} == {"advice"}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (("<GrossWeight>1.150</GrossWeight>", ""), "missing-field", "Declaration/Data/GrossWeight"),
        (("<HS>69120085</HS>", "<HS/>"), "missing-field", "ContentPiece[1]/HS"),
        (("<Number>2</Number>", "<Number>two</Number>"), "wrong-type", "ContentPiece[1]/Number"),
        (("<Amount>38.00</Amount>", "<Amount>38,00</Amount>"), "not-a-decimal", "ContentPiece[1]/Amount"),
        (("<CurrencyCd>EUR<", "<CurrencyCd>EURO<"), "unknown-currency", "ContentPiece[1]/CurrencyCd"),
        (("CountryCd>DE<", "CountryCd>Germany<"), "unknown-country", "Data/RecipientCountryCd"),
        (("RR100000017CV", "RR100000018CV"), "postal-number-check", "MailObject/Id"),
        (("RR100000017CV", "RR 100 000 017"), "bad-pattern", "MailObject/Id"),
        (("09:00:00-01:00", "nine"), "not-an-instant", "MailObject/PostingDt"),
        (("State>1<", "State>9<"), "upu-act-unknown", "/EntityState"),
        (("<TypeCd>MI<", "<TypeCd>RC<"), "upu-other-value", "MailObject/TypeCd"),
        (("<SenderName>Invented Crafts Lda</SenderName>", ""), "missing-field", "Data/SenderName"),
        (("<PostageCurrencyCd>EUR</PostageCurrencyCd>", ""), "missing-field", "PostageCurrencyCd"),
        (("<SenderZIP>", "<SenderZIP>1</SenderZIP><SenderZIP>"), "repeated-field", "SenderZIP[2]"),
        (("<SenderCity>Praia", "<SenderCity><b>Praia</b>"), "wrong-type", "Data/SenderCity"),
        (("<SenderZIP>7600", "<SenderZIP>" + "7" * 40), "too-long", "Data/SenderZIP"),
    ],
)
def test_a_fault_has_its_place_and_leaves_the_neighbours(
    change: tuple[str, str], code: str, place: str
) -> None:
    message = read(changed(change))

    faults = [one for one in message.items[0].findings if one.severity == "fault"]
    assert [(one.code, one.pointer.endswith(place)) for one in faults] == [(code, True)], faults
    assert message.items[0].consignment is None
    assert all(one.consignment is not None for one in message.items[1:])


def test_time_without_offset_is_taken_as_utc_and_told() -> None:
    item = first_item(("09:00:00-01:00", "09:00:00"))

    assert codes(item.findings) == ["upu-time-without-offset"]
    assert item.consignment is not None
    assert item.consignment.detail is not None
    assert item.consignment.detail.issued_at == "2026-06-29T09:00:00Z"


S10 = SHARED / "reference" / "codes" / "s10" / "s10.json"


@needs(S10)
def test_published_item_numbers_get_their_verdict() -> None:
    numbers = json.loads(S10.read_bytes())["tracking_numbers"][0]["test_numbers"]

    def told(number: str) -> list[str]:
        return codes(first_item(("RR100000017CV", number)).findings)

    assert [told(number) for number in numbers["valid"]] == [[]] * 4
    assert [told(number) for number in numbers["invalid"]] == [["postal-number-check"], ["unknown-country"]]


def test_a_category_we_do_not_know_is_advice() -> None:
    item = first_item(("<NatureTypeCd>11<", "<NatureTypeCd>77<"))

    assert codes(item.findings) == ["upu-code-unknown"]
    assert item.consignment is not None
    assert item.consignment.sale_nature_code == "not-stated"


def test_the_second_of_two_items_with_one_number_is_refused() -> None:
    message = read(changed(("RR100000025CV", "RR100000017CV")))

    assert message.items[0].consignment is not None
    assert codes(message.items[1].findings) == ["upu-item-repeated"]
    assert message.items[1].consignment is None


def test_a_cancelled_item_needs_no_declaration() -> None:
    head, _, rest = CUSITM.decode().partition("<Declaration>")
    item = read((head.replace("State>1<", "State>3<") + rest.partition("</Declaration>")[2]).encode()).items[
        0
    ]

    assert (item.act, item.findings) == ("cancel", [])
    assert item.reference == "RR100000017CV-2026"


def test_what_is_cancelled_need_not_be_declared_soundly() -> None:
    item = first_item(("State>1<", "State>3<"), ("<Number>2<", "<Number>two<"))

    assert (item.act, item.findings, item.consignment) == ("cancel", [], None)


@pytest.mark.parametrize(
    ("whole", "parts", "shares"),
    [
        ("1.150", ["0.800", "0.200"], ["0.920", "0.230"]),
        ("1", ["1", "1", "1"], ["0.334", "0.333", "0.333"]),
        ("0.5", ["0", "0"], ["0.250", "0.250"]),
        ("0.123456", ["3"], ["0.123456"]),
    ],
)
def test_gross_mass_is_shared_out_exactly(whole: str, parts: list[str], shares: list[str]) -> None:
    assert share_out(whole, parts) == shares
