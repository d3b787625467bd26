"""On which line of a message a finding stands: a pointer of its form, followed as far as it goes."""

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding

_ROW = re.compile(r"row (\d+)")
_STEP = re.compile(r"(?:[\w.-]+:)?([\w.-]+|\*)(?:\[(\d+)\])?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_TOKENS_MAX = 200_000

FindLine = Callable[[Finding], int]


def line_finder(content: bytes, form: str) -> FindLine:
    """Return what gives the line of a finding on this message, from 1; 0: nobody can say.

    form: a name of ours or of a standard; what is XML is told by its first letter.
    """
    text = content.decode("utf-8", "replace")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        root, _ = read_xml(content)
        return _InXml(root).line_of
    if form == "csv":
        return _in_rows
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        places = _places_of(text)
        return lambda finding: _in_json(places, finding.pointer)
    return _in_rows


def _in_rows(finding: Finding) -> int:
    found = _ROW.match(finding.pointer)
    return int(found[1]) if found else _told(finding)


def _told(finding: Finding) -> int:
    """Return the line that the finding itself names."""
    line = finding.parameters.get("line", "")
    return int(line) if line.isdecimal() else 0


class _InXml:
    """Follows paths of local names; the children of an element are sorted by name once."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._children: dict[Any, dict[str, list[Any]]] = {}

    def line_of(self, finding: Finding) -> int:
        """Return the line of the deepest element of the path that is there."""
        if self._root is None:
            return _told(finding)
        first, *steps = finding.pointer.strip("/").split("/")
        found = _STEP.fullmatch(first)
        if found is None or found[1] != local_name(self._root):
            return _told(finding) or 1
        element = self._root
        for step in steps:
            child = self._child(element, step)
            if child is None:
                break
            element = child
        return int(element.sourceline or 0)

    def _child(self, element: Any, step: str) -> Any:
        found = _STEP.fullmatch(step)
        if found is None:
            return None
        if element not in self._children:
            by_name: dict[str, list[Any]] = {}
            for child in element.iterchildren(etree.Element):
                by_name.setdefault(local_name(child), []).append(child)
            self._children[element] = by_name
        same = self._children[element].get(found[1], [])
        place = int(found[2] or 1)
        return same[place - 1] if 0 < place <= len(same) else None


def _in_json(places: dict[str, int], pointer: str) -> int:
    """Return the line of the deepest part of a pointer that is there."""
    while pointer not in places and pointer:
        pointer = pointer.rpartition("/")[0]
    return places.get(pointer, 1)


def _places_of(text: str) -> dict[str, int]:
    """Return the line of each value of a JSON text by its pointer, as far as the text can be read."""
    places: dict[str, int] = {"": 1}
    stack: list[tuple[str, int | None]] = []
    name: str | None = None
    line, read_to = 1, 0
    for number, token in enumerate(_TOKEN.finditer(text)):
        if number > _TOKENS_MAX:
            break
        line += text.count("\n", read_to, token.start())
        read_to = token.start()
        word = token[0]
        if word in "]}":
            name = None
            if stack:
                stack.pop()
        elif word == ",":
            name = None
            if stack and stack[-1][1] is not None:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        elif word != ":":
            above, index = stack[-1] if stack else ("", None)
            if stack and index is None and name is None:
                name = word.strip('"').replace("~", "~0").replace("/", "~1")
                places[f"{above}/{name}"] = line
                continue
            pointer = f"{above}/{name if index is None else index}" if stack else ""
            places.setdefault(pointer, line)
            if word in "{[":
                stack.append((pointer, 0 if word == "[" else None))
                name = None
    return places
