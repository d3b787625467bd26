"""What the schemas allow: `facts.yaml` and `movements.yaml`, decoded."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

UNLIMITED: Final = 10**9
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

NUMBERS: Final = frozenset({"amount", "measure", "quantity", "number"})


class Leaf(msgspec.Struct, frozen=True):
    """The content of an element without children.

    kind: code (white space is collapsed first), id, text, amount, measure, quantity, number, date, or instant
    (of a movement, RFC 3339). at_least, at_most: characters; digits_max, decimals_max: of a number. notes:
    `filled`, `digits`, `letters`, `alphanumeric`. values: nothing else is allowed. pattern: has to fit.
    wco_number: of the attribute in the WCO Data Model, as pointers name it.
    """

    kind: str
    at_least: int = 0
    at_most: int = UNLIMITED
    digits_max: int = UNLIMITED
    decimals_max: int = UNLIMITED
    notes: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    wco_number: str = ""


class Step(msgspec.Struct, frozen=True):
    """One child of a record. group: schema and record that say what is in it. leaf: None of groups."""

    name: str
    place: int
    least: int
    most: int
    group: tuple[str, str] | None
    leaf: Leaf | None


class Schema(msgspec.Struct, frozen=True):
    """One schema. records: name -> its children by name (see `second_name`), in order."""

    name: str
    root: str
    namespace: str
    date_namespace: str
    records: dict[str, dict[str, Step]]


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


def _record(steps: list[Step]) -> dict[str, Step]:
    record: dict[str, Step] = {}
    for step in steps:
        # A response holds two declarations: its own, and one of the schema of declarations.
        is_second = step.name in record and step.group is not None
        record[second_name(step.name) if is_second else step.name] = step
    return record


def second_name(name: str) -> str:
    """Return under which name a record has the second of two steps that have one name."""
    return f"{name}:second"


def _step(line: str, place: int, schema: str, patterns: dict[str, str]) -> Step:
    name, least, most, content = line.split(" ", 3)
    group = None
    if content.startswith("> "):
        where, _, record = content[2:].rpartition(":")
        group = (where or schema, record)
    return Step(
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
    notes = frozenset(one for one in rest if "=" not in one)
    values = frozenset(stated["one-of"].split(",")) if "one-of" in stated else frozenset[str]()
    pattern = re.compile(patterns[stated["like"]]) if "like" in stated else None
    wco = stated.get("wco", "")
    if kind in NUMBERS:
        digits, _, decimals = bounds.partition(".")
        return Leaf(kind, digits_max=_bound(digits), decimals_max=_bound(decimals), wco_number=wco)
    least, _, most = bounds.partition("..")
    return Leaf(
        kind, int(least or 0), _bound(most), notes=notes, values=values, pattern=pattern, wco_number=wco
    )


def _bound(text: str) -> int:
    return UNLIMITED if text in {"*", ""} else int(text)
