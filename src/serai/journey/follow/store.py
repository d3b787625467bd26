"""The read model of a case: consignments in their newest version, transport units, and the event feed."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import copy_table
from serai.foundation.queries import load_queries
from serai.model.columns import Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

UNIT_KINDS = ("movement", "master-document", "loading-unit", "receptacle")
EVENT_KINDS = (
    "decided",
    "decided-again",
    "arrived",
    "released",
    "amended",
    "withdrawn",
    "document-added",
    "settled",
)


class ConsignmentRow(msgspec.Struct, frozen=True):
    """A consignment as lists show it. lane, status: places in LANES and STATUSES."""

    consignment_id: int
    case_id: int
    party_id: int
    document_id: int
    version: int
    mrn: str
    reference: str
    house_document: str | None
    transport_unit_id: int | None
    channel_code: str
    consignee_country_code: str
    tax_territory_code: str | None
    form_code: str | None
    item_count: int
    law_on: dt.date
    accepted_at: dt.datetime
    expected_arrival_at: dt.datetime | None
    arrived_at: dt.datetime | None
    decision_id: int
    basis_id: int
    lane: int
    status: int
    reason_bits: int
    changed_at: dt.datetime


class UnitRow(msgspec.Struct, frozen=True):
    """A transport unit. kind: place in UNIT_KINDS, from 1."""

    kind: int
    number: str
    transport_unit_id: int
    parent_id: int | None
    arrived_at: dt.datetime | None


async def upsert_units(
    connection: Connection,
    *,
    administration_id: int,
    unit_ids: Sequence[int],
    kinds: Sequence[int],
    numbers: Sequence[str],
    arrivals: Sequence[dt.datetime | None],
    at: dt.datetime,
) -> dict[tuple[int, str], UnitRow]:
    """Make units that are not there and return all, held against a concurrent arrival until commit."""
    parameters = {
        "administration_id": administration_id,
        "unit_ids": list(unit_ids),
        "kinds": list(kinds),
        "numbers": list(numbers),
        "arrivals": list(arrivals),
        "at": at,
    }
    await connection.execute(QUERIES["upsert_units"], parameters)
    cursor = await connection.execute(QUERIES["select_units"], parameters)
    rows = [UnitRow(*row) for row in await cursor.fetchall()]
    return {(row.kind, row.number): row for row in rows}


async def set_parents(connection: Connection, parents: dict[int, int]) -> None:
    """Hang units under their parents; a parent once known stays."""
    await connection.execute(
        QUERIES["set_parents"], {"unit_ids": list(parents), "parent_ids": list(parents.values())}
    )


async def insert_consignments(connection: Connection, batch: Any) -> None:
    """Append consignments. batch: a record batch with the columns of `consignment`."""
    await copy_table(connection, "consignment", batch)


async def replace_consignments(connection: Connection, parameters: dict[str, Any]) -> None:
    """Put newer decisions on consignments. parameters: the lists of `replace_consignments`."""
    await connection.execute(QUERIES["replace_consignments"], parameters)


async def insert_events(
    connection: Connection,
    *,
    administration_id: int,
    event_ids: Int64s,
    party_ids: Int64s,
    case_ids: Int64s,
    kind: str,
    decision_ids: Int64s,
    at_ms: int,
) -> None:
    """Append events of one kind to the feeds of parties."""
    count = len(event_ids)
    await copy_table(
        connection,
        "event",
        arrow.table(
            event_id=arrow.int64(event_ids),
            administration_id=arrow.int16(np.full(count, administration_id)),
            party_id=arrow.int64(party_ids),
            case_id=arrow.int64(case_ids),
            kind=arrow.int16(np.full(count, EVENT_KINDS.index(kind))),
            decision_id=arrow.int64(decision_ids),
            at=arrow.instants(np.full(count, at_ms)),
        ),
    )


async def select_consignments(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[ConsignmentRow]:
    """Return consignments by id."""
    cursor = await connection.execute(
        QUERIES["select_consignments"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [ConsignmentRow(*row) for row in await cursor.fetchall()]


async def select_consignments_of_cases(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[ConsignmentRow]:
    """Return the consignments of cases."""
    cursor = await connection.execute(
        QUERIES["select_consignments_of_cases"],
        {"case_ids": list(case_ids), "administration_id": administration_id},
    )
    return [ConsignmentRow(*row) for row in await cursor.fetchall()]


async def insert_act(
    connection: Connection,
    *,
    act_id: int,
    administration_id: int,
    case_id: int,
    party_id: int,
    kind: str,
    version: int,
    reason: str,
    at: dt.datetime,
) -> None:
    """Append an act on a case: amendment, withdrawal, presentation, partial release."""
    await connection.execute(
        QUERIES["insert_act"],
        {
            "act_id": act_id,
            "administration_id": administration_id,
            "case_id": case_id,
            "party_id": party_id,
            "kind": kind,
            "version": version,
            "reason": reason,
            "at": at,
        },
    )
