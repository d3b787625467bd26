"""What a case holds: documents, matches, acts, decisions, charges, marks."""

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.model.packed_detail import PackedCharge, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class CaseDocumentRow(msgspec.Struct, frozen=True):
    """A document of a case. person_roles: bits by place in VAULT_ROLES. stands: no newer version has replaced
    it, nor was it withdrawn. names_viewer: it names the party that asks, or its sender has given that one a
    mandate."""

    document_id: int
    case_id: int
    party_id: int
    party_name: str | None
    kind: int
    version: int
    is_confirmed: bool
    role: str
    received_at: dt.datetime
    person_roles: int
    first_person_id: int
    stands: bool
    names_viewer: bool


class CaseMatchRow(msgspec.Struct, frozen=True):
    """What the documents of a case came to. verdict: place in MATCH_VERDICTS. said: findings as JSON."""

    verdict: int
    score_ppm: int
    said: str
    awaited: list[str]
    matched_at: dt.datetime


class PossibleMatchRow(msgspec.Struct, frozen=True):
    """Another case that may be the same, and the document by which."""

    case_id: int
    document_id: int
    score_ppm: int
    found_at: dt.datetime


class CaseDecisionRow(msgspec.Struct, frozen=True):
    """A decision in the timeline."""

    decision_id: int
    consignment_id: int
    document_id: int
    kind: int
    lane: int
    status: int
    is_provisional: bool
    supersedes: int | None
    decided_at: dt.datetime


class ChargeLine(msgspec.Struct, frozen=True):
    """A charge row. sequence_number 0: of the consignment."""

    consignment_id: int
    decision_id: int
    sequence_number: int
    charge_number: int
    kind: int
    due: int
    is_waived: bool
    is_reversal: bool
    tax_type_code: str
    debtor_code: str
    currency_code: str
    base_minor: int
    rate_numerator: int
    rate_denominator: int
    amount_minor: int


class PreloadingRow(msgspec.Struct, frozen=True):
    """An assessment before loading. reference: of its document. outcome: place in PRELOADING_OUTCOMES."""

    party_id: int
    reference: str
    outcome: int
    made_at: dt.datetime


async def select_case_documents(
    connection: Connection,
    case_ids: Sequence[int],
    *,
    viewer_id: int | None,
    administration_id: int,
    at: dt.datetime,
) -> list[CaseDocumentRow]:
    """Return the documents of cases, oldest first. viewer_id: the party that asks."""
    cursor = await connection.execute(
        QUERIES["select_case_documents"],
        {
            "case_ids": list(case_ids),
            "viewer_id": viewer_id,
            "kinds": list(DOCUMENT_KINDS),
            "administration_id": administration_id,
            "at": at,
        },
    )
    return [CaseDocumentRow(*row) for row in await cursor.fetchall()]


async def select_case_match(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> CaseMatchRow | None:
    """Return what the documents of a case came to when they were last looked at together, if they were."""
    rows = await _of_cases(connection, "select_case_match", case_ids, administration_id)
    return CaseMatchRow(*rows[0]) if rows else None


async def select_possible_matches(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[PossibleMatchRow]:
    """Return the cases that may be one with these, the likest first."""
    rows = await _of_cases(connection, "select_possible_matches", case_ids, administration_id)
    return [PossibleMatchRow(*row) for row in rows]


async def select_preloadings(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[PreloadingRow]:
    """Return what was assessed before loading in cases, oldest first."""
    return [
        PreloadingRow(*row)
        for row in await _of_cases(connection, "select_preloadings", case_ids, administration_id)
    ]


class SimilarRow(msgspec.Struct, frozen=True):
    """An earlier consignment of the same declarant with a heading in common. lane, status: as it stands."""

    case_id: int
    consignment_id: int
    reference: str
    lane: int
    status: int
    changed_at: dt.datetime


_LOOKED_AT_COUNT_MAX = 100


async def select_similar(
    connection: Connection,
    *,
    party_id: int,
    before_id: int,
    headings: Collection[str],
    administration_id: int,
) -> list[SimilarRow]:
    """Return of the last hundred consignments of a declarant before one those that share a heading (four
    digits) with it, newest first."""
    cursor = await connection.execute(
        QUERIES["select_similar"],
        {
            "party_id": party_id,
            "before_id": before_id,
            "count_max": _LOOKED_AT_COUNT_MAX,
            "administration_id": administration_id,
        },
    )
    return [
        SimilarRow(*row)
        for *row, detail in await cursor.fetchall()
        if any(item.commodity_code[:4] in headings for item in unpack_detail(detail).items)
    ]


async def _of_cases(
    connection: Connection, query: str, case_ids: Sequence[int], administration_id: int
) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(
        QUERIES[query], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    return await cursor.fetchall()


async def select_case_decisions(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[CaseDecisionRow]:
    """Return the decisions on consignments, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_case_decisions"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [CaseDecisionRow(*row) for row in await cursor.fetchall()]


async def select_charge_lines(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[ChargeLine]:
    """Return every charge of consignments. A decision that replaced another first takes back what that one
    charged: a reversal of each, its amount the other way."""
    cursor = await connection.execute(
        QUERIES["select_details"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    lines: list[ChargeLine] = []
    charged: dict[int, Sequence[PackedCharge]] = {}
    for consignment_id, decision_id, supersedes, detail in await cursor.fetchall():
        charged[decision_id] = unpack_detail(detail).charges
        lines += [
            _line(consignment_id, decision_id, charge, is_reversal=True)
            for charge in charged.get(supersedes, ())
        ]
        lines += [
            _line(consignment_id, decision_id, charge, is_reversal=False) for charge in charged[decision_id]
        ]
    return lines


def _line(consignment_id: int, decision_id: int, charge: PackedCharge, *, is_reversal: bool) -> ChargeLine:
    return ChargeLine(
        consignment_id,
        decision_id,
        charge.sequence_number,
        charge.charge_number,
        charge.kind,
        charge.due,
        charge.is_waived,
        is_reversal,
        charge.tax_type_code,
        charge.debtor_code,
        charge.currency_code,
        charge.base_minor,
        charge.rate_numerator,
        charge.rate_denominator,
        -charge.amount_minor if is_reversal else charge.amount_minor,
    )
