"""What is wrong with the form, all at once, each at its field; and at which field a finding belongs."""

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from serai.foundation.http.interface_words import Words, interface_words
from serai.journey.finding_messages import sentence_of
from serai.model.code_lists import COUNTRY_CODES
from serai.model.findings import Finding
from serai.model.money import PLACES
from serai.portal.declaration.form import NATURES, WAYS, DeclarationForm, ItemForm, PersonForm, decimal_of

_DECIMAL: Final = re.compile(r"\d{1,9}(\.\d{1,3})?")
_CODE: Final = re.compile(r"\d{6,10}")
_NUMBER: Final = re.compile(r"[\x21-\x7e]{1,70}")
_VERSION: Final = re.compile(r"[1-9]\d{0,3}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CODE_MAX: Final = 35
_FIELD_OF_ITEM: Final = {
    "commodity_code": "own_code",
    "description": "what",
    "quantity": "pieces",
    "invoice_amount": "price",
    "origin_country_code": "made",
    "gross_mass_kg": "weight",
    "merchant_product_id": "sku",
}
_FIELD: Final = {
    "house_document": "number",
    "freight_amount": "postage",
    "charges_currency_code": "currency",
    "purchased_at": "sold_on",
    "order_references": "order",
    "additional_fiscal_references": "scheme",
    "scheme_kind_code": "scheme",
    "sale_nature_code": "nature",
    "logistics_channel_code": "way",
    "dispatch_country_code": "sender_country",
    "amendment_reason": "why",
}
_ROLES: Final = {"consignor": "sender", "consignee": "buyer"}


class Fault(NamedTuple):
    """A fault in words at its field. screen: on which the field stands."""

    field: str
    text: str
    screen: str


def find_faults(form: DeclarationForm, language: str) -> list[Fault]:
    """Return all that has to be said before there is a declaration to check."""
    words = interface_words(language)
    found: list[tuple[str, str]] = []
    for number, item in enumerate(form.items, 1):
        found += [(f"{name}_{number}", text) for name, text in _of_item(item, words)]
    found += _of_sale(form, words)
    found += [(f"sender_{name}", text) for name, text in _of_person(form.sender, words)]
    found += [(f"buyer_{name}", text) for name, text in _of_person(form.buyer, words)]
    found += _of_way(form, words)
    return [Fault(field, text, screen_of(field)) for field, text in found]


def place_findings(findings: Iterable[Finding], language: str) -> list[Fault]:
    """Return findings on the declaration at the fields of the form, each once."""
    placed = []
    for one in findings:
        said, field = sentence_of(one, language), field_of(one.pointer)
        placed.append(Fault(field, f"{said.sentence} {said.remedy}".strip(), screen_of(field)))
    return list(dict.fromkeys(placed))


def field_of(pointer: str) -> str:
    """Return the field of the form for a pointer into the declaration; what none holds: the first one."""
    parts = [part for part in pointer.strip("/").split("/") if part]
    if parts[:1] == ["goods_items"] and len(parts) > 1 and parts[1].isdigit():
        name = _FIELD_OF_ITEM.get(parts[2] if len(parts) > 2 else "", "what")
        if parts[-1] == "invoice_currency_code":
            return "currency"
        return f"{name}_{int(parts[1]) + 1}"
    if parts and parts[0] in _ROLES:
        name = parts[1].removesuffix("_code") if len(parts) > 1 else "name"
        known = name if name in PersonForm.__struct_fields__ else "name"
        return f"{_ROLES[parts[0]]}_{known}"
    return _FIELD.get(parts[0] if parts else "", "what_1")


def screen_of(field: str) -> str:
    """Return the screen a field stands on."""
    head, _, number = field.rpartition("_")
    if number.isdigit():
        screen = {"sku": "what", "own_code": "code", "weight": "pieces"}.get(head, head)
        return f"{screen}-{number}"
    if head in ("sender", "buyer"):
        return head
    if field in ("nature", "sold_on", "order", "scheme"):
        return "sale"
    return {"currency": "price-1", "why": "why"}.get(field, "way")


def _of_item(item: ItemForm, words: Words) -> list[tuple[str, str]]:
    gettext, found = words.gettext, list[tuple[str, str]]()
    if not item.what:
        found.append(("what", gettext("Say what it is, for instance: men's t-shirt, cotton.")))
    if not item.commodity_code:
        found.append(("own_code", gettext("Choose a code, or type one.")))
    elif not _CODE.fullmatch(item.commodity_code):
        found.append(("own_code", gettext("A code has 6 to 10 digits, for instance 610910.")))
    if item.made not in COUNTRY_CODES:
        found.append(("made", gettext("Choose the country where it was made.")))
    found += _number(item.pieces, "pieces", gettext("Enter how many pieces, for instance 2."))
    found += _number(item.weight, "weight", gettext("Enter the weight in kilograms, for instance 0.350."))
    found += _number(item.price, "price", gettext("Enter the price of all pieces, for instance 30.00."))
    return found


def _number(text: str, field: str, sentence: str) -> list[tuple[str, str]]:
    number = decimal_of(text)
    return [] if _DECIMAL.fullmatch(number) and Decimal(number) > 0 else [(field, sentence)]


def _of_sale(form: DeclarationForm, words: Words) -> list[tuple[str, str]]:
    gettext, found = words.gettext, list[tuple[str, str]]()
    if form.currency not in PLACES:
        found.append(("currency", gettext("Choose the currency of the price.")))
    if form.nature not in NATURES:
        found.append(("nature", gettext("Say why you send it.")))
    if form.sold_on and not _is_day(form.sold_on):
        found.append(("sold_on", gettext("Enter a day as year-month-day, for instance 2026-11-30.")))
    if form.order and not _NUMBER.fullmatch(form.order):
        found.append(("order", gettext("A number has letters, digits and signs without blanks, at most 70.")))
    if len(form.scheme) > _CODE_MAX:
        found.append(("scheme", gettext("A tax number has at most 35 signs.")))
    return found


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _of_person(person: PersonForm, words: Words) -> list[tuple[str, str]]:
    gettext, found = words.gettext, list[tuple[str, str]]()
    if not person.name:
        found.append(("name", gettext("Enter the name.")))
    if not person.street:
        found.append(("street", gettext("Enter street and number.")))
    if not person.city:
        found.append(("city", gettext("Enter the town.")))
    if len(person.postcode) > _CODE_MAX:
        found.append(("postcode", gettext("A postcode has at most 35 signs.")))
    if person.country not in COUNTRY_CODES:
        found.append(("country", gettext("Choose the country.")))
    if person.email and not _EMAIL.fullmatch(person.email):
        found.append(("email", gettext("An e-mail address looks like name@example.com.")))
    return found


def _of_way(form: DeclarationForm, words: Words) -> list[tuple[str, str]]:
    gettext, found = words.gettext, list[tuple[str, str]]()
    if form.way not in WAYS:
        found.append(("way", gettext("Choose post or express.")))
    number = form.number.replace(" ", "")
    if number and not _NUMBER.fullmatch(number):
        found.append(("number", gettext("A tracking number has letters and digits, at most 70.")))
    if form.postage and not _DECIMAL.fullmatch(decimal_of(form.postage)):
        found.append(("postage", gettext("Enter postage as a number, for instance 4.50.")))
    if form.amends and not _VERSION.fullmatch(form.amends):
        found.append(("why", gettext("This correction names no version. Open it again from the parcel.")))
    if form.amends and not form.why:
        found.append(("why", gettext("Say why you correct it.")))
    return found
