"""What may stand in a bank message: `shapes.yaml`, decoded and made ready for checking and writing."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import msgspec

from serai.formats.xml_shape import UNLIMITED, Form, Step

NAMESPACE_BEGIN: Final = "urn:iso:std:iso:20022:tech:xsd:"
ROOTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "camt.053": "BkToCstmrStmt",
        "camt.054": "BkToCstmrDbtCdtNtfctn",
        "pain.001": "CstmrCdtTrfInitn",
        "pain.002": "CstmrPmtStsRpt",
    }
)
"""Message -> the one element below `Document`."""

_AMOUNT_DIGITS, _AMOUNT_DECIMALS = 18, 5
_NAMED_FORMS: Final = {
    "count": (r"[0-9]{1,15}", "1 to 15 digits"),
    "page": (r"[0-9]{1,5}", "1 to 5 digits"),
    "flag": (r"true|false|1|0", "true or false"),
    "currency": (r"[A-Z]{3}", "three letters A to Z"),
    "country": (r"[A-Z]{2}", "two letters A to Z"),
    "iban": (r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}", "an account number of ISO 13616, without blanks"),
    "bic": (r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", "a bank's code of ISO 9362"),
    "uuid": (r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}", "a UUID of version 4"),
    "day": (r"-?[0-9]{4,9}-[0-9]{2}-[0-9]{2}(Z|[-+][0-9]{2}:[0-9]{2})?", "a day such as 2026-12-31"),
    "instant": (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})?",
        "a date and time such as 2026-12-31T23:59:59Z",
    ),
}


class Part(Step, frozen=True, kw_only=True):
    """One child of a record. group: the record that says what is in it. kind, form: of a text; the form of an
    amount is that of its number. Neither: what is in it is not looked at."""

    group: str | None = None
    kind: str = "any"
    form: Form | None = None


class Record(msgspec.Struct, frozen=True):
    """Children by name, in order. is_choice: exactly one of them stands there."""

    name: str
    parts: Mapping[str, Part]
    is_choice: bool


class Shape(msgspec.Struct, frozen=True):
    """The shape of one message of one version. root: name of the record below `Document`."""

    message: str
    version: int
    root: str
    records: Mapping[str, Record]

    @property
    def name(self) -> str:
        """Its full name, such as camt.053.001.08."""
        return f"{self.message}.001.{self.version:02}"

    @property
    def namespace(self) -> str:
        """The namespace of all its elements."""
        return NAMESPACE_BEGIN + self.name


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    messages: list[str]
    versions: list[int]
    records: dict[str, list[str]]


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tables: list[_Table]


@cache
def shapes() -> Mapping[str, Shape]:
    """Return the shapes by namespace."""
    content = (files("serai.formats.iso20022") / "shapes.yaml").read_bytes()
    found = [
        Shape(message, version, ROOTS[message], _records(table, version))
        for table in msgspec.yaml.decode(content, type=_Tables).tables
        for message in table.messages
        for version in table.versions
    ]
    return MappingProxyType({one.namespace: one for one in found})


def shape_of(message: str, version: int) -> Shape:
    """Return the shape of a message such as camt.053 in a version. Raises KeyError: it is not known here."""
    return shapes()[f"{NAMESPACE_BEGIN}{message}.001.{version:02}"]


def _records(table: _Table, version: int) -> Mapping[str, Record]:
    return MappingProxyType({name: _record(name, lines, version) for name, lines in table.records.items()})


def _record(name: str, lines: list[str], version: int) -> Record:
    valid = [
        line for line, versions in map(_split_versions, lines) if versions is None or version in versions
    ]
    is_choice = "choice" in valid
    parts = [_part(line, place) for place, line in enumerate(line for line in valid if line != "choice")]
    return Record(name, MappingProxyType({part.name: part for part in parts}), is_choice)


def _split_versions(line: str) -> tuple[str, range | None]:
    """Return a line without its versions, and those; None: it holds in all."""
    rest, _, versions = line.partition(" @")
    first, _, last = versions.partition("-")
    return rest, range(int(first), int(last or first) + 1) if versions else None


def _part(line: str, place: int) -> Part:
    name, least, most, content = line.split(" ", 3)
    bounds = (int(least), UNLIMITED if most == "*" else int(most))
    if content.startswith("> "):
        return Part(name, place, *bounds, group=content[2:])
    kind, form = _form(content)
    return Part(name, place, *bounds, kind=kind, form=form)


def _form(content: str) -> tuple[str, Form | None]:
    kind, _, bounds = content.partition(" ")
    if kind == "s":
        least, _, most = bounds.partition("..")
        return kind, Form(characters_min=int(least), characters_max=int(most))
    if kind == "d":
        digits, _, decimals = bounds.partition(".")
        return kind, Form("decimal", digits_max=int(digits), decimals_max=int(decimals))
    if kind == "amount":
        return kind, Form("decimal", digits_max=_AMOUNT_DIGITS, decimals_max=_AMOUNT_DECIMALS)
    if kind.startswith("one-of="):
        return "one-of", Form(values=frozenset(kind.removeprefix("one-of=").split(",")))
    if kind == "any":
        return kind, None
    pattern, allowed = _NAMED_FORMS[kind]
    return kind, Form(patterns=((re.compile(pattern, re.ASCII), allowed),))
