"""One tree for both syntaxes: names as in JSON, values with their places, foreign names with namespaces."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from serai.formats.epcis.tables import FORMS

LeafKind = Literal["text", "number", "boolean", "null", "untyped"]
"""untyped: text of XML, which says nothing of its type."""

_HAS_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f\ufffe\uffff]+\Z")
_PREFIX = re.compile(r"\A[^\W\d][\w.-]*\Z")
_BLANK_NODE = re.compile(r"\A_:[A-Za-z0-9_][\w.-]*\Z", re.ASCII)
NODE_TYPE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}type"
"""Name of the `type` of a part to which the standard gives none."""
_UNDECLARED = re.compile(r"\A\{([^:/}]*):\}")


class Place:
    """Where something stands: a step below another place. Its text is put together for those who ask, as most
    of a message has no fault: so a leaf costs one step, however deep it lies."""

    __slots__ = ("_above", "_step")

    def __init__(self, above: "Place | None", step: str) -> None:
        """Stand at a step, slash or at sign and all, below another place; None: at the top."""
        self._above = above
        self._step = step

    def __str__(self) -> str:
        """Give the XPath or JSON pointer."""
        steps: list[str] = []
        place: Place | None = self
        while place is not None:
            steps.append(place._step)
            place = place._above
        return "".join(reversed(steps))

    @property
    def is_root(self) -> bool:
        """Say whether nothing stands around it."""
        return self._above is None

    @property
    def is_attribute_of_root(self) -> bool:
        """Say whether it is `/Root/@name`."""
        return self._step.startswith("/@") and self._above is not None and self._above._above is None


class Prefixes:
    """Prefixes in force. Those of what stands around are asked, not copied."""

    __slots__ = ("_above", "_names", "_namespaces")

    def __init__(self, names: Mapping[str, str], above: "Prefixes | None" = None) -> None:
        """Add names of namespaces by prefix to those in force around."""
        self._names = names
        self._namespaces = frozenset(names.values())
        self._above = above

    def get(self, prefix: str) -> str | None:
        """Give the namespace of a prefix; None: it stands for none."""
        scope: Prefixes | None = self
        while scope is not None:
            found = scope._names.get(prefix)
            if found is not None:
                return found
            scope = scope._above
        return None

    def stand_for(self, namespace: str) -> bool:
        """Say whether one of them stands for a namespace."""
        scope: Prefixes | None = self
        while scope is not None:
            if namespace in scope._namespaces:
                return True
            scope = scope._above
        return False


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """A scalar. text: as written, a number of JSON in plain digits."""

    place: Place
    text: str
    kind: LeafKind


class Many(msgspec.Struct, frozen=True, gc=False):
    """A list."""

    place: Place
    items: "list[Node]"


class Group(msgspec.Struct, frozen=True, gc=False):
    """An object or element. members: in order, a name as often as it stands there."""

    place: Place
    members: "list[tuple[str, Node]]"
    prefixes: Prefixes

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


def is_blank_node(text: str) -> bool:
    """Say whether a text is a name of JSON-LD that holds within its document only: `_:document1`."""
    return _BLANK_NODE.match(text) is not None


def is_own_type(leaf: Leaf, kind: str, prefixes: Prefixes) -> bool:
    """Say whether the type of a sensor's part says only what its field says: `epcis:SensorElement`."""
    own = FORMS.node_types.get(kind)
    return leaf.text == own or expand(leaf.text, prefixes) == f"{FORMS.prefixes['epcis']}{own}"


def expand(text: str, prefixes: Prefixes) -> str:
    """Resolve `prefix:rest` by the prefixes in force, else by those of GS1; any other text stays as it is."""
    prefix, colon, rest = text.partition(":")
    if not colon or rest.startswith("//"):
        return text
    namespace = prefixes.get(prefix) or FORMS.prefixes.get(prefix)
    return f"{namespace}{rest}" if namespace else text


def foreign_name(name: str, prefixes: Prefixes) -> str:
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


def undeclared_prefix(name: str, prefixes: Prefixes) -> str | None:
    """Give the prefix of a name by `foreign_name` if none of the prefixes in force stands for it."""
    found = _UNDECLARED.match(name)
    return found[1] if found and not prefixes.stand_for(f"{found[1]}:") else None
