"""Decisions, each with the context it was made in; superseded, never overwritten."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import Target, copy_table
from serai.foundation.queries import load_queries
from serai.model.columns import Flags, Frame, Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

DECISION_KINDS = ("pre-loading", "pre-arrival", "release", "post-clearance")


class DecisionRow(msgspec.Struct, frozen=True):
    """A decision as stored. kind: place in DECISION_KINDS; lane, status: places in LANES and STATUSES;
    context: JSON."""

    decision_id: int
    case_id: int
    consignment_id: int
    document_id: int
    kind: int
    basis_id: int
    lane: int
    status: int
    reason_bits: int
    is_provisional: bool
    supersedes: int | None
    decided_at: Any
    context: bytes
    salt: bytes


async def insert_decisions(
    target: Target,
    *,
    administration_id: int,
    decision_ids: Int64s,
    case_ids: Int64s,
    consignment_ids: Int64s,
    document_ids: Int64s,
    kinds: Int64s,
    basis_ids: Int64s,
    lanes: Int64s,
    statuses: Int64s,
    reason_bits: Int64s,
    is_provisional: Flags,
    supersedes: Int64s,
    decided_at_ms: int,
    contexts: Sequence[bytes],
    salts: Sequence[bytes],
) -> None:
    """Append decisions. supersedes: ABSENT for a first one."""
    count = len(decision_ids)
    await copy_table(
        target,
        "decision",
        arrow.table(
            decision_id=arrow.int64(decision_ids),
            administration_id=arrow.int16(np.full(count, administration_id)),
            case_id=arrow.int64(case_ids),
            consignment_id=arrow.int64(consignment_ids),
            document_id=arrow.int64(document_ids),
            kind=arrow.int16(kinds),
            basis_id=arrow.int32(basis_ids),
            lane=arrow.int16(lanes),
            status=arrow.int16(statuses),
            reason_bits=arrow.int64(reason_bits),
            is_provisional=arrow.flags(is_provisional),
            supersedes=arrow.int64(supersedes),
            decided_at=arrow.instants(np.full(count, decided_at_ms)),
            context=arrow.blobs(contexts),
            salt=arrow.blobs(salts),
        ),
    )


async def insert_findings(
    target: Target,
    findings: Frame,
    *,
    administration_id: int,
    decision_ids: Int64s,
    sequence_numbers: Int64s,
) -> None:
    """Append what was found with the decisions. decision_ids, sequence_numbers: one for each finding."""
    await copy_table(
        target,
        "finding",
        arrow.table(
            decision_id=arrow.int64(decision_ids),
            administration_id=arrow.int16(np.full(findings.row_count, administration_id)),
            sequence_number=arrow.int16(sequence_numbers),
            code=arrow.text(findings.words("code")),
            pointer=arrow.text(findings.words("pointer"), absent=""),
            severity=arrow.text(findings.words("severity"), absent="hold"),
            parameters=arrow.text(findings.words("word"), absent=""),
        ),
    )


class FindingRow(msgspec.Struct, frozen=True):
    """One finding of a decision. sequence_number 0: of the consignment."""

    decision_id: int
    sequence_number: int
    code: str
    pointer: str
    severity: str
    parameters: str


async def select_decisions(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[DecisionRow]:
    """Return all decisions of consignments, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_decisions"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [DecisionRow(*row) for row in await cursor.fetchall()]


async def select_findings(
    connection: Connection, decision_ids: Sequence[int], *, administration_id: int
) -> list[FindingRow]:
    """Return the findings of decisions, by decision."""
    cursor = await connection.execute(
        QUERIES["select_findings"],
        {"decision_ids": list(decision_ids), "administration_id": administration_id},
    )
    return [FindingRow(*row) for row in await cursor.fetchall()]


async def select_findings_of_codes(
    connection: Connection, decision_ids: Sequence[int], codes: Sequence[str]
) -> list[tuple[int, str, str]]:
    """Return decision, code and parameters of the findings of decisions that have one of the codes."""
    cursor = await connection.execute(
        QUERIES["select_findings_of_codes"], {"decision_ids": list(decision_ids), "codes": list(codes)}
    )
    return await cursor.fetchall()
