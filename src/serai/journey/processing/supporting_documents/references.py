"""References of documents beside declarations: claimed, repeated, or raised to the next version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_promises
from serai.journey.documents import store as document_store
from serai.journey.documents.personal_data import Cut
from serai.journey.documents.submission import Answer
from serai.journey.documents.versions import Outcome
from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import Claims
from serai.journey.processing.preloading import standing_answers
from serai.journey.processing.references import (
    Met,
    Sent,
    findings_of_repeat,
    hold_changed,
    incoming_document,
    meet_stored,
    refuse,
    request_amendment,
)
from serai.journey.processing.supporting_documents.entries import SupportingDocument
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.model.documents import TransportDocument

Connection = AsyncConnection[Any]


async def claim_references(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    answers: list[Answer | None],
    at: datetime,
) -> tuple[list[SupportingDocument], Claims]:
    """Claim references, kind by kind; answer repeats and refusals; return what is to be written, and the keys
    claimed with that."""
    ids = services.ids.take(len(document_entries)).tolist()
    for document_entry, document_id in zip(document_entries, ids, strict=True):
        document_entry.document_id = document_entry.case_id = document_id
    new: list[SupportingDocument] = []
    known: list[SupportingDocument] = []
    for kind in sorted({document_entry.kind for document_entry in document_entries}):
        of_kind = [document_entry for document_entry in document_entries if document_entry.kind == kind]
        first = [document_entry for document_entry in of_kind if document_entry.amends_version is None]
        claimed: set[int] = set()
        if first:
            claimed = await document_store.claim_submissions(
                connection,
                administration_id=services.administration_id,
                kind=kind,
                party_ids=[document_entry.sender.party_id for document_entry in first],
                references=[document_entry.document.reference for document_entry in first],
                document_ids=[document_entry.document_id for document_entry in first],
                recent=document_store.RecentReferences(),
            )
        new += [document_entry for document_entry in first if document_entry.document_id in claimed]
        known += [document_entry for document_entry in of_kind if document_entry.document_id not in claimed]
    amendments = [_sent(one) for one in known if one.amends_version is not None]
    first_of = [(document_entry.document, document_entry.case_id) for document_entry in new]
    held = await hold_changed(services, connection, amendments, first_of, at)
    at_hand = {one.document_id: one.cut for one in new if one.cut is not None}
    for kind in sorted({document_entry.kind for document_entry in known}):
        of_kind = [document_entry for document_entry in known if document_entry.kind == kind]
        new += await _answer_known(services, connection, of_kind, answers, at, at_hand=at_hand)
    await _repeat_loading(services, connection, known, answers)
    return sorted(new, key=lambda document_entry: document_entry.document_id), held


def _sent(document_entry: SupportingDocument) -> Sent:
    incoming = incoming_document(document_entry.amends_version)
    document = document_entry.document
    return Sent(
        document_entry.kind,
        document_entry.sender,
        document.reference,
        incoming,
        document,
        document_entry.cut,
    )


async def _answer_known(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    answers: list[Answer | None],
    at: datetime,
    *,
    at_hand: Mapping[int, Cut],
) -> list[SupportingDocument]:
    """Answer documents of one kind whose references are in use; returns those that take the place of an
    earlier version."""
    sent = [_sent(one) for one in document_entries]
    met = await meet_stored(services, connection, sent, at_hand)
    amended, repeated = [], []
    for document_entry, its, one in zip(document_entries, sent, met, strict=True):
        if one.outcome is Outcome.REPEATED:
            repeated.append((document_entry, one))
        elif one.outcome is Outcome.AMENDED and one.submission is not None:
            document_entry.case_id = one.submission.first_id
            document_entry.version = one.submission.version + 1
            document_entry.replaced = one.submission
            amended.append(document_entry)
        else:
            if one.outcome is Outcome.AMENDMENT_TOO_LATE:
                words = getattr(document_entry.document, "amendment_reason", None) or ""
                await request_amendment(services, connection, its, one, words=words, at=at)
            answers[document_entry.place] = refuse(one.outcome, its.reference, one.submission)
    for document_entry, answer in await _repeat(services, connection, repeated):
        answers[document_entry.place] = answer
    await _raise_versions(services, connection, amended, at)
    return amended


async def _raise_versions(
    services: Services, connection: Connection, amended: Sequence[SupportingDocument], at: datetime
) -> None:
    """Put amendments, all of one kind, in the place of the versions they name."""
    if not amended:
        return
    await document_store.raise_versions(
        connection,
        administration_id=services.administration_id,
        kind=amended[0].kind,
        party_ids=[one.sender.party_id for one in amended],
        references=[one.document.reference for one in amended],
        document_ids=[one.document_id for one in amended],
    )
    for one in amended:
        assert one.replaced is not None
        await matching_store.replace_document(
            connection, replaced=one.replaced.document_id, document_id=one.document_id
        )
    await task_store.close_possible_matches(
        connection,
        [one.replaced.document_id for one in amended if one.replaced is not None],
        administration_id=services.administration_id,
        at=at,
    )


async def _repeat(
    services: Services, connection: Connection, repeated: Sequence[tuple[SupportingDocument, Met]]
) -> list[tuple[SupportingDocument, Answer]]:
    """Return the stored answers to documents that came again."""
    submissions = [one.submission for _, one in repeated if one.submission is not None]
    receipts = (
        await read_promises(
            connection,
            [one.document_id for one in submissions],
            administration_id=services.administration_id,
            recent=services.recent_promises,
        )
        if submissions
        else {}
    )
    answers = []
    for (document_entry, met), submission in zip(repeated, submissions, strict=True):
        assert met.stands is not None
        receipt = receipts.get(submission.document_id)
        answer = Answer(
            "repeated",
            submission.reference,
            # What waits unconfirmed is in no case that its sender may hear of.
            met.case_id if met.stands.is_confirmed else 0,
            submission.document_id,
            receipt=b"" if receipt is None else encode_receipt(receipt),
            findings=findings_of_repeat(met),
            version=submission.version,
        )
        answers.append((document_entry, answer))
    return answers


async def _repeat_loading(
    services: Services,
    connection: Connection,
    known: Sequence[SupportingDocument],
    answers: list[Answer | None],
) -> None:
    """Put what stands before loading into the answers of transport documents that came again."""
    repeated = [
        (document_entry, answer)
        for document_entry in known
        if isinstance(document_entry.document, TransportDocument)
        and (answer := answers[document_entry.place]) is not None
        and answer.status == "repeated"
    ]
    if not repeated:
        return
    keys = [
        (document_entry.sender.party_id, document_entry.document.reference) for document_entry, _ in repeated
    ]
    standing = await standing_answers(services, connection, keys)
    for (document_entry, answer), key in zip(repeated, keys, strict=True):
        if key in standing:
            answers[document_entry.place] = msgspec.structs.replace(answer, decision=standing[key])


def answer_repeats_of(
    new: Sequence[SupportingDocument],
    document_entries: Sequence[SupportingDocument],
    answers: list[Answer | None],
) -> None:
    """Give a line repeated in its own batch what the first was answered: that was not stored yet when it was
    looked for."""
    first = {document_entry.document_id: answers[document_entry.place] for document_entry in new}
    for document_entry in document_entries:
        answer = answers[document_entry.place]
        found = first.get(answer.document_id) if answer is not None and answer.status == "repeated" else None
        if found is not None:
            answers[document_entry.place] = msgspec.structs.replace(found, status="repeated")
