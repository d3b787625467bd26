"""Changes of one place of a message, in the syntax it is written in.

Places are written as a reader would point at them: `/Root/Child[2]/@attribute` in XML, an RFC 6901 pointer
in JSON, `2:/reference` for the second line of NDJSON, `3/reference` for row and column of CSV (the heading is
row 1), `NAD[2]/4/1` for segment, element and component of EDIFACT (the tag is element 1).
"""

import copy
import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from lxml import etree

_STEP: Final = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<number>\d+)\])?")
_FIRST: Final = re.compile(r"\[1\]|(?<=/)[A-Za-z][\w.-]*:(?=[A-Za-z])")
Edit = tuple[str, ...] | list[Any]


class Draft(Protocol):
    """A message being changed. value: text, or any JSON in JSON and NDJSON."""

    def put(self, place: str, value: Any) -> None:
        """Set the value of a place that is there; in JSON of one that is not, too."""

    def drop(self, place: str) -> None:
        """Take a place out, with all below it."""

    def double(self, place: str) -> None:
        """Set a second copy behind a place."""

    def add(self, place: str, value: Any) -> None:
        """Set something new behind a place: XML, a segment, a column."""

    def into(self, place: str, value: Any) -> None:
        """Set something new as the first thing within a place: XML."""

    def write(self) -> bytes:
        """Return the message."""
        ...

    def pointer(self, place: str) -> str:
        """Return how a reader must point at a place of the message as it is now."""
        ...


def apply(content: bytes, syntax: str, edits: list[Edit]) -> tuple[bytes, Draft]:
    """Change a message. Returns it, and the draft, which knows its places. `text` replaces the first
    occurrence of a text that must be there; it comes last."""
    draft = _DRAFTS[syntax](content)
    for verb, *given in edits:
        if verb != "text":
            getattr(draft, verb)(*given)
    changed = draft.write() if any(verb != "text" for verb, *_ in edits) else content
    for old, new in (given for verb, *given in edits if verb == "text"):
        before = changed
        changed = changed.replace(str(old).encode(), str(new).encode(), 1)
        assert changed != before, f"{old} is not in the message"
    return changed, draft


def plain(pointer: str) -> str:
    """Return a pointer without what says nothing: the number of a first element, prefixes of namespaces."""
    return _FIRST.sub("", pointer)


class _Xml:
    def __init__(self, content: bytes) -> None:
        self._root = etree.fromstring(content)

    def _at(self, place: str) -> Any:
        first, *steps = [_STEP.fullmatch(step) for step in place.removeprefix("/").split("/")]
        assert first is not None
        assert first["name"] == etree.QName(self._root).localname, place
        element = self._root
        for step in steps:
            assert step is not None, place
            named = [
                one
                for one in element
                if isinstance(one.tag, str) and etree.QName(one).localname == step["name"]
            ]
            number = int(step["number"] or 1)
            assert len(named) >= number, f"{place}: there is no {step[0]}"
            element = named[number - 1]
        return element

    def put(self, place: str, value: Any) -> None:
        above, at, attribute = place.rpartition("/@")
        if at:
            self._at(above).set(attribute, value)
            return
        element = self._at(place)
        assert not len(element), f"{place} has elements"
        element.text = value

    def drop(self, place: str) -> None:
        above, at, attribute = place.rpartition("/@")
        if at:
            del self._at(above).attrib[attribute]
            return
        element = self._at(place)
        element.getparent().remove(element)

    def double(self, place: str) -> None:
        element = self._at(place)
        element.addnext(copy.deepcopy(element))

    def add(self, place: str, value: Any) -> None:
        element = self._at(place)
        for one in reversed(_parts(element.getparent(), value)):
            element.addnext(one)

    def into(self, place: str, value: Any) -> None:
        element = self._at(place)
        for one in reversed(_parts(element, value)):
            element.insert(0, one)

    def write(self) -> bytes:
        return bytes(etree.tostring(self._root, xml_declaration=True, encoding="UTF-8"))

    def pointer(self, place: str) -> str:
        return place


def _parts(within: Any, xml: str) -> list[Any]:
    """Return elements written without prefixes, in the namespace of those among which they come."""
    neighbour = next((one for one in within if isinstance(one.tag, str)), within)
    names = {None if prefix is None else prefix: uri for prefix, uri in within.nsmap.items()}
    names[None] = etree.QName(neighbour).namespace
    spaces = "".join(
        f' xmlns{f":{prefix}" if prefix else ""}="{uri or ""}"'
        for prefix, uri in names.items()
        if uri or not prefix
    )
    return list(etree.fromstring(f"<within{spaces}>{xml}</within>"))


class _Json:
    def __init__(self, content: bytes) -> None:
        self._value: Any = json.loads(content)

    def _above(self, place: str) -> tuple[Any, Any]:
        *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:]]
        value = self._value
        for step in steps:
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value, int(last) if isinstance(value, list) else last

    def put(self, place: str, value: Any) -> None:
        above, last = self._above(place)
        above[last] = value

    def drop(self, place: str) -> None:
        above, last = self._above(place)
        del above[last]

    def double(self, place: str) -> None:
        above, last = self._above(place)
        above.insert(last, copy.deepcopy(above[last]))

    def add(self, place: str, value: Any) -> None:
        above, last = self._above(place)
        above.insert(last + 1, value)

    def into(self, place: str, value: Any) -> None:
        above, last = self._above(place)
        above[last].insert(0, value)

    def write(self) -> bytes:
        return json.dumps(self._value, ensure_ascii=False).encode()

    def pointer(self, place: str) -> str:
        return place


class _Lines:
    """NDJSON. A whole line is put, dropped and doubled by its number alone."""

    def __init__(self, content: bytes) -> None:
        self._lines = [_Json(line) for line in content.splitlines()]

    def _at(self, place: str) -> tuple[_Json, str]:
        number, _, pointer = place.partition(":")
        return self._lines[int(number) - 1], pointer

    def put(self, place: str, value: Any) -> None:
        line, pointer = self._at(place)
        line.put(pointer, value)

    def drop(self, place: str) -> None:
        line, pointer = self._at(place)
        line.drop(pointer)

    def double(self, place: str) -> None:
        line, pointer = self._at(place)
        if pointer:
            line.double(pointer)
            return
        self._lines.insert(int(place), _Json(line.write()))

    def add(self, place: str, value: Any) -> None:
        line, pointer = self._at(place)
        line.add(pointer, value)

    def into(self, place: str, value: Any) -> None:
        line, pointer = self._at(place)
        line.into(pointer, value)

    def write(self) -> bytes:
        return b"".join(line.write() + b"\n" for line in self._lines)

    def pointer(self, place: str) -> str:
        return place


class _Csv:
    def __init__(self, content: bytes) -> None:
        self._rows = list(csv.reader(io.StringIO(content.decode(), newline="")))

    def _at(self, place: str) -> tuple[int, int]:
        row, _, column = place.partition("/")
        return int(row) - 1, self._rows[0].index(column)

    def put(self, place: str, value: Any) -> None:
        row, column = self._at(place)
        self._rows[row][column] = value

    def drop(self, place: str) -> None:
        """Take a column out, or a row."""
        if place.isdigit():
            del self._rows[int(place) - 1]
            return
        _, column = self._at(place)
        for row in self._rows:
            del row[column]

    def double(self, place: str) -> None:
        """Double a row, or a column."""
        if place.isdigit():
            self._rows.insert(int(place), list(self._rows[int(place) - 1]))
            return
        _, column = self._at(place)
        for row in self._rows:
            row.append(row[column])

    def add(self, place: str, value: Any) -> None:
        """Add a column: `name=value`."""
        name, _, text = str(value).partition("=")
        del place
        for number, row in enumerate(self._rows):
            row.append(text if number else name)

    into = add

    def write(self) -> bytes:
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\n").writerows(self._rows)
        return written.getvalue().encode()

    def pointer(self, place: str) -> str:
        row, _, column = place.partition("/")
        return f"row {row}, column {column}" if column else f"row {row}"


class _Edifact:
    """An interchange of one message whose signs are the usual ones; what UNT counts is kept right."""

    def __init__(self, content: bytes) -> None:
        text = content.decode("latin-1")
        self._una = text[:9] if text.startswith("UNA") else ""
        pieces = re.split(r"(?<!\?)'", text[len(self._una) :])
        self._segments = [_segment(piece.strip()) for piece in pieces if piece.strip()]

    def _number(self, place: str) -> int:
        step = _STEP.fullmatch(place.split("/", maxsplit=1)[0])
        assert step is not None
        numbers = [number for number, one in enumerate(self._segments) if one[0][0] == step["name"]]
        assert len(numbers) >= int(step["number"] or 1), f"there is no {place}"
        return numbers[int(step["number"] or 1) - 1]

    def put(self, place: str, value: Any) -> None:
        _, element, component = place.split("/")
        segment = self._segments[self._number(place)]
        while len(segment) < int(element):
            segment.append([""])
        components = segment[int(element) - 1]
        while len(components) < int(component):
            components.append("")
        components[int(component) - 1] = re.sub(r"([?'+:])", r"?\1", str(value))

    def drop(self, place: str) -> None:
        del self._segments[self._number(place)]

    def double(self, place: str) -> None:
        number = self._number(place)
        self._segments.insert(number, copy.deepcopy(self._segments[number]))

    def add(self, place: str, value: Any) -> None:
        number = self._number(place)
        pieces = re.split(r"(?<!\?)'", str(value))
        self._segments[number + 1 : number + 1] = [_segment(piece) for piece in pieces if piece]

    into = add

    def write(self) -> bytes:
        tags = [one[0][0] for one in self._segments]
        if "UNH" in tags and "UNT" in tags:
            self._segments[tags.index("UNT")][1][0] = str(tags.index("UNT") - tags.index("UNH") + 1)
        pieces = ["+".join(":".join(element) for element in one) for one in self._segments]
        return (self._una + "".join(f"{piece}'\n" for piece in pieces)).encode("latin-1")

    def pointer(self, place: str) -> str:
        if place.startswith("/") or not place:
            return place
        step, _, rest = place.partition("/")
        tag = step.partition("[")[0]
        if tag in {"UNB", "UNZ", "UNG", "UNE"}:
            return f"/{tag}/{rest}".rstrip("/")
        begin = next(number for number, one in enumerate(self._segments) if one[0][0] == "UNH")
        return f"/1/{self._number(place) - begin + 1}/{tag}/{rest}".rstrip("/")


def _segment(piece: str) -> list[list[str]]:
    return [_cut(element, ":") for element in _cut(piece, "+")]


def _cut(text: str, sign: str) -> list[str]:
    return re.split(rf"(?<!\?)\{sign}", text)


_DRAFTS: Final[dict[str, Callable[[bytes], Draft]]] = {
    "xml": _Xml,
    "json": _Json,
    "ndjson": _Lines,
    "csv": _Csv,
    "edifact": _Edifact,
}
