"""What the schemas allow: `facts.yaml` and `movements.yaml`, decoded."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from serai.formats.xml_shape import UNLIMITED, Form, Step

DATE_TEXT: Final = "DateTimeString"

ATTRIBUTES: Final = {
    "code": frozenset(
        {
            "listID", "listAgencyID", "listAgencyName", "listName", "listVersionID",
            "name", "languageID", "listURI", "listSchemeURI",
        }
    ),
    "id": frozenset(
        {
            "schemeID", "schemeName", "schemeAgencyID", "schemeAgencyName", "schemeVersionID",
            "schemeDataURI", "schemeURI",
        }
    ),
    "text": frozenset({"languageID"}),
    "amount": frozenset({"currencyID"}),
    "measure": frozenset({"unitCode"}),
    "quantity": frozenset({"unitCode"}),
    "date": frozenset({"formatCode"}),
}  # fmt: skip
"""Kind of a leaf -> attributes it may have (UN/CEFACT unqualified data types 6)."""

CHARACTERS: Final = {
    "digits": (re.compile(r"[0-9]*"), "digits 0 to 9"),
    "letters": (re.compile(r"[a-zA-Z]*"), "letters A to Z"),
    "alphanumeric": (re.compile(r"[a-zA-Z0-9]*"), "letters A to Z and digits"),
}
_AS_DESCRIBED: Final = "as the schema describes the reference"
NUMBERS: Final = frozenset({"amount", "measure", "quantity", "number"})


class Leaf(msgspec.Struct, frozen=True):
    """The content of an element without children.

    kind: code (white space is collapsed first), id, text, amount, measure, quantity, number, date, or instant
    (of a movement, RFC 3339). is_filled: it holds more than white space, on one line. wco_number: of the
    attribute in the WCO Data Model, as pointers name it.
    """

    kind: str
    form: Form = Form()
    is_filled: bool = False
    wco_number: str = ""


class Part(Step, frozen=True):
    """One child of a record. group: schema and record that say what is in it. leaf: None of groups."""

    group: tuple[str, str] | None
    leaf: Leaf | None


class Schema(msgspec.Struct, frozen=True):
    """One schema. records: name -> its children by name (see `second_name`), in order."""

    name: str
    root: str
    namespace: str
    date_namespace: str
    records: dict[str, dict[str, Part]]


class _Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    root: str
    namespace: str
    records: dict[str, list[str]]
    date_namespace: str = ""


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schemas: list[_Schema]
    patterns: dict[str, str] = {}


@cache
def schemas() -> dict[str, Schema]:
    """Return all schemas by name."""
    found = {}
    for file in ("facts.yaml", "movements.yaml"):
        content = (files("serai.formats.cds") / file).read_bytes()
        facts = msgspec.yaml.decode(content, type=_Facts)
        for one in facts.schemas:
            records = {
                name: _record([_step(line, n, one.name, facts.patterns) for n, line in enumerate(lines)])
                for name, lines in one.records.items()
            }
            found[one.name] = Schema(one.name, one.root, one.namespace, one.date_namespace, records)
    return found


def _record(steps: list[Part]) -> dict[str, Part]:
    record: dict[str, Part] = {}
    for step in steps:
        # A response holds two declarations: its own, and one of the schema of declarations.
        is_second = step.name in record and step.group is not None
        record[second_name(step.name) if is_second else step.name] = step
    return record


def second_name(name: str) -> str:
    """Return under which name a record has the second of two steps that have one name."""
    return f"{name}:second"


def _step(line: str, place: int, schema: str, patterns: dict[str, str]) -> Part:
    name, least, most, content = line.split(" ", 3)
    group = None
    if content.startswith("> "):
        where, _, record = content[2:].rpartition(":")
        group = (where or schema, record)
    return Part(
        name,
        place,
        int(least),
        UNLIMITED if most == "*" else int(most),
        group,
        None if group else _leaf(content, patterns),
    )


def _leaf(content: str, patterns: dict[str, str]) -> Leaf:
    kind, *rest = content.split(" ")
    bounds = rest.pop(0) if rest and "=" not in rest[0] and rest[0][0] in "0123456789*" else ""
    stated = dict(one.split("=", 1) for one in rest if "=" in one)
    notes = {one for one in rest if "=" not in one}
    wco_number = stated.get("wco", "")
    if kind in NUMBERS:
        digits, _, decimals = bounds.partition(".")
        form = Form("decimal", digits_max=_bound(digits), decimals_max=_bound(decimals))
        return Leaf(kind, form, wco_number=wco_number)
    least, _, most = bounds.partition("..")
    like = [(re.compile(patterns[stated["like"]]), _AS_DESCRIBED)] if "like" in stated else []
    form = Form(
        characters_min=int(least or 0),
        characters_max=_bound(most),
        is_collapsed=kind == "code",
        values=frozenset(stated["one-of"].split(",")) if "one-of" in stated else frozenset(),
        patterns=(*like, *(CHARACTERS[one] for one in CHARACTERS if one in notes)),
    )
    return Leaf(kind, form, "filled" in notes, wco_number)


def _bound(text: str) -> int:
    return UNLIMITED if text in {"*", ""} else int(text)
