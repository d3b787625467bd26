"""Values that know where in a message they stand, so that a fault found later still points there."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from serai.formats.decoded import limit_findings
from serai.formats.json_faults import find_schema_faults
from serai.model.findings import Finding

T = TypeVar("T")


class HasPath(Protocol):
    """Something that knows its path when asked."""

    @property
    def path(self) -> str:
        """Where it stands."""
        ...


class PlacedText(str):
    """Text with the place it was read from."""

    __slots__ = ("where",)
    where: "str | HasPath"

    def __new__(cls, text: str, place: "str | HasPath") -> "PlacedText":
        """Make a text that stands at `place`."""
        placed = super().__new__(cls, text)
        placed.where = place
        return placed

    @property
    def place(self) -> str:
        """Where it stands."""
        where = self.where
        return where if isinstance(where, str) else where.path


class PlacedNumber(int):
    """A whole number with the place it was read from."""

    place: str

    def __new__(cls, number: int, place: str) -> "PlacedNumber":
        """Make a number that stands at `place`."""
        placed = super().__new__(cls, number)
        placed.place = place
        return placed


class PlacedGroup(dict[str, Any]):
    """Fields with the place of the whole, and for absent fields the place below it where each would stand."""

    def __init__(
        self, place: "str | HasPath", places_of_fields: Mapping[str, str], fields: Mapping[str, Any]
    ) -> None:
        """Keep those fields that hold something: None, empty lists and empty groups are left out."""
        # An empty text is a fault to be told, an empty list or group says nothing.
        super().__init__(
            {
                name: value
                for name, value in fields.items()
                if value or (value is not None and not isinstance(value, list | dict))
            }
        )
        self.where = place
        self.places_of_fields = places_of_fields

    @property
    def place(self) -> str:
        """Where the whole stands."""
        where = self.where
        return where if isinstance(where, str) else where.path


def number_at(text: PlacedText | None) -> PlacedNumber | PlacedText | None:
    """Read a whole number; what is none stays text, and the schema will say so at its place."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 18):
        return text
    return PlacedNumber(int(text), text.place)


def read_document(tree: PlacedGroup, kind: type[T]) -> tuple[T | None, list[Finding]]:
    """Make a document of placed values. Returns it, or None and all faults, each at its place."""
    plain = _plain(tree)
    try:
        return msgspec.convert(plain, kind), []
    except msgspec.ValidationError:
        faults = find_schema_faults(plain, kind) or [Finding("not-valid", "", parameters={"check": "type"})]
    moved = [msgspec.structs.replace(fault, pointer=place_of(tree, fault.pointer)) for fault in faults]
    # A value may go into several fields: its fault is told once.
    once = {(one.code, one.pointer, *one.parameters.items()): one for one in moved}
    return None, limit_findings([*once.values()])


def _plain(node: Any) -> Any:
    kind = type(node)
    if kind is PlacedText:
        return str(node)
    if kind is PlacedGroup or kind is dict:
        return {key: _plain(value) for key, value in node.items()}
    if kind is list:
        return [_plain(value) for value in node]
    return int(node) if kind is PlacedNumber else node


def place_in(tree: PlacedGroup, kind: type[msgspec.Struct], pointer: str) -> str:
    """Return the place of what a JSON pointer into the document `kind` made of a tree means; what is no such
    pointer stays."""
    field = pointer.split("/", 2)[1] if pointer else ""
    return place_of(tree, pointer) if not field or field in kind.__struct_fields__ else pointer


def place_of(tree: Any, pointer: str) -> str:
    """Follow a JSON pointer down the tree as far as it goes and give the place found there."""
    node, place = tree, tree.place
    for step in pointer.split("/")[1:]:
        if isinstance(node, list):
            child = node[int(step)] if step.isdigit() and int(step) < len(node) else None
        else:
            child = node.get(step) if isinstance(node, dict) else None
        if child is None:
            below = node.places_of_fields.get(step, "") if isinstance(node, PlacedGroup) else ""
            return f"{place}{below}"
        node, place = child, getattr(child, "place", place)
    return str(place)
