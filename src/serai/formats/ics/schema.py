"""Whether a message has the elements that the schema knows, in its order, number and form.

The facts are in `elements.csv` and `types.csv`, taken by `tools/ics_facts.py` from the schemas v11.2 of
the reference (hmrc/import-control-entry-declaration-store 3592263, conf/xsds).
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Literal

import msgspec

from serai.formats.ics.tree import Place
from serai.formats.xml_shape import UNLIMITED, Form, Held, Step, form_fault
from serai.model.findings import Finding

Edition = Literal["old", "new"]
"""old: as the UK took declarations at first. new: total of items and place may be absent, and four of the
conditions on totals and nationality are gone."""

CONTENT_FAULT = "4065"
"""The one number that the reference states for content the schema does not allow."""

FAULTS_MAX = 500
"""More than anybody mends in one go; a hostile message may hold a million."""

COUNTED_MAX = 10_000
"""Beyond the listed ones faults are counted so far and no further."""


class SimpleType(msgspec.Struct, frozen=True):
    """A type of the schema. is_string: white space is part of the text, which is not collapsed first."""

    name: str
    form: Form
    is_string: bool

    def allows(self, place: Place) -> bool:
        """Say whether the text of a place has this form."""
        return form_fault(place.text if self.is_string else place.collapsed(), self.form) is None


class Element(Step, frozen=True):
    """What may stand at one place, and what may stand in it, in order. type: None where it holds elements."""

    type: SimpleType | None
    children: dict[str, "Element"]


def find_schema_faults(top: Place, edition: Edition) -> list[Finding]:
    """List all that the schema does not allow, at most FAULTS_MAX of them, then how many more."""
    found = _faults_below(top, messages(edition)[top.name])
    faults = list(islice(found, FAULTS_MAX))
    more = sum(1 for _ in islice(found, COUNTED_MAX))
    count = str(more) if more < COUNTED_MAX else f"over {COUNTED_MAX:,}"
    return [*faults, Finding("more-faults", "", parameters={"count": count})] if more else faults


def _faults_below(top: Place, known: Element) -> Iterator[Finding]:
    waiting = [(top, known)]
    while waiting:
        place, element = waiting.pop()
        if place.attributes:
            yield _fault(place, "attribute", attribute=place.attributes[0][:64])
        if element.type is not None:
            if place.names:
                yield _fault(place, "children")
            elif not element.type.allows(place):
                yield _fault(place, "form", type=element.type.name)
            continue
        if place.text.strip():
            yield _fault(place, "text")
        yield from _faults_of_children(place, element)
        for name in reversed(element.children):
            waiting += [(child, element.children[name]) for child in reversed(place.children.get(name, ()))]


def _faults_of_children(place: Place, element: Element) -> Iterator[Finding]:
    held = Held(element.children)
    disordered: dict[str, Place] = {}
    for name in place.names:
        step, count = held.take(name)
        child = place.children[name][count - 1]
        if step is None:
            if count == 1:
                yield _fault(child, "unknown", count=str(len(place.children[name])))
            continue
        if count == step.most + 1:
            yield _fault(child, "too-many", count_max=str(step.most))
        if held.order_fault(step) is not None:
            disordered.setdefault(name, child)
    for missing in held.missing():
        yield _fault(place, "missing", element=missing.name)
    for child in disordered.values():
        yield _fault(child, "order")


def _fault(place: Place, kind: str, **parameters: str) -> Finding:
    # Names that the sender made up may be of any length.
    said = {"kind": kind, "element": place.name[:64]} | parameters
    return Finding(CONTENT_FAULT, place.location()[:1000], parameters=said)


@cache
def messages(edition: Edition = "new") -> dict[str, Element]:
    """Return the schema of each message by its name."""
    types = {one.name: one for one in map(_read_type, _read_table("types.csv"))}
    least = "min_count_old" if edition == "old" else "min_count"
    tops: dict[str, Element] = {}
    for row in read_elements():
        top = tops.setdefault(row["message"], Element(row["message"], 0, 1, 1, None, {}))
        *above, name = row["path"].strip("/").split("/")
        parent = top
        for step in above:
            parent = parent.children[step]
        parent.children[name] = Element(
            name,
            len(parent.children),
            int(row[least]),
            _number(row["max_count"]),
            types[row["type"]] if row["type"] else None,
            {},
        )
    return tops


@cache
def rendered_names() -> dict[str, str]:
    """Return what each element is called in words, by its name."""
    return {row["path"].rpartition("/")[2]: row["named"] for row in read_elements()}


def read_elements() -> list[dict[str, str]]:
    """Return the table of elements, a row each, in the order of the schema."""
    return _read_table("elements.csv")


def _read_table(name: str) -> list[dict[str, str]]:
    text = (files("serai.formats.ics") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def _read_type(row: dict[str, str]) -> SimpleType:
    # Python has no names for blocks of characters.
    patterns = row["patterns"].replace(r"\p{IsBasicLatin}", r"[\x00-\x7f]").splitlines()
    form = Form(
        "decimal" if row["kind"] == "decimal" else "text",
        characters_min=int(row["length_min"] or 0),
        characters_max=_number(row["length_max"]),
        digits_max=_number(row["digits_max"]),
        decimals_max=_number(row["decimals_max"]),
        values=frozenset(row["values"].split()),
        patterns=tuple((re.compile(pattern), pattern) for pattern in patterns),
    )
    return SimpleType(row["type"], form, is_string=row["kind"] == "string")


def _number(text: str) -> int:
    return int(text) if text else UNLIMITED
