"""What the data set asks for: `elements.csv` and `conditions.yaml`, decoded."""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import msgspec

Edition = Literal["eu", "uk"]
EDITIONS: Final[tuple[Edition, ...]] = get_args(Edition)
Presence = Literal["required", "conditional", "optional"]
Level = Literal["declaration", "item", "both"]


class DataElement(msgspec.Struct, frozen=True):
    """One data element. number: of annex B since 2021; former_number: before, and in the UK still.

    path: from the declaration, its goods shipment or the goods item. kind: digits, letters, text, amount,
    mass, party or any, with at_least to at_most characters. confirmed: where presence or number could be
    read; empty: not verified, and nobody is refused for it.
    """

    number: str
    former_number: str
    name: str
    level: Level
    eu: Presence
    uk: Presence
    path: str
    kind: str
    at_least: int
    at_most: int
    confirmed: str

    def presence(self, edition: Edition) -> Presence:
        """Say whether it has to be there."""
        return self.eu if edition == "eu" else self.uk

    @property
    def rendered_number(self) -> str:
        """Give both numbers for a reader."""
        return " / ".join(number for number in (self.number, self.former_number) if number)


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """editions: where it holds. source: where it is laid down; confirmed: that text was read."""

    editions: list[Edition]
    source: str
    confirmed: bool


class Relief(_Row, frozen=True, kw_only=True):
    """An additional procedure by which the set may be used, or that names it."""

    additional_procedure_code: str


class Limit(_Row, frozen=True, kw_only=True):
    """How much the goods of a declaration may be worth. limit: decimal in currency_code."""

    additional_procedure_code: str
    currency_code: str
    limit: str


class SchemeNumber(_Row, frozen=True, kw_only=True):
    """The number that belongs to an additional procedure, in a role."""

    additional_procedure_code: str
    role_code: str
    number_form: str
    form_in_words: str


class Incompatible(_Row, frozen=True, kw_only=True):
    """Additional procedures that exclude each other."""

    codes: list[str]


class ExcludedGoods(_Row, frozen=True, kw_only=True):
    """Goods that may not be declared under some additional procedures."""

    prefixes: list[str]
    additional_procedure_codes: list[str]
    what: str


class NotClaimed(_Row, frozen=True, kw_only=True):
    """What cannot be asked for in the set. unless_begins_with: a code that asks for nothing."""

    path: str
    what: str
    unless_begins_with: str = ""


class LimitedLicences(_Row, frozen=True, kw_only=True):
    """Categories of documents that only restricted goods have."""

    what: str
    category_codes: list[str]


class Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of the file."""

    edition: str
    reliefs: list[Relief]
    markers: list[Relief]
    limits: list[Limit]
    schemes: list[SchemeNumber]
    incompatible: list[Incompatible]
    excluded_goods: list[ExcludedGoods]
    not_claimed: list[NotClaimed]
    limited_licences: LimitedLicences


@cache
def data_elements() -> tuple[DataElement, ...]:
    """Return the table, in its order."""
    text = (files("serai.formats.h7") / "elements.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(keepends=True))
    return tuple(msgspec.convert(row, DataElement, strict=False) for row in rows)


@cache
def conditions() -> Conditions:
    """Return the conditions; the forms of numbers in them are regular expressions."""
    content = (files("serai.formats.h7") / "conditions.yaml").read_bytes()
    decoded = msgspec.yaml.decode(content, type=Conditions)
    for scheme in decoded.schemes:
        re.compile(scheme.number_form)
    return decoded
