"""WCO DEC as the customs declaration service exchanges it: a declaration in, DMS notifications out.

The answer to a message is the first notification it gives; those that follow come with the later answers, in
the order of the service.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from serai.formats.cds.pointers import pointers_to
from serai.formats.standard import Standard
from serai.formats.wco_dec import DecMessage, decode_dec, place_in_message, reference_in_message
from serai.formats.wco_dec_codes import is_lodged_on_presentation
from serai.formats.wco_res import (
    REQUEST_DENIED,
    REQUEST_GRANTED,
    DecResponse,
    ResponseFault,
    ResponseStatus,
    encode_res,
)
from serai.foundation.access.table import require
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.foundation.id_text import format_id
from serai.journey.documents.submission import REFUSALS, Answer, sender_of
from serai.journey.finding_messages import sentence_of
from serai.journey.lodgement.service import encode_answer
from serai.journey.messaging.cds_notifications import dms_notifications_of, was_there
from serai.journey.messaging.json_reply import reply_in_json
from serai.journey.messaging.message_exchange import (
    MessageExchange,
    MessageSender,
    Notification,
    Reply,
    Service,
)
from serai.model.findings import Finding

_TAKEN = frozenset({"decided", "repeated"})
_VALIDATION_CODE = "SERAI"
"""The schema allows eight characters, our codes are longer: they stand at the head of the description."""

_LRN_CHARACTERS_MAX = 35


class _Taken(msgspec.Struct):
    """What the notification needs of a decision."""

    mrn: str


async def receive(service: Service, message_sender: MessageSender, content: bytes) -> Reply:
    """File, amend, invalidate or present, as the message asks.

    A declaration of a type that says so (A, B, C, Y, Z) presents the goods as well. Raises SeraiError
    `not-found` where a later act is about no declaration of the sender's.
    """
    require(message_sender.actor, "declarations.lodge")
    message, faults = decode_dec(content)
    if message is None or message.act == "original":
        answer = await _file(service, message_sender, message, faults, content)
    else:
        answer = await service.acts.clear_dec(message, sender_of(message_sender.actor), content)
    if message_sender.wants_json:
        return await reply_in_json(answer, message_sender)
    at = service.acts.processor.services.clock.now()
    response = _answer_to(message, content, answer, at)
    return Reply(encode_answer(answer)[0], XML_MEDIA_TYPES[0], encode_res(response))


async def _file(
    service: Service,
    message_sender: MessageSender,
    message: DecMessage | None,
    faults: list[Finding],
    content: bytes,
) -> Answer:
    document = message.consignment if message is not None else None
    findings = faults if message is None else [*faults, *message.find_unread()]
    filed_at = service.acts.processor.services.clock.now()
    (answer,) = await service.lodgement.submit(
        message_sender.actor,
        "declaration",
        documents=[document],
        findings=[findings],
        places=[partial(place_in_message, content)],
    )
    if (
        answer.status == "decided"
        and message is not None
        and is_lodged_on_presentation(message.type_code[2:])
    ):
        # The second before, so that everybody sees that the goods were there when it was lodged.
        arrived_at = filed_at.replace(microsecond=0) - timedelta(seconds=1)
        await service.acts.present(sender_of(message_sender.actor), answer.reference, arrived_at=arrived_at)
    filed: Answer = answer
    return filed


def _answer_to(message: DecMessage | None, content: bytes, answer: Answer, at: datetime) -> DecResponse:
    """Write the first notification that a message gives."""
    is_taken = answer.status in _TAKEN
    act = message.act if message is not None else "original"
    function, status = _function_of(act, is_taken=is_taken, refused=answer.status == "refused")
    if act == "original" and is_taken and message is not None:
        is_there = is_lodged_on_presentation(message.type_code[2:])
        function = "accepted" if is_there else "received"
    reference = answer.reference or reference_in_message(content) or ""
    return DecResponse(
        function,
        format_id(answer.document_id) if answer.document_id else reference[:_LRN_CHARACTERS_MAX],
        at.isoformat(),
        reference[:_LRN_CHARACTERS_MAX],
        mrn=_number_of(answer) or (message.mrn if message else None),
        version=answer.version or None,
        accepted_at=at.isoformat() if function == "accepted" else None,
        rejected_at=at.isoformat() if function == "rejected" else None,
        statuses=[ResponseStatus(status)] if status else [],
        faults=[] if is_taken else _faults(content, answer),
    )


def _function_of(act: str, *, is_taken: bool, refused: bool) -> tuple[str, str]:
    """Return what is said, and the status of a request."""
    if act in {"amendment", "cancellation"} and (is_taken or refused):
        return "request-decided", REQUEST_GRANTED if is_taken else REQUEST_DENIED
    if act == "presentation" and is_taken:
        return "received", ""
    return "rejected", ""


def _number_of(answer: Answer) -> str | None:
    if not answer.decision:
        return None
    return msgspec.json.decode(answer.decision, type=_Taken).mrn


def _faults(content: bytes, answer: Answer) -> list[ResponseFault]:
    if answer.problem_code in REFUSALS:
        sentence, step = REFUSALS[answer.problem_code]
        return [ResponseFault(_VALIDATION_CODE, f"{answer.problem_code}: {sentence} {step}")]
    return [_fault(content, one) for one in answer.findings]


def _fault(content: bytes, finding: Finding) -> ResponseFault:
    place = place_in_message(content, finding.pointer)
    said = sentence_of(finding)
    text = f"{finding.code}: {said.sentence} {said.remedy}"
    return ResponseFault(_VALIDATION_CODE, text, pointers_to(place))


def render(notifications: Sequence[Notification], _languages: str) -> list[list[bytes]]:
    """Write what happened as notifications, in which there are no sentences."""
    return [_encode(one) for one in notifications]


def _encode(one: Notification) -> list[bytes]:
    consignment, decision = one.consignment, one.decision
    if consignment is None or decision is None:
        return []
    reference = consignment.reference
    messages = []
    for number, said in enumerate(dms_notifications_of(one, is_there=was_there(one)), start=1):
        has_version = said.function != "received" or not one.is_presented
        response = DecResponse(
            said.function,
            f"{format_id(one.event_id)}-{number}",
            one.at.isoformat(),
            reference if len(reference) <= _LRN_CHARACTERS_MAX else "",
            mrn=decision.mrn,
            version=decision.version if has_version else None,
            accepted_at=one.at.isoformat() if said.function == "accepted" else None,
            cancelled_at=one.at.isoformat() if said.function == "invalidated" else None,
            statuses=[ResponseStatus(said.status_code)] if said.status_code else [],
            remarks=said.remarks,
            tax_lines=said.tax_lines,
        )
        messages.append(encode_res(response))
    return messages


def exchange_of(standard: Standard) -> MessageExchange:
    """Return the message exchange of the standard."""
    return MessageExchange(standard.media_types, receive, render)
