"""Documents into the frames of matching. Names, telephones and numbers enter one as numbers that mean nothing
beyond it: equal texts have equal ones, no two texts share one."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from serai.journey.matching.checks import read_instant
from serai.journey.matching.numbers import FORMS, number_forms
from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, ORDERED, PAID
from serai.model.columns import Column, Frame, encode_words
from serai.model.documents import Consignment, Order, Payment, Person, TransportDocument
from serai.model.frames import ABSENT, MATCH_DOCUMENTS
from serai.model.money import MICRO_PLACES, PLACES, read_decimal
from serai.model.names.tokens import NAME_TOKENS_COUNT_MAX, name_tokens, spell_plainly

Matchable = Consignment | Order | Payment | TransportDocument

UCR, HOUSE, ORDER, PAYMENT = 1, 2, 3, 4
"""Fields of a number, as `field_number`."""
_GRAMS = 1_000  # of a kilogram in millionths
_MICRO_MAX: Final = np.iinfo(np.int64).max
_NUMBERS: Final = tuple(
    one.name for one in MATCH_DOCUMENTS if one.type == "int64" and not one.name.startswith("name_token")
)


def read_documents(documents: Sequence[Matchable], limits_numbers: Sequence[int]) -> tuple[Frame, Frame]:
    """Return MATCH_DOCUMENTS and MATCH_NUMBERS of documents.

    limits_numbers: of declarations the place of their limits, else -1.
    """
    rows = [_row(document) for document in documents]
    columns: dict[str, Column] = {
        name: np.array([row.get(name, ABSENT) for row in rows], dtype=np.int64)
        for name in _NUMBERS
        if not name.endswith("_hash") and name != "limits_number"
    }
    columns["limits_number"] = np.array(limits_numbers, dtype=np.int64)
    for name in ("currency_code", "quantity_unit_code"):
        columns[name] = encode_words([row.get(name) for row in rows])
    texts = _people_texts([_people_of(one) for one in documents])
    texts["platform_hash"] = [_said("platform", row.get("platform")) for row in rows]
    places, number_texts = _number_texts([numbers_of(one) for one in documents])
    numbered = _number_columns(texts | number_texts)
    numbers = Frame(len(places["document"]), places | {name: numbered[name] for name in number_texts})
    return Frame(len(rows), columns | {name: numbered[name] for name in texts}), numbers


def numbers_of(document: Matchable) -> list[tuple[int, str]]:
    """Return field and text of each number of a document, each once."""
    found: list[tuple[int, str | None]] = [(UCR, document.ucr)]
    if isinstance(document, Consignment):
        found.append((HOUSE, document.house_document))
        found += [(ORDER, one) for one in document.order_references]
        found += [(ORDER, item.order_reference) for item in document.goods_items]
    elif isinstance(document, Order):
        found.append((ORDER, document.reference))
        found.append((PAYMENT, document.detail.payment_reference if document.detail else None))
    elif isinstance(document, Payment):
        found += [(ORDER, one) for one in document.order_references]
        found.append((PAYMENT, document.reference))
    else:
        found.append((HOUSE, document.house_document))
        found += [(ORDER, one) for one in (document.detail.order_references if document.detail else [])]
    return list(dict.fromkeys((field, text) for field, text in found if text))


# ---- amounts ----


def _row(document: Matchable) -> dict[str, Any]:
    if isinstance(document, Consignment):
        return _declaration(document)
    if isinstance(document, Order):
        return _order(document)
    if isinstance(document, Payment):
        return _payment(document)
    return _transport_document(document)


def _declaration(document: Consignment) -> dict[str, Any]:
    items = document.goods_items
    currencies = {item.invoice_currency_code for item in items}
    currency = currencies.pop() if len(currencies) == 1 else None
    row: dict[str, Any] = {
        "kind_number": DECLARED,
        "currency_code": currency,
        "goods_minor": _sum_minor([item.invoice_amount for item in items], currency),
        "gross_mass_g": _grams([item.gross_mass_kg for item in items]),
        "package_count": _packages(document),
        "happened_at": _instant_ms(document.purchased_at or document.exported_at),
        "platform": document.platform_id,
    }
    if document.charges_currency_code == currency:
        for name in ("discount", "freight", "insurance"):
            row[f"{name}_minor"] = _minor(getattr(document, f"{name}_amount"), currency)
    return row | _quantity([(item.quantity, item.quantity_unit_code) for item in items])


def _order(document: Order) -> dict[str, Any]:
    currency = document.currency_code
    row: dict[str, Any] = {
        "kind_number": ORDERED,
        "currency_code": currency,
        "goods_minor": _sum_minor([line.amount for line in document.lines], currency),
        "paid_minor": _minor(document.detail.paid_amount if document.detail else None, currency),
        "happened_at": _instant_ms(document.purchased_at),
        "platform": document.platform_id,
    }
    for name in ("discount", "freight", "insurance", "tax"):
        row[f"{name}_minor"] = _minor(getattr(document, f"{name}_amount"), currency)
    return row | _quantity(
        [
            (line.quantity, (line.detail and line.detail.quantity_unit_code) or "C62")
            for line in document.lines
        ]
    )


def _payment(document: Payment) -> dict[str, Any]:
    return {
        "kind_number": PAID,
        "currency_code": document.currency_code,
        "paid_minor": _minor(document.amount, document.currency_code),
        "happened_at": _instant_ms(document.paid_at),
        "platform": document.detail.platform_id if document.detail else None,
    }


def _transport_document(document: TransportDocument) -> dict[str, Any]:
    return {
        "kind_number": CARRIED,
        "gross_mass_g": _grams([document.gross_mass_kg] if document.gross_mass_kg else []),
        "package_count": _packages(document),
        "happened_at": _instant_ms(document.scheduled_departure_at),
    }


def _packages(document: Consignment | TransportDocument) -> int:
    return sum(one.count for one in document.packages) if document.packages else ABSENT


def _quantity(lines: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found = list(lines)
    units = {unit for _, unit in found}
    if len(units) != 1:
        return {}
    micro = _sum_micro([quantity for quantity, _ in found])
    return {"quantity_micro": ABSENT if micro is None else micro, "quantity_unit_code": units.pop()}


def _sum_minor(texts: Sequence[str], currency: str | None) -> int:
    amounts = [_minor(text, currency) for text in texts]
    return ABSENT if ABSENT in amounts else sum(amounts)


def _minor(text: str | None, currency: str | None) -> int:
    """Return minor units; ABSENT where there is nothing, or more decimals than the currency has."""
    if text is None or currency not in PLACES:
        return ABSENT
    micro = read_decimal(text)
    if micro is None:
        return ABSENT
    minor, rest = divmod(micro, 10 ** (MICRO_PLACES - PLACES[currency]))
    return minor if rest == 0 else ABSENT


def _grams(texts: Sequence[str]) -> int:
    micro = _sum_micro(texts) if texts else None
    return ABSENT if micro is None else micro // _GRAMS


def _sum_micro(texts: Sequence[str]) -> int | None:
    """Return the sum of decimal texts in millionths; None where one is no decimal, or 64 bits cannot hold
    it."""
    total = 0
    for text in texts:
        micro = read_decimal(text)
        if micro is None:
            return None
        total += micro
    return total if abs(total) <= _MICRO_MAX else None


def _instant_ms(text: str | None) -> int:
    instant = None if text is None else read_instant(text)
    return ABSENT if instant is None else int(instant.timestamp() * 1_000)


# ---- people and numbers ----


def _people_of(document: Matchable) -> list[Person]:
    """Return buyer, then receiver, of a document, as far as it names them."""
    if isinstance(document, Payment):
        found = [document.payer]
    elif isinstance(document, TransportDocument):
        found = [document.consignee]
    else:
        found = [document.buyer, document.consignee]
    return [one for one in found if one is not None and one.name is not None]


def _people_texts(people: Sequence[Sequence[Person]]) -> dict[str, list[str]]:
    """Return what is compared of people, by column; empty where there is nothing."""
    names = [[spell_plainly(one.name or "") for one in its] for its in people]
    texts = {
        "name_hash": [_said("name", its[0] if its else None) for its in names],
        "other_name_hash": [_said("name", its[1] if len(its) > 1 else None) for its in names],
        "phone_hash": [_said("phone", _phone_of(its)) for its in people],
    }
    # The people of a case are named in each of its documents: each name is taken apart once.
    tokens_of = {name: name_tokens(name) for name in {name for its in names for name in its}}
    tokens = [list(dict.fromkeys(token for name in its for token in tokens_of[name])) for its in names]
    for place in range(NAME_TOKENS_COUNT_MAX):
        texts[f"name_token_{place + 1}"] = [
            _said("token", its[place] if len(its) > place else None) for its in tokens
        ]
    return texts


_PHONE_DIGITS_COUNT = 9
"""The last digits: what stands before is a country's number, or the zero in its place."""


def _phone_of(people: Sequence[Person]) -> str | None:
    for one in people:
        phone = one.phone or ""
        digits = phone if phone.isdigit() else "".join(filter(str.isdigit, phone))
        if len(digits) >= _PHONE_DIGITS_COUNT:
            return digits[-_PHONE_DIGITS_COUNT:]
    return None


def _number_texts(
    numbers: Sequence[Sequence[tuple[int, str]]],
) -> tuple[dict[str, Column], dict[str, list[str]]]:
    """Return whose numbers in which field, and what is compared of them by form."""
    places: dict[str, Column] = {
        "document": np.array([place for place, its in enumerate(numbers) for _ in its], dtype=np.int64),
        "field_number": np.array([field for its in numbers for field, _ in its], dtype=np.int64),
    }
    forms_of = {text: number_forms(text) for text in {text for its in numbers for _, text in its}}
    forms = [forms_of[text] for its in numbers for _, text in its]
    # As written and plain are compared across fields and forms; the parts only with their own kind.
    kinds = [form if form in ("digits", "head", "tail") else "number" for form in FORMS]
    return places, {
        form: [_said(kinds[place], one[place]) for one in forms] for place, form in enumerate(FORMS)
    }


def _said(kind: str, text: str | None) -> str:
    return f"{kind}|{text}" if text else ""


def _number_columns(texts: dict[str, list[str]]) -> dict[str, Column]:
    """Number the distinct texts of columns from 1; an empty one is 0."""
    numbers: dict[str, int] = {"": 0}
    for text in (text for column in texts.values() for text in column):
        numbers.setdefault(text, len(numbers))
    return {
        name: np.fromiter(map(numbers.__getitem__, column), np.int64, len(column))
        for name, column in texts.items()
    }
