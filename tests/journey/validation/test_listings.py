"""Goods are held against the offer by which they were sold: what contradicts it is advice, no more."""

from typing import Any

import msgspec
import pytest

from serai.formats.json_columns import read_json_columns
from serai.journey.pipeline import check_documents, check_fields
from serai.journey.texts.catalogue import find_text
from serai.journey.validation.code_lists import UNIT_CODES
from serai.journey.validation.fields import fields_of_columns
from serai.journey.validation.listings import LISTING_ADVICE, RULES, read_count
from serai.journey.validation.rules import FILING_ADVICE
from serai.model.documents import Consignment, GoodsItem, Listing
from serai.model.findings import Finding
from tests.journey.batches import AT_MS, book, item, parcel

OFFER = {"link": "https://market.example/offers/4711", "price_amount": "20.00", "price_currency_code": "EUR"}
TEN = OFFER | {"title": "Ball pens, pack of 10"}
ONE = {"quantity": "1", "invoice_amount": "20.00"}


def sold(listing: dict[str, Any] | None = OFFER, **changes: Any) -> GoodsItem:
    """Two pieces for 40.00 EUR, as offered, but for the changes."""
    offer = None if listing is None else Listing(**listing)
    return item(**{"quantity": "2", "invoice_amount": "40.00", "listing": offer} | changes)


def told(*items: GoodsItem) -> list[Finding]:
    checked = check_documents([parcel("T-1", *items)], ["filer"], AT_MS, book())
    assert checked.faults == [[]], "an offer keeps nobody out"
    return [one.finding for one in checked.remarks if one.finding.code in LISTING_ADVICE]


@pytest.mark.parametrize(
    ("listing", "changes", "expected"),
    [
        (OFFER, {}, None),
        (OFFER, {"invoice_amount": "32.00"}, None),  # a coupon of a fifth
        (OFFER, {"invoice_amount": "24.00"}, None),  # the last that lies within
        (OFFER, {"invoice_amount": "23.99"}, ("price-below-listing", "40")),
        (OFFER, {"invoice_amount": "4.00"}, ("price-below-listing", "90")),
        (OFFER, {"invoice_amount": "50.00"}, None),
        (OFFER, {"invoice_amount": "50.02"}, ("price-above-listing", "25")),
        (OFFER, {"invoice_amount": "4.00", "invoice_currency_code": "USD"}, None),
        (OFFER, {"invoice_amount": "4.00", "quantity_unit_code": "KGM"}, None),
        (OFFER, {"invoice_amount": "4.00", "quantity_unit_code": "PR"}, ("price-below-listing", "90")),
        ({"link": OFFER["link"]}, {"invoice_amount": "4.00"}, None),
        (OFFER | {"price_amount": "0"}, {"invoice_amount": "4.00"}, None),
        (OFFER | {"price_amount": "about 20"}, {"invoice_amount": "4.00"}, None),
        (None, {"invoice_amount": "4.00"}, None),
        # A pack of ten for 20.00: two packs, or twenty pieces.
        (TEN, {"quantity": "20"}, None),
        (TEN, {"quantity": "20", "invoice_amount": "4.00"}, ("price-below-listing", "90")),
        (OFFER, {"quantity": "20"}, ("price-below-listing", "90")),
    ],
)  # fmt: skip
def test_the_price_declared_is_held_against_the_offer(
    listing: dict[str, Any] | None, changes: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    found = told(sold(listing, **changes))

    assert [(one.code, one.parameters["percent"]) for one in found] == (
        [] if expected is None else [expected]
    )
    assert all((one.severity, one.pointer) == ("advice", "/goods_items/0/invoice_amount") for one in found)


@pytest.mark.parametrize(
    ("listing", "changes", "is_told"),
    [
        (TEN, ONE, True),
        (TEN, {"quantity": "30", "invoice_amount": "60.00"}, False),
        (TEN, ONE | {"quantity_unit_code": "SET"}, False),
        (TEN, ONE | {"supplementary_quantity": "10", "supplementary_unit_code": "C62"}, False),
        (OFFER, ONE, False),
    ],
)  # fmt: skip
def test_the_quantity_declared_is_held_against_the_number_in_the_title(
    listing: dict[str, Any], changes: dict[str, Any], is_told: bool
) -> None:
    found = told(sold(listing, **changes))

    assert [one.code for one in found] == ["quantity-not-of-listing"] * is_told
    for one in found:
        assert one.parameters == {"declared": "1", "offered": "10"}
        assert one.pointer == "/goods_items/0/quantity"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Socks, Pack of 10", 10), ("3 pcs cotton towels", 3), ("3pcs towels", 3), ("Towel (6-Pack)", 6),
        ("袜子10双装", 10),
        ("Lot de 5 stylos", 5), ("10er-Pack Stifte", 10), ("Pack of 10, 10 pcs", 10),
        # Parts of one thing, several kinds, a choice, a measure, another number: not certain.
        ("Magnetic building set, 64 pieces", None), ("Puzzle 1000 pcs", None), ("积木100件装", None),
        ("Screws 10/20 pcs", None), ("Screws 10 20 50 pcs", None), ("Screws 5-10 pcs", None),
        ("Buy 2+1 pcs", None),
        ("Rice, pack of 10 kg", None), ("Rice, pack of 2.5 kg", None), ("2 pack of 10", None),
        ("1 pcs", None),
        ("Nails, 2000 pcs", None), ("Hose 2x10 pcs", None), ("T-shirt 100% cotton", None),
        ("Backpack 20 packets", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_number_of_pieces_is_read_where_it_is_certain(title: str, expected: int | None) -> None:
    assert read_count(title) == expected


@pytest.mark.parametrize(
    ("title", "description", "commodity_code", "expected"),
    [
        ("Leather handbag for women, brown", "cotton t-shirt", "61091000", "4202"),
        ("LEATHER HANDBAG", "Cotton T-shirt", "61091000", "4202"),
        ("Cotton t-shirt, blue, size M", "cotton t-shirt", "61091000", None),
        ("Mens tee, short sleeves", "cotton t-shirt", "61091000", None),
        ("Leather handbag for women, brown", "leather handbag", "42022100", None),
        # A description that says nothing of the declared code, or of another: the title may be better.
        ("Leather handbag for women, brown", "accessories", "61091000", None),
        ("Leather handbag for women, brown", "leather handbag", "61091000", None),
        # Titles that are sure of nothing.
        ("4711", "cotton t-shirt", "61091000", None),
        ("Best gift ever!!", "cotton t-shirt", "61091000", None),
    ],
)  # fmt: skip
def test_the_title_names_other_goods_than_those_declared(
    title: str, description: str, commodity_code: str, expected: str | None
) -> None:
    goods = sold(OFFER | {"title": title}, description=description, commodity_code=commodity_code)

    found = told(goods)

    assert [one.code for one in found] == ["listing-of-other-goods"] * (expected is not None)
    for one in found:
        assert expected is not None
        assert one.parameters["offered"].startswith(expected)
        assert one.parameters["declared"] == commodity_code
        assert one.parameters["terms"]
        assert (one.severity, one.pointer) == ("advice", "/goods_items/0/commodity_code")


def test_each_item_is_held_against_its_own_offer() -> None:
    fine, low = sold(sequence_number=1), sold(sequence_number=2, invoice_amount="4.00")
    bare = sold(None, sequence_number=3, invoice_amount="4.00")

    (found,) = told(fine, low, bare)

    assert found.pointer == "/goods_items/1/invoice_amount"
    assert found.parameters == {"declared": "2.00 EUR", "offered": "20.00 EUR", "percent": "90"}


def test_both_readers_say_the_same() -> None:
    documents = [
        parcel(f"T-{n}", sold(OFFER if n % 3 else None, invoice_amount="4.00" if n % 2 else "40.00"))
        for n in range(64)
    ]
    lines = [msgspec.json.encode(one) for one in documents]
    read = read_json_columns(lines, Consignment)
    assert read is not None

    declarants = ["filer"] * len(documents)
    by_columns = check_fields(fields_of_columns(read), declarants, AT_MS, book()).remarks
    by_structs = check_documents(documents, declarants, AT_MS, book()).remarks

    assert by_columns == by_structs
    rows = [one.row for one in by_columns if one.finding.code == "price-below-listing"]
    assert rows == [n for n in range(64) if n % 2 and n % 3]


def test_it_is_told_in_each_language_and_its_units_are_known() -> None:
    for code in LISTING_ADVICE:
        said = [find_text(code, language) for language in ("en", "fr", "es", "pt", "ar", "zh", "ru", "sw")]
        assert len({one.sentence for one in said if one is not None}) == 8
        assert all(one and "{declared}" in one.sentence and "{offered}" in one.sentence for one in said)
    assert LISTING_ADVICE <= FILING_ADVICE
    assert RULES.counted_units | RULES.piece_units <= UNIT_CODES
    assert RULES.piece_units <= RULES.counted_units
