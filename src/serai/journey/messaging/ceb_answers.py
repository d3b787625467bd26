"""Answers of CEB messages: one for each document, in the message that answers its own (CEB312 to CEB311)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from serai.formats.ceb.codes import BEIJING
from serai.formats.ceb.mapping import answer_name
from serai.formats.ceb.message import CebDocument, CebMessage, Receipt
from serai.formats.ceb.write import encode_receipts, receipt_of
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts
from serai.journey.documents.submission import Answer
from serai.journey.messaging.ceb_words import Outcome, faults_of, info_of, language_of, outcome, with_reasons
from serai.journey.messaging.message_exchange import Notification
from serai.journey.messaging.reasons import render_public_reasons
from serai.journey.processing.rendered_decision import text_of_reason
from serai.journey.texts.catalogue import Text
from serai.model.findings import Finding

_NAMESPACE = uuid.UUID("6f0e7d5c-6a0e-5d0b-9a55-5e8a1c1f2c55")
_NOT_READ = "CEB900Message"
DECIDED = "decided"
"""What a document became that has a decision: its status says which outcome it is."""
_COP_NO_CHARACTERS_MAX = 20
_PRE_NO_CHARACTERS = 18
_OUTCOME_OF_STATUS = {"not-released": "refused-entry"}
"""Customs status -> outcome of `ceb_words.yaml`, where they differ in name."""
_NOTIFIED_KINDS = frozenset({"decided", "decided-again", "amended", "released"})


class Done(msgspec.Struct, frozen=True):
    """What became of one document. outcome: its name in `ceb_words.yaml`. reference: of what it is about."""

    answer: Answer
    outcome: str
    reference: str


_DECISIONS = msgspec.json.Decoder(DecisionOut)


def write_answers(
    message: CebMessage, done: Sequence[Done], *, party_id: int, at: datetime, texts: Texts, language: str
) -> bytes:
    """Write what became of each document of a message, in its order. texts: of the law's reasons."""
    issued_at = _time(at)
    receipts = [
        _receipt(
            message, document, one, party_id=party_id, issued_at=issued_at, texts=texts, language=language
        )
        for document, one in zip(message.documents, done, strict=True)
    ]
    return encode_receipts(answer_name(message.name), _guid(message.guid, "answer"), receipts)


def write_not_read(
    name: str, guid: str, findings: Sequence[Finding], *, at: datetime, language: str
) -> bytes:
    """Write that a message could not be read, and why (CEB900)."""
    said = outcome("not-read")
    text = faults_of(said, findings, language)[:5_000]
    subject = {"oriCopMsgId": guid[:255], "oriMessageType": name[:15], "oriBizMessage": ""}
    receipt = Receipt(_guid(guid, "not-read"), said.status, _time(at), text, subject)
    return encode_receipts(_NOT_READ, _guid(guid, "answer"), [receipt])


def write_notification(one: Notification, language: str) -> list[bytes]:
    """Write what happened to a declaration of the party's: CEB622, for its withdrawal CEB624."""
    if one.consignment is None or one.decision is None:
        return []
    if one.kind == "invalidated":
        name, said = "CEB624Message", outcome("invalidated")
    elif one.kind in _NOTIFIED_KINDS:
        name, said = "CEB622Message", _of_status(one.decision.status)
    else:
        return []
    consignment = one.consignment
    receipt = Receipt(
        _guid(str(one.event_id), str(consignment.consignment_id)),
        said.status,
        _time(one.at),
        with_reasons(said, one.rendered, language),
        {
            "copNo": _cop_no(consignment.reference),
            "preNo": preliminary_number(consignment.party_id, consignment.reference),
            "invtNo": consignment.mrn,
        },
    )
    return [encode_receipts(name, _guid(str(one.event_id), "answer"), [receipt])]


def texts_about(decision: DecisionOut, rendered: Sequence[Rendered], languages: str) -> list[Text]:
    """Return the texts in which returnInfo speaks of a decision."""
    language = language_of(languages)
    said = Text(
        f"ceb-status/{decision.status}", "public", language, _of_status(decision.status).words(language)
    )
    return [said, *(text_of_reason(one, language) for one in rendered)]


def preliminary_number(party_id: int, reference: str) -> str:
    """Return the number (preNo) that we give to whatever a party sends under a reference: always the same."""
    name = f"{party_id}|{reference}".encode()
    return f"B{hashlib.blake2b(name, digest_size=9).hexdigest().upper()}"[:_PRE_NO_CHARACTERS]


def _receipt(
    message: CebMessage,
    document: CebDocument,
    one: Done,
    *,
    party_id: int,
    issued_at: str,
    texts: Texts,
    language: str,
) -> Receipt:
    answer = one.answer
    numbers = {"preNo": preliminary_number(party_id, one.reference)}
    status = ""
    reasons: Sequence[Rendered] = ()
    if answer.decision:
        decision = _DECISIONS.decode(answer.decision)
        numbers["invtNo"], status = decision.mrn, decision.status
        reasons = render_public_reasons(decision, texts) if one.outcome == DECIDED else ()
    said = _of_status(status) if one.outcome == DECIDED else outcome(one.outcome)
    numbers["copNo"] = document.subject.get("copNo") or _cop_no(one.reference)
    return receipt_of(
        message.name,
        document,
        guid=_guid(message.guid, document.pointer),
        status_code=said.status,
        issued_at=issued_at,
        text=info_of(said, answer, reasons, language),
        numbers=numbers,
    )


def _of_status(status: str) -> Outcome:
    return outcome(_OUTCOME_OF_STATUS.get(status, status))


def _cop_no(reference: str) -> str:
    return reference[-_COP_NO_CHARACTERS_MAX:] or "-"


def _guid(*names: str) -> str:
    """Return a number of 36 characters, the same for the same names."""
    return str(uuid.uuid5(_NAMESPACE, "|".join(names))).upper()


def _time(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S%f")[:17]
