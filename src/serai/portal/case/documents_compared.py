"""What the documents of a case state of the same things, side by side, where they differ marked."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from serai.foundation.http.interface_words import translatable

Content = Mapping[str, Any]
"""A document as the reader may see it."""


class ComparedRow(msgspec.Struct, frozen=True):
    """What documents state of one thing. cells: one a document, "": not stated. differs: those that state it
    do not agree."""

    label: str
    cells: list[str]
    differs: bool


class Compared(msgspec.Struct, frozen=True):
    """Documents side by side. kinds: of each, with its own reference; the declaration first."""

    kinds: list[tuple[str, str]]
    rows: list[ComparedRow]


def compare_documents(documents: Sequence[tuple[str, Content]]) -> Compared:
    """Lay documents (kind and content, the declaration first) side by side; a row none but the declaration
    states is left out."""
    rows = []
    for label, read in _ROWS:
        cells = [read(kind, content) for kind, content in documents]
        if any(cells[1:]):
            stated = {_same(one) for one in cells if one}
            rows.append(ComparedRow(label, cells, len(stated) > 1))
    return Compared([(kind, str(content.get("reference", ""))) for kind, content in documents], rows)


def _same(text: str) -> str:
    """Return a text under which equal amounts are equal, however many zeros they have."""
    return " ".join(map(_plain, text.split(" ")))


def _plain(word: str) -> str:
    try:
        return str(Decimal(word).normalize())
    except InvalidOperation:
        return word


def _goods(kind: str, content: Content) -> str:
    if kind == "declaration":
        return _sum((one["invoice_currency_code"], one["invoice_amount"]) for one in content["goods_items"])
    if kind == "order":
        return _sum((content["currency_code"], one["amount"]) for one in content["lines"])
    return ""


def _paid(kind: str, content: Content) -> str:
    currency = content.get("currency_code") or content.get("charges_currency_code") or ""
    if kind == "payment":
        return _money(currency, content["amount"])
    if kind == "order":
        return _money(currency, (content.get("detail") or {}).get("paid_amount"))
    return ""


def _lines(kind: str, content: Content) -> str:
    name = {"declaration": "goods_items", "order": "lines"}.get(kind)
    return "" if name is None else str(len(content[name]))


def _mass(kind: str, content: Content) -> str:
    if kind == "declaration":
        total = sum((Decimal(one["gross_mass_kg"]) for one in content["goods_items"]), Decimal(0))
        return f"{total} kg"
    stated = content.get("gross_mass_kg") if kind == "transport-document" else None
    return f"{stated} kg" if stated else ""


def _number(kind: str, content: Content) -> str:
    return str(content.get("house_document") or "") if kind in ("declaration", "transport-document") else ""


def _whole(name: str) -> Any:
    """Return what reads an amount of the whole consignment or order."""

    def read(_: str, content: Content) -> str:
        currency = content.get("charges_currency_code") or content.get("currency_code") or ""
        return _money(currency, content.get(name))

    return read


def _money(currency: str, amount: str | None) -> str:
    return f"{currency} {amount}".strip() if amount else ""


def _sum(amounts: Iterable[tuple[str, str]]) -> str:
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)
    return ", ".join(f"{currency} {amount}" for currency, amount in sums.items())


_ROWS: Final = (
    (translatable("Price of the goods"), _goods),
    (translatable("Discount"), _whole("discount_amount")),
    (translatable("Freight"), _whole("freight_amount")),
    (translatable("Insurance"), _whole("insurance_amount")),
    (translatable("Amount paid"), _paid),
    (translatable("Lines"), _lines),
    (translatable("Gross mass"), _mass),
    (translatable("Item number"), _number),
)
