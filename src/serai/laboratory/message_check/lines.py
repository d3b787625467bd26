"""On which line of a message a finding stands: a pointer of its form, followed as far as it goes."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lxml import etree

from serai.formats.json_faults import pointer_step
from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding

_ROW = re.compile(r"row (\d+)")
_STEP = re.compile(r"(?:[\w.-]+:)?([\w.-]+|\*)(?:\[(\d+)\])?")
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
"""A text that never ends goes on to the end: it is not looked for again behind each of its quotes."""
_TOKENS_MAX = 200_000

FindLine = Callable[[Finding], int]


def line_finder(content: bytes, form: str, findings: Sequence[Finding]) -> FindLine:
    """Return what gives the line of each of these findings on a message, from 1; 0: nobody can say.

    form: a name of ours or of a standard; what is XML is told by its first letter. Time and space grow with
    the message, whatever stands in it.
    """
    text = content.decode("utf-8", "replace")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        root, _ = read_xml(content)
        return _InXml(root).line_of
    if form == "csv":
        return _in_rows
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return _InJson(text, (one.pointer for one in findings)).line_of
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


class _Wanted:
    """A step that pointers to be found have in common. line: where it stands; 0: not met yet."""

    __slots__ = ("below", "line")

    def __init__(self) -> None:
        self.below: dict[str, _Wanted] = {}
        self.line = 0


class _InJson:
    """Walks the text once, for the pointers that were asked for; what no pointer leads to is only counted.

    So no pointer is put together, however deep a text is or however long its names are.
    """

    def __init__(self, text: str, pointers: Iterable[str]) -> None:
        self._top = _Wanted()
        self._top.line = 1
        for pointer in pointers:
            wanted = self._top
            for step in pointer.split("/")[1:]:
                wanted = wanted.below.setdefault(step, _Wanted())
        self._walk(text)

    def line_of(self, finding: Finding) -> int:
        """Return the line of the deepest part of a pointer that is there."""
        wanted, line = self._top, 1
        for step in finding.pointer.split("/")[1:]:
            found = wanted.below.get(step)
            if found is None or not found.line:
                break
            wanted, line = found, found.line
        return line

    def _walk(self, text: str) -> None:
        # Of each group that is open: what is wanted of it, and the number of its entry; None: it has names.
        stack: list[tuple[_Wanted | None, int | None]] = []
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
                above, index = stack[-1] if stack else (None, None)
                if stack and index is None and name is None:
                    name = _step_of(word) if above is not None else ""
                    found = _link_documents(above, name, line)
                    if found is not None:
                        # Of a name that is repeated the last place counts.
                        found.line = line
                    continue
                here = (
                    _link_documents(above, name if index is None else str(index), line)
                    if stack
                    else self._top
                )
                if word in "{[":
                    stack.append((here, 0 if word == "[" else None))
                    name = None


def _link_documents(above: _Wanted | None, step: str | None, line: int) -> _Wanted | None:
    """Return what is wanted of a step, and keep the line where it was met first; None: nothing is."""
    found = above.below.get(step or "") if above is not None else None
    if found is not None and not found.line:
        found.line = line
    return found


def _step_of(word: str) -> str:
    """Return a name as pointers of findings have it."""
    if "\\" in word:
        try:
            word = json.loads(word, strict=False)
        except ValueError:
            word = word.strip('"')
    else:
        word = word.strip('"')
    return pointer_step(word)
