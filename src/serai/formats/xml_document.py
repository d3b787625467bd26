"""XML read safely: no DOCTYPE, no entities, no network, bounded size and depth; values know their XPath."""

import re
from functools import lru_cache
from typing import Any

from lxml import etree

from serai.formats.packed import find_packed
from serai.formats.parsing_thread import parse_apart
from serai.formats.placed import PlacedText
from serai.model.findings import Finding

DOCUMENT_BYTES_MAX = 8 * 1024 * 1024
"""A declaration of 999 goods items with 99 documents each, indented, is below 8 MB."""

DEPTH_MAX = 40
ELEMENTS_COUNT_MAX = 400_000
"""A declaration of 999 goods items with 99 documents of three elements each is below that."""
_KEPT_NAME_LENGTH_MAX = 256
"""Of names with their namespaces: longer ones stand in no standard, and are not remembered."""
_LEAST_ELEMENT_BYTES = len("<x/>")
NAMESPACE_BYTES_MAX = 1_000
PREFIXES_COUNT_MAX = 256
"""Each element has the namespaces of all around it: long or many, they would be copied for each."""
_STEP_LETTERS_MAX = 64
"""Of a name in a path: no standard has a longer one, and each element below would repeat it."""
_LONG_NAMESPACE = re.compile(
    rb"""xmlns(?::[^\s=<>"']{200}|(?::[^\s=<>"']{1,199})?(?:\s{64}|\s{0,63}="""
    rb"""(?:\s{64}|\s{0,63}(?:"[^"]{%d}|'[^']{%d}))))""" % (NAMESPACE_BYTES_MAX + 1, NAMESPACE_BYTES_MAX + 1)
)
"""Also a long prefix, or many blanks, behind which a long name could hide; no place is read any further."""
_PREFIX = re.compile(rb"xmlns:([^\s=<>\"']{1,200})")
_COUNT_ELEMENTS = etree.XPath("count(//*)")
_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEPTH_MAX + 1)})")

_DECLARED_ENCODING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']"""
)
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_xml(content: bytes) -> tuple[Any | None, list[Finding]]:
    """Read one XML document. Returns its root element, or None and why not. Never raises on any bytes."""
    faults = _find_unsafe(content)
    if faults:
        return None, faults
    root = parse_apart(content)
    if isinstance(root, etree.XMLSyntaxError):
        # libxml2 itself stops at 256 levels.
        code = "too-deep" if "depth" in str(root.msg).lower() else "malformed-xml"
        line, column = root.position
        return None, [Finding(code, "", parameters={"line": str(line), "column": str(column)})]
    if _IS_TOO_DEEP(root):
        return None, [Finding("too-deep", "", parameters={"levels_max": str(DEPTH_MAX)})]
    # Counting is for the few messages that are long enough to hold so many.
    is_long = len(content) > ELEMENTS_COUNT_MAX * _LEAST_ELEMENT_BYTES
    if is_long and _COUNT_ELEMENTS(root) > ELEMENTS_COUNT_MAX:
        return None, [Finding("too-many", "", parameters={"count_max": str(ELEMENTS_COUNT_MAX)})]
    return root, []


def _find_unsafe(content: bytes) -> list[Finding]:
    if len(content) > DOCUMENT_BYTES_MAX:
        return [Finding("message-too-large", "", parameters={"bytes_max": str(DOCUMENT_BYTES_MAX)})]
    if not content.strip():
        return [Finding("empty-message", "")]
    packed = find_packed(content)
    if packed is not None:
        return [packed]
    misread = _find_other_encoding(content)
    if misread is not None:
        return [Finding("not-utf-8", "", parameters=misread)]
    # Few messages have a `<!` at all, and looking for two bytes is many times as fast.
    if b"<!" in content and _FORBIDDEN.search(content):
        return [Finding("doctype-refused", "")]
    return _find_namespaces(content) if b"xmlns" in content else []


def _find_namespaces(content: bytes) -> list[Finding]:
    """Find names of namespaces that are too long, or too many prefixes."""
    if _LONG_NAMESPACE.search(content):
        return [Finding("too-long", "", parameters={"characters_max": str(NAMESPACE_BYTES_MAX)})]
    is_doubtful = content.count(b"xmlns:") > PREFIXES_COUNT_MAX
    if is_doubtful and len(set(_PREFIX.findall(content))) > PREFIXES_COUNT_MAX:
        return [Finding("too-many", "", parameters={"count_max": str(PREFIXES_COUNT_MAX)})]
    return []


def _find_other_encoding(content: bytes) -> dict[str, str] | None:
    """Say at which byte the text stops being UTF-8 and what it may be; None: it is UTF-8."""
    if b"\x00" in content:
        return {"byte": str(content.index(b"\x00") + 1), "likely_encoding": "UTF-16"}
    declared = _DECLARED_ENCODING.match(content)
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    if encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
        return {"byte": "1", "likely_encoding": encoding}
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as fault:
        return {"byte": str(fault.start + 1), "likely_encoding": "Windows-1252"}
    return None


def local_name(element: Any) -> str:
    """Give an element's name without its namespace."""
    return _local(element.tag)


def path_step(element: Any) -> str:
    """Give an element's name as paths have it: without its namespace, and never long."""
    return local_name(element)[:_STEP_LETTERS_MAX]


def _local(tag: str) -> str:
    return _kept_local(tag) if len(tag) <= _KEPT_NAME_LENGTH_MAX else _kept_local.__wrapped__(tag)


@lru_cache(maxsize=4096)
def _kept_local(tag: str) -> str:
    return tag.rpartition("}")[2]


@lru_cache(maxsize=512)
def _steps(way: str) -> tuple[str, ...]:
    return tuple(way.split("/"))


class Reader:
    """One element, read by local names. Remembers what was asked for, so that the rest can be told.

    The tree below it is walked once; paths are put together only for those who ask, for most messages have
    no fault.
    """

    __slots__ = ("_children", "_element", "_is_read", "_name", "_number", "_parent")

    def __init__(self, element: Any | None, path: str) -> None:
        """Read `element` (None: it is absent, and so is all below it) that stands at `path`."""
        self._element = element
        self._parent: Reader | None = None
        self._name = path
        self._number = 0
        self._is_read = False
        self._children: dict[str, list[Reader]] = _NONE if element is None else _plant(element, self)

    @classmethod
    def of_root(cls, root: Any) -> "Reader":
        """Start at the root of a document."""
        return cls(root, f"/{path_step(root)}")

    @property
    def path(self) -> str:
        """The XPath of local names, numbered from 1 where a name stands several times."""
        if self._parent is None:
            return self._name
        number = f"[{self._number}]" if self._number else ""
        return f"{self._parent.path}/{self._name[:_STEP_LETTERS_MAX]}{number}"

    def release(self) -> None:
        """Forget what is below, so that no circle of references waits for the collector. Paths stay."""
        for children in self._children.values():
            for child in children:
                if child._children:
                    child.release()
        self._children = _NONE

    def __bool__(self) -> bool:
        """Say whether the element is there."""
        return self._element is not None

    def all(self, name: str) -> list["Reader"]:
        """Give the children of one name in order."""
        return self._children.get(name, [])

    def count(self, name: str) -> int:
        """Say how many children of one name there are."""
        return len(self._children.get(name, ()))

    def namespace(self) -> str | None:
        """Give the namespace of the element."""
        return None if self._element is None else etree.QName(self._element).namespace

    def at(self, way: str) -> "Reader":
        """Go down a way such as `Commodity/InvoiceLine`, by the first child of each name."""
        return self._find(way) or self._absent(way)

    def text(self, way: str = "") -> PlacedText | None:
        """Give the trimmed text of this element or of the one down the way; None: absent or blank."""
        reader: Reader | None = self
        if way:
            # Most ways are one step, and most steps lead nowhere: this is asked a hundred times a message.
            children = self._children.get(way)
            reader = children[0] if children else self._find(way) if "/" in way else None
        if reader is None or reader._element is None:
            return None
        reader._is_read = True
        text = reader._element.text
        if not text:
            return None
        text = text.strip()
        return PlacedText(text, reader) if text else None

    def attribute(self, way: str, name: str) -> PlacedText | None:
        """Give an attribute of the element down the way."""
        reader = self._find(way)
        value = "" if reader is None or reader._element is None else reader._element.get(name, "").strip()
        return PlacedText(value, _AttributePlace(reader, name)) if reader and value else None

    def own_attribute(self, name: str) -> str | None:
        """Give an attribute of this element."""
        value = "" if self._element is None else self._element.get(name, "").strip()
        return value or None

    def leaves(self) -> "list[Reader]":
        """List the elements below that hold no others."""
        found = []
        for children in self._children.values():
            for child in children:
                found += child.leaves() if child._children else [child]
        return found

    def unread(self) -> list[str]:
        """List the paths of leaves with text below this element that nobody has read."""
        paths = []
        for children in self._children.values():
            for child in children:
                if child._children:
                    paths += child.unread()
                elif not child._is_read:
                    text = child._element.text  # type: ignore[union-attr]
                    if text and text.strip():
                        paths.append(child.path)
        return paths

    def _absent(self, way: str) -> "Reader":
        absent = Reader(None, way)
        absent._parent = self
        return absent

    def _find(self, way: str) -> "Reader | None":
        if "/" not in way:
            children = self._children.get(way)
            return children[0] if children else None
        reader = self
        for name in _steps(way):
            children = reader._children.get(name)
            if children is None:
                return None
            reader = children[0]
        return reader


_NONE: dict[str, list[Reader]] = {}


class _AttributePlace:
    """Where an attribute stands."""

    __slots__ = ("_name", "_reader")

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader, self._name = reader, name

    @property
    def path(self) -> str:
        """The XPath."""
        return f"{self._reader.path}/@{self._name}"


def _plant(element: Any, parent: Reader) -> dict[str, list[Reader]]:
    """Make a reader of each child, and of all below."""
    children: dict[str, list[Reader]] = {}
    for child in element:
        name = _local(child.tag)
        reader = Reader.__new__(Reader)
        reader._element = child
        reader._parent = parent
        reader._name = name
        reader._is_read = False
        reader._children = _plant(child, reader) if len(child) else _NONE
        siblings = children.get(name)
        if siblings is None:
            # Alone, and so without a number, until another one comes.
            reader._number = 0
            children[name] = [reader]
        else:
            siblings[0]._number = 1
            siblings.append(reader)
            reader._number = len(siblings)
    return children
