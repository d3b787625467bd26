"""Extra fields: names and values that posts and customs agree on beside the contract, in two lists."""

from itertools import zip_longest
from typing import Literal

from serai.formats.kept import Kept
from serai.formats.placed import PlacedText
from serai.formats.upu.codes import codes
from serai.formats.upu.remarks import Remarks
from serai.formats.upu.tree import Node
from serai.model.findings import Finding

NAMES, VALUES = "ExtraFieldNames", "ExtraFieldValues"
STRING = "string"
Where = Literal["Data", "ContentPiece"]


def read_extra_fields(node: Node, where: Where) -> dict[str, PlacedText]:
    """Return the fields we know by our names for them; the first of each counts."""
    known = codes().extra_fields[where]
    found: dict[str, PlacedText] = {}
    for name, value in _pairs(node):
        if name in known and value:
            found.setdefault(known[name], value)
    return found


def keep_extra_fields(node: Node, where: Where, way_begins: int, kept: list[Kept], found: Remarks) -> None:
    """Keep the fields we do not know, and tell of them. way_begins: where in a place the way begins."""
    known, taken = codes().extra_fields[where], set[str]()
    for name, value in _pairs(node):
        if name in known and value and name not in taken:
            taken.add(name)
            continue
        way = node.place[way_begins:]
        kept.append(Kept(f"{way}/{NAMES}/{STRING}", str(name)))
        kept.append(Kept(f"{way}/{VALUES}/{STRING}", str(value)))
        found.add(Finding("unread-element", f"{node.place}/{NAMES}", "advice", {"element": str(name)[:64]}))


def write_extra_fields(where: Where, fields: dict[str, str | None]) -> dict[str, dict[str, list[str]]]:
    """Return the texts of both lists. fields: by our names; None is left out."""
    names = {ours: theirs for theirs, ours in codes().extra_fields[where].items()}
    given = {names[ours]: value for ours, value in fields.items() if value is not None}
    return {NAMES: {STRING: list(given)}, VALUES: {STRING: list(given.values())}} if given else {}


def _pairs(node: Node) -> list[tuple[PlacedText, PlacedText]]:
    nothing = PlacedText("", f"{node.place}/{VALUES}")
    return list(zip_longest(_strings(node, NAMES), _strings(node, VALUES), fillvalue=nothing))


def _strings(node: Node, name: str) -> list[PlacedText]:
    found = node.node(name)
    return found.texts.get(STRING, []) if found is not None else []
