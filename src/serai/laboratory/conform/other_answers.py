"""Answers that are no JSON: XML looked at by path, UN/EDIFACT as a list of its segments."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from serai.formats.edifact.interchange import read_interchange
from serai.formats.edifact.segment import Segment
from serai.formats.xml_document import read_xml
from serai.laboratory.conform.expectation import differences, show


def read_xml_answer(content: bytes) -> tuple[Any | None, list[str]]:
    """Read XML. Returns its root, all elements by their local names; or None and the sentence why."""
    root, faults = read_xml(content)
    if root is None:
        found = f"{show(content[:100])} found ({', '.join(one.code for one in faults)})"
        return None, [f"body: XML expected, {found}"]
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root, []


def hold_xml(expected: dict[str, Any], root: Any) -> Iterator[str]:
    """Give each path that finds something else. A list beside a single text: its first entry counts."""
    for path, wanted in expected.items():
        found = _look(root, path)
        if isinstance(found, list) and not isinstance(wanted, list | dict):
            found = found[0] if found else None
        yield from differences(path, wanted, found)


def look_first(root: Any, path: str) -> str | None:
    """Return the first text that a path finds."""
    found = _look(root, path)
    return found[0] if isinstance(found, list) and found else None


def _look(root: Any, path: str) -> Any:
    """Return what a path finds: texts, a number, or whether it holds."""
    found = root.xpath(path)
    if isinstance(found, list):
        return [one if isinstance(one, str) else (one.text or "").strip() for one in found]
    return int(found) if isinstance(found, float) and found.is_integer() else found


def read_segments(content: bytes) -> tuple[list[str], list[str]]:
    """Read an interchange. Returns the segments of its messages, UNB to UNH and trailers left out, each with
    the signs by default, such as UCM+1+CUSCAR:D:95B:UN+7; and a sentence for each fault of its envelope."""
    interchange, findings = read_interchange(content)
    faults = [
        f"body: sound UN/EDIFACT expected, {one.code} at {one.pointer or '/'} found" for one in findings
    ]
    messages = interchange.messages if interchange is not None else []
    return [_text(one) for message in messages for one in message.segments], faults


def _text(segment: Segment) -> str:
    return "+".join([segment.tag, *(":".join(row) for row in segment.elements)])
