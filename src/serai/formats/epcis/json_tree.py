"""EPCIS JSON as a tree: the JSON-LD context is read for its prefixes, and nothing is fetched."""

import re
from typing import Any, Final

from serai.formats.epcis.tables import EVENT_CLASSES, FORMS, TABLES
from serai.formats.epcis.tree import Group, Leaf, Many, Node, Place, Prefixes, Root, foreign_name
from serai.formats.json_faults import JsonNumber, pointer_step, read_json
from serai.formats.xml_document import DOCUMENT_BYTES_MAX
from serai.model.findings import Finding

_ENDINGS: Final = {
    "unit": re.compile(r"\A[A-Z0-9]{2,4}\Z"),
    "type": re.compile(r"\A\S+\Z"),
    "attribute": re.compile(r"\A\S+\Z"),
    "field": re.compile(r"\A[^\s:]+:\S+\Z"),
}
"""What ends the names of a family of query parameters."""
DEPTH_MAX = 60
"""A sensor report of a query result is 12 levels deep; fields of a user's own may nest below it."""


def read_json_tree(content: bytes) -> tuple[Root | None, list[Finding]]:
    """Read EPCIS JSON. Returns the tree, or None, and what is wrong with its text or root."""
    tree, findings = read_json(content, bytes_max=DOCUMENT_BYTES_MAX, depth_max=DEPTH_MAX)
    if findings:
        return None, findings
    if not isinstance(tree, dict):
        return None, [Finding("wrong-type", "", parameters={"expected": "object"})]
    kind = _kind(tree)
    if kind is None:
        return None, [Finding("missing-field", "/type", parameters={"field": "type"})]
    prefixes, is_closed = _read_context(tree, None)
    group = _query(tree, prefixes) if kind == "query" else _group(tree, Place(None, ""), prefixes)
    return Root(kind, group, is_xml=False, is_closed=is_closed), []


def _kind(tree: dict[str, Any]) -> str | None:
    kind = tree.get("type")
    if isinstance(kind, str):
        return kind
    names = tree.keys() - {"@context"}
    # A query of the REST interface has no type: it is an object of parameters.
    beginnings = tuple(TABLES.query_families)
    is_query = "type" not in tree and any(
        name in TABLES.query_parameters or name.startswith(beginnings) for name in names
    )
    return "query" if is_query else None


def is_query_parameter(name: str) -> bool:
    """Say whether a query may have a parameter of this name: the standard's, or of one of its families.

    A family's name is ended by a unit, a type, or the name of somebody's field with its namespace.
    """
    if name in TABLES.query_parameters:
        return True
    family = max((one for one in TABLES.query_families if name.startswith(one)), key=len, default="")
    ending = _ENDINGS.get(TABLES.query_families.get(family, ""))
    return ending is not None and ending.match(name.removeprefix(family)) is not None


def is_document_kind(kind: str) -> bool:
    """Say whether a root of this type is one that EPCIS itself names."""
    return kind in EVENT_CLASSES or kind in ("EPCISDocument", "EPCISQueryDocument", "query")


def _read_context(tree: dict[str, Any], inherited: Prefixes | None) -> tuple[Prefixes, bool]:
    """Give the prefixes in force, and whether every address among the contexts is one of GS1's."""
    context = tree.get("@context")
    names: dict[str, str] = {}
    is_closed = True
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, str):
            is_closed = is_closed and part.startswith(tuple(FORMS.contexts))
        elif isinstance(part, dict):
            names |= {name: value for name, value in part.items() if isinstance(value, str)}
    return Prefixes(names, inherited), is_closed


def _node(value: Any, place: Place, prefixes: Prefixes) -> Node:
    match value:
        case dict():
            return _group(
                value, place, _read_context(value, prefixes)[0] if "@context" in value else prefixes
            )
        case list():
            return Many(
                place,
                [_node(item, Place(place, f"/{number}"), prefixes) for number, item in enumerate(value)],
            )
        case JsonNumber():
            return Leaf(place, value.text, "number")
        case bool():
            return Leaf(place, "true" if value else "false", "boolean")
        case None:
            return Leaf(place, "", "null")
        case _:
            return Leaf(place, value, "text")


def _query(value: dict[str, Any], prefixes: Prefixes) -> Group:
    """Read parameters under the names as written: a prefix within such a name begins no name of JSON-LD."""
    place = Place(None, "")
    members = [
        (name, _node(item, Place(place, f"/{pointer_step(name)}"), prefixes)) for name, item in value.items()
    ]
    return Group(place, members, prefixes)


def _group(value: dict[str, Any], place: Place, prefixes: Prefixes) -> Group:
    members = [
        (foreign_name(name, prefixes), _node(item, Place(place, f"/{pointer_step(name)}"), prefixes))
        for name, item in value.items()
    ]
    return Group(place, members, prefixes)
