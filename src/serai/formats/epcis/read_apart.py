"""A message read event by event: one that is faulty does not take the others with it."""

from typing import Final, NamedTuple

import msgspec

from serai.formats.decoded import limit_findings
from serai.formats.epcis.check import check_root, read_tree
from serai.formats.epcis.check_class import Checker
from serai.formats.epcis.event import Event
from serai.formats.epcis.read import read_event
from serai.formats.epcis.tree import Group, Many, Node, Root
from serai.model.findings import Finding

EVENTS_COUNT_MAX: Final = 10_000
"""Events of one message that are read, unless the caller says otherwise."""

_DOCUMENTS: Final = ("EPCISDocument", "EPCISQueryDocument")


class Part(msgspec.Struct, frozen=True):
    """One event of a message: read, or None with what is wrong. Findings have their place in the message."""

    event: Event | None
    findings: list[Finding]


class Apart(NamedTuple):
    """A message read apart. parts: one for each event. around: what is said of the message around them.

    event_count: how many events it holds; more than were to be read: none was, and parts is empty.
    """

    parts: list[Part]
    around: list[Finding]
    event_count: int


def read_events_apart(content: bytes, *, events_count_max: int = EVENTS_COUNT_MAX) -> Apart:
    """Read the events of a document, of query results, or one alone. Never raises on any bytes.

    A fault around the events means that the message as a whole cannot be taken.
    """
    root, findings = read_tree(content)
    if root is None:
        return Apart([], findings, 0)
    checker = _CheckerAround(is_xml=root.is_xml, is_closed=root.is_closed)
    check_root(root, checker)
    if root.kind not in _DOCUMENTS:
        return _single(root, checker)
    found = checker.all_findings()
    if checker.events is None and not _has_fault(found):
        found.append(Finding("epcis-no-event", str(root.group.place)))
    events = checker.events or []
    parts = [_part(node, checker) for node in events] if len(events) <= events_count_max else []
    return Apart(parts, limit_findings(found), len(events))


class _CheckerAround(Checker):
    """Checks all but the events, and remembers them."""

    def __init__(self, *, is_xml: bool, is_closed: bool) -> None:
        super().__init__(is_xml=is_xml, is_closed=is_closed)
        self.events: list[Node] | None = None

    def check_events(self, node: Node | None) -> None:
        if isinstance(node, Many):
            self.events = node.items
        else:
            super().check_events(node)

    def check_one(self, node: Node) -> list[Finding]:
        """Check one of the events; gives what is found in it."""
        begin = self.listed_from = self.count
        super().check_events(Many(node.place, [node]))
        return self.findings_from(begin)


def _part(node: Node, checker: _CheckerAround) -> Part:
    findings = checker.check_one(node)
    event = read_event(node) if isinstance(node, Group) and not _has_fault(findings) else None
    return Part(event, limit_findings(findings))


def _single(root: Root, checker: Checker) -> Apart:
    found = checker.all_findings()
    if root.kind == "query" and not _has_fault(found):
        found.append(Finding("epcis-no-event", ""))
    if _has_fault(found):
        return Apart([], limit_findings(found), 0)
    return Apart([Part(read_event(root.group, is_root=True), [])], limit_findings(found), 1)


def _has_fault(findings: list[Finding]) -> bool:
    return any(one.severity == "fault" for one in findings)
