"""The form of a declaration that was sent: as it was typed, to be corrected. Only where the form can hold all
that the declaration says: nothing of it is lost by a correction."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from serai.model.documents import PERSON_ROLES, Consignment, GoodsItem, Person
from serai.portal.declaration.form import OWN_CODE, DeclarationForm, ItemForm, PersonForm, declaration_of


def form_of(
    content: Mapping[str, Any], people: Sequence[tuple[str, Mapping[str, Any] | None]], version: int
) -> DeclarationForm | None:
    """Return the form that comes to a stored declaration; None: it says more than the form asks, or its
    people were erased.

    content: the declaration without its people. people: role and fields of each. version: that is replaced.
    """
    stored = document_of(content, people)
    if stored is None:
        return None
    document = msgspec.structs.replace(stored, amends_version=None, amendment_reason=None)
    form = DeclarationForm(
        reference=document.reference,
        items=[_item(one) for one in document.goods_items],
        currency=document.goods_items[0].invoice_currency_code,
        nature=document.sale_nature_code,
        sold_on=(document.purchased_at or "")[:10],
        order=next(iter(document.order_references), ""),
        scheme=next((one.identification_number for one in document.additional_fiscal_references), ""),
        sender=_person(document.consignor),
        buyer=_person(document.consignee),
        way=document.logistics_channel_code,
        number=document.house_document or "",
        postage=document.freight_amount or "",
    )
    try:
        is_same = declaration_of(form) == document
    except KeyError:  # it travels in a way that the form does not know
        is_same = False
    return msgspec.structs.replace(form, amends=str(version)) if is_same else None


def document_of(
    content: Mapping[str, Any], people: Sequence[tuple[str, Mapping[str, Any] | None]]
) -> Consignment | None:
    """Return a stored declaration with its people; None: they were erased, or it has others than a form."""
    if any(role not in PERSON_ROLES or fields is None for role, fields in people):
        return None
    try:
        return msgspec.convert({**content, **dict(people)}, Consignment)
    except msgspec.ValidationError:
        return None


def _item(item: GoodsItem) -> ItemForm:
    return ItemForm(
        what=item.description,
        sku=item.merchant_product_id or "",
        code=OWN_CODE,
        own_code=item.commodity_code,
        made=item.origin_country_code or "",
        pieces=item.quantity,
        weight=item.gross_mass_kg,
        price=item.invoice_amount,
    )


def _person(person: Person) -> PersonForm:
    names = PersonForm.__struct_fields__
    values = {name: getattr(person, "country_code" if name == "country" else name) or "" for name in names}
    return PersonForm(**values)
