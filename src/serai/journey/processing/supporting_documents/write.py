"""Writing documents beside declarations: messages and people, a leaf each, what is told and answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.evidence.promise import commit_and_promise
from serai.evidence.receipt import promise_receipts
from serai.evidence.store import insert_promised_batch
from serai.foundation.copying import copy_table
from serai.foundation.vault.sealing import RetentionClass
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import insert_act
from serai.journey.documents import store as document_store
from serai.journey.documents.sealing import people_by_role, reserve_epoch, seal_rows
from serai.journey.documents.submission import Answer
from serai.journey.linking.link import Linked
from serai.journey.matching import store as matching_store
from serai.journey.processing.supporting_documents.entries import SupportingDocument
from serai.journey.services import Services
from serai.model.acts import Act

Connection = AsyncConnection[Any]

_ROLE_OF_KIND = {
    "order": "seller",
    "payment": "payment_provider",
    "transport-document": "carrier",
    "arrival": "carrier",
    "return": "declarant",
}


async def write_supporting_documents(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    linked: Linked,
    *,
    answers: list[Answer | None],
    at: datetime,
) -> None:
    """Keep messages and people, promise a leaf for each document, open cases of those that stay alone."""
    administration_id, at_ms = services.administration_id, int(at.timestamp() * 1000)
    ids = np.array([document_entry.document_id for document_entry in document_entries], dtype=np.int64)
    fields: dict[str, list[bytes]] = {
        "document": [
            document_entry.cut.message if document_entry.cut else b"" for document_entry in document_entries
        ]
    }
    fields |= people_by_role([document_entry.cut for document_entry in document_entries])
    commitments, promise = commit_and_promise(services, at, leaf_ids=ids.tolist(), fields=fields)
    epoch = await reserve_epoch(services, connection, document_entries, at)
    sealed = seal_rows(services, document_entries, commitments.salts, epoch, RetentionClass.DOCUMENT)
    alone = [
        document_entry.case_id
        for document_entry in document_entries
        if document_entry.case_id == document_entry.document_id and document_entry.kind != "arrival"
    ]
    if alone:
        await matching_store.insert_cases(
            connection, np.array(alone, dtype=np.int64), administration_id=administration_id, at_ms=at_ms
        )
    for kind in sorted({document_entry.kind for document_entry in document_entries}):
        places = np.array(
            [place for place, document_entry in enumerate(document_entries) if document_entry.kind == kind]
        )
        some = [document_entries[place] for place in places]
        await document_store.insert_documents(
            connection,
            administration_id=administration_id,
            kind=kind,
            document_ids=ids[places],
            party_ids=np.array([document_entry.sender.party_id for document_entry in some], dtype=np.int64),
            versions=np.array([document_entry.version for document_entry in some], dtype=np.int64),
            case_ids=np.array([document_entry.case_id for document_entry in some], dtype=np.int64),
            is_confirmed=np.array(
                [document_entry.document_id in linked.confirmed for document_entry in some], dtype=np.bool_
            ),
            roles=[_ROLE_OF_KIND[kind]] * len(some),
            received_at_ms=at_ms,
            person_roles=sealed.person_roles[places],
            first_person_ids=np.maximum(sealed.first_person_ids[places], 0),
        )
    named = [
        (one.document_id, *its) for one in document_entries for its in linked.named.get(one.document_id, ())
    ]
    if named:
        await matching_store.insert_document_parties(connection, named, administration_id=administration_id)
    await copy_table(connection, "vault_batch", sealed.batch)
    await _record_acts(services, connection, document_entries, at)
    await notify_joined(services, connection, document_entries, linked, at_ms)
    await insert_promised_batch(
        connection, promise, administration_id=administration_id, leaf_ids=ids.tolist()
    )
    for document_entry, receipt in zip(document_entries, promise_receipts(promise), strict=True):
        answers[document_entry.place] = Answer(
            "recorded",
            document_entry.document.reference,
            document_entry.case_id if document_entry.document_id in linked.confirmed else 0,
            document_entry.document_id,
            receipt=receipt,
            findings=[*document_entry.advice, *linked.findings.get(document_entry.document_id, [])],
            version=document_entry.version,
        )


async def _record_acts(
    services: Services, connection: Connection, document_entries: Sequence[SupportingDocument], at: datetime
) -> None:
    for document_entry in document_entries:
        if document_entry.replaced is not None:
            act = Act(
                act_id=document_entry.document_id,
                case_id=document_entry.case_id,
                kind="amendment",
                subject_id=document_entry.document_id,
                party_id=document_entry.sender.party_id,
                acting_user=document_entry.sender.acting_user,
                at=at,
                leaf_id=document_entry.document_id,
                version=document_entry.version,
                has_words=bool(getattr(document_entry.document, "amendment_reason", None)),
            )
            await insert_act(connection, act, services.administration_id)


async def notify_joined(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    linked: Linked,
    at_ms: int,
) -> None:
    """Tell everybody in a case that a document has joined it."""
    joined = [
        document_entry
        for document_entry in document_entries
        if document_entry.document_id in linked.confirmed
    ]
    if not joined:
        return
    parties = await matching_store.select_parties(
        connection, sorted({document_entry.case_id for document_entry in joined})
    )
    told = [
        (party_id, document_entry)
        for document_entry in joined
        for party_id in sorted(parties.get(document_entry.case_id, set()) | {document_entry.sender.party_id})
    ]
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(told)),
        party_ids=np.array([party_id for party_id, _ in told], dtype=np.int64),
        case_ids=np.array([document_entry.case_id for _, document_entry in told], dtype=np.int64),
        kind="document-added",
        decision_ids=np.zeros(len(told), dtype=np.int64),
        at_ms=at_ms,
    )
