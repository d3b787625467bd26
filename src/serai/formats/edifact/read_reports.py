"""An interchange of messages about carriage -> their reports; one message type at a time."""

import datetime as dt
from collections.abc import Callable

import msgspec

from serai.formats.edifact.faults_of_values import give_to_documents
from serai.formats.edifact.interchange import Message, read_interchange
from serai.formats.edifact.message_facts import MessageFacts
from serai.formats.edifact.reading import Reading
from serai.formats.edifact.report import Report, ReportedDocument, Reports
from serai.formats.edifact.structure import Node, plant
from serai.formats.found import Found
from serai.formats.placed import PlacedGroup, read_document
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

LayOut = Callable[[Node, Reading, MessageFacts, Found], list[PlacedGroup]]
"""Lay out the transport documents of a message, each at its place."""


def decode_reports(content: bytes, facts: MessageFacts, lay_out: LayOut, *, zone: dt.tzinfo) -> Reports:
    """Read an interchange. Never raises on any bytes."""
    interchange, findings = read_interchange(content)
    if interchange is None:
        return Reports(None, [], findings)
    found = Found()
    for one in findings:
        found.add(one)
    if not interchange.messages:
        found.add(Finding("edifact-no-message", "", parameters={"kind": facts.kind}))
    reports = [
        _read_message(message, facts, lay_out, zone, found)
        for message in interchange.messages
        if _is_of_kind(message, facts, found)
    ]
    reports, faults = give_to_documents(_without_twins(reports), found.findings())
    return Reports(interchange, reports, faults)


def _is_of_kind(message: Message, facts: MessageFacts, found: Found) -> bool:
    place = f"/{message.number}/1/UNH/3"
    if message.kind != facts.kind:
        parameters = {"given": message.kind[:6] or "nothing", "expected": facts.kind}
        found.add(Finding("edifact-other-message", f"{place}/1", parameters=parameters))
        return False
    release = f"{message.header.text(3, 2) or ''}:{message.header.text(3, 3) or ''}"
    if release not in facts.releases:
        parameters = {"value": release[:8], "known": ", ".join(facts.releases)}
        found.add(Finding("edifact-release-unknown", f"{place}/2", "advice", parameters))
    return True


def _read_message(
    message: Message, facts: MessageFacts, lay_out: LayOut, zone: dt.tzinfo, found: Found
) -> Report:
    top, left_over = plant(message, facts.structure, found)
    reading = Reading(facts, zone, found)
    begin = next(iter(top.all("BGM")), None)
    number = reading.text(begin, 3) or message.reference
    act = _act(begin, reading, facts, found)
    groups = lay_out(top, reading, facts, found)
    if not groups:
        found.add(Finding("edifact-no-consignment", f"/{message.number}"))
    documents = []
    for group in groups:
        group["reference"] = _reference(number, group)
        document, faults = read_document(group, TransportDocument)
        documents.append(ReportedDocument(group.place, document, faults, group))
    return Report(message, number, act, documents, facts.begins, reading.unread(left_over, top))


def _act(begin: Node | None, reading: Reading, facts: MessageFacts, found: Found) -> str:
    code = reading.text(begin, 4)
    if code is None:
        return "original"
    act = facts.functions.get(code)
    if act is None:
        parameters = {"value": code[:3], "known": ", ".join(facts.functions)}
        found.add(Finding("edifact-function-unknown", code.place, parameters=parameters))
    return act or "original"


def _reference(number: str, group: PlacedGroup) -> str:
    """Return what a document is called here: the number of the report and that of the house document."""
    return f"{number}-{group.get('house_document', '')}".replace(" ", "-")[:70]


def _without_twins(reports: list[Report]) -> list[Report]:
    """Refuse the second of two documents with one house number: nobody knows which of them is meant."""
    first: dict[str, str] = {}
    told = []
    for report in reports:
        documents = []
        for one in report.documents:
            house = one.document.house_document if one.document is not None else None
            known = first.setdefault(house, one.place) if house is not None else one.place
            if known != one.place:
                fault = Finding("edifact-document-repeated", one.place, parameters={"first": known})
                documents.append(ReportedDocument(one.place, None, [fault]))
            else:
                documents.append(one)
        told.append(msgspec.structs.replace(report, documents=documents))
    return told
