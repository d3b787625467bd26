"""XML read safely: no DOCTYPE, no entities, no network, bounded size and depth; values know their XPath."""

import re
from typing import Any

from lxml import etree

from serai.formats.placed import PlacedText
from serai.model.findings import Finding

DOCUMENT_BYTES_MAX = 8 * 1024 * 1024
"""A declaration of 999 goods items with 99 documents each, indented, is below 8 MB."""

DEPTH_MAX = 40
_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEPTH_MAX + 1)})")

_DECLARED_ENCODING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']"""
)
_PACKED = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip"}
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_xml(content: bytes) -> tuple[Any | None, list[Finding]]:
    """Read one XML document. Returns its root element, or None and why not. Never raises on any bytes."""
    faults = _find_unsafe(content)
    if faults:
        return None, faults
    # The encoding is forced: another one could hide a DOCTYPE from the search above.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        # libxml2 itself stops at 256 levels.
        code = "too-deep" if "depth" in str(fault.msg).lower() else "malformed-xml"
        line, column = fault.position
        return None, [Finding(code, "", parameters={"line": str(line), "column": str(column)})]
    if _IS_TOO_DEEP(root):
        return None, [Finding("too-deep", "", parameters={"levels_max": str(DEPTH_MAX)})]
    return root, []


def _find_unsafe(content: bytes) -> list[Finding]:
    if len(content) > DOCUMENT_BYTES_MAX:
        return [Finding("message-too-large", "", parameters={"bytes_max": str(DOCUMENT_BYTES_MAX)})]
    if not content.strip():
        return [Finding("empty-message", "")]
    for mark, kind in _PACKED.items():
        if content.startswith(mark):
            return [Finding("packed-message", "", parameters={"kind": kind})]
    misread = _find_other_encoding(content)
    if misread is not None:
        return [Finding("not-utf-8", "", parameters=misread)]
    return [Finding("doctype-refused", "")] if _FORBIDDEN.search(content) else []


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
    return str(element.tag).rpartition("}")[2]


class Reader:
    """One element, read by local names. Remembers what was asked for, so that the rest can be told."""

    def __init__(self, element: Any | None, path: str, seen: set[str]) -> None:
        """Read `element` (None: it is absent, and so is all below it) that stands at `path`."""
        self.path = path
        self._element = element
        self._seen = seen
        self._readers: dict[str, list[Reader]] = {}
        self._children: dict[str, list[Any]] = {}
        for child in element if element is not None else ():
            self._children.setdefault(local_name(child), []).append(child)

    @classmethod
    def of_root(cls, root: Any) -> "Reader":
        """Start at the root of a document."""
        return cls(root, f"/{local_name(root)}", set())

    def __bool__(self) -> bool:
        """Say whether the element is there."""
        return self._element is not None

    def all(self, name: str) -> list["Reader"]:
        """Give the children of one name in order, numbered from 1 in their paths if there are several."""
        known = self._readers.get(name)
        if known is not None:
            return known
        children = self._children.get(name, [])
        if len(children) == 1:
            readers = [Reader(children[0], f"{self.path}/{name}", self._seen)]
        else:
            numbered = enumerate(children, start=1)
            readers = [Reader(child, f"{self.path}/{name}[{n}]", self._seen) for n, child in numbered]
        self._readers[name] = readers
        return readers

    def count(self, name: str) -> int:
        """Say how many children of one name there are."""
        return len(self._children.get(name, ()))

    def namespace(self) -> str | None:
        """Give the namespace of the element."""
        return None if self._element is None else etree.QName(self._element).namespace

    def at(self, way: str) -> "Reader":
        """Go down a way such as `Commodity/InvoiceLine`, by the first child of each name."""
        return self._find(way) or Reader(None, f"{self.path}/{way}", self._seen)

    def text(self, way: str = "") -> PlacedText | None:
        """Give the trimmed text of this element or of the one down the way; None: absent or blank."""
        reader = self._find(way) if way else self
        if reader is None or reader._element is None:
            return None
        self._seen.add(reader.path)
        text = (reader._element.text or "").strip()
        return PlacedText(text, reader.path) if text else None

    def attribute(self, way: str, name: str) -> PlacedText | None:
        """Give an attribute of the element down the way."""
        reader = self._find(way)
        value = "" if reader is None or reader._element is None else reader._element.get(name, "").strip()
        return PlacedText(value, f"{reader.path}/@{name}") if reader and value else None

    def own_attribute(self, name: str) -> str | None:
        """Give an attribute of this element."""
        value = "" if self._element is None else self._element.get(name, "").strip()
        return value or None

    def leaves(self) -> "list[Reader]":
        """List the elements below that hold no others, in no particular order of names."""
        found = []
        for name in self._children:
            for child in self.all(name):
                found += child.leaves() if child._children else [child]
        return found

    def _find(self, way: str) -> "Reader | None":
        reader = self
        for name in way.split("/"):
            if name not in reader._children:
                return None
            reader = reader.all(name)[0]
        return reader

    def unread(self) -> list[str]:
        """List the paths of leaves with text below this element that nobody has read."""
        paths = []
        for name in self._children:
            for child in self.all(name):
                if child._children:
                    paths.extend(child.unread())
                elif child._element.text and child._element.text.strip() and child.path not in self._seen:  # type: ignore[union-attr]
                    paths.append(child.path)
        return paths
