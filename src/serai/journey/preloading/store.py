"""What became of goods before they were loaded: kept, superseded, looked up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import copy_table
from serai.foundation.queries import load_queries
from serai.journey.preloading.required_data import OUTCOMES, Outcome
from serai.model.findings import Finding
from serai.model.frames import ABSENT

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

_ENCODER = msgspec.json.Encoder()
_REASONS = msgspec.json.Decoder(list[Finding])
_HITS = msgspec.json.Decoder(list[str])


class PreloadingAssessment(msgspec.Struct, frozen=True, kw_only=True):
    """One assessment of a transport document. reference, house_document: of the document.

    reasons: public ones. hits: entries of lists whose name somebody on the document bears, for officers
    alone. words: an officer's to the declarant. has_words: the vault holds these, and the parameters of
    reasons, under assessment_id; the table does not. made_by: the officer's party; None: the system.
    is_filed: made because the document was filed or amended, not on a later word.
    """

    assessment_id: int
    case_id: int
    document_id: int
    party_id: int
    reference: str
    house_document: str
    outcome: Outcome
    made_at: datetime
    reasons: list[Finding] = []
    hits: list[str] = []
    words: str = ""
    has_words: bool = False
    answer_by: datetime | None = None
    made_by: int | None = None
    is_filed: bool = True
    supersedes: int | None = None


async def insert_assessments(
    connection: Connection,
    assessments: Sequence[PreloadingAssessment],
    salts: Sequence[bytes],
    *,
    administration_id: int,
) -> None:
    """Append assessments; those they supersede stand no more. salts: of their leaves."""
    await copy_table(
        connection,
        "loading_assessment",
        arrow.table(
            assessment_id=arrow.int64([one.assessment_id for one in assessments]),
            administration_id=arrow.int16(np.full(len(assessments), administration_id)),
            case_id=arrow.int64([one.case_id for one in assessments]),
            document_id=arrow.int64([one.document_id for one in assessments]),
            party_id=arrow.int64([one.party_id for one in assessments]),
            reference=arrow.texts([one.reference for one in assessments]),
            house_document=arrow.texts([one.house_document for one in assessments]),
            outcome=arrow.int16(np.array([OUTCOMES.index(one.outcome) for one in assessments])),
            reasons=arrow.blobs([_ENCODER.encode(one.reasons) for one in assessments]),
            hits=arrow.blobs([_ENCODER.encode(one.hits) for one in assessments]),
            has_words=arrow.flags(np.array([one.has_words for one in assessments])),
            answer_by=arrow.instants(_instants([one.answer_by for one in assessments])),
            made_by=arrow.int64(_ids([one.made_by for one in assessments])),
            made_at=arrow.instants(_instants([one.made_at for one in assessments])),
            is_filed=arrow.flags(np.array([one.is_filed for one in assessments])),
            supersedes=arrow.int64(_ids([one.supersedes for one in assessments])),
            salt=arrow.blobs(salts),
        ),
    )
    replacing = [one for one in assessments if one.supersedes is not None]
    if replacing:
        await connection.execute(
            QUERIES["supersede"],
            {
                "supersedes": [one.supersedes for one in replacing],
                "assessment_ids": [one.assessment_id for one in replacing],
            },
        )


async def select_standing(
    connection: Connection, documents: Sequence[tuple[int, str]], *, administration_id: int
) -> dict[tuple[int, str], PreloadingAssessment]:
    """Return what stands for documents, by sender and reference."""
    if not documents:
        return {}
    rows = await _select(
        connection,
        "select_standing",
        administration_id=administration_id,
        party_ids=[party_id for party_id, _ in documents],
        references=[reference for _, reference in documents],
    )
    return {(one.party_id, one.reference): one for one in rows}


async def select_by_house(
    connection: Connection, party_id: int, house_documents: Collection[str], *, administration_id: int
) -> dict[str, PreloadingAssessment]:
    """Return what stands for a sender's documents by house document; of several, the newest."""
    rows = await _select(
        connection,
        "select_by_house",
        administration_id=administration_id,
        party_id=party_id,
        house_documents=list(house_documents),
    )
    return {one.house_document: one for one in rows}


async def select_numbered(
    connection: Connection, assessment_ids: Collection[int], *, administration_id: int
) -> dict[int, PreloadingAssessment]:
    """Return assessments by number, also those that were superseded."""
    rows = await _select(
        connection,
        "select_numbered",
        administration_id=administration_id,
        assessment_ids=list(assessment_ids),
    )
    return {one.assessment_id: one for one in rows}


async def select_first_documents(connection: Connection, assessment_ids: Collection[int]) -> dict[int, int]:
    """Return, by assessment, the first version of the document it is about: its id gave the number that was
    issued."""
    cursor = await connection.execute(QUERIES["select_first"], {"assessment_ids": list(assessment_ids)})
    return {int(row[0]): int(row[1]) for row in await cursor.fetchall()}


async def select_one(
    connection: Connection, assessment_id: int, *, administration_id: int
) -> PreloadingAssessment | None:
    """Return an assessment that stands, or None."""
    rows = await _select(
        connection, "select_one", administration_id=administration_id, assessment_id=assessment_id
    )
    return rows[0] if rows else None


async def select_of_cases(
    connection: Connection, case_ids: Collection[int], *, administration_id: int
) -> list[PreloadingAssessment]:
    """Return all assessments of cases, oldest first, also those that were superseded."""
    return await _select(
        connection, "select_of_cases", administration_id=administration_id, case_ids=list(case_ids)
    )


async def select_open(
    connection: Connection,
    outcomes: Collection[Outcome],
    *,
    administration_id: int,
    party_id: int | None,
    after: int,
    limit: int,
) -> list[PreloadingAssessment]:
    """Return assessments that stand with these outcomes, oldest first. party_id: of one declarant only."""
    return await _select(
        connection,
        "select_open",
        administration_id=administration_id,
        outcomes=[OUTCOMES.index(one) for one in outcomes],
        party_id=party_id,
        after=after,
        limit=limit,
    )


async def _select(connection: Connection, query: str, **parameters: Any) -> list[PreloadingAssessment]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES[query].encode(), parameters)
        return [_read(row) for row in await cursor.fetchall()]


def _read(stored: dict[str, Any]) -> PreloadingAssessment:
    outcome = OUTCOMES[stored["outcome"]]
    reasons, hits = _REASONS.decode(stored["reasons"]), _HITS.decode(stored["hits"])
    return PreloadingAssessment(**{**stored, "outcome": outcome, "reasons": reasons, "hits": hits})


def _instants(values: Sequence[datetime | None]) -> Any:
    return np.array([ABSENT if at is None else int(at.timestamp() * 1000) for at in values], dtype=np.int64)


def _ids(values: Sequence[int | None]) -> Any:
    return np.array([ABSENT if one is None else one for one in values], dtype=np.int64)
