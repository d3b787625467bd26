"""References of documents beside declarations: claimed, repeated, or raised to the next version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.journey.advise import store as advise_store
from serai.journey.advise.store import Submission
from serai.journey.clearance.again import hold_keys_and_cases
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.filing import Answer
from serai.journey.clearance.loading import standing_answers
from serai.journey.clearance.papers import Paper
from serai.journey.match import store as match_store
from serai.journey.match.match_keys import Claims
from serai.model.documents import Arrival, Consignment, Return, TransportDocument

Connection = AsyncConnection[Any]


async def claim_references(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    answers: list[Answer | None],
    at: datetime,
) -> tuple[list[Paper], Claims]:
    """Claim references, kind by kind; answer repeats and refusals; return what is to be written, and the keys
    claimed with that."""
    ids = equipment.ids.take(len(papers)).tolist()
    for paper, document_id in zip(papers, ids, strict=True):
        paper.document_id = paper.case_id = document_id
    new: list[Paper] = []
    known: list[Paper] = []
    for kind in sorted({paper.kind for paper in papers}):
        of_kind = [paper for paper in papers if paper.kind == kind]
        first = [paper for paper in of_kind if paper.amends_version is None]
        claimed: set[int] = set()
        if first:
            claimed = await advise_store.claim_submissions(
                connection,
                administration_id=equipment.administration_id,
                kind=kind,
                party_ids=[paper.sender.party_id for paper in first],
                references=[paper.document.reference for paper in first],
                content_hashes=[paper.content_hash for paper in first],
                document_ids=[paper.document_id for paper in first],
                at=at,
            )
        new += [paper for paper in first if paper.document_id in claimed]
        known += [paper for paper in of_kind if paper.document_id not in claimed]
    held = await _hold_amended(equipment, connection, new, known, at)
    for kind in sorted({paper.kind for paper in known}):
        of_kind = [paper for paper in known if paper.kind == kind]
        new += await _settle_known(equipment, connection, kind, of_kind, answers)
    await _repeat_loading(equipment, connection, known, answers)
    return sorted(new, key=lambda paper: paper.document_id), held


async def _hold_amended(
    equipment: Equipment,
    connection: Connection,
    new: Sequence[Paper],
    known: Sequence[Paper],
    at: datetime,
) -> Claims:
    """Lock what amendments reach before the first takes its place: references, match keys, cases."""
    amended = [paper for paper in known if paper.amends_version is not None]
    cases = {paper.document_id: paper.case_id for paper in new}
    for kind in sorted({paper.kind for paper in amended}):
        of_kind = [paper for paper in amended if paper.kind == kind]
        found = await advise_store.lock_submissions(
            connection,
            administration_id=equipment.administration_id,
            kind=kind,
            party_ids=[paper.sender.party_id for paper in of_kind],
            references=[paper.document.reference for paper in of_kind],
        )
        for paper in of_kind:
            submission = found.get((paper.sender.party_id, paper.document.reference))
            if submission is not None:
                cases[paper.document_id] = submission.case_id
    if not amended:
        return set()
    documents = [
        (paper.document, cases[paper.document_id])
        for paper in [*new, *amended]
        if paper.document_id in cases and not isinstance(paper.document, Consignment | Arrival | Return)
    ]
    return await hold_keys_and_cases(equipment, connection, documents, list(cases.values()), at)


async def _settle_known(
    equipment: Equipment,
    connection: Connection,
    kind: str,
    papers: Sequence[Paper],
    answers: list[Answer | None],
) -> list[Paper]:
    known = await advise_store.select_submissions(
        connection,
        administration_id=equipment.administration_id,
        kind=kind,
        party_ids=[paper.sender.party_id for paper in papers],
        references=[paper.document.reference for paper in papers],
    )
    withdrawn = await advise_store.select_withdrawn(
        connection,
        [one.document_id for one in known.values()],
        administration_id=equipment.administration_id,
    )
    amended = []
    for paper in papers:
        submission = known.get((paper.sender.party_id, paper.document.reference))
        version = paper.amends_version
        if submission is None:
            answers[paper.place] = Answer("refused", paper.document.reference, problem_code="amends-nothing")
        elif submission.document_id in withdrawn:
            answers[paper.place] = _refuse("withdrawn", submission)
        elif submission.content_hash == paper.content_hash:
            answers[paper.place] = await _repeat(equipment, connection, submission)
        elif version is None:
            answers[paper.place] = _refuse("reference-reused", submission)
        elif await _raise(equipment, connection, kind, paper, submission=submission, version=version):
            amended.append(paper)
        else:
            answers[paper.place] = _refuse("version-not-current", submission)
    return amended


async def _raise(
    equipment: Equipment,
    connection: Connection,
    kind: str,
    paper: Paper,
    *,
    submission: Submission,
    version: int,
) -> bool:
    """Put an amendment in the place of exactly the version it names."""
    case_id = await advise_store.raise_version(
        connection,
        administration_id=equipment.administration_id,
        kind=kind,
        party_id=submission.party_id,
        reference=submission.reference,
        version=version,
        content_hash=paper.content_hash,
        document_id=paper.document_id,
    )
    if case_id is None:
        return False
    paper.case_id, paper.version, paper.replaced = case_id, version + 1, submission
    await match_store.replace_document(
        connection, replaced=submission.document_id, document_id=paper.document_id
    )
    return True


async def _repeat(equipment: Equipment, connection: Connection, submission: Submission) -> Answer:
    receipt = await read_receipt(
        connection, submission.document_id, administration_id=equipment.administration_id
    )
    # What waits unconfirmed is in no case that its sender may hear of.
    is_confirmed = await advise_store.select_is_confirmed(
        connection, submission.document_id, administration_id=equipment.administration_id
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
    equipment: Equipment, connection: Connection, known: Sequence[Paper], answers: list[Answer | None]
) -> None:
    """Put what stands before loading into the answers of transport documents that came again."""
    repeated = [
        (paper, answer)
        for paper in known
        if isinstance(paper.document, TransportDocument)
        and (answer := answers[paper.place]) is not None
        and answer.status == "repeated"
    ]
    if not repeated:
        return
    keys = [(paper.sender.party_id, paper.document.reference) for paper, _ in repeated]
    standing = await standing_answers(equipment, connection, keys)
    for (paper, answer), key in zip(repeated, keys, strict=True):
        if key in standing:
            answers[paper.place] = msgspec.structs.replace(answer, decision=standing[key])


def answer_repeats_of(new: Sequence[Paper], papers: Sequence[Paper], answers: list[Answer | None]) -> None:
    """Give a line repeated in its own batch what the first was answered: that was not stored yet when it was
    looked for."""
    first = {paper.document_id: answers[paper.place] for paper in new}
    for paper in papers:
        answer = answers[paper.place]
        found = first.get(answer.document_id) if answer is not None and answer.status == "repeated" else None
        if found is not None:
            answers[paper.place] = msgspec.structs.replace(found, status="repeated")


def _refuse(code: str, submission: Submission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)
