"""Decisions, each with the context it was made in; superseded, never overwritten."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.packed_columns import read_bits
from serai.model.packed_detail import Detail, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

DECISION_KINDS = ("pre-loading", "pre-arrival", "release", "post-clearance")


class DecisionRow(msgspec.Struct, frozen=True):
    """A decision as stored. kind: place in DECISION_KINDS; lane, status: places in LANES and STATUSES.

    arrived_at: of one that an arrival alone made: its detail is that of the decision before it.
    """

    decision_id: int
    case_id: int
    consignment_id: int
    document_id: int
    kind: int
    basis_id: int
    lane: int
    status: int
    reasons: bytes
    is_provisional: bool
    supersedes: int | None
    decided_at: Any
    arrived_at: dt.datetime | None
    accepted_at: dt.datetime
    detail: Detail
    salt: bytes

    @property
    def reason_bits(self) -> int:
        """Return the rules that spoke, by bit."""
        return read_bits(self.reasons)

    @property
    def context(self) -> bytes:
        """Return what the store knew when it was made (JSON)."""
        return self.detail.context


async def select_decisions(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[DecisionRow]:
    """Return all decisions of consignments, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_decisions"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    rows = [(*row[:-2], unpack_detail(row[-2]), row[-1]) for row in await cursor.fetchall()]
    return [DecisionRow(*row) for row in rows]
