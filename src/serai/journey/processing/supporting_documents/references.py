"""References of documents beside declarations: claimed, repeated, or raised to the next version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.journey.documents import store as document_store
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer
from serai.journey.linking.case_locks import hold_keys_and_cases
from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import Claims
from serai.journey.processing.preloading import standing_answers
from serai.journey.processing.supporting_documents.entries import SupportingDocument
from serai.journey.services import Services
from serai.model.documents import Arrival, Consignment, Return, TransportDocument

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
                content_hashes=[document_entry.content_hash for document_entry in first],
                document_ids=[document_entry.document_id for document_entry in first],
                at=at,
            )
        new += [document_entry for document_entry in first if document_entry.document_id in claimed]
        known += [document_entry for document_entry in of_kind if document_entry.document_id not in claimed]
    held = await _hold_amended(services, connection, new, known, at)
    for kind in sorted({document_entry.kind for document_entry in known}):
        of_kind = [document_entry for document_entry in known if document_entry.kind == kind]
        new += await _settle_known(services, connection, kind, of_kind, answers)
    await _repeat_loading(services, connection, known, answers)
    return sorted(new, key=lambda document_entry: document_entry.document_id), held


async def _hold_amended(
    services: Services,
    connection: Connection,
    new: Sequence[SupportingDocument],
    known: Sequence[SupportingDocument],
    at: datetime,
) -> Claims:
    """Lock what amendments reach before the first takes its place: references, match keys, cases."""
    amended = [document_entry for document_entry in known if document_entry.amends_version is not None]
    cases = {document_entry.document_id: document_entry.case_id for document_entry in new}
    for kind in sorted({document_entry.kind for document_entry in amended}):
        of_kind = [document_entry for document_entry in amended if document_entry.kind == kind]
        found = await document_store.lock_submissions(
            connection,
            administration_id=services.administration_id,
            kind=kind,
            party_ids=[document_entry.sender.party_id for document_entry in of_kind],
            references=[document_entry.document.reference for document_entry in of_kind],
        )
        for document_entry in of_kind:
            submission = found.get((document_entry.sender.party_id, document_entry.document.reference))
            if submission is not None:
                cases[document_entry.document_id] = submission.case_id
    if not amended:
        return set()
    documents = [
        (document_entry.document, cases[document_entry.document_id])
        for document_entry in [*new, *amended]
        if document_entry.document_id in cases
        and not isinstance(document_entry.document, Consignment | Arrival | Return)
    ]
    return await hold_keys_and_cases(services, connection, documents, list(cases.values()), at)


async def _settle_known(
    services: Services,
    connection: Connection,
    kind: str,
    document_entries: Sequence[SupportingDocument],
    answers: list[Answer | None],
) -> list[SupportingDocument]:
    known = await document_store.select_submissions(
        connection,
        administration_id=services.administration_id,
        kind=kind,
        party_ids=[document_entry.sender.party_id for document_entry in document_entries],
        references=[document_entry.document.reference for document_entry in document_entries],
    )
    withdrawn = await document_store.select_withdrawn(
        connection,
        [one.document_id for one in known.values()],
        administration_id=services.administration_id,
    )
    amended = []
    for document_entry in document_entries:
        submission = known.get((document_entry.sender.party_id, document_entry.document.reference))
        version = document_entry.amends_version
        if submission is None:
            answers[document_entry.place] = Answer(
                "refused", document_entry.document.reference, problem_code="amends-nothing"
            )
        elif submission.document_id in withdrawn:
            answers[document_entry.place] = _refuse("withdrawn", submission)
        elif submission.content_hash == document_entry.content_hash:
            answers[document_entry.place] = await _repeat(services, connection, submission)
        elif version is None:
            answers[document_entry.place] = _refuse("reference-reused", submission)
        elif await _raise(services, connection, kind, document_entry, submission=submission, version=version):
            amended.append(document_entry)
        else:
            answers[document_entry.place] = _refuse("version-not-current", submission)
    return amended


async def _raise(
    services: Services,
    connection: Connection,
    kind: str,
    document_entry: SupportingDocument,
    *,
    submission: StoredSubmission,
    version: int,
) -> bool:
    """Put an amendment in the place of exactly the version it names."""
    case_id = await document_store.raise_version(
        connection,
        administration_id=services.administration_id,
        kind=kind,
        party_id=submission.party_id,
        reference=submission.reference,
        version=version,
        content_hash=document_entry.content_hash,
        document_id=document_entry.document_id,
    )
    if case_id is None:
        return False
    document_entry.case_id, document_entry.version, document_entry.replaced = case_id, version + 1, submission
    await matching_store.replace_document(
        connection, replaced=submission.document_id, document_id=document_entry.document_id
    )
    return True


async def _repeat(services: Services, connection: Connection, submission: StoredSubmission) -> Answer:
    receipt = await read_receipt(
        connection, submission.document_id, administration_id=services.administration_id
    )
    # What waits unconfirmed is in no case that its sender may hear of.
    is_confirmed = await document_store.select_is_confirmed(
        connection, submission.document_id, administration_id=services.administration_id
    )
    return Answer(
        "repeated",
        submission.reference,
        submission.case_id if is_confirmed else 0,
        submission.document_id,
        receipt=b"" if receipt is None else encode_receipt(receipt),
        version=submission.version,
    )


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


def _refuse(code: str, submission: StoredSubmission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)
