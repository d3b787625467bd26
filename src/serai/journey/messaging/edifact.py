"""Reports of carriage as carriers exchange them: transport documents are filed, changed or withdrawn, and the
interchange is answered by CONTRL, which says of each segment that was not taken why.

There are no later answers: those who declare the goods are notified of what becomes of them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from serai.formats.decoded import Document
from serai.formats.edifact.contrl import write_contrl
from serai.formats.edifact.report import Report, ReportedDocument, Reports
from serai.formats.edifact.report_standard import MEDIA_TYPES
from serai.formats.edifact.unread import with_unread
from serai.formats.standard import Standard
from serai.foundation.access.table import require
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.documents.submission import Answer, sender_of
from serai.journey.documents.versions import plainly_refused
from serai.journey.messaging.json_reply import reply_in_json, reply_to_each_in_json
from serai.journey.messaging.message_exchange import (
    MessageExchange,
    MessageSender,
    Notification,
    Reply,
    Service,
)
from serai.model.errors import SeraiError
from serai.model.findings import Finding

DOCUMENT_BYTES = 300
"""Of a consignment in few segments: so many are guessed before an interchange is read."""

_KIND = "transport-document"
_TAKEN = frozenset({"recorded", "repeated"})
_WITHDRAWN_BECAUSE = "BGM function 1"


async def receive(
    service: Service, message_sender: MessageSender, content: bytes, *, decode: Callable[..., Reports]
) -> Reply:
    """Do what each message of an interchange asks. With a fault in the interchange nothing of it is done."""
    require(message_sender.actor, "transport_documents.submit")
    zone = ZoneInfo(service.time_zone)
    reports = await beside_the_loop(len(content) // DOCUMENT_BYTES, decode, content, zone=zone)
    at = service.acts.processor.services.clock.now()
    if reports.interchange is None or (reports.is_faulty and message_sender.wants_json):
        return await reply_in_json(Answer("rejected", "", findings=reports.findings), message_sender)
    if reports.is_faulty:
        faults = _faults(reports.findings)
        contrl = write_contrl(reports.interchange, faults, is_rejected=True, at=at.astimezone(zone))
        return Reply(422, MEDIA_TYPES[0], contrl)
    answers = [one for report in reports.reports for one in await _do(service, message_sender, report)]
    refused = [(one, answer) for one, answer in answers if answer.status not in _TAKEN]
    status = 422 if refused else 200
    if message_sender.wants_json:
        taken = [answer for _, answer in answers]
        if taken:
            # What is advised on the interchange as such is answered with its first document.
            taken[0] = msgspec.structs.replace(taken[0], findings=[*taken[0].findings, *reports.findings])
        return await reply_to_each_in_json(taken, message_sender, status=status)
    reasons = [fault for one, answer in refused for fault in _reasons(one, answer)]
    is_rejected = len(refused) == len(answers)
    contrl = write_contrl(reports.interchange, reasons, is_rejected=is_rejected, at=at.astimezone(zone))
    return Reply(status, MEDIA_TYPES[0], contrl)


async def _do(
    service: Service, message_sender: MessageSender, report: Report
) -> list[tuple[ReportedDocument, Answer]]:
    """Do what one message asks; an answer for each of its documents, in order."""
    sender = sender_of(message_sender.actor)
    if report.act == "cancel":
        return [(one, await _withdraw(service, message_sender, one)) for one in report.documents]
    kept = with_unread(report)
    documents: list[Document | None] = [document for document, _ in kept]
    if report.act != "original":
        documents = await service.acts.as_amendments(sender, _KIND, documents)
    answers = await service.lodgement.submit(
        message_sender.actor,
        _KIND,
        documents=documents,
        findings=[findings for _, findings in kept],
        places=[one.place_of for one in report.documents],
    )
    return list(zip(report.documents, map(plainly_refused, answers), strict=True))


async def _withdraw(service: Service, message_sender: MessageSender, one: ReportedDocument) -> Answer:
    if one.document is None:
        return Answer("rejected", "", findings=one.findings)
    reference = one.document.reference
    try:
        return await service.acts.withdraw_document(
            sender_of(message_sender.actor),
            _KIND,
            reference,
            expected_version=None,
            reason=_WITHDRAWN_BECAUSE,
        )
    except SeraiError as error:
        if error.code != "not-found":
            raise
        return Answer("refused", reference, problem_code=error.code, problem=error)


def _reasons(one: ReportedDocument, answer: Answer) -> list[Finding]:
    """Return why a document was not taken, each reason at its place in the interchange."""
    if answer.problem_code:
        return [Finding(answer.problem_code, one.place)]
    return _faults(answer.findings)


def _faults(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity == "fault"]


def render(notifications: Sequence[Notification], _languages: str) -> list[list[bytes]]:
    """Write nothing: see above."""
    return [[] for _ in notifications]


def exchange_of(standard: Standard) -> MessageExchange:
    """Return the message exchange of a standard whose reports it reads."""
    assert standard.exchange is not None, "it has named this family"
    return MessageExchange(standard.media_types, partial(receive, decode=standard.exchange.decode), render)
