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
from serai.journey.documents import store as document_store
from serai.journey.documents.not_found import not_found
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender
from serai.journey.documents.versions import Incoming, Outcome
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.link import meet_again
from serai.journey.matching import store as matching_store
from serai.journey.processing.confirmation import meet_over_disputed
from serai.journey.processing.references import Sent, ask_officer, hold_changed, meet_stored, refuse
from serai.journey.processing.supporting_documents.process import redetermine_cases
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.model.acts import Act

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
    sent = Sent(kind, sender, reference, Incoming("withdrawal", version=expected_version))
    await hold_changed(services, connection, [sent], [], at)
    (met,) = await meet_stored(services, connection, [sent])
    submission, stands, root = met.submission, met.stands, met.case_id
    if met.outcome is Outcome.NOT_FOUND or submission is None or stands is None:
        raise not_found()
    document_id, counts = submission.document_id, stands.is_confirmed
    # What counted nowhere is in no case that its sender may hear of.
    case_id = root if counts else 0
    if met.outcome is Outcome.REPEATED and stands.withdrawn_by is not None:
        return await _answer(services, connection, submission, case_id, stands.withdrawn_by)
    act_id = int(services.ids.take(1)[0])
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
    if met.outcome is Outcome.AMENDMENT_TOO_LATE and stands.consignment is not None:
        request = msgspec.structs.replace(act, kind="document-withdrawal-request")
        await ask_officer(services, connection, request, stands.consignment, reason)
    if met.outcome is not Outcome.TAKEN_BACK:
        return refuse(met.outcome, reference, submission)
    receipt = await record_act(services, connection, act, reason)
    await document_store.set_withdrawn(
        connection, document_id, administration_id=services.administration_id, act_id=act_id
    )
    keys = {key for _, key in await matching_store.select_document_keys(connection, [document_id])}
    disputes = await matching_store.select_disputes(
        connection, sorted(keys), administration_id=services.administration_id
    )
    await matching_store.delete_document_keys(connection, [document_id])
    await task_store.close_possible_matches(
        connection, [document_id], administration_id=services.administration_id, at=at
    )
    await _tell(services, connection, root, sender, counts=counts, at=at)
    # Of two that claimed one number the other counts now.
    disputing = await matching_store.select_waiting_inside(
        connection, root, administration_id=services.administration_id
    )
    if disputing:
        await meet_again(connection, disputing, administration_id=services.administration_id, at=at)
    if counts or disputing:
        await redetermine_cases(services, connection, law, {root}, at)
    if disputes:
        await meet_over_disputed(services, connection, law, {key for key, _, _ in disputes}, at)
    return Answer(
        "recorded", reference, case_id, document_id, receipt=receipt or b"", version=submission.version
    )


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
