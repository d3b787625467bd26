"""Declarations whose reference is in use: repeated, changed where the law lets them, or refused."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.formats.json_lines import read_document
from serai.journey.consignments.act_records import insert_act
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.rules import WAITS_FOR_LAW
from serai.journey.decision.store import DecisionRow
from serai.journey.documents import store as document_store
from serai.journey.documents.submission import Answer
from serai.journey.documents.versions import Outcome
from serai.journey.matching.match_keys import Claims
from serai.journey.processing.prepare import Prepared
from serai.journey.processing.redetermine import newest_decisions
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
from serai.journey.recording.read_back import stored_answers
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.services import Services
from serai.model.acts import Act

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
    """Lock what amendments reach before the first is decided; returns the keys claimed with that."""
    amended = [
        _sent(prepared, place) for place in places if prepared.declaration(place).amends_version is not None
    ]
    new = [(row.declaration, row.case_id) for row in rows] if amended else []
    return await hold_changed(services, connection, amended, new, at)


def _sent(prepared: Prepared, place: int) -> Sent:
    declaration = prepared.declaration(place)
    incoming = incoming_document(declaration.amends_version)
    return Sent(
        "declaration",
        prepared.senders[place],
        declaration.reference,
        incoming,
        declaration,
        prepared.cuts[place],
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
    sent = [_sent(prepared, place) for place in places]
    met = await meet_stored(services, connection, sent)
    amended, repeated = {}, {}
    for place, its, one in zip(places, sent, met, strict=True):
        if one.outcome is Outcome.REPEATED:
            repeated[place] = one
        elif one.outcome is Outcome.AMENDED:
            amended[place] = one
        else:
            if one.outcome is Outcome.AMENDMENT_TOO_LATE:
                words = read_document(prepared.declaration(place)).amendment_reason or ""
                await request_amendment(services, connection, its, one, words=words, at=at)
            answers[place] = refuse(one.outcome, its.reference, one.submission)
    if repeated:
        stored = await stored_answers(
            services,
            connection,
            [one.submission for one in repeated.values() if one.submission is not None],
            [one.stands.consignment for one in repeated.values() if one.stands and one.stands.consignment],
        )
        for (place, one), answer in zip(repeated.items(), stored, strict=True):
            answers[place] = msgspec.structs.replace(answer, findings=findings_of_repeat(one))
    return await _amend(services, connection, prepared, amended) if amended else []


def _consignment(met: Met) -> ConsignmentRow:
    assert met.stands is not None
    assert met.stands.consignment is not None, "what may change is there"
    return met.stands.consignment


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
    services: Services, connection: Connection, prepared: Prepared, amended: Mapping[int, Met]
) -> list[Row]:
    """Put amendments, by place, in the place of the versions they name; returns them as they are to be
    decided."""
    newest = await newest_decisions(services, connection, [_consignment(one) for one in amended.values()])
    ids = services.ids.take(2 * len(amended)).tolist()
    await document_store.raise_versions(
        connection,
        administration_id=services.administration_id,
        kind="declaration",
        party_ids=[prepared.senders[place].party_id for place in amended],
        references=[prepared.declaration(place).reference for place in amended],
        document_ids=ids[: len(amended)],
    )
    return [
        _amended_row(prepared, place, met, newest[_consignment(met).consignment_id], numbers)
        for (place, met), *numbers in zip(
            amended.items(), ids[: len(amended)], ids[len(amended) :], strict=True
        )
    ]


def _amended_row(
    prepared: Prepared, place: int, met: Met, newest: DecisionRow, numbers: Sequence[int]
) -> Row:
    """Return an amendment to decide. newest: the decision that stands. numbers: of document and decision."""
    document_id, decision_id = numbers
    document, previous = read_document(prepared.declaration(place)), _consignment(met)
    assert document.amends_version is not None
    before = recorded_context(newest)
    # The law of the day of first acceptance stays, whatever the amendment says of dates; where acceptance
    # still lies ahead, it stays ahead.
    return Row(
        declaration=document,
        sender=prepared.senders[place],
        document_id=document_id,
        consignment_id=previous.consignment_id,
        case_id=met.case_id,
        decision_id=decision_id,
        version=document.amends_version + 1,
        place=place,
        cut=prepared.cuts[place],
        previous=previous,
        previous_detail=newest.detail,
        advice=prepared.findings[place],
        origin=prepared.origin(place),
        accepted_at_ms=None if newest.is_provisional else before.accepted_at_ms,
        lodged_at_ms=before.lodged_at_ms,
        arrived_at_ms=_milliseconds(previous.arrived_at),
        unit_id=previous.transport_unit_id,
        was_counted=before.is_counted,
        accepted_basis_id=None
        if newest.is_provisional or any(one.code in WAITS_FOR_LAW for one in newest.detail.findings)
        else newest.basis_id,
    )


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
