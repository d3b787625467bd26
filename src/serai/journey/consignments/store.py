"""The read model of a case: consignments in their newest version, transport units, and the event feed."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import BinaryArray, Rows, bigints, smallints, texts
from serai.foundation.copying import COPIED_ROWS_COUNT_MIN, Target, copy_new, copy_table
from serai.foundation.queries import load_queries
from serai.foundation.recent_keys import RecentKeys
from serai.model.columns import Int64s
from serai.model.frames import ABSENT, RELEASED
from serai.model.packed_columns import read_bits

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

UNIT_KINDS = ("movement", "master-document", "loading-unit", "receptacle", "house-document")
EVENT_KINDS = (
    "decided",
    "decided-again",
    "arrived",
    "released",
    "amended",
    "invalidated",
    "document-added",
    "settled",
    "pre-loading-assessed",
    "document-withdrawn",
    "review-requested",
    "review-answered",
    "measure-taken",
    "information-requested",
    "information-given",
    "hearing-opened",
    "hearing-answered",
    "appeal-lodged",
    "appeal-stated",
    "appeal-decided",
    "effect-suspended",
    "second-examination-requested",
    "second-examination-answered",
    "repayment-requested",
    "repayment-decided",
    "scheme-citation-refused",
    "double-charge-found",
    "recall-take-down",
    "recall-take-down-overdue",
    "recall-withdrawn",
    "rights-detention",
    "rights-detention-ended",
    "rights-period-extended",
)


PRELOADING_OUTCOMES = (
    "assessment-complete",
    "request-for-information",
    "request-for-screening",
    "in-review",
    "do-not-load",
)
"""As room `screen` stores them; a test holds the two together."""


class ConsignmentRow(msgspec.Struct, frozen=True):
    """A consignment as lists show it.

    lane, status: places in LANES and STATUSES. movement_id: the movement on which the flow counts it.
    """

    consignment_id: int
    case_id: int
    party_id: int
    document_id: int
    version: int
    mrn: str
    reference: str
    house_document: str | None
    transport_unit_id: int | None
    logistics_channel_code: str
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
    reasons: bytes
    changed_at: dt.datetime
    movement_id: int | None = None

    @property
    def reason_bits(self) -> int:
        """Return the rules that spoke, by bit."""
        return read_bits(self.reasons)


class UnitRow(msgspec.Struct, frozen=True):
    """A transport unit. kind: place in UNIT_KINDS, from 1. has_reports: parties have reported arrivals.
    has_orders: something was ordered of it, or of what it lies in."""

    kind: int
    number: str
    transport_unit_id: int
    parent_id: int | None
    arrived_at: dt.datetime | None
    has_reports: bool
    has_orders: bool


async def upsert_units(
    connection: Connection,
    *,
    administration_id: int,
    unit_ids: Int64s,
    keys: Sequence[tuple[int, str]],
    arrivals: Sequence[dt.datetime | None],
    parents: Sequence[UnitRow | None],
    recent: RecentKeys[tuple[int, str]],
    at: dt.datetime,
) -> dict[tuple[int, str], UnitRow]:
    """Make units that are not there and return all, held against a concurrent arrival until commit.

    keys: kind and number, sorted. arrivals: scheduled. parents: what a new one hangs on, held likewise; None:
    nothing yet. What hangs on something that has arrived has arrived with it. recent: those of a large batch
    are added.
    """
    units = {
        key: UnitRow(
            *key,
            unit_id,
            None if parent is None else parent.transport_unit_id,
            None if parent is None else parent.arrived_at,
            parent is not None and parent.has_reports,
            parent is not None and parent.has_orders,
        )
        for key, unit_id, parent in zip(keys, unit_ids.tolist(), parents, strict=True)
    }
    new = list(zip(units.values(), arrivals, strict=True))
    if len(keys) >= COPIED_ROWS_COUNT_MIN:
        # A receptacle or two of the batch before are nearly always among them, and would undo a COPY.
        likely_known = sorted(recent.among(units.keys()))
        recent.add(set(keys))
        if likely_known:
            there = await select_units(connection, likely_known, administration_id=administration_id)
            units |= there
            new = [one for one, key in zip(new, keys, strict=True) if key not in there]
        if await copy_new(connection, "transport_unit", _unit_batch(new, administration_id, at)):
            return units
    batch = _unit_batch(new, administration_id, at)
    columns = batch.arrays()
    cursor = await connection.execute(QUERIES["insert_units"], columns, binary=True)
    made = {unit_id for (unit_id,) in await cursor.fetchall()}
    known = [(unit.kind, unit.number) for unit, _ in new if unit.transport_unit_id not in made]
    if known:
        units |= await select_units(connection, known, administration_id=administration_id)
    return units


async def select_units(
    connection: Connection, keys: Sequence[tuple[int, str]], *, administration_id: int
) -> dict[tuple[int, str], UnitRow]:
    """Return those of some units that are there, held against a concurrent arrival until commit. keys: as in
    `upsert_units`."""
    parameters = {"administration_id": administration_id, **_key_lists(keys)}
    cursor = await connection.execute(QUERIES["select_units"], parameters, binary=True)
    return {(row[0], row[1]): UnitRow(*row) for row in await cursor.fetchall()}


def _unit_batch(
    new: Sequence[tuple[UnitRow, dt.datetime | None]], administration_id: int, at: dt.datetime
) -> Rows:
    units = [unit for unit, _ in new]
    return arrow.table(
        transport_unit_id=arrow.int64([one.transport_unit_id for one in units]),
        administration_id=arrow.int16(np.full(len(units), administration_id)),
        kind=arrow.int16(np.array([one.kind for one in units])),
        number=arrow.texts([one.number for one in units]),
        parent_id=arrow.int64([ABSENT if one.parent_id is None else one.parent_id for one in units]),
        scheduled_arrival_at=arrow.moments([scheduled for _, scheduled in new]),
        arrived_at=arrow.moments([one.arrived_at for one in units]),
        has_reports=arrow.flags(np.array([one.has_reports for one in units], dtype=np.bool_)),
        has_orders=arrow.flags(np.array([one.has_orders for one in units], dtype=np.bool_)),
        created_at=arrow.moments([at] * len(units)),
    )


def _key_lists(keys: Sequence[tuple[int, str]]) -> dict[str, BinaryArray]:
    return {
        "kinds": smallints([kind for kind, _ in keys]),
        "numbers": texts([number for _, number in keys]),
    }


async def set_parents(connection: Connection, parents: dict[int, int]) -> None:
    """Hang units under their parents; a parent once known stays."""
    if not parents:
        return
    await connection.execute(
        QUERIES["set_parents"],
        {"unit_ids": bigints(list(parents)), "parent_ids": bigints(list(parents.values()))},
    )


async def insert_consignments(target: Target, batch: Rows) -> None:
    """Append consignments. batch: rows with the columns of `consignment`."""
    await copy_table(target, "declared_consignment", batch)


async def replace_consignments(connection: Connection, parameters: dict[str, Any]) -> None:
    """Put newer decisions on consignments. parameters: the lists of `replace_consignments`."""
    await connection.execute(QUERIES["replace_consignments"], parameters)


async def insert_events(
    target: Target,
    *,
    administration_id: int,
    event_ids: Int64s,
    party_ids: Int64s,
    case_ids: Int64s,
    kind: str,
    decision_ids: Int64s,
    at_ms: int,
) -> None:
    """Append events of one kind to the feeds of parties. event_ids: ascending. decision_ids: 0 where none was
    made."""
    order = np.argsort(party_ids, kind="stable")
    its = np.column_stack((event_ids, case_ids, decision_ids))[order]
    owners = party_ids[order]
    goes_on = (np.diff(its, axis=0) == 1).all(axis=1) & (np.diff(owners) == 0) & (its[:-1, 2] != 0)
    begins = np.flatnonzero(np.append(True, ~goes_on)[: len(order)])
    counts = np.diff(np.append(begins, len(order)))
    parties, first_runs = np.unique(owners[begins], return_index=True)
    offsets = [*first_runs.tolist(), len(begins)]
    lasts = (its[begins, 0] + counts - 1)[np.array(offsets[1:], dtype=np.int64) - 1]
    count = len(parties)
    await copy_table(
        target,
        "event_batch",
        arrow.table(
            last_event_id=arrow.int64(lasts),
            party_id=arrow.int64(parties),
            at=arrow.instants(np.full(count, at_ms)),
            administration_id=arrow.int16(np.full(count, administration_id)),
            kind=arrow.int16(np.full(count, EVENT_KINDS.index(kind))),
            event_ids=arrow.int64_lists(its[begins, 0], offsets),
            case_ids=arrow.int64_lists(its[begins, 1], offsets),
            decision_ids=arrow.int64_lists(its[begins, 2], offsets),
            counts=arrow.int64_lists(counts, offsets),
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


async def select_released_at(
    connection: Connection, row: ConsignmentRow, *, administration_id: int
) -> dt.datetime:
    """Return when a consignment was first released; of one that never was, when it was decided last."""
    cursor = await connection.execute(
        QUERIES["select_released_at"],
        {
            "consignment_id": row.consignment_id,
            "released": RELEASED,
            "administration_id": administration_id,
        },
    )
    found = await cursor.fetchone()
    first = None if found is None else found[0]
    return row.changed_at if first is None else min(first, row.changed_at)


async def select_consignments_after(
    connection: Connection, after_id: int, *, administration_id: int, limit: int
) -> list[ConsignmentRow]:
    """Return the next consignments of an administration by id."""
    cursor = await connection.execute(
        QUERIES["select_consignments_after"],
        {"administration_id": administration_id, "after_id": after_id, "limit": limit},
        binary=True,
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


# ---- who is named, and who may see ----


async def insert_named(
    connection: Connection,
    named: Sequence[tuple[int, int, int, str]],
    *,
    administration_id: int,
    at: dt.datetime,
) -> None:
    """Record parties that declarations name: (party, case, consignment, role); again is harmless."""
    await connection.execute(
        QUERIES["insert_named"],
        {
            "party_ids": [one[0] for one in named],
            "case_ids": [one[1] for one in named],
            "consignment_ids": [one[2] for one in named],
            "roles": [one[3] for one in named],
            "administration_id": administration_id,
            "at": at,
        },
    )


async def delete_named(
    connection: Connection, consignment_ids: Sequence[int], case_ids: Sequence[int]
) -> None:
    """Forget whom earlier versions of declarations named."""
    await connection.execute(
        QUERIES["delete_named"], {"consignment_ids": list(consignment_ids), "case_ids": list(case_ids)}
    )


class AccessRow(msgspec.Struct, frozen=True):
    """What ties a party to a case.

    case_id: the case that survived merging, None where there is none. family: it and those merged into
    it. own_kinds: numbers of the kinds
    of its confirmed documents. named_roles: platform, seller.
    """

    case_id: int | None
    family: list[int]
    own_kinds: list[int]
    named_roles: list[str]


async def select_access(
    connection: Connection, case_id: int, *, party_id: int | None, administration_id: int
) -> AccessRow:
    """Return what ties a party to a case."""
    cursor = await connection.execute(
        QUERIES["select_access"],
        {"case_id": case_id, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    assert row is not None
    return AccessRow(*row)


async def select_case_of_decision(
    connection: Connection, decision_id: int, *, party_id: int | None, administration_id: int
) -> int | None:
    """Return the case of a decision, or None. party_id: only one in which this party has a part."""
    cursor = await connection.execute(
        QUERIES["select_case_of_decision"],
        {"decision_id": decision_id, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def select_cases_of_reference(
    connection: Connection, reference: str, *, party_id: int | None, administration_id: int
) -> list[int]:
    """Return the cases of a declarant's reference, two at most; of every declarant's where party_id is
    None."""
    cursor = await connection.execute(
        QUERIES["select_cases_of_reference"],
        {"reference": reference, "party_id": party_id, "administration_id": administration_id},
    )
    return [case_id for (case_id,) in await cursor.fetchall()]


# ---- events and lists ----


class Place(msgspec.Struct, frozen=True):
    """A place in the feed: the history of the database, the transaction in it, the event."""

    era: int
    tx: int
    event_id: int


BEFORE_ALL: Final = Place(0, 0, 0)


class EventRow(msgspec.Struct, frozen=True):
    """An event. kind: place in EVENT_KINDS."""

    era: int
    tx: int
    event_id: int
    case_id: int
    kind: int
    decision_id: int
    at: dt.datetime

    @property
    def place(self) -> Place:
        """Where it stands in the feed."""
        return Place(self.era, self.tx, self.event_id)


class ListedRow(msgspec.Struct, frozen=True):
    """A row a list looked at. a, b: cursor. is_shown: it passes the filter. seen_count: rows looked at
    in all.
    """

    a: int
    b: int
    consignment_id: int
    is_shown: bool
    seen_count: int


async def select_events(
    connection: Connection, *, party_id: int, administration_id: int, after: Place, limit: int
) -> list[EventRow]:
    """Return a party's events after a place, in the order every reader sees."""
    cursor = await connection.execute(
        QUERIES["select_events"],
        {
            "party_id": party_id,
            "administration_id": administration_id,
            **place_values(after),
            "limit": limit,
        },
    )
    return [EventRow(*row) for row in await cursor.fetchall()]


def place_values(after: Place | None) -> dict[str, object]:
    """Return a place as statements take it; None: as NULL."""
    return {
        "after_era": None if after is None else after.era,
        "after_tx": None if after is None else str(after.tx),
        "after_event_id": None if after is None else after.event_id,
    }


async def select_is_sender_of_person(
    connection: Connection, person_id: int, *, party_id: int | None, administration_id: int
) -> bool:
    """Say whether a party sent a document of a person whose fields somebody has read."""
    cursor = await connection.execute(
        QUERIES["select_is_sender_of_person"],
        {"person_id": person_id, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def select_sent_by(
    connection: Connection, document_ids: Sequence[int], *, party_id: int | None, administration_id: int
) -> set[int]:
    """Return those of these documents that a party sent. party_id: None sent none."""
    cursor = await connection.execute(
        QUERIES["select_sent_by"],
        {"document_ids": list(document_ids), "party_id": party_id, "administration_id": administration_id},
    )
    return {document_id for (document_id,) in await cursor.fetchall()}


async def select_listed(connection: Connection, query: str, parameters: dict[str, Any]) -> list[ListedRow]:
    """Return what one of the `list_` queries looked at."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return [ListedRow(*row) for row in await cursor.fetchall()]
