"""Goods detained for rights in the store."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.recordals.clocks import (
    Clock,
    DeclarantAnswer,
    ExtensionAnswer,
    HolderAnswer,
    Outcome,
    Procedure,
)

QUERIES = load_queries(Path(__file__).with_name("detentions.sql"))
Connection = AsyncConnection[Any]
COUNT_MAX = 1_000


class DetainedItem(msgspec.Struct, frozen=True):
    """Goods that are detained, as a holder is told of them: no names, no prices, no words of the sender."""

    sequence_number: int
    commodity_code: str
    quantity: str
    quantity_unit_code: str
    origin_country_code: str


class DetentionRow(msgspec.Struct, frozen=True):
    """A detention as it is kept. recordal_reference: the holder's own; None: there is no recordal."""

    detention_id: int
    recordal_id: int | None
    holder_party_id: int | None
    case_id: int
    consignment_id: int
    act_id: int
    officer_party_id: int
    begun_at: dt.datetime
    declarant_due_at: dt.datetime
    holder_told_at: dt.datetime | None
    holder_due_at: dt.datetime | None
    holder_answered_at: dt.datetime | None
    declarant_answered_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_act_id: int | None
    disputed_at: dt.datetime | None
    dispute_decided_at: dt.datetime | None
    is_perishable: bool
    is_baseless: bool | None
    procedure: Procedure
    reference: str
    holder_answer: HolderAnswer | None
    declarant_answer: DeclarantAnswer | None
    outcome: Outcome | None
    dispute_reason_code: str | None
    dispute_answer: str | None
    goods: str
    recordal_reference: str | None
    extension_asked_at: dt.datetime | None
    extension_decided_at: dt.datetime | None
    extension_days: int | None
    extension_reason_code: str | None
    extension_answer: ExtensionAnswer | None

    def clock(self, *, silence_is_consent: bool) -> Clock:
        """Return it as time looks at it."""
        return Clock(
            self.procedure,
            self.recordal_id is not None,
            silence_is_consent,
            self.holder_due_at,
            self.declarant_due_at,
            self.holder_answer,
            self.declarant_answer,
            self.ended_at is not None,
        )


async def execute(connection: Connection, name: str, **values: Any) -> bool:
    """Run a statement; says whether it changed a row."""
    return (await connection.execute(QUERIES[name], values)).rowcount > 0


async def select_detentions(
    connection: Connection,
    *,
    administration_id: int,
    holder_party_id: int | None = None,
    detention_id: int | None = None,
    case_id: int | None = None,
    officer_party_id: int | None = None,
    reference: str | None = None,
    only_open: bool = False,
    limit: int = COUNT_MAX,
) -> list[DetentionRow]:
    """Return detentions, the newest first. holder_party_id: those that one holder was told of; None: of
    everybody. officer_party_id, reference: the one that an officer began under a reference."""
    cursor = await connection.execute(
        QUERIES["select_detentions"],
        {
            "administration_id": administration_id,
            "holder_party_id": holder_party_id,
            "detention_id": detention_id,
            "case_id": case_id,
            "officer_party_id": officer_party_id,
            "reference": reference,
            "only_open": only_open,
            "limit": limit,
        },
    )
    return [DetentionRow(*row) for row in await cursor.fetchall()]


async def case_of_detention(
    connection: Connection, detention_id: int, *, administration_id: int
) -> int | None:
    """Return the case of whose goods a detention is; None: there is no such detention."""
    cursor = await connection.execute(
        QUERIES["case_of_detention"], {"detention_id": detention_id, "administration_id": administration_id}
    )
    ((case_id,),) = await cursor.fetchall()
    return None if case_id is None else int(case_id)


async def count_ended(
    connection: Connection, recordal_id: int, *, administration_id: int, since: dt.datetime
) -> tuple[int, int]:
    """Return how many detentions of a recordal have ended since a day, and how many were baseless."""
    values = {"recordal_id": recordal_id, "administration_id": administration_id, "since": since}
    row = await (await connection.execute(QUERIES["count_ended"], values)).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


async def select_disclosures(
    connection: Connection, detention_id: int, *, administration_id: int
) -> list[tuple[dt.datetime, str]]:
    """Return when names were given to the holder, and for which use."""
    values = {"detention_id": detention_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_disclosures"], values)
    return [(row[0], row[1]) for row in await cursor.fetchall()]
