"""Withdrawal of what is no declaration: an order, payment, transport document or return counts no more.

The document stays, with its receipt; the withdrawal is a record of its own in the log. What the law makes of
the case without it is decided in the same transaction.
"""

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents import store as document_store
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.link import meet_again
from serai.journey.matching import store as matching_store
from serai.journey.processing.supporting_documents.process import redetermine_cases
from serai.journey.services import Services
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import RELEASED

Connection = AsyncConnection[Any]

WITHDRAWABLE = ("order", "payment", "transport-document", "return")
"""Kinds that a sender may take back. An arrival is a fact: it is amended."""


async def withdraw_document(
    services: Services,
    connection: Connection,
    law: LawState,
    sender: Sender,
    *,
    kind: str,
    reference: str,
    expected_version: int | None,
    reason: str,
    at: datetime,
) -> Answer:
    """Withdraw a document of the sender's. expected_version: None for whichever is the newest.

    Refused: `version-not-current`; `amendment-too-late` where a declaration it counts for was released (the
    request is recorded for an officer). Again is harmless. Raises SeraiError `not-found`.
    """
    submission = await _lock(services, connection, sender, kind, reference)
    document_id = submission.document_id
    root = (await lock_roots(connection, [submission.case_id]))[submission.case_id]
    withdrawn = await document_store.select_withdrawn(
        connection, [document_id], administration_id=services.administration_id
    )
    counts = await document_store.select_is_confirmed(
        connection, document_id, administration_id=services.administration_id
    )
    # What counted nowhere is in no case that its sender may hear of.
    case_id = root if counts else 0
    if withdrawn:
        return await _answer(services, connection, submission, case_id, withdrawn[document_id])
    if expected_version not in (None, submission.version):
        return _refuse("version-not-current", submission)
    # Goods come back after release, so a return can be taken back after it as well.
    released = await _select_released(services, connection, root) if counts and kind != "return" else []
    act_id, task_id = services.ids.take(2).tolist()
    act = Act(
        act_id=act_id,
        case_id=root,
        kind="document-withdrawal",
        subject_id=document_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=submission.version,
    )
    if released:
        await record_act(
            services, connection, msgspec.structs.replace(act, kind="document-withdrawal-request"), reason
        )
        await open_request(
            connection,
            released[0],
            task_id=task_id,
            administration_id=services.administration_id,
            at=at,
        )
        return _refuse("amendment-too-late", submission)
    receipt = await record_act(services, connection, act, reason)
    await document_store.set_withdrawn(
        connection, document_id, administration_id=services.administration_id, act_id=act_id
    )
    await matching_store.delete_document_keys(connection, [document_id])
    await _tell(services, connection, root, sender, counts=counts, at=at)
    # Of two that claimed one number the other counts now.
    disputing = await matching_store.select_waiting_inside(
        connection, root, administration_id=services.administration_id
    )
    if disputing:
        await meet_again(connection, disputing, administration_id=services.administration_id, at=at)
    if counts or disputing:
        await redetermine_cases(services, connection, law, {root}, at)
    return Answer(
        "recorded", reference, case_id, document_id, receipt=receipt or b"", version=submission.version
    )


async def _lock(
    services: Services, connection: Connection, sender: Sender, kind: str, reference: str
) -> StoredSubmission:
    found = await document_store.lock_submissions(
        connection,
        administration_id=services.administration_id,
        kind=kind,
        party_ids=[sender.party_id],
        references=[reference],
    )
    submission = found.get((sender.party_id, reference))
    if submission is None:
        raise SeraiError(
            "not-found", "There is nothing here under this name.", "Check the reference of your document."
        )
    return submission


async def _select_released(services: Services, connection: Connection, root: int) -> list[ConsignmentRow]:
    consignments = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=services.administration_id
    )
    return [one for one in consignments if one.status == RELEASED]


async def _answer(
    services: Services, connection: Connection, submission: StoredSubmission, case_id: int, act_id: int
) -> Answer:
    """Answer a withdrawal that was there before."""
    receipt = await read_receipt(connection, act_id, administration_id=services.administration_id)
    return Answer(
        "repeated",
        submission.reference,
        case_id,
        submission.document_id,
        receipt=b"" if receipt is None else encode_receipt(receipt),
        version=submission.version,
    )


def _refuse(code: str, submission: StoredSubmission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)


async def _tell(
    services: Services, connection: Connection, root: int, sender: Sender, *, counts: bool, at: datetime
) -> None:
    """Tell the sender, and where the document counted everybody in the case."""
    parties = (await matching_store.select_parties(connection, [root])).get(root, set()) if counts else set()
    told = sorted(parties | {sender.party_id})
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(told)),
        party_ids=np.array(told, dtype=np.int64),
        case_ids=np.full(len(told), root, dtype=np.int64),
        kind="document-withdrawn",
        decision_ids=np.zeros(len(told), dtype=np.int64),
        at_ms=int(at.timestamp() * 1000),
    )
