"""The form of one parcel as it was typed, and the declaration it comes to.

All screens are parts of one form, so that whatever was typed comes back with every answer of ours and nothing
of it has to be kept here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from serai.model.documents import (
    AdditionalFiscalReference,
    Consignment,
    GoodsItem,
    Package,
    Person,
)

ITEMS_MAX: Final = 10
TEXT_MAX: Final = 256
WAYS: Final = {"post": "5", "express": "4"}
"""Ways a parcel may travel, each with its mode of transport (UN/ECE Recommendation 19)."""
NATURES: Final = ("B2C", "B2B", "C2C", "gift", "own-goods")
"""Natures of a sale that a small sender may state (`SALE_NATURE_CODES` without returns and silence)."""
REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,70}")
_ITEM_FIELDS: Final = ("what", "sku", "code", "own_code", "made", "pieces", "weight", "price")
OWN_CODE: Final = "own"
"""What is chosen among proposals by whoever types a code."""


class ItemForm(msgspec.Struct, frozen=True):
    """One kind of goods, as typed. what: in words. sku: the shop's own number. code: the proposal chosen;
    own_code: one typed instead. weight: kilograms of all pieces; price: of all pieces."""

    what: str = ""
    sku: str = ""
    code: str = ""
    own_code: str = ""
    made: str = ""
    pieces: str = "1"
    weight: str = ""
    price: str = ""

    @property
    def commodity_code(self) -> str:
        """The code that counts, digits alone where it was grouped by points or blanks."""
        chosen = self.own_code if self.code in ("", OWN_CODE) else self.code
        return re.sub(r"[. ]", "", chosen)


class PersonForm(msgspec.Struct, frozen=True):
    """A sender or a buyer, as typed."""

    name: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""


class DeclarationForm(msgspec.Struct, frozen=True):
    """The whole form as typed. reference: made when the form was first shown; whatever is sent twice is one
    declaration by it. currency: of all prices and of postage. amends: version that is replaced; "": none.
    """

    reference: str
    items: list[ItemForm]
    currency: str = "EUR"
    nature: str = "B2C"
    sold_on: str = ""
    order: str = ""
    scheme: str = ""
    sender: PersonForm = PersonForm()
    buyer: PersonForm = PersonForm()
    way: str = "post"
    number: str = ""
    postage: str = ""
    amends: str = ""
    why: str = ""

    def fields(self) -> dict[str, str]:
        """Return every field by the name it has in the form, to be carried on."""
        carried = {
            f"{name}_{number}": getattr(item, name)
            for number, item in enumerate(self.items, 1)
            for name in _ITEM_FIELDS
        }
        for role in ("sender", "buyer"):
            person = getattr(self, role)
            carried |= {f"{role}_{name}": getattr(person, name) for name in PersonForm.__struct_fields__}
        return carried | {name: getattr(self, name) for name in _PLAIN}


_PLAIN: Final = tuple(
    name for name in DeclarationForm.__struct_fields__ if name not in ("items", "sender", "buyer")
)


def new_form(reference: str) -> DeclarationForm:
    """Return an empty form."""
    return DeclarationForm(reference, [ItemForm()])


def read_form(pairs: Iterable[tuple[str, object]], reference: str) -> DeclarationForm:
    """Read what was typed. More goods and signs than there is room for are left out.

    reference: for a form that brings none of its own. A field `add` asks for one more kind of goods,
    `drop` takes the one of that number out.
    """
    given = {name: value.strip()[:TEXT_MAX] for name, value in pairs if isinstance(value, str)}
    rows = [_item(given, number) for number in range(1, _items_count(given) + 1)]
    dropped = given.get("drop", "")
    if dropped.isdecimal() and len(rows) > 1 and 1 <= int(dropped) <= len(rows):
        del rows[int(dropped) - 1]
    plain = {name: given[name] for name in _PLAIN if name in given and name != "reference"}
    own = given.get("reference", "")
    return DeclarationForm(
        reference=own if REFERENCE.fullmatch(own) else reference,
        items=rows,
        sender=_person(given, "sender"),
        buyer=_person(given, "buyer"),
        **{name: value.upper() if name == "currency" else value for name, value in plain.items()},
    )


def _items_count(given: Mapping[str, str]) -> int:
    numbers = [
        int(end)
        for name in given
        for head, _, end in [name.rpartition("_")]
        if head in _ITEM_FIELDS and end.isascii() and end.isdigit() and len(end) <= 2
    ]
    return min(ITEMS_MAX, max([1, *numbers]) + (1 if given.get("add") else 0))


def _item(given: Mapping[str, str], number: int) -> ItemForm:
    typed = {name: given[f"{name}_{number}"] for name in _ITEM_FIELDS if f"{name}_{number}" in given}
    return ItemForm(**typed)


def _person(given: Mapping[str, str], role: str) -> PersonForm:
    typed = {name: given.get(f"{role}_{name}", "") for name in PersonForm.__struct_fields__}
    return PersonForm(**typed | {"country": typed["country"].upper()})


def declaration_of(form: DeclarationForm) -> Consignment:
    """Return the declaration a sound form comes to: the same form, the same declaration.

    Nothing of the moment goes in, so that what is sent twice has the same content.
    """
    has_scheme = bool(form.scheme)
    return Consignment(
        reference=form.reference,
        goods_items=[_goods_item(form, item, number) for number, item in enumerate(form.items, 1)],
        consignor=_as_person(form.sender),
        consignee=_as_person(form.buyer),
        logistics_channel_code=form.way,
        sale_nature_code=form.nature,
        transport_mode_code=WAYS[form.way],
        house_document=form.number.replace(" ", "") or None,
        dispatch_country_code=form.sender.country,
        order_references=[form.order] if form.order else [],
        scheme_kind_code="IOSS" if has_scheme and form.scheme.upper().startswith("IM") else None,
        additional_fiscal_references=[AdditionalFiscalReference("FR5", form.scheme.upper().replace(" ", ""))]
        if has_scheme
        else [],
        freight_amount=decimal_of(form.postage) or None,
        charges_currency_code=form.currency if form.postage else None,
        purchased_at=f"{form.sold_on}T12:00:00Z" if form.sold_on else None,
        packages=[Package()],
        amends_version=int(form.amends) if form.amends else None,
        amendment_reason=(form.why or None) if form.amends else None,
    )


def _goods_item(form: DeclarationForm, item: ItemForm, number: int) -> GoodsItem:
    return GoodsItem(
        sequence_number=number,
        commodity_code=item.commodity_code,
        description=item.what,
        quantity=decimal_of(item.pieces),
        invoice_amount=decimal_of(item.price),
        invoice_currency_code=form.currency,
        origin_country_code=item.made,
        gross_mass_kg=decimal_of(item.weight),
        merchant_product_id=item.sku or None,
    )


def _as_person(person: PersonForm) -> Person:
    return Person(
        name=person.name,
        country_code=person.country,
        street=person.street or None,
        city=person.city or None,
        postcode=person.postcode or None,
        email=person.email or None,
    )


def decimal_of(text: str) -> str:
    """Return a number as the wire writes it: a comma before the last digits is a point."""
    return text.replace(" ", "").replace(",", ".")
