"""Entry summaries as carriers exchange them: filed, referred, answered, arrived (ICS, ICS2)."""

from collections.abc import Sequence
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

from serai.formats.ics.answers import MESSAGES, Outcome, Refused, write_errors, write_outcome, write_success
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.replies import KINDS, Reply, read_reply, root_of
from serai.formats.ics.unread import with_unread
from serai.formats.placed import place_in
from serai.formats.standard import Standard
from serai.foundation.access.table import require
from serai.foundation.http.negotiation import JSON, XML_MEDIA_TYPES
from serai.foundation.id_text import format_id
from serai.journey.documents.submission import REFUSALS, Answer
from serai.journey.documents.versions import plainly_refused
from serai.journey.finding_messages import sentence_of
from serai.journey.messaging import message_exchange
from serai.journey.messaging.json_reply import reply_in_json, reply_to_each_in_json
from serai.journey.messaging.message_exchange import MessageExchange, MessageSender, Notification, Service
from serai.journey.preloading.required_data import ANSWERED_BY_DECLARANT
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.processing.preloading import PRE_LOADING, preloading_out
from serai.model.documents import Arrival, TransportDetail, TransportDocument
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.registration_number import read_id

_TAKEN = frozenset({"recorded", "repeated"})
_ENCODER = msgspec.json.Encoder()
_OUTCOME_NAMES = frozenset(MESSAGES.values())
_REFERRALS = frozenset(MESSAGES[outcome] for outcome in ANSWERED_BY_DECLARANT)


async def receive(service: Service, message_sender: MessageSender, content: bytes) -> message_exchange.Reply:
    """File an entry summary (CC315A), amend it (CC313A), report a screening (IE3R03) or arrival (IE3N06)."""
    if root_of(content) in KINDS:
        return await _take_reply(service, message_sender, content)
    require(message_sender.actor, "transport_documents.submit")
    summary, faults = decode_entry_summary(content, office_zone=ZoneInfo(service.time_zone))
    if summary is None:
        return await _refuse(message_sender, faults)
    whole = with_unread(summary)
    documents = [_before_loading(one) for one, _ in whole]
    if summary.act == "amendment":
        documents, faults = await _as_amendments(service, message_sender, summary.mrn, documents)
        if faults:
            return await _refuse(message_sender, faults)
    answers = await service.lodgement.submit(
        message_sender.actor,
        "transport-document",
        documents=documents,
        findings=[findings for _, findings in whole],
        places=[partial(place_in, one, TransportDocument) for one in summary.fields],
    )
    return await _answer(message_sender, answers)


def _before_loading(document: TransportDocument) -> TransportDocument:
    detail = msgspec.structs.replace(document.detail or TransportDetail(), filing_kind_code=PRE_LOADING)
    return msgspec.structs.replace(document, detail=detail)


async def _as_amendments(
    service: Service,
    message_sender: MessageSender,
    number: str | None,
    documents: Sequence[TransportDocument],
) -> tuple[list[TransportDocument], list[Finding]]:
    """Return documents as newer versions of those filed under the same house documents.

    An amendment bears a message number of its own: the house document names what it amends.
    """
    filed = await service.preloading_acts.filed_under(
        message_sender.actor, [one.house_document for one in documents]
    )
    if not filed or read_id(number or "") is None:
        pointer = "/ie:CC313A[1]/HEAHEA[1]/DocNumHEA5[1]"
        return [], [Finding("entry-summary-unknown", pointer, parameters={"value": (number or "")[:35]})]
    return [
        msgspec.structs.replace(
            one,
            reference=filed[one.house_document].reference,
            amends_version=filed[one.house_document].version,
        )
        if one.house_document in filed
        else one
        for one in documents
    ], []


async def _take_reply(
    service: Service, message_sender: MessageSender, content: bytes
) -> message_exchange.Reply:
    reply, faults = read_reply(content)
    if reply is None:
        return await _refuse(message_sender, faults)
    if reply.kind == "arrival":
        return await _arrive(service, message_sender, reply)
    require(message_sender.actor, "transport_documents.submit")
    assert reply.house_document is not None, "a screening names its goods"
    filed = await service.preloading_acts.filed_under(message_sender.actor, [reply.house_document])
    if reply.house_document not in filed:
        parameters = {"value": reply.house_document[:35]}
        return await _refuse(
            message_sender, [Finding("entry-summary-unknown", "/IE3R03/MRN", parameters=parameters)]
        )
    said = await service.preloading_acts.report_screening(
        message_sender.actor,
        filed[reply.house_document].reference,
        method_code=reply.method_code,
        result=reply.result,
        screened_at=reply.at,
    )
    if message_sender.wants_json:
        return message_exchange.Reply(200, JSON, _ENCODER.encode(said))
    return message_exchange.Reply(200, XML_MEDIA_TYPES[0], write_success(said.decision_id.replace("-", "")))


async def _arrive(service: Service, message_sender: MessageSender, reply: Reply) -> message_exchange.Reply:
    require(message_sender.actor, "arrivals.submit")
    named = reply.house_document or reply.conveyance_reference or ""
    arrival = Arrival(
        reference=f"ARRIVAL-{named}"[:70],
        arrived_at=reply.at.isoformat(),
        conveyance_reference=None if reply.house_document else reply.conveyance_reference,
        house_document=reply.house_document,
    )
    answers = await service.lodgement.submit(
        message_sender.actor, "arrival", documents=[arrival], findings=[[]]
    )
    return await _answer(message_sender, answers)


# ---- answering at once ----


async def _answer(message_sender: MessageSender, answers: Sequence[Answer]) -> message_exchange.Reply:
    """Answer a message: taken when all of it was; what was taken beside a refusal stands, and again is
    harmless."""
    if len(answers) == 1 and message_sender.wants_json:
        return await reply_in_json(answers[0], message_sender)
    answers = list(map(plainly_refused, answers))
    refused = [one for one in answers if one.status not in _TAKEN]
    status = 422 if refused else 200
    if message_sender.wants_json:
        return await reply_to_each_in_json(answers, message_sender, status=status)
    if refused:
        errors = [error for one in refused for error in _errors_of(one)]
        return message_exchange.Reply(status, XML_MEDIA_TYPES[0], write_errors(errors))
    correlation = format_id(answers[0].document_id).replace("-", "")
    return message_exchange.Reply(status, XML_MEDIA_TYPES[0], write_success(correlation))


async def _refuse(message_sender: MessageSender, faults: Sequence[Finding]) -> message_exchange.Reply:
    if message_sender.wants_json:
        return await reply_in_json(Answer("rejected", "", findings=list(faults)), message_sender)
    return message_exchange.Reply(422, XML_MEDIA_TYPES[0], write_errors([_error_of(one) for one in faults]))


def _errors_of(answer: Answer) -> list[Refused]:
    if answer.findings:
        return [_error_of(one) for one in answer.findings]
    sentence, remedy = REFUSALS.get(answer.problem_code, ("It was not taken.", "Send it again."))
    return [Refused(None, f"{sentence} {remedy}", answer.reference)]


def _error_of(finding: Finding) -> Refused:
    said = sentence_of(finding)
    number = finding.code if finding.code.isdigit() else None
    code = "" if number else f"{finding.code}: "
    return Refused(number, f"{code}{said.sentence} {said.remedy}", finding.pointer)


# ---- later notifications ----


def render(notifications: Sequence[Notification], _languages: str) -> list[list[bytes]]:
    """Write what became of entry summaries: the number issued (IE328) or the amendment taken (IE304), then
    the outcome, if there is one."""
    return [
        [] if one.loading is None else _outcomes(one.loading, one.preloading_number or "")
        for one in notifications
    ]


def _outcomes(assessment: PreloadingAssessment, number: str) -> list[bytes]:
    names = []
    if assessment.is_filed:
        names.append("IE328" if assessment.supersedes is None else "IE304")
    if assessment.outcome in MESSAGES:
        names.append(MESSAGES[assessment.outcome])
    reasons = [f"{one.sentence} {one.remedy}" for one in preloading_out(assessment, DEFAULT_LANGUAGE).reasons]
    return [
        write_outcome(
            Outcome(
                name,
                number,
                assessment.house_document,
                assessment.made_at,
                texts=reasons if name in _OUTCOME_NAMES else (),
                referral=format_id(assessment.assessment_id) if name in _REFERRALS else None,
                answer_by=assessment.answer_by,
            )
        )
        for name in names
    ]


def exchange_of(standard: Standard) -> MessageExchange:
    """Return the message exchange of the standard."""
    return MessageExchange(standard.media_types, receive, render)
