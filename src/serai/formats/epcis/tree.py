"""One tree for both syntaxes: names as in JSON, values with their places, foreign names with namespaces."""

import re
from typing import Literal

import msgspec

from serai.formats.epcis.tables import FORMS

LeafKind = Literal["text", "number", "boolean", "null", "untyped"]
"""untyped: text of XML, which says nothing of its type."""

_HAS_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f\ufffe\uffff]+\Z")
_PREFIX = re.compile(r"\A[^\W\d][\w.-]*\Z")
_UNDECLARED = re.compile(r"\A\{([^:/}]*):\}")
_UNDECLARED = re.compile(r"\A\{([^:/}]*):\}")


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A scalar. text: as written, a number of JSON in plain digits."""

    place: str
    text: str
    kind: LeafKind


class Many(msgspec.Struct, frozen=True, gc=False):
    """A list."""

    place: str
    items: "list[Node]"


class Group(msgspec.Struct, frozen=True, gc=False):
    """An object or element. members: in order, a name as often as it stands there."""

    place: str
    members: "list[tuple[str, Node]]"
    prefixes: dict[str, str]

    def get(self, name: str) -> "Node | None":
        """Give the first member of a name."""
        return next((node for member, node in self.members if member == name), None)

    def text(self, name: str) -> str | None:
        """Give the text of a scalar member."""
        node = self.get(name)
        return node.text if isinstance(node, Leaf) and node.kind != "null" else None

    def items(self, name: str) -> "list[Node]":
        """Give the entries of a list, a single value as a list of one."""
        node = self.get(name)
        if node is None:
            return []
        return node.items if isinstance(node, Many) else [node]

    def groups(self, name: str) -> "list[Group]":
        """Give the entries of a list that are groups."""
        return [node for node in self.items(name) if isinstance(node, Group)]


Node = Leaf | Many | Group


class Root(msgspec.Struct, frozen=True):
    """A message as a tree. is_xml: pointers are XPaths, and no JSON-LD context is needed.

    kind: EPCISDocument, EPCISQueryDocument, query, or the type of a single event. is_closed: no context but
    GS1's own, so that every other prefix must be declared.
    """

    kind: str
    group: Group
    is_xml: bool
    is_closed: bool = True


def is_uri(text: str) -> bool:
    """Say whether a text is an absolute URI or a name with a prefix: something, a colon, something."""
    return _HAS_SCHEME.match(text) is not None


def expand(text: str, prefixes: dict[str, str]) -> str:
    """Resolve `prefix:rest` by the prefixes in force, else by those of GS1; any other text stays as it is."""
    prefix, colon, rest = text.partition(":")
    if not colon or rest.startswith("//"):
        return text
    namespace = prefixes.get(prefix) or FORMS.prefixes.get(prefix)
    return f"{namespace}{rest}" if namespace else text


def foreign_name(name: str, prefixes: dict[str, str]) -> str:
    """Write a name as `{namespace}local`; JSON-LD takes a prefix nobody declared for a namespace."""
    # A brace begins a namespace here, so one in a field of JSON is written as URIs write it.
    name = name.replace("{", "%7B")
    prefix, colon, rest = name.partition(":")
    if not colon or not _PREFIX.match(prefix):
        return name.replace(":", "%3A")
    if rest.startswith("//"):
        cut = max(name.rfind("/"), name.rfind("#")) + 1
        return named(name[:cut], name[cut:])
    return named(prefixes.get(prefix) or FORMS.prefixes.get(prefix) or f"{prefix}:", rest)


def named(namespace: str, local: str) -> str:
    """Write a name with its namespace, of two ways to write the namespace always the same."""
    namespace = FORMS.same_namespaces.get(namespace, namespace)
    return f"{{{namespace.replace('{', '%7B').replace('}', '%7D')}}}{local}"


def undeclared_prefix(name: str, prefixes: dict[str, str]) -> str | None:
    """Give the prefix of a name by `foreign_name` if none of the prefixes in force stands for it."""
    found = _UNDECLARED.match(name)
    return found[1] if found and f"{found[1]}:" not in prefixes.values() else None
