"""A message as a tree of records, walked once by the facts: texts with places, and what nothing reads."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import msgspec
from lxml import etree

from serai.formats.kept import Kept
from serai.formats.placed import PlacedText
from serai.formats.upu.facts import Element, needed, record
from serai.formats.upu.remarks import Remarks
from serai.formats.xml_document import local_name
from serai.model.code_lists import COUNTRY_CODES
from serai.model.findings import Finding
from serai.model.money import PLACES

DECIMAL_CHARACTERS_MAX = 24
"""As our documents have it."""

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Node(msgspec.Struct):
    """One record as sent. texts: of leaves, nodes: of records below, by local name and in order."""

    record: str
    place: str
    texts: dict[str, list[PlacedText]]
    nodes: dict[str, list["Node"]]

    def text(self, name: str) -> PlacedText | None:
        """Return the text of a leaf; None: absent or blank."""
        found = self.texts.get(name)
        return found[0] if found else None

    def node(self, name: str) -> "Node | None":
        """Return the first record of a name below."""
        found = self.nodes.get(name)
        return found[0] if found else None


def sure_node(node: Node | None) -> Node:
    """Return a record that the facts ask for."""
    assert node is not None, "the facts ask for it"
    return node


def walk(element: Any, name: str, place: str, found: Remarks, kept: list[Kept]) -> Node:
    """Read one record and all below it. place: where it stands. Faults go to found, the rest to kept."""
    return _Walk(found, kept, len(place) + 1).walk(element, name, place)


class _Walk:
    """A walk through one item. way_begins: where in a place the way from the item begins."""

    def __init__(self, found: Remarks, kept: list[Kept], way_begins: int) -> None:
        self._found = found
        self._kept = kept
        self._way_begins = way_begins

    def walk(self, element: Any, name: str, place: str) -> Node:
        node = Node(name, place, {}, {})
        known = record(name)
        counts: dict[str, int] = {}
        for child in element:
            tag = child.tag
            counts[tag] = count = counts.get(tag, 0) + 1
            fact = known.get(tag)
            below = f"{place}/{local_name(child) if fact is None else fact.name}"
            if count > 1 or (fact is not None and fact.most != 1 and _has_twin(child)):
                below = f"{below}[{count}]"
            if fact is None:
                self._keep_unknown(child, below)
            elif fact.most and count > fact.most:
                self._find_too_often(fact, count, below)
            else:
                self._read(child, fact, below, node)
        for tag, fact in needed(name):
            if counts.get(tag, 0) < fact.least:
                self._found.add(
                    Finding("missing-field", f"{place}/{fact.name}", parameters={"field": fact.name})
                )
        return node

    def _read(self, child: Any, fact: Element, place: str, node: Node) -> None:
        if not fact.is_leaf:
            if child.get(_NIL) not in {"true", "1"}:
                node.nodes.setdefault(fact.name, []).append(self.walk(child, fact.type, place))
            elif fact.least:
                self._found.add(Finding("missing-field", place, parameters={"field": fact.name}))
            return
        if len(child):
            self._found.add(Finding("wrong-type", place, parameters={"expected": "text without elements"}))
            return
        text = PlacedText((child.text or "").strip(), place)
        if not text and fact.most == 1:
            if fact.least:
                self._found.add(Finding("missing-field", place, parameters={"field": fact.name}))
            return
        fault = leaf_fault(text, fact)
        if fault is not None:
            self._found.add(msgspec.structs.replace(fault, pointer=place))
        node.texts.setdefault(fact.name, []).append(text)
        if fact.to is None and fact.fixed is None:
            self._keep_known(fact, text)

    def _keep_known(self, fact: Element, text: PlacedText) -> None:
        self._kept.append(Kept(text.place[self._way_begins :], str(text)))
        if not fact.is_technical:
            self._found.add(Finding("unread-element", text.place, "advice", {"element": fact.name}))

    def _keep_unknown(self, child: Any, place: str) -> None:
        text = etree.tostring(child, encoding="unicode", with_tail=False)
        self._kept.append(Kept(place[self._way_begins :], text, is_xml=True))
        self._found.add(Finding("unread-element", place, "advice", {"element": local_name(child)[:64]}))

    def _find_too_often(self, fact: Element, count: int, place: str) -> None:
        if fact.most == 1:
            self._found.add(Finding("repeated-field", place, parameters={"field": fact.name}))
        elif count == fact.most + 1:
            self._found.add(Finding("too-many", place, parameters={"count_max": str(fact.most)}))


def _has_twin(child: Any) -> bool:
    """Say whether a sibling of the same name follows: then the first is numbered, too."""
    return next(child.itersiblings(child.tag), None) is not None


def leaf_fault(text: str, fact: Element) -> Finding | None:
    """Return what is wrong with the text of a leaf, its place left empty; None: nothing."""
    if fact.fixed is not None and text != fact.fixed:
        return Finding("upu-other-value", "", parameters={"field": fact.name, "expected": fact.fixed})
    characters_max = DECIMAL_CHARACTERS_MAX if fact.type == "decimal" else fact.characters_max
    if characters_max and len(text) > characters_max:
        return Finding("too-long", "", parameters={"characters_max": str(characters_max)})
    if fact.type == "instant":
        return _instant_fault(text)
    if _FITS.get(fact.type, _any)(text):
        return None
    code, parameters = _FAULTS[fact.type]
    return Finding(code, "", parameters=parameters or {"value": text[:35]})


def _any(_: str) -> bool:
    return True


_FITS: dict[str, Callable[[str], bool]] = {
    "decimal": lambda text: _DECIMAL.fullmatch(text) is not None,
    "whole": lambda text: _WHOLE.fullmatch(text) is not None,
    "flag": {"true", "false", "1", "0"}.__contains__,
    "country": COUNTRY_CODES.__contains__,
    "currency": PLACES.__contains__,
}
_FAULTS: dict[str, tuple[str, dict[str, str]]] = {
    "decimal": ("not-a-decimal", {}),
    "whole": ("wrong-type", {"expected": "whole number"}),
    "flag": ("wrong-type", {"expected": "true or false"}),
    "country": ("unknown-country", {}),
    "currency": ("unknown-currency", {}),
}


def _instant_fault(text: str) -> Finding | None:
    if is_instant(text):
        return None
    if is_local_time(text):
        return Finding("upu-time-without-offset", "", "advice")
    return Finding("not-an-instant", "")


def is_instant(text: str) -> bool:
    """Say whether a text is an instant with its offset."""
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def is_local_time(text: str) -> bool:
    """Say whether a text is a time without offset, as clients of CDS write it."""
    try:
        return _LOCAL_TIME.fullmatch(text) is not None and bool(dt.datetime.fromisoformat(text))
    except ValueError:
        return False
