"""A message read event by event: one that is faulty does not take the others with it."""

import msgspec

from serai.formats.decoded import limit_findings
from serai.formats.epcis.check import check_root, read_tree
from serai.formats.epcis.check_class import Checker
from serai.formats.epcis.event import Event
from serai.formats.epcis.read import read_event
from serai.formats.epcis.tree import Group, Many, Node, Root
from serai.model.findings import Finding

_DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")


class Part(msgspec.Struct, frozen=True):
    """One event of a message: read, or None with what is wrong. Findings have their place in the message."""

    event: Event | None
    findings: list[Finding]


def read_events_apart(content: bytes) -> tuple[list[Part], list[Finding]]:
    """Read the events of a document, of query results, or one alone. Never raises on any bytes.

    Returns a part for each event, and what is to be said of the message around them. A fault among that, or
    no part at all, means that the message as a whole cannot be taken.
    """
    root, findings = read_tree(content)
    if root is None:
        return [], findings
    checker = _CheckerAround(is_xml=root.is_xml, is_closed=root.is_closed)
    check_root(root, checker)
    if root.kind not in _DOCUMENTS:
        return _single(root, checker)
    if checker.events is None and not checker.count:
        checker.add("epcis-no-event", root.group.place)
    around = limit_findings(checker.all_findings())
    return [_part(node, checker) for node in checker.events or ()], around


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
        begin = self.count
        super().check_events(Many(node.place, [node]))
        return self.findings_from(begin)


def _part(node: Node, checker: _CheckerAround) -> Part:
    findings = checker.check_one(node)
    is_faulty = any(one.severity == "fault" for one in findings)
    event = read_event(node) if isinstance(node, Group) and not is_faulty else None
    return Part(event, limit_findings(findings))


def _single(root: Root, checker: Checker) -> tuple[list[Part], list[Finding]]:
    if root.kind == "query" and not checker.count:
        checker.add("epcis-no-event", "")
    findings = limit_findings(checker.all_findings())
    if any(one.severity == "fault" for one in findings):
        return [], findings
    return [Part(read_event(root.group, is_root=True), [])], findings
