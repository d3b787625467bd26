"""What may stand in a segment (`directory.yaml`), and what is wrong with one as sent."""

import re
from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.edifact.numbers import is_number
from serai.formats.edifact.segment import Segment
from serai.formats.found import Found
from serai.model.findings import Finding

_COMPONENT = re.compile(r"(\d{4}) (an|n)\.\.(\d{1,3})( M)?", re.ASCII)


class Component(msgspec.Struct, frozen=True):
    """A component of an element, or an element without components. number: of the data element, as 3039."""

    number: str
    is_numeric: bool
    characters_max: int
    is_mandatory: bool


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    edition: str
    sources: list[str]
    segments: dict[str, list[str]]


@cache
def directory() -> Directory:
    """Return the directory."""
    content = (files("serai.formats.edifact") / "directory.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=Directory)


def elements_of(tag: str) -> tuple[tuple[Component, ...], ...]:
    """Return the elements of a segment, each a row of components; none where it is not described here."""
    return _elements().get(tag, ())


@cache
def _elements() -> dict[str, tuple[tuple[Component, ...], ...]]:
    # Not a tag at a time: senders make tags up, and what is cached by them would never end.
    return {
        tag: tuple(tuple(_component(one) for one in line.strip("()").split(", ")) for line in lines)
        for tag, lines in directory().segments.items()
    }


def _component(text: str) -> Component:
    match = _COMPONENT.fullmatch(text)
    assert match is not None, f"directory.yaml: {text}"
    return Component(match[1], match[2] == "n", int(match[3]), match[4] is not None)


def find_in_segment(segment: Segment, found: Found) -> None:
    """Find what is missing, too much, too long or no number in a segment that the directory describes."""
    known = elements_of(segment.tag)
    if not known:
        return
    if len(segment.elements) > len(known):
        _find_too_many(segment, f"{segment.place}/{len(known) + 2}", len(known), found)
    # The first element says what the segment is about; others may be left out whole.
    for element, row in enumerate(known[: max(1, len(segment.elements))], start=2):
        given = segment.elements[element - 2] if segment.elements else ()
        if element > 2 and not any(given):
            continue
        if len(given) > len(row):
            _find_too_many(segment, f"{segment.place}/{element}/{len(row) + 1}", len(row), found)
        for place, component in enumerate(row, start=1):
            text = given[place - 1] if place <= len(given) else ""
            if text or component.is_mandatory:
                _find_in_value(component, text, f"{segment.place}/{element}/{place}", found)


def _find_too_many(segment: Segment, place: str, count: int, found: Found) -> None:
    parameters = {"segment": segment.tag, "count": str(count)}
    found.add(Finding("edifact-too-many-values", place, "advice", parameters))


def _find_in_value(component: Component, text: str, place: str, found: Found) -> None:
    if not text.strip():
        if component.is_mandatory:
            found.add(Finding("missing-field", place, parameters={"field": component.number}))
        return
    if component.is_numeric and not is_number(text):
        found.add(Finding("edifact-not-a-number", place, parameters={"element": component.number}))
    elif len(text) > component.characters_max:
        characters_max = str(component.characters_max)
        parameters = {"element": component.number, "characters_max": characters_max}
        found.add(Finding("edifact-too-long", place, "advice", parameters))
