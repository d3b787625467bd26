"""Entry summaries as carriers speak of them: filed, referred, answered, arrived (ICS, ICS2)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from serai.formats.ics.answers import MESSAGES, Outcome, Refused, write_errors, write_outcome, write_success
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.replies import KINDS, Reply, read_reply, root_of
from serai.formats.ics.unread import with_unread
from serai.formats.standard import Standard
from serai.foundation.access.table import require
from serai.foundation.http.negotiation import JSON, XML_MEDIA_TYPES
from serai.foundation.id_text import format_id
from serai.journey.documents.submission import REFUSALS, Answer
from serai.journey.finding_messages import sentence_of
from serai.journey.messaging import message_exchange as rendered
from serai.journey.messaging.json_reply import reply_in_json, reply_to_each_in_json
from serai.journey.messaging.message_exchange import Conversation, Happening, Service, Speaker
from serai.journey.preloading.required_data import ANSWERED_BY_DECLARANT
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.processing.preloading import PRE_LOADING, preloading_out
from serai.model.documents import Arrival, TransportDetail, TransportDocument
from serai.model.findings import Finding
from serai.model.registration_number import read_id

_TAKEN = frozenset({"recorded", "repeated"})
_ENCODER = msgspec.json.Encoder()
_OUTCOME_NAMES = frozenset(MESSAGES.values())
_REFERRALS = frozenset(MESSAGES[outcome] for outcome in ANSWERED_BY_DECLARANT)


async def converse(service: Service, speaker: Speaker, content: bytes) -> rendered.Reply:
    """File an entry summary (CC315A), amend it (CC313A), report a screening (IE3R03) or arrival (IE3N06)."""
    if root_of(content) in KINDS:
        return await _take_reply(service, speaker, content)
    require(speaker.actor, "transport_documents.file")
    summary, faults = decode_entry_summary(content, office_zone=ZoneInfo(service.time_zone))
    if summary is None:
        return _refuse(speaker, faults)
    whole = with_unread(summary)
    documents = [_before_loading(one) for one, _ in whole]
    if summary.act == "amendment":
        documents, faults = await _as_amendments(service, speaker, summary.mrn, documents)
        if faults:
            return _refuse(speaker, faults)
    answers = await service.lodgements["transport-document"].file(
        speaker.actor, "transport-document", documents=documents, findings=[told for _, told in whole]
    )
    return _answer(speaker, answers)


def _before_loading(document: TransportDocument) -> TransportDocument:
    detail = msgspec.structs.replace(document.detail or TransportDetail(), filing_kind_code=PRE_LOADING)
    return msgspec.structs.replace(document, detail=detail)


async def _as_amendments(
    service: Service, speaker: Speaker, number: str | None, documents: Sequence[TransportDocument]
) -> tuple[list[TransportDocument], list[Finding]]:
    """Return documents as newer versions of those filed under the same house documents.

    An amendment bears a message number of its own: the house document tells what it amends.
    """
    filed = await service.preloading_acts.filed_under(
        speaker.actor, [one.house_document for one in documents]
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


async def _take_reply(service: Service, speaker: Speaker, content: bytes) -> rendered.Reply:
    reply, faults = read_reply(content)
    if reply is None:
        return _refuse(speaker, faults)
    if reply.kind == "arrival":
        return await _arrive(service, speaker, reply)
    require(speaker.actor, "transport_documents.file")
    assert reply.house_document is not None, "a screening names its goods"
    filed = await service.preloading_acts.filed_under(speaker.actor, [reply.house_document])
    if reply.house_document not in filed:
        parameters = {"value": reply.house_document[:35]}
        return _refuse(speaker, [Finding("entry-summary-unknown", "/IE3R03/MRN", parameters=parameters)])
    said = await service.preloading_acts.report_screening(
        speaker.actor,
        filed[reply.house_document].reference,
        method_code=reply.method_code,
        result=reply.result,
        screened_at=reply.at,
    )
    if speaker.wants_json:
        return rendered.Reply(200, JSON, _ENCODER.encode(said))
    return rendered.Reply(200, XML_MEDIA_TYPES[0], write_success(said.decision_id.replace("-", "")))


async def _arrive(service: Service, speaker: Speaker, reply: Reply) -> rendered.Reply:
    require(speaker.actor, "arrivals.file")
    named = reply.house_document or reply.conveyance_reference or ""
    arrival = Arrival(
        reference=f"ARRIVAL-{named}"[:70],
        arrived_at=reply.at.isoformat(),
        conveyance_reference=None if reply.house_document else reply.conveyance_reference,
        house_document=reply.house_document,
    )
    answers = await service.lodgements["arrival"].file(
        speaker.actor, "arrival", documents=[arrival], findings=[[]]
    )
    return _answer(speaker, answers)


# ---- answering at once ----


def _answer(speaker: Speaker, answers: Sequence[Answer]) -> rendered.Reply:
    """Answer a message: taken when all of it was; what was taken beside a refusal stands, and again is
    harmless."""
    if len(answers) == 1 and speaker.wants_json:
        return reply_in_json(answers[0])
    refused = [one for one in answers if one.status not in _TAKEN]
    status = 422 if refused else 200
    if speaker.wants_json:
        return reply_to_each_in_json(answers, status=status)
    if refused:
        errors = [error for one in refused for error in _errors_of(one)]
        return rendered.Reply(status, XML_MEDIA_TYPES[0], write_errors(errors))
    correlation = format_id(answers[0].document_id).replace("-", "")
    return rendered.Reply(status, XML_MEDIA_TYPES[0], write_success(correlation))


def _refuse(speaker: Speaker, faults: Sequence[Finding]) -> rendered.Reply:
    if speaker.wants_json:
        return reply_in_json(Answer("rejected", "", findings=list(faults)))
    return rendered.Reply(422, XML_MEDIA_TYPES[0], write_errors([_error_of(one) for one in faults]))


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


# ---- telling later ----


def tell(happenings: Sequence[Happening], _languages: str) -> list[list[bytes]]:
    """Write what became of entry summaries: the number issued (IE328) or the amendment taken (IE304), then
    the outcome, if there is one."""
    return [
        [] if one.loading is None else _outcomes(one.loading, one.preloading_number or "")
        for one in happenings
    ]


def _outcomes(assessment: PreloadingAssessment, number: str) -> list[bytes]:
    names = []
    if assessment.is_filed:
        names.append("IE328" if assessment.supersedes is None else "IE304")
    if assessment.outcome in MESSAGES:
        names.append(MESSAGES[assessment.outcome])
    reasons = [f"{one.sentence} {one.remedy}" for one in preloading_out(assessment).reasons]
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


def exchange_of(standard: Standard) -> Conversation:
    """Return the message exchange of the standard."""
    return Conversation(standard.media_types, converse, tell)
