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

_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class SimpleType(msgspec.Struct, frozen=True):
    """The form of a value. patterns: each has to fit in full. values: nothing else is allowed."""

    name: str
    kind: str
    length_min: int
    length_max: int | None
    digits_max: int | None
    decimals_max: int | None
    patterns: list[re.Pattern[str]]
    values: frozenset[str]

    def allows(self, place: Place) -> bool:
        """Say whether the text of a place has this form."""
        text = place.text if self.kind == "string" else place.collapsed()
        if self.kind == "decimal":
            return self._allows_decimal(text)
        if len(text) < self.length_min or (self.length_max is not None and len(text) > self.length_max):
            return False
        if self.values and text not in self.values:
            return False
        return all(pattern.fullmatch(text) for pattern in self.patterns)

    def _allows_decimal(self, text: str) -> bool:
        if not _DECIMAL.fullmatch(text):
            return False
        whole, _, part = text.lstrip("+-").partition(".")
        whole, part = whole.lstrip("0"), part.rstrip("0")
        assert self.digits_max is not None
        assert self.decimals_max is not None
        return len(whole) + len(part) <= self.digits_max and len(part) <= self.decimals_max


class Element(msgspec.Struct, frozen=True):
    """What may stand at one place, how often, and what may stand in it, in order."""

    name: str
    min_count: int
    min_count_old: int
    max_count: int | None
    form: SimpleType | None
    children: dict[str, "Element"]

    def least(self, edition: Edition) -> int:
        """Say how often it must be there at least."""
        return self.min_count_old if edition == "old" else self.min_count


def find_schema_faults(top: Place, edition: Edition) -> list[Finding]:
    """List all that the schema does not allow, at most FAULTS_MAX of them, then how many more."""
    found = _faults_below(top, messages()[top.name], edition)
    faults = list(islice(found, FAULTS_MAX))
    more = sum(1 for _ in islice(found, COUNTED_MAX))
    count = str(more) if more < COUNTED_MAX else f"over {COUNTED_MAX:,}"
    return [*faults, Finding("more-faults", "", parameters={"count": count})] if more else faults


def _faults_below(top: Place, known: Element, edition: Edition) -> Iterator[Finding]:
    waiting = [(top, known)]
    while waiting:
        place, element = waiting.pop()
        if place.attributes:
            yield _fault(place, "attribute", attribute=place.attributes[0][:64])
        if element.form is not None:
            if place.names:
                yield _fault(place, "children")
            elif not element.form.allows(place):
                yield _fault(place, "form", type=element.form.name)
            continue
        if place.text.strip():
            yield _fault(place, "text")
        yield from _faults_of_children(place, element, edition)
        for name in reversed(element.children):
            waiting += [(child, element.children[name]) for child in reversed(place.children.get(name, ()))]


def _faults_of_children(place: Place, element: Element, edition: Edition) -> Iterator[Finding]:
    for name, found in place.children.items():
        known = element.children.get(name)
        if known is None:
            yield _fault(found[0], "unknown", count=str(len(found)))
        elif known.max_count is not None and len(found) > known.max_count:
            yield _fault(found[known.max_count], "too-many", count_max=str(known.max_count))
    for name, known in element.children.items():
        if len(place.children.get(name, ())) < known.least(edition):
            yield _fault(place, "missing", element=name)
    yield from _faults_of_order(place, element)


def _faults_of_order(place: Place, element: Element) -> Iterator[Finding]:
    order = {name: number for number, name in enumerate(element.children)}
    furthest = -1
    told = set()
    counts: dict[str, int] = {}
    for name in place.names:
        counts[name] = counts.get(name, 0) + 1
        here = order.get(name, furthest)
        if here < furthest and name not in told:
            told.add(name)
            yield _fault(place.children[name][counts[name] - 1], "order")
        furthest = max(furthest, here)


def _fault(place: Place, kind: str, **parameters: str) -> Finding:
    # Names that the sender made up may be of any length.
    said = {"kind": kind, "element": place.name[:64]} | parameters
    return Finding(CONTENT_FAULT, place.location()[:1000], parameters=said)


@cache
def messages() -> dict[str, Element]:
    """Return the schema of each message by its name."""
    forms = {form.name: form for form in map(_read_type, _read_table("types.csv"))}
    tops: dict[str, Element] = {}
    for row in read_elements():
        top = tops.setdefault(row["message"], Element(row["message"], 1, 1, 1, None, {}))
        *above, name = row["path"].strip("/").split("/")
        parent = top
        for step in above:
            parent = parent.children[step]
        parent.children[name] = Element(
            name,
            int(row["min_count"]),
            int(row["min_count_old"]),
            _number(row["max_count"]),
            forms[row["type"]] if row["type"] else None,
            {},
        )
    return tops


@cache
def spoken_names() -> dict[str, str]:
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
    return SimpleType(
        row["type"],
        row["kind"],
        _number(row["length_min"]) or 0,
        _number(row["length_max"]),
        _number(row["digits_max"]),
        _number(row["decimals_max"]),
        [re.compile(pattern) for pattern in patterns],
        frozenset(row["values"].split()),
    )


def _number(text: str) -> int | None:
    return int(text) if text else None
