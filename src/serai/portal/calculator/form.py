"""The calculator's form: read from an address, written back as one, turned into what is quoted.

The address holds goods, prices and countries and nothing of a person, so that it can be shared.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from serai.foundation.http.interface_words import interface_words
from serai.foundation.http.problems import InputFault
from serai.portal.calculator.goods import Goods
from serai.portal.law.pages import Fault

ITEMS_MAX: Final = 10
DESTINATIONS_MAX: Final = 100
WAYS: Final = {"post": "5", "express": "4"}
"""Ways a parcel may come, each with its mode of transport (UN/ECE Recommendation 19)."""
TEXT_MAX: Final = 120
_FIELDS: Final = ("goods", "description", "code", "price", "currency", "quantity", "origin", "weight")
_DEFAULTS: Final = {"currency": "EUR", "quantity": "1", "origin": "CN"}
_FIELD_OF_POINTER: Final = {
    "commodity_code": "code",
    "description": "description",
    "quantity": "quantity",
    "invoice_amount": "price",
    "invoice_currency_code": "currency",
    "origin_country_code": "origin",
    "gross_mass_kg": "weight",
}


class ItemForm(msgspec.Struct, frozen=True):
    """A row of the form, as it was typed. goods: a plain choice; price: of all pieces together."""

    goods: str = ""
    description: str = ""
    code: str = ""
    price: str = ""
    currency: str = "EUR"
    quantity: str = "1"
    origin: str = "CN"
    weight: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed into it."""
        return not (self.goods or self.description or self.code or self.price or self.weight)

    @property
    def says_more(self) -> bool:
        """Whether a field of the lesser ones is filled."""
        return bool(self.description or self.code or self.weight)


class CalculatorForm(msgspec.Struct, frozen=True):
    """The form as it was typed. to: countries; by: the way it comes; postage: in the first item's currency.

    is_asked: whether an answer is wanted; another row may be, or nothing yet.
    """

    items: list[ItemForm]
    to: list[str]
    by: str
    postage: str
    is_asked: bool

    @property
    def filled(self) -> list[tuple[int, ItemForm]]:
        """Rows that say something, with their number from 1."""
        return [(place, item) for place, item in enumerate(self.items, 1) if not item.is_empty]

    def query(self, to: Sequence[str] | None = None) -> str:
        """Return the address of the answer, short and the same for the same question."""
        pairs = [
            (f"{name}_{number}", value)
            for number, (_, item) in enumerate(self.filled, 1)
            for name in _FIELDS
            if (value := getattr(item, name))
        ]
        pairs += [("to", code) for code in (self.to if to is None else to)]
        pairs += [("by", self.by)] if self.by != "post" else []
        pairs += [("postage", self.postage)] if self.postage else []
        return urlencode(pairs)


def read_form(pairs: Iterable[tuple[str, str]]) -> CalculatorForm:
    """Read what was typed. More rows, countries and signs than there is room for are left out."""
    given: dict[str, str] = {}
    to: list[str] = []
    for name, value in pairs:
        text = value.strip()[:TEXT_MAX]
        if name == "to":
            to.append(text.upper())
        else:
            given[name] = text
    numbers = [
        int(end)
        for name in given
        for head, _, end in [name.rpartition("_")]
        if head in _FIELDS and end.isascii() and end.isdigit() and len(end) <= 2
    ]
    count = max([1, *numbers]) + (1 if given.get("add") else 0)
    rows = [_read_row(given, number) for number in range(1, min(count, ITEMS_MAX) + 1)]
    return CalculatorForm(
        items=rows,
        to=list(dict.fromkeys(code for code in to if code))[:DESTINATIONS_MAX],
        by=given.get("by", "post") or "post",
        postage=given.get("postage", ""),
        is_asked=bool(given or to) and not given.get("add"),
    )


def _read_row(given: Mapping[str, str], number: int) -> ItemForm:
    is_there = any(f"{name}_{number}" in given for name in _FIELDS)
    return ItemForm(
        **{
            name: given.get(
                f"{name}_{number}", "" if is_there and name not in _DEFAULTS else _DEFAULTS.get(name, "")
            )
            for name in _FIELDS
        }
    )


def find_faults(
    form: CalculatorForm, goods: Mapping[str, Goods], countries: set[str], language: str
) -> list[Fault]:
    """Return what must be said before anything can be worked out, each at its field, in a language."""
    gettext = interface_words(language).gettext
    faults = []
    if not form.filled:
        faults.append(Fault("goods_1", gettext("Choose goods, or give a commodity code.")))
    for number, item in form.filled:
        if item.goods and item.goods not in goods:
            faults.append(Fault(f"goods_{number}", gettext("Choose goods from the list.")))
        elif not item.goods and not item.code:
            faults.append(Fault(f"goods_{number}", gettext("Choose goods, or give their commodity code.")))
        if not item.price:
            faults.append(Fault(f"price_{number}", gettext("Enter the price, for instance 30.00.")))
        if not item.goods and item.code and not item.description:
            faults.append(Fault(f"description_{number}", gettext("Describe the goods in a few words.")))
    if not form.to:
        faults.append(Fault("to", gettext("Choose at least one country.")))
    elif unknown := [code for code in form.to if code not in countries]:
        named = ", ".join(code[:10] for code in unknown)
        faults.append(Fault("to", gettext("No law is known here for: %(countries)s.") % {"countries": named}))
    if form.by not in WAYS:
        faults.append(Fault("by", gettext("Choose post or express.")))
    return faults


def basket_of(form: CalculatorForm, goods: Mapping[str, Goods], way: str) -> dict[str, Any]:
    """Return the basket as the quotes' API takes it. way: post or express."""
    items = []
    for _, item in form.filled:
        chosen = goods.get(item.goods)
        row = {
            "commodity_code": item.code or (chosen.commodity_code if chosen else ""),
            "description": item.description or (chosen.description if chosen else ""),
            "quantity": item.quantity or "1",
            "invoice_amount": item.price.replace(",", "."),
            "invoice_currency_code": item.currency,
            "origin_country_code": item.origin,
        }
        if item.weight:
            row["gross_mass_kg"] = item.weight.replace(",", ".")
        items.append(row)
    basket: dict[str, Any] = {
        "goods_items": items,
        "logistics_channel_code": way,
        "transport_mode_code": WAYS[way],
        "sale_nature_code": "B2C",
    }
    if form.postage:
        basket["freight_amount"] = form.postage.replace(",", ".")
        basket["charges_currency_code"] = form.filled[0][1].currency
    return basket


def place_faults(form: CalculatorForm, faults: Iterable[InputFault]) -> list[Fault]:
    """Return faults of the quotes' API at the fields of the form."""
    placed = ((_field_of(form, one.pointer), f"{one.sentence} {one.remedy}") for one in faults)
    # The same fault comes once for each country.
    return [Fault(field, text) for field, text in dict.fromkeys(placed)]


def _field_of(form: CalculatorForm, pointer: str) -> str:
    parts = pointer.strip("/").split("/")
    if "goods_items" in parts:
        place = parts.index("goods_items") + 1
        row = int(parts[place]) if len(parts) > place and parts[place].isdigit() else 0
        number = form.filled[row][0] if row < len(form.filled) else 1
        field = _FIELD_OF_POINTER.get(parts[-1], "goods")
        return f"{field}_{number}"
    if parts[0] == "destinations" or "consignee" in parts:
        return "to"
    return "postage" if parts[-1] in ("freight_amount", "charges_currency_code") else "goods_1"
