"""What stands on the forms CN 22 and CN 23, from the declaration as filed; nothing is worked out but sums.

Source: UPU Convention Regulations, article 20-001 and the forms' own instructions.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Literal

import msgspec

from serai.formats.upu.codes import natures, write_nature
from serai.model.code_lists import ORIGIN_NOT_SPECIFIED
from serai.model.documents import Consignment, GoodsItem, Person

FormName = Literal["cn22", "cn23"]
FORMS: Final[tuple[FormName, ...]] = ("cn22", "cn23")
CATEGORIES: Final = ("gift", "documents", "sale of goods", "commercial sample", "returned goods", "other")
"""Boxes of the form, one of which is ticked (CN 23, 10)."""


class FormPerson(msgspec.Struct, frozen=True):
    """A sender or an addressee. lines: street and further lines of the address; place: postcode and town."""

    name: str
    lines: list[str]
    place: str
    country_code: str
    phone: str
    email: str
    customs_reference: str


class FormItem(msgspec.Struct, frozen=True):
    """A line of the contents. mass_kg: net where it was filed, else gross: decimal text as filed."""

    description: str
    quantity: str
    mass_kg: str
    value: str
    currency_code: str
    commodity_code: str
    origin_country_code: str


class CustomsForm(msgspec.Struct, frozen=True):
    """A filled form. item_number: of the post; "": none was filed. total_values: one text a currency.
    gross_mass_kg: of the item. category: of CATEGORIES. documents: licences, certificates, invoices by type.
    posted_on: year-month-day."""

    name: FormName
    reference: str
    item_number: str
    sender: FormPerson
    addressee: FormPerson
    items: list[FormItem]
    total_values: list[str]
    gross_mass_kg: str
    postage: str
    category: str
    documents: list[str]
    posted_on: str


def fill_form(name: FormName, document: Consignment, posted_on: str) -> CustomsForm:
    """Fill a form from a declaration. posted_on: the day on which it is handed to the post."""
    detail = document.detail
    nature = write_nature(
        document.sale_nature_code, detail.transaction_nature_code if detail is not None else None
    )
    known = natures().get(nature)
    currency = document.charges_currency_code or ""
    return CustomsForm(
        name=name,
        reference=document.reference,
        item_number=document.house_document or "",
        sender=_person(document.consignor, document.vendor_number or document.consignor.tax_number or ""),
        addressee=_person(document.consignee, document.consignee.tax_number or ""),
        items=[_item(one) for one in document.goods_items],
        total_values=_total_values(document.goods_items),
        gross_mass_kg=(detail.gross_mass_kg if detail is not None else None)
        or _sum(one.gross_mass_kg for one in document.goods_items),
        postage=f"{currency} {document.freight_amount}" if document.freight_amount else "",
        category=known.word if known is not None and known.word in CATEGORIES else "other",
        documents=[f"{one.type_code} {one.reference or ''}".strip() for one in document.additional_documents],
        posted_on=posted_on,
    )


def _person(person: Person, customs_reference: str) -> FormPerson:
    place = " ".join(part for part in (person.postcode, person.city, person.region_code) if part)
    return FormPerson(
        name=person.name or person.party_identifier or "",
        lines=[line for line in (person.street or "").split("\n") if line],
        place=place,
        country_code=person.country_code,
        phone=person.phone or "",
        email=person.email or "",
        customs_reference=customs_reference,
    )


def _item(item: GoodsItem) -> FormItem:
    origin = item.origin_country_code or ""
    return FormItem(
        description=item.description,
        quantity=item.quantity,
        mass_kg=item.net_mass_kg or item.gross_mass_kg,
        value=item.invoice_amount,
        currency_code=item.invoice_currency_code,
        commodity_code=item.commodity_code,
        origin_country_code="" if origin == ORIGIN_NOT_SPECIFIED else origin,
    )


def _total_values(items: Sequence[GoodsItem]) -> list[str]:
    """Return the sum of each currency: the forms ask for one value in one currency where there is one."""
    currencies = dict.fromkeys(item.invoice_currency_code for item in items)
    return [
        f"{currency} {_sum(one.invoice_amount for one in items if one.invoice_currency_code == currency)}"
        for currency in currencies
    ]


def _sum(texts: Iterable[str]) -> str:
    return f"{sum((Decimal(text) for text in texts), Decimal(0)):f}"
