"""What may stand in a message between post and customs (`facts.yaml`), decoded and made ready."""

import datetime as dt
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

MessageName = Literal["itmatt", "cusitm", "cusrsp"]

LEAVES = frozenset({"text", "whole", "decimal", "flag", "instant", "country", "currency"})


class Element(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One element of a record. type: of a leaf, else the record below it. most: 0, any number.

    to: the field it is read into; None: it is kept with the item. fixed: the only text allowed. verified:
    a real message has confirmed it. is_technical: of the sender's system, says nothing of the item: it is
    kept, and not told.
    """

    name: str
    source: Literal["cds", "cn23", "ours"]
    type: str = "text"
    namespace: str = "cds"
    least: int = 0
    most: int = 1
    characters_max: int = 0
    to: str | None = None
    fixed: str | None = None
    verified: bool = False
    is_technical: bool = False

    @property
    def is_leaf(self) -> bool:
        """Say whether it holds a text and no elements."""
        return self.type in LEAVES


class Root(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The root element of a message; namespace: a name of `Facts.namespaces`."""

    root: str
    namespace: str


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    editions: dict[MessageName, str]
    valid_from: dt.date
    sources: list[str]
    namespaces: dict[str, str]
    messages: dict[MessageName, Root]
    records: dict[str, list[Element]]


@cache
def facts() -> Facts:
    """Return the facts."""
    return msgspec.yaml.decode((files("serai.formats.upu") / "facts.yaml").read_bytes(), type=Facts)


def tag_of(element: Element) -> str:
    """Return the element's name with its namespace, as lxml writes it."""
    return f"{{{facts().namespaces[element.namespace]}}}{element.name}"


def root_tag(message: MessageName) -> str:
    """Return the name of a message's root element with its namespace."""
    root = facts().messages[message]
    return f"{{{facts().namespaces[root.namespace]}}}{root.root}"


@cache
def record(name: str) -> dict[str, Element]:
    """Return the elements of a record by their full names, in the order in which they are written."""
    return {tag_of(element): element for element in facts().records[name]}


@cache
def needed(name: str) -> tuple[tuple[str, Element], ...]:
    """Return the elements of a record that must be there, by their full names."""
    return tuple((tag, element) for tag, element in record(name).items() if element.least)
