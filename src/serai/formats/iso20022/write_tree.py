"""Trees of names and texts -> XML in the order of a shape, with what its version calls things."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from serai.formats.found import Found
from serai.formats.iso20022.message import BankAccount
from serai.formats.iso20022.shape_check import DOCUMENT, check_shape
from serai.formats.iso20022.shapes import Part, Record, Shape
from serai.model.errors import SeraiError
from serai.model.money import format_minor

Tree = Mapping[str, Any]
"""Name of an element -> text, tree, `Money`, or a list of these. None and empty texts, trees and lists: it is
left out."""


class Money(str):
    """The text of an amount, with its currency."""

    __slots__ = ("currency_code",)
    currency_code: str


def money(amount_minor: int, currency_code: str) -> Money:
    """Make the element of an amount; its direction stands elsewhere, so it has no sign."""
    text = Money(format_minor(abs(amount_minor), currency_code))
    text.currency_code = currency_code
    return text


def write_tree(shape: Shape, tree: Tree) -> bytes:
    """Write a message. tree: of the element below `Document`.

    Elements that the version does not have are left out. Raises SeraiError `iso20022-cannot-hold` naming the
    first place that would not be as the standard wants it: texts are never cut short.
    """
    document = etree.Element(f"{{{shape.namespace}}}{DOCUMENT}", nsmap={None: shape.namespace})
    top = etree.SubElement(document, f"{{{shape.namespace}}}{shape.root}")
    _fill(top, shape, shape.records[shape.root], tree)
    found = Found()
    check_shape(document, shape, found)
    for fault in found.findings():
        raise SeraiError(
            "iso20022-cannot-hold",
            f"A message {shape.name} cannot hold this: {fault.code} at {fault.pointer}.",
            "Shorten or correct what stands there; nothing was written.",
        )
    return bytes(etree.tostring(document, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _fill(element: Any, shape: Shape, record: Record, tree: Tree) -> None:
    for name, part in record.parts.items():
        value = tree.get(name)
        values = value if isinstance(value, list) else [value]
        for one in values:
            if _says_something(one):
                _put(element, shape, part, one)


def _says_something(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_says_something(one) for one in value.values())
    if isinstance(value, list):
        return any(_says_something(one) for one in value)
    return value is not None and value != ""


def _put(element: Any, shape: Shape, part: Part, value: Any) -> None:
    child = etree.SubElement(element, f"{{{shape.namespace}}}{part.name}")
    if part.group is not None:
        record = shape.records[part.group]
        _fill(child, shape, record, _as_record(value, record))
        return
    child.text = _flat(value)
    if isinstance(value, Money):
        child.set("Ccy", value.currency_code)


def _as_record(value: Any, record: Record) -> Tree:
    """Give what one version has as a text, and another as a choice, the shape of this one; likewise a party,
    which later statements have one level lower."""
    if not isinstance(value, Mapping):
        return {"Dt" if "Dt" in record.parts else "Cd": value}
    if "Pty" in record.parts and "Pty" not in value:
        return {"Pty": value}
    return value


def _flat(value: Any) -> str:
    """Give the text of a value; an instant keeps its offset, a flag is true or false."""
    if isinstance(value, Mapping):
        (value,) = value.values()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def account_tree(account: BankAccount) -> Tree:
    """Make the element of an account."""
    identification = {"IBAN": account.iban} if account.iban else {"Othr": {"Id": account.other_number}}
    return {"Id": identification, "Ccy": account.currency_code}


def bank_tree(account: BankAccount) -> Tree:
    """Make the element of the bank of an account; it has to be there, so an unknown one says so."""
    if account.bic:
        return {"FinInstnId": {"BICFI": account.bic, "BIC": account.bic}}
    return {"FinInstnId": {"Othr": {"Id": "NOTPROVIDED"}}}


def remittance_tree(creditor_reference: str, lines: Sequence[str]) -> Tree:
    """Make remittance information: a structured reference as SCOR, issued by ISO; free words beside it."""
    structured: Tree = {}
    if creditor_reference:
        type_ = {"CdOrPrtry": {"Cd": "SCOR"}, "Issr": "ISO"}
        structured = {"CdtrRefInf": {"Tp": type_, "Ref": creditor_reference}}
    return {"Ustrd": list(lines), "Strd": structured}
