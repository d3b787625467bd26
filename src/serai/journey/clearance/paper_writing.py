"""Writing documents beside declarations: messages and people, a leaf each, what is told and answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.evidence.leaf import commit_batch, random_size_bytes
from serai.evidence.promise import promise_batch
from serai.evidence.receipt import promise_receipts
from serai.evidence.store import insert_promised_batch
from serai.foundation.copying import copy_table
from serai.foundation.vault.sealing import RetentionClass
from serai.journey.advise import store as advise_store
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.filing import Answer
from serai.journey.clearance.meeting import Meeting
from serai.journey.clearance.papers import Paper
from serai.journey.clearance.sealing import people_by_role, reserve_epoch, seal_rows
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store

Connection = AsyncConnection[Any]

_ROLE_OF_KIND = {
    "order": "seller",
    "payment": "payment provider",
    "transport-document": "carrier",
    "arrival": "carrier",
    "return": "declarant",
}


async def write_papers(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    meeting: Meeting,
    *,
    answers: list[Answer | None],
    at: datetime,
) -> None:
    """Keep messages and people, promise a leaf for each document, open cases of those that stay alone."""
    administration_id, at_ms = equipment.administration_id, int(at.timestamp() * 1000)
    ids = np.array([paper.document_id for paper in papers], dtype=np.int64)
    fields: dict[str, list[bytes]] = {
        "document": [paper.cut.message if paper.cut else b"" for paper in papers]
    }
    fields |= people_by_role([paper.cut for paper in papers])
    commitments = commit_batch(
        administration_id,
        at,
        leaf_ids=ids.tolist(),
        fields=fields,
        random_bytes=equipment.random_bytes(random_size_bytes(len(papers), len(fields))),
    )
    promise = promise_batch(
        commitments.leaf_data,
        equipment.signer,
        origin=equipment.log_origin,
        batch_id=int(ids[0]),
        integrate_by=at + equipment.integrate_within,
        at=at,
    )
    epoch = await reserve_epoch(equipment, connection, papers, at)
    sealed = seal_rows(equipment, papers, commitments.salts, epoch, RetentionClass.DOCUMENT)
    alone = [
        paper.case_id
        for paper in papers
        if paper.case_id == paper.document_id and paper.replaced is None and paper.kind != "arrival"
    ]
    if alone:
        await match_store.insert_cases(
            connection, np.array(alone, dtype=np.int64), administration_id=administration_id, at_ms=at_ms
        )
    for kind in sorted({paper.kind for paper in papers}):
        places = np.array([place for place, paper in enumerate(papers) if paper.kind == kind])
        some = [papers[place] for place in places]
        await advise_store.insert_documents(
            connection,
            administration_id=administration_id,
            kind=kind,
            document_ids=ids[places],
            party_ids=np.array([paper.sender.party_id for paper in some], dtype=np.int64),
            versions=np.array([paper.version for paper in some], dtype=np.int64),
            case_ids=np.array([paper.case_id for paper in some], dtype=np.int64),
            is_confirmed=np.array([paper.document_id in meeting.confirmed for paper in some], dtype=np.bool_),
            roles=[_ROLE_OF_KIND[kind]] * len(some),
            received_at_ms=at_ms,
            person_roles=sealed.person_roles[places],
            first_person_ids=np.maximum(sealed.first_person_ids[places], 0),
        )
        joined = [paper for paper in some if paper.case_id != paper.document_id and paper.replaced is None]
        if joined:
            await advise_store.set_case(
                connection,
                administration_id=administration_id,
                kind=kind,
                party_ids=[paper.sender.party_id for paper in joined],
                references=[paper.document.reference for paper in joined],
                case_ids=[paper.case_id for paper in joined],
            )
    named = [(one.document_id, *its) for one in papers for its in meeting.named.get(one.document_id, ())]
    if named:
        await match_store.insert_document_parties(connection, named, administration_id=administration_id)
    await copy_table(connection, "vault_batch", sealed.batch)
    await _record_acts(equipment, connection, papers, at)
    await tell_joined(equipment, connection, papers, meeting, at_ms)
    await insert_promised_batch(
        connection, promise, administration_id=administration_id, leaf_ids=ids.tolist()
    )
    for paper, receipt in zip(papers, promise_receipts(promise), strict=True):
        answers[paper.place] = Answer(
            "recorded",
            paper.document.reference,
            paper.case_id if paper.document_id in meeting.confirmed else 0,
            paper.document_id,
            receipt=receipt,
            findings=[*paper.advice, *meeting.findings.get(paper.document_id, [])],
            version=paper.version,
        )


async def _record_acts(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], at: datetime
) -> None:
    for paper in papers:
        if paper.replaced is not None:
            await follow_store.insert_act(
                connection,
                act_id=paper.document_id,
                administration_id=equipment.administration_id,
                case_id=paper.case_id,
                party_id=paper.sender.party_id,
                kind="amendment",
                version=paper.version,
                has_words=bool(getattr(paper.document, "amendment_reason", None)),
                at=at,
            )


async def tell_joined(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], meeting: Meeting, at_ms: int
) -> None:
    """Tell everybody in a case that a document has joined it."""
    joined = [paper for paper in papers if paper.document_id in meeting.confirmed]
    if not joined:
        return
    parties = await match_store.select_parties(connection, sorted({paper.case_id for paper in joined}))
    told = [
        (party_id, paper)
        for paper in joined
        for party_id in sorted(parties.get(paper.case_id, set()) | {paper.sender.party_id})
    ]
    await follow_store.insert_events(
        connection,
        administration_id=equipment.administration_id,
        event_ids=equipment.ids.take(len(told)),
        party_ids=np.array([party_id for party_id, _ in told], dtype=np.int64),
        case_ids=np.array([paper.case_id for _, paper in told], dtype=np.int64),
        kind="document-added",
        decision_ids=np.zeros(len(told), dtype=np.int64),
        at_ms=at_ms,
    )
