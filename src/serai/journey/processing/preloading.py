"""Before loading: what carrier or post files is assessed at once; an answer to a question is a filing again.

The answer to a question is an amendment of the document, or the report of a screening: nothing is asked for
twice and nothing is told that stands nowhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.promise import commit_and_promise
from serai.evidence.store import insert_promised_batch
from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.documents.preloading_words import open_words, seal_words
from serai.journey.documents.submission import Places
from serai.journey.finding_messages import finding_out
from serai.journey.law_in_force.state import LawState
from serai.journey.matching import store as matching_store
from serai.journey.matching.checks import read_instant
from serai.journey.preloading import store as preloading_store
from serai.journey.preloading.answer import PreloadingOut
from serai.journey.preloading.required_data import ANSWERED_BY_DECLARANT
from serai.journey.preloading.rules import Assessed, assess_preloading
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.services import Services
from serai.model.documents import TransportDocument
from serai.model.findings import Finding
from serai.model.registration_number import registration_numbers

Connection = AsyncConnection[Any]

PRE_LOADING = "pre-loading"
_ENCODER = msgspec.json.Encoder()


class Filed(msgspec.Struct, frozen=True):
    """A transport document just recorded. is_amendment: it takes the place of an earlier version. origin:
    gives places in the sender's own message; None: the document is the message."""

    document: TransportDocument
    document_id: int
    case_id: int
    party_id: int
    is_amendment: bool
    origin: Places | None = None


def asks_for_assessment(document: TransportDocument, at: datetime) -> bool:
    """Say whether goods are to be assessed before loading: the filing says so, or they have yet to leave."""
    if document.detail is not None and document.detail.filing_kind_code == PRE_LOADING:
        return True
    departs_at = read_instant(document.scheduled_departure_at or "")
    return departs_at is not None and departs_at > at


async def assess_filed(
    services: Services, connection: Connection, filed: Sequence[Filed], law: LawState, at: datetime
) -> dict[int, bytes]:
    """Assess what is filed before loading, and record it; returns answers as JSON by document id.

    What an officer has asked for or forbidden stands until an officer says otherwise: an amendment that
    answers an officer's question comes before a person again.
    """
    asked = [one for one in filed if one.is_amendment or asks_for_assessment(one.document, at)]
    if not asked:
        return {}
    standing = await preloading_store.select_standing(
        connection,
        [(one.party_id, one.document.reference) for one in asked if one.is_amendment],
        administration_id=services.administration_id,
    )
    before = dict(
        zip(standing, await open_words(services, list(standing.values()), "serai", at), strict=True)
    )
    asked = [
        one
        for one in asked
        if asks_for_assessment(one.document, at) or (one.party_id, one.document.reference) in before
    ]
    assessed = assess_preloading([one.document for one in asked], law.lists, law.preloading_rules)
    made = [
        _assessment(one, result, before.get((one.party_id, one.document.reference)), law, at)
        for one, result in zip(asked, assessed, strict=True)
    ]
    recorded = await record_assessments(services, connection, made, at)
    return {one.document_id: _ENCODER.encode(preloading_out(one)) for one in recorded}


def _assessment(
    filed: Filed, assessed: Assessed, earlier: PreloadingAssessment | None, law: LawState, at: datetime
) -> PreloadingAssessment:
    reasons = assessed.reasons
    if (origin := filed.origin) is not None:
        reasons = [
            msgspec.structs.replace(one, pointer=one.pointer and origin(one.pointer)) for one in reasons
        ]
    made = PreloadingAssessment(
        assessment_id=0,
        case_id=filed.case_id,
        document_id=filed.document_id,
        party_id=filed.party_id,
        reference=filed.document.reference,
        house_document=filed.document.house_document,
        outcome=assessed.outcome,
        made_at=at,
        reasons=reasons,
        hits=[f"{hit.list_code} {hit.entry_id} ({hit.role})" for hit in assessed.hits],
        answer_by=answer_by(assessed.outcome, law, at),
        supersedes=earlier.assessment_id if earlier is not None else None,
    )
    if earlier is None or earlier.made_by is None or earlier.outcome == "assessment-complete":
        return made
    if earlier.outcome == "request-for-information":
        reasons = [*reasons, Finding("loading-control-under-way", "", "hold")]
        return msgspec.structs.replace(made, outcome="in-review", reasons=reasons, answer_by=None)
    return msgspec.structs.replace(
        made,
        outcome=earlier.outcome,
        reasons=earlier.reasons,
        words=earlier.words,
        made_by=earlier.made_by,
        answer_by=earlier.answer_by,
    )


def answer_by(outcome: str, law: LawState, at: datetime) -> datetime | None:
    """Return until when the declarant may take to answer; None where nothing is asked of it."""
    hours = law.preloading_rules.answer_within_hours
    return at + timedelta(hours=hours) if outcome in ANSWERED_BY_DECLARANT else None


async def standing_answers(
    services: Services, connection: Connection, documents: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], bytes]:
    """Return what stands for documents, by sender and reference, as JSON."""
    standing = await preloading_store.select_standing(
        connection, documents, administration_id=services.administration_id
    )
    opened = await open_words(services, list(standing.values()), "serai", services.clock.now())
    return {key: _ENCODER.encode(preloading_out(one)) for key, one in zip(standing, opened, strict=True)}


async def record_assessments(
    services: Services, connection: Connection, made: Sequence[PreloadingAssessment], at: datetime
) -> list[PreloadingAssessment]:
    """Give assessments their numbers, keep them, promise a leaf of the log for each, tell whoever is in the
    case. Returns them as kept."""
    if not made:
        return []
    ids = services.ids.take(len(made)).tolist()
    kept = [msgspec.structs.replace(one, assessment_id=number) for one, number in zip(made, ids, strict=True)]
    fields = {"assessment": [_ENCODER.encode(preloading_out(one)) for one in kept]}
    commitments, promise = commit_and_promise(services, at, leaf_ids=ids, fields=fields)
    await preloading_store.insert_assessments(
        connection,
        await seal_words(services, connection, kept, at),
        commitments.salts["assessment"],
        administration_id=services.administration_id,
    )
    await _tell(services, connection, kept, at)
    await insert_promised_batch(
        connection, promise, administration_id=services.administration_id, leaf_ids=ids
    )
    return kept


async def _tell(
    services: Services, connection: Connection, kept: Sequence[PreloadingAssessment], at: datetime
) -> None:
    parties = await matching_store.select_parties(connection, sorted({one.case_id for one in kept}))
    told = [
        (party_id, one)
        for one in kept
        for party_id in sorted(parties.get(one.case_id, set()) | {one.party_id})
    ]
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(told)),
        party_ids=np.array([party_id for party_id, _ in told], dtype=np.int64),
        case_ids=np.array([one.case_id for _, one in told], dtype=np.int64),
        kind="pre-loading-assessed",
        decision_ids=np.array([one.assessment_id for _, one in told], dtype=np.int64),
        at_ms=int(at.timestamp() * 1000),
    )


def number_of_submission(services: Services, document_id: int, year: int) -> str:
    """Return the registration number of a filing before loading: issued for its first document."""
    ids = np.array([document_id], dtype=np.int64)
    return registration_numbers(ids, year, services.country_code)[0]


def preloading_out(one: PreloadingAssessment, language: str | None = None) -> PreloadingOut:
    """Return an assessment as it is answered; what is for officers alone is not in it.

    language: of the texts of its reasons; None: without, as the log commits to it.
    """
    return PreloadingOut(
        decision_id=format_id(one.assessment_id),
        kind=PRE_LOADING,
        outcome=one.outcome,
        reference=one.reference,
        house_document=one.house_document,
        decided_at=one.made_at.isoformat(timespec="milliseconds"),
        reasons=[finding_out(reason, language) for reason in one.reasons],
        words=one.words,
        answer_by=one.answer_by.isoformat(timespec="seconds") if one.answer_by else None,
        is_by_officer=one.made_by is not None,
        supersedes=format_id(one.supersedes) if one.supersedes else None,
    )
