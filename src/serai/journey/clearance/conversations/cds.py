"""WCO DEC as the customs declaration service speaks it: a declaration in, DMS notifications out."""

from collections.abc import Sequence

from serai.formats.wco_dec import decode_dec
from serai.formats.wco_res import DecResponse, ResponseFault, encode_res
from serai.foundation.access.table import require
from serai.foundation.id_text import format_id
from serai.journey.clearance.conversations.conversation import (
    Conversation,
    Desk,
    Happening,
    Reply,
    Speaker,
)
from serai.journey.clearance.conversations.json_reply import reply_in_json
from serai.journey.clearance.door import encode_answer, sender_of
from serai.journey.clearance.filing import Answer
from serai.journey.clearance.sentences import sentence_of

_MEDIA_TYPES = ("application/xml", "text/xml")

_FUNCTIONS = {
    "decided": "accepted",
    "amended": "amended",
    "withdrawn": "invalidated",
    "released": "cleared",
}
"""Kind of event -> what the notification of it says."""


async def converse(desk: Desk, speaker: Speaker, content: bytes) -> Reply:
    """File, amend, invalidate or present, as the message asks."""
    require(speaker.actor, "consignments.file")
    message, faults = decode_dec(content)
    if message is not None and message.act != "original":
        answer = await desk.acts.clear_dec(message, sender_of(speaker.actor), content)
    else:
        document = message.consignment if message is not None else None
        door = desk.doors["consignment"]
        (answer,) = await door.file(speaker.actor, "consignment", documents=[document], findings=[faults])
    if speaker.wants_json:
        return reply_in_json(answer)
    at = desk.acts.corridor.equipment.clock.now()
    return Reply(encode_answer(answer)[0], _MEDIA_TYPES[0], encode_res(_response_to(answer, at.isoformat())))


def _response_to(answer: Answer, issued_at: str) -> DecResponse:
    faults = [
        ResponseFault("SERAI", f"{one.code} at {one.pointer}: {sentence_of(one).sentence}")
        for one in answer.findings
    ]
    is_taken = answer.status in {"decided", "repeated"}
    return DecResponse(
        "accepted" if is_taken else "rejected",
        format_id(answer.document_id) if answer.document_id else answer.reference,
        issued_at,
        answer.reference,
        version=answer.version or None,
        faults=[] if is_taken else faults,
    )


def tell(happenings: Sequence[Happening], _languages: str) -> list[list[bytes]]:
    """Write what happened as notifications, which have no sentences."""
    return [_notifications(one) for one in happenings]


def _notifications(one: Happening) -> list[bytes]:
    function = _FUNCTIONS.get(one.kind)
    if function is None or one.consignment is None:
        return []
    response = DecResponse(
        function,
        format_id(one.event_id),
        one.at.isoformat(),
        one.consignment.reference,
        registration_number=one.consignment.mrn,
        version=one.consignment.version,
    )
    return [encode_res(response)]


CONVERSATION = Conversation(_MEDIA_TYPES, converse, tell)
