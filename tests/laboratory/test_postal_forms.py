"""Papers for the post from one filing: what stands on them is what was filed, and the post reads the same."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.convertible import Circumstances
from serai.formats.upu.check import check_itmatt
from serai.formats.upu.convert import read_itmatt, write_cusitm
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.portal.declaration.form import DeclarationForm, ItemForm, PersonForm, declaration_of
from serai.portal.postal_forms.customs_form import fill_form
from serai.portal.postal_forms.export_message import write_export_message

ROOT = Path(__file__).parents[2]
AT = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
DAY = "2026-12-01"
REFERENCE = Path(os.environ.get("SERAI_REFERENCE", ROOT.parent / "shared/reference")) / "upu/itmatt.xsd"
SHIRT = ItemForm(
    what="men's t-shirt, cotton", sku="S-1", code="610910", made="CN", pieces="2", weight="0,35", price="25"
)
MUG = ItemForm(what="mug, porcelain", code="691110", made="PT", pieces="1", weight="0.4", price="7.50")
FORM = DeclarationForm(
    "web-1",
    [SHIRT, MUG],
    scheme="IM3720000224",
    order="O-1",
    sender=PersonForm("Invented Shop", "Road 1", "Shenzhen", "518000", "CN", "shop@example.org"),
    buyer=PersonForm("Zelda Example", "Weg 1", "Berlin", "10115", "DE", "zelda@example.org"),
    number="RR 123 456 785 CN",
    postage="4,50",
)
DECIMALS = st.decimals(min_value="0.001", max_value="999999", places=3)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=40)
ITEMS = st.builds(
    ItemForm,
    what=WORDS,
    code=st.from_regex(r"[0-9]{6}", fullmatch=True),
    made=st.sampled_from(["CN", "PT", "KE"]),
    pieces=st.integers(1, 99).map(str),
    weight=DECIMALS.map(str),
    price=st.decimals(min_value="0.01", max_value="99999", places=2).map(str),
)


def exported(form: DeclarationForm) -> tuple[Consignment, Consignment]:
    """What was filed, and what the destination reads of the message."""
    filed = declaration_of(form)
    content = write_export_message(filed, DAY, AT)
    (part,) = [one for one in read_itmatt(content, Circumstances(AT)) if one.kind]
    assert isinstance(part.document, Consignment)
    return filed, part.document


def goods_of(document: Consignment) -> list[tuple[object, ...]]:
    return [
        (
            one.commodity_code, one.description, one.quantity, one.invoice_amount, one.invoice_currency_code,
            one.origin_country_code, Decimal(one.gross_mass_kg), one.merchant_product_id,
        )
        for one in document.goods_items
    ]  # fmt: skip


def test_the_form_says_what_was_filed_and_sums() -> None:
    form = fill_form("cn23", declaration_of(FORM), DAY)

    assert (form.item_number, form.posted_on, form.category) == ("RR123456785CN", DAY, "sale of goods")
    assert [(one.description, one.quantity, one.mass_kg) for one in form.items] == [
        ("men's t-shirt, cotton", "2", "0.35"),
        ("mug, porcelain", "1", "0.4"),
    ]
    assert [(one.commodity_code, one.origin_country_code) for one in form.items] == [
        ("610910", "CN"),
        ("691110", "PT"),
    ]
    assert (form.gross_mass_kg, form.total_values, form.postage) == ("0.75", ["EUR 32.50"], "EUR 4.50")
    assert (form.sender.customs_reference, form.sender.place) == ("IM3720000224", "518000 Shenzhen")
    assert (form.addressee.name, form.addressee.country_code) == ("Zelda Example", "DE")


@pytest.mark.parametrize(
    ("nature", "category"), [("gift", "gift"), ("C2C", "sale of goods"), ("own-goods", "other")]
)
def test_the_box_that_is_ticked_follows_from_why_it_is_sent(nature: str, category: str) -> None:
    document = declaration_of(msgspec.structs.replace(FORM, nature=nature))

    assert fill_form("cn22", document, DAY).category == category


def test_the_export_message_says_to_the_other_post_what_was_declared_here() -> None:
    filed, read = exported(FORM)

    assert goods_of(read) == goods_of(filed)
    assert read.consignor == filed.consignor
    assert read.consignee == filed.consignee
    assert (read.house_document, read.freight_amount, read.charges_currency_code) == (
        "RR123456785CN",
        "4.50",
        "EUR",
    )
    assert (read.vendor_number, read.scheme_kind_code, read.order_references) == (
        "IM3720000224",
        "IOSS",
        ["O-1"],
    )
    assert read.detail is not None
    assert read.detail.issued_at == f"{DAY}T12:00:00Z"


@settings(max_examples=60)
@given(st.lists(ITEMS, min_size=1, max_size=4), st.sampled_from(["B2C", "B2B", "C2C", "gift", "own-goods"]))
def test_any_filing_of_the_form_gives_a_message_that_is_read_back(items: list[ItemForm], nature: str) -> None:
    form = msgspec.structs.replace(FORM, items=items, nature=nature)
    content = write_export_message(declaration_of(form), DAY, AT)

    filed, read = exported(form)

    assert goods_of(read) == goods_of(filed)
    assert [one for one in check_itmatt(content) if one.severity == "fault"] == []
    assert _schema(ROOT / "docs/reference/formats/upu/itmatt.xsd").validate(etree.fromstring(content))
    # The same item as customs of the destination gets it.
    assert write_cusitm([read], Circumstances(AT))


def test_the_message_is_the_same_for_the_same_filing_and_names_what_is_missing() -> None:
    document = declaration_of(FORM)

    assert write_export_message(document, DAY, AT) == write_export_message(document, DAY, AT)
    with pytest.raises(SeraiError) as without_number:
        write_export_message(msgspec.structs.replace(document, house_document=None), DAY, AT)
    assert without_number.value.code == "postal-form-incomplete"


@pytest.mark.skipif(
    not REFERENCE.is_file(), reason="the UPU sells M33 and publishes no schema: none in shared/reference"
)
def test_the_message_fits_the_schema_of_the_upu() -> None:
    content = write_export_message(declaration_of(FORM), DAY, AT)

    assert _schema(REFERENCE).validate(etree.fromstring(content))


def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))
