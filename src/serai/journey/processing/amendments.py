"""Declarations whose reference is in use: repeated, changed where the law lets them, or refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.formats.json_lines import read_document
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import insert_act, record_act
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents import store as document_store
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender
from serai.journey.linking.case_locks import hold_keys_and_cases, lock_roots
from serai.journey.matching.match_keys import Claims
from serai.journey.processing.prepare import Prepared
from serai.journey.processing.redetermine import newest_decisions
from serai.journey.recording.read_back import stored_answers
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.services import Services
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.documents import Consignment
from serai.model.frames import RELEASED, WITHDRAWN

Connection = AsyncConnection[Any]


async def hold_amended(
    services: Services,
    connection: Connection,
    prepared: Prepared,
    rows: Sequence[Row],
    places: Sequence[int],
    *,
    at: datetime,
) -> Claims:
    """Lock what amendments reach before the first is settled; returns the keys claimed with that."""
    amended = [place for place in places if prepared.declaration(place).amends_version is not None]
    if not amended:
        return set()
    known = await document_store.lock_submissions(
        connection,
        administration_id=services.administration_id,
        kind="declaration",
        party_ids=[prepared.senders[place].party_id for place in amended],
        references=[prepared.declaration(place).reference for place in amended],
    )
    declarations = [(row.declaration, row.case_id) for row in rows]
    for place in amended:
        submission = known.get((prepared.senders[place].party_id, prepared.declaration(place).reference))
        if submission is not None:
            declarations.append((prepared.declaration(place), submission.case_id))
    return await hold_keys_and_cases(
        services, connection, declarations, [one.case_id for one in known.values()], at
    )


async def answer_known(
    services: Services,
    connection: Connection,
    prepared: Prepared,
    places: Sequence[int],
    *,
    answers: list[Answer | None],
    at: datetime,
) -> list[Row]:
    """Answer documents whose reference is in use: repeats, reuse, amendments. Returns the amendments to
    decide."""
    if not places:
        return []
    known = await document_store.select_submissions(
        connection,
        administration_id=services.administration_id,
        kind="declaration",
        party_ids=[prepared.senders[place].party_id for place in places],
        references=[prepared.declaration(place).reference for place in places],
    )
    amended, repeats = [], {}
    for place in places:
        declaration = prepared.declaration(place)
        submission = known.get((prepared.senders[place].party_id, declaration.reference))
        if submission is None:
            answers[place] = Answer("refused", declaration.reference, problem_code="amends-nothing")
        elif submission.content_hash == prepared.content_hashes[place]:
            repeats[place] = submission
        elif declaration.amends_version is None:
            answers[place] = _refuse("reference-reused", submission)
        else:
            row = await _amend(
                services, connection, prepared, place, submission=submission, answers=answers, at=at
            )
            if row is not None:
                amended.append(row)
    stored = await stored_answers(services, connection, list(repeats.values()))
    for place, answer in zip(repeats, stored, strict=True):
        answers[place] = answer
    return amended


async def _request_change(
    services: Services,
    connection: Connection,
    document: Consignment,
    submission: StoredSubmission,
    *,
    sender: Sender,
    released: ConsignmentRow,
    at: datetime,
) -> None:
    """After release an amendment is a request that an officer decides on."""
    act_id, task_id = services.ids.take(2).tolist()
    act = Act(
        act_id=act_id,
        case_id=submission.case_id,
        kind="amendment-request",
        subject_id=released.document_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=submission.version,
        expected_decision_id=released.decision_id,
    )
    await record_act(services, connection, act, document.amendment_reason or "")
    await open_request(
        connection, released, task_id=task_id, administration_id=services.administration_id, at=at
    )


async def insert_amendments(
    services: Services, connection: Connection, amended: Sequence[Row], at: datetime
) -> None:
    """Record the acts that brought new versions. Their leaves are those of the decisions on them."""
    for row in amended:
        assert row.previous is not None, "an amendment has something to amend"
        act = Act(
            act_id=row.document_id,
            case_id=row.case_id,
            kind="amendment",
            subject_id=row.document_id,
            party_id=row.sender.party_id,
            acting_user=row.sender.acting_user,
            at=at,
            leaf_id=row.decision_id,
            version=row.version,
            expected_decision_id=row.previous.decision_id,
            has_words=bool(row.document.amendment_reason),
        )
        await insert_act(connection, act, services.administration_id)


async def _amend(
    services: Services,
    connection: Connection,
    prepared: Prepared,
    place: int,
    *,
    submission: StoredSubmission,
    answers: list[Answer | None],
    at: datetime,
) -> Row | None:
    document = read_document(prepared.declaration(place))
    assert document.amends_version is not None
    # Locked before it is read: a document or an arrival may be deciding it again at this instant.
    roots = await lock_roots(connection, [submission.case_id])
    consignments = await consignment_store.select_consignments_of_cases(
        connection, [submission.case_id], administration_id=services.administration_id
    )
    previous = next(
        (
            one
            for one in consignments
            if one.party_id == submission.party_id and one.reference == submission.reference
        ),
        None,
    )
    if previous is None:
        answers[place] = _refuse("amends-nothing", submission)
        return None
    if previous.status == WITHDRAWN:
        answers[place] = _refuse("withdrawn", submission)
        return None
    if previous.status == RELEASED:
        sender = prepared.senders[place]
        await _request_change(
            services, connection, document, submission, sender=sender, released=previous, at=at
        )
        answers[place] = _refuse("amendment-too-late", submission)
        return None
    newest = await newest_decisions(services, connection, [previous])
    before = recorded_context(newest[previous.consignment_id])
    document_id, decision_id = services.ids.take(2).tolist()
    case_id = await document_store.raise_version(
        connection,
        administration_id=services.administration_id,
        kind="declaration",
        party_id=submission.party_id,
        reference=submission.reference,
        version=document.amends_version,
        content_hash=prepared.content_hashes[place],
        document_id=document_id,
    )
    if case_id is None:
        answers[place] = _refuse("version-not-current", submission)
        return None
    # The law of the day of first acceptance stays, whatever the amendment says of dates; where acceptance
    # still lies ahead, it stays ahead.
    return Row(
        declaration=document,
        sender=prepared.senders[place],
        document_id=document_id,
        consignment_id=previous.consignment_id,
        case_id=roots[case_id],
        decision_id=decision_id,
        version=document.amends_version + 1,
        place=place,
        cut=prepared.cuts[place],
        previous=previous,
        previous_detail=newest[previous.consignment_id].detail,
        advice=prepared.findings[place],
        origin=prepared.origin(place),
        accepted_at_ms=None if newest[previous.consignment_id].is_provisional else before.accepted_at_ms,
        lodged_at_ms=before.lodged_at_ms,
        arrived_at_ms=_milliseconds(previous.arrived_at),
        unit_id=previous.transport_unit_id,
        was_counted=before.is_counted,
    )


def _refuse(code: str, submission: StoredSubmission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
