"""A document that a party sent beside declarations: whether it counts in a case, and why.

Why one waits is said the same whether there is such a case or not: who knows a number does not learn that.
"""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from psycopg import AsyncConnection

from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.model.languages import read_texts

QUERIES = load_queries(Path(__file__).with_name("own_documents.sql"))

OwnKind = Literal["order", "payment", "transport-document", "return"]
"""Kinds of document that count in a case, or wait."""

Status = Literal["confirmed", "waiting", "withdrawn"]
Why = Literal[
    "own-declaration",
    "named",
    "by-mandate",
    "not-let-in-yet",
    "two-carriers",
    "two-declarants",
    "withdrawn-by-sender",
]


class Reason(msgspec.Struct, frozen=True):
    """Why a document stands as it does. remedy: what its sender can do."""

    code: Why
    sentence: str
    remedy: str = ""


class OwnDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that the asking party sent, in its newest version.

    status: `confirmed` counts in a case, `waiting` changes nothing yet, `withdrawn` counts no more. case_id,
    joined_over: only of one that counts.
    """

    kind: OwnKind
    reference: str
    document_id: str
    version: int
    received_at: dt.datetime
    status: Status
    reason: Reason
    case_id: str | None = None
    joined_over: str | None = None


class _Row(msgspec.Struct, frozen=True):
    document_id: int
    version: int
    received_at: dt.datetime
    case_id: int
    is_confirmed: bool
    is_withdrawn: bool
    joined_over: str | None
    has_declared: bool
    is_named: bool
    is_in_declared_case: bool
    is_claimed_twice: bool


async def read_own_document(
    database: Database,
    kind: OwnKind,
    reference: str,
    *,
    party_id: int | None,
    administration_id: int,
    language: str,
) -> OwnDocument:
    """Return how a party's document stands, in words of a language.

    Raises SeraiError `not-found`, for others' documents, too.
    """
    async with database.read(administration_id) as connection:
        row = await _select(connection, kind, reference, party_id, administration_id)
    if row is None:
        raise SeraiError(
            "not-found",
            "You have sent no such document under this reference.",
            "Check the reference; it is the one you gave the document.",
        )
    status, why = _standing_of(row)
    return OwnDocument(
        kind,
        reference,
        format_id(row.document_id),
        row.version,
        row.received_at,
        status,
        _reasons(language)[why],
        format_id(row.case_id) if status == "confirmed" else None,
        row.joined_over if status == "confirmed" else None,
    )


def _standing_of(row: _Row) -> tuple[Status, Why]:
    if row.is_withdrawn:
        return "withdrawn", "withdrawn-by-sender"
    if not row.is_confirmed:
        # Whom nothing lets in waits outside the case; inside wait those that dispute each other's document.
        if row.is_in_declared_case:
            return "waiting", "two-carriers"
        return "waiting", "two-declarants" if row.is_claimed_twice else "not-let-in-yet"
    if row.has_declared:
        return "confirmed", "own-declaration"
    return "confirmed", "named" if row.is_named else "by-mandate"


async def _select(
    connection: AsyncConnection[Any],
    kind: OwnKind,
    reference: str,
    party_id: int | None,
    administration_id: int,
) -> _Row | None:
    cursor = await connection.execute(
        QUERIES["select_own_document"],
        {
            "kind": DOCUMENT_KINDS.index(kind) + 1,
            "reference": reference,
            "party_id": party_id,
            "administration_id": administration_id,
            "withdrawn": WITHDRAWN,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else _Row(*row)


@cache
def _reasons(language: str) -> dict[Why, Reason]:
    said = read_texts("serai.journey.cases", "own-documents", language, dict[Why, dict[str, str]])
    return {code: Reason(code, **its) for code, its in said.items()}
