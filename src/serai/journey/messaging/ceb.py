"""China's CEB messages: each document of a message is filed, changed or deleted, and answered in order.

appType 1 files, 2 amends whichever version is the newest, 3 withdraws. What is held back (appStatus 1) is
checked and neither filed nor kept. CEB623 withdraws a declaration, CEB625 says what comes back.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import groupby

import msgspec

from serai.formats.ceb.message import CebDocument, Withdrawal
from serai.formats.ceb.places import element_at
from serai.formats.ceb.read import decode_ceb, name_and_guid
from serai.formats.ceb.unread import with_unread
from serai.formats.decoded import Document
from serai.formats.standard import Standard
from serai.foundation.access.table import require
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.journey.documents.submission import Answer, Sender, sender_of
from serai.journey.documents.versions import plainly_refused
from serai.journey.messaging.ceb_answers import (
    DECIDED,
    Done,
    texts_about,
    write_answers,
    write_not_read,
    write_notification,
)
from serai.journey.messaging.ceb_words import language_of
from serai.journey.messaging.json_reply import reply_in_json, reply_to_each_in_json
from serai.journey.messaging.message_exchange import (
    MessageExchange,
    MessageSender,
    Notification,
    Reply,
    Service,
)
from serai.journey.processing.rendered_decision import texts_of
from serai.model.errors import SeraiError
from serai.model.findings import Finding

_ADD, _CHANGE, _DELETE = "1", "2", "3"
_HELD_BACK = "1"
_ACTS = {
    "order": "orders.submit",
    "payment": "payments.submit",
    "transport-document": "transport_documents.submit",
    "declaration": "declarations.lodge",
    "withdrawal": "declarations.lodge",
    "return": "returns.submit",
}
"""Kind of document -> what its sender must be allowed to do."""
_REASON_OF_DELETION = "CEB appType 3"
_TAKEN = frozenset({"decided", "recorded", "repeated"})


async def receive(service: Service, message_sender: MessageSender, content: bytes) -> Reply:
    """Do what each document of a message asks, in their order; a fault of one leaves the others as they
    are."""
    message, faults = await asyncio.to_thread(decode_ceb, content)
    if message is None or any(one.severity == "fault" for one in faults):
        return await _refuse(service, message_sender, content, faults)
    require(message_sender.actor, _ACTS[message.documents[0].kind])
    sender = sender_of(message_sender.actor)
    done: list[Done] = []
    for run in _runs(message.documents):
        done += await _do(service, message_sender, sender, message.name, run)
    if message_sender.wants_json:
        return await reply_to_each_in_json([one.answer for one in done], message_sender)
    processor = service.acts.processor
    written = await asyncio.to_thread(
        write_answers,
        message,
        done,
        party_id=sender.party_id,
        at=processor.services.clock.now(),
        texts=texts_of(processor.law, message_sender.language),
        language=language_of(message_sender.languages),
    )
    said = [one.answer for one in done if one.outcome == DECIDED]
    return Reply(200, XML_MEDIA_TYPES[0], written, said)


async def _refuse(
    service: Service, message_sender: MessageSender, content: bytes, faults: Sequence[Finding]
) -> Reply:
    """Answer a message that cannot be read: nothing of it was done."""
    if message_sender.wants_json:
        return await reply_in_json(Answer("rejected", "", findings=list(faults)), message_sender)
    name, guid = name_and_guid(content)
    at = service.acts.processor.services.clock.now()
    written = write_not_read(name, guid, faults, at=at, language=language_of(message_sender.languages))
    return Reply(422, XML_MEDIA_TYPES[0], written)


# ---- what a document asks ----


def _verb(document: CebDocument) -> str:
    """Return what is to be done with a document: file, change, delete, withdraw or nothing."""
    if document.content is None:
        return "file"
    if document.submission.status_code == _HELD_BACK:
        return "hold"
    if isinstance(document.content, Withdrawal):
        return "withdraw"
    return {_CHANGE: "change", _DELETE: "delete"}.get(document.submission.act_code or _ADD, "file")


def _runs(documents: Sequence[CebDocument]) -> list[list[CebDocument]]:
    """Part documents into runs that can be done at once: alike, and each reference once."""
    runs: list[list[CebDocument]] = []
    for _, group in groupby(documents, _verb):
        run: list[CebDocument] = []
        seen: set[str] = set()
        for document in group:
            reference = _reference(document)
            if reference and reference in seen:
                runs.append(run)
                run, seen = [], set()
            run.append(document)
            seen.add(reference)
        runs.append(run)
    return runs


def _reference(document: CebDocument) -> str:
    content = document.content
    if content is None:
        return next((document.subject[name] for name in _NAMES if name in document.subject), "")
    return content.mrn if isinstance(content, Withdrawal) else content.reference


_NAMES = ("copNo", "orderNo", "payTransactionId", "logisticsNo", "invtNo")
"""Elements by which a faulty document is known, the most telling first."""


async def _do(
    service: Service, message_sender: MessageSender, sender: Sender, name: str, run: Sequence[CebDocument]
) -> list[Done]:
    """Do what a run of documents of a message `name` asks."""
    verb = _verb(run[0])
    if verb in {"file", "change"}:
        return await _file(service, message_sender, sender, name, run, is_change=verb == "change")
    if verb == "hold":
        return [_held_back(document) for document in run]
    return [await _withdraw(service, sender, document) for document in run]


def _held_back(document: CebDocument) -> Done:
    reference = _reference(document)
    return Done(Answer("recorded", reference, findings=document.findings), "held-back", reference)


async def _file(
    service: Service,
    message_sender: MessageSender,
    sender: Sender,
    name: str,
    run: Sequence[CebDocument],
    *,
    is_change: bool,
) -> list[Done]:
    kind = run[0].kind
    whole = [with_unread(name, document) for document in run]
    contents: list[Document | None] = [
        None if isinstance(content, Withdrawal) else content for content, _ in whole
    ]
    if is_change:
        contents = await service.acts.as_amendments(sender, kind, contents)
    if kind == "withdrawal":
        # Only those that could not be read come this way.
        answers = [Answer("rejected", "", findings=document.findings) for document in run]
    else:
        answers = await service.lodgement.submit(
            message_sender.actor,
            kind,
            documents=contents,
            findings=[findings for _, findings in whole],
            places=[partial(element_at, name, document.pointer) for document in run],
        )
    return [
        Done(answer, _outcome(answer, kind), answer.reference or _reference(document))
        for answer, document in zip(map(plainly_refused, answers), run, strict=True)
    ]


async def _withdraw(service: Service, sender: Sender, document: CebDocument) -> Done:
    """Delete a document, or withdraw the declaration that a request names."""
    content, reference = document.content, _reference(document)
    try:
        if isinstance(content, Withdrawal):
            number = content.mrn
            reference = await service.acts.reference_of(sender, number) or reference
            answer = await service.acts.withdraw(
                sender, reference, expected_version=None, reason=content.reason[:512]
            )
        elif document.kind == "declaration":
            answer = await service.acts.withdraw(
                sender, reference, expected_version=None, reason=_REASON_OF_DELETION
            )
        else:
            answer = await service.acts.withdraw_document(
                sender, document.kind, reference, expected_version=None, reason=_REASON_OF_DELETION
            )
    except SeraiError as error:
        answer = Answer("refused", reference, problem_code=error.code, problem=error)
    answer = msgspec.structs.replace(answer, findings=[*answer.findings, *document.findings])
    outcome = "withdrawal" if isinstance(content, Withdrawal) else "deleted"
    return Done(answer, outcome if answer.status in _TAKEN else _outcome(answer, document.kind), reference)


def _outcome(answer: Answer, kind: str) -> str:
    """Return what became of a document as `ceb_words.yaml` names it."""
    if answer.decision:
        return DECIDED
    if answer.status in {"recorded", "repeated"}:
        return "return-kept" if kind == "return" else "stored" if answer.status == "recorded" else "repeated"
    if answer.problem_code == "amendment-too-late":
        return "for-an-officer"
    return "failed" if answer.status in {"failed", "not-accepted"} else "refused"


# ---- later answers ----


def render(notifications: Sequence[Notification], languages: str) -> list[list[bytes]]:
    """Write what happened to declarations of the party's."""
    language = language_of(languages)
    return [write_notification(one, language) for one in notifications]


def exchange_of(standard: Standard) -> MessageExchange:
    """Return the message exchange of the standard."""
    return MessageExchange(standard.media_types, receive, render, texts_about)
