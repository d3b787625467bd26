"""The running sums of the flow: added to in each batch's transaction, read by pages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation.copying import Target, change
from serai.foundation.queries import load_queries
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.rules import shown_lane
from serai.journey.statistics.running_sums import (
    HourSums,
    Landed,
    MovementSums,
    Replaced,
    sum_hours,
    sum_landed,
    sum_movements,
    sum_placed,
)
from serai.model.columns import Frame, Int64s
from serai.model.documents import Consignment
from serai.model.frames import ABSENT
from serai.model.packed_detail import Detail, PackedCharge, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
Row = TypeVar("Row")

HOUR_MS = 3_600_000


async def find_movements(
    connection: Connection,
    numbers: Sequence[str | None],
    previous: Sequence[ConsignmentRow | None],
    *,
    administration_id: int,
) -> Int64s:
    """Return the movement on which each consignment is counted, ABSENT without one.

    numbers: of the movements that declarations name; an amendment may name another. A consignment that
    names none stays where it was counted, for a transport document may have told that.
    """
    wanted = sorted({number for number in numbers if number})
    known: dict[str | None, int] = {}
    if wanted:
        cursor = await connection.execute(
            QUERIES["select_movements"], {"numbers": wanted, "administration_id": administration_id}
        )
        known = dict(await cursor.fetchall())
    found = [
        known.get(number) if number or old is None else old.movement_id
        for number, old in zip(numbers, previous, strict=True)
    ]
    return np.array([ABSENT if one is None else one for one in found], dtype=np.int64)


async def add_batch(
    target: Target,
    consignments: Frame,
    charges: Frame,
    *,
    administration_id: int,
    node_id: int,
    movement_ids: Int64s,
    previous: Sequence[ConsignmentRow | None],
    previous_details: Sequence[Detail | None],
    consignment_ids: Sequence[int],
    at_ms: int,
) -> None:
    """Add a decided batch to the sums.

    One entry a consignment in each sequence. movement_ids: of `find_movements`. previous, previous_details:
    as it stood before, None when it is new.
    """
    rows = [place for place, one in enumerate(previous) if one is not None]
    old_ids = np.array([_movement_of(previous[place]) for place in rows], dtype=np.int64)
    unit_ids, places = _number(np.append(movement_ids, old_ids))
    movements, old_movements = places[: len(movement_ids)], places[len(movement_ids) :]
    replaced = _replaced(rows, previous, previous_details, old_movements)
    moved = np.flatnonzero(movement_ids[rows] != old_ids).tolist()
    if moved:
        await change(
            target,
            QUERIES["move_consignments"],
            {
                "consignment_ids": [consignment_ids[rows[place]] for place in moved],
                "movement_ids": _or_none(movement_ids[rows][moved]),
            },
        )
    hour_ms = at_ms // HOUR_MS * HOUR_MS
    is_new = np.array([one is None for one in previous], dtype=np.bool_)
    own: dict[str, Any] = {"administration_id": administration_id, "node_id": node_id}
    await _add_hours(target, sum_hours(consignments, charges, replaced, hour_ms), own)
    if not unit_ids:
        return
    sums = sum_movements(
        consignments, charges, movements, movement_count=len(unit_ids), is_new=is_new, replaced=replaced
    )
    await _add_movements(target, sums, unit_ids, own)


async def move_landed(
    target: Target,
    landed: Sequence[tuple[ConsignmentRow, int, Sequence[PackedCharge]]],
    *,
    administration_id: int,
    node_id: int,
    at_ms: int,
) -> None:
    """Count consignments whose decision an arrival took on in their new status and hour.

    landed: each as it stood, with its new status and its charges, which stay.
    """
    unit_ids, places = _number(np.array([_movement_of(one) for one, *_ in landed], dtype=np.int64))
    hours, movements = sum_landed(
        [
            Landed(
                lane=shown_lane(one.lane, one.reason_bits),
                before=one.status,
                after=status,
                destination=one.consignee_country_code,
                hour_ms=_hour_of(one),
                movement=movement,
                charges=charges,
            )
            for (one, status, charges), movement in zip(landed, places.tolist(), strict=True)
        ],
        at_ms // HOUR_MS * HOUR_MS,
    )
    own: dict[str, Any] = {"administration_id": administration_id, "node_id": node_id}
    await _add_hours(target, hours, own)
    if unit_ids:
        await _add_movements(target, movements, unit_ids, own)


async def count_placed(
    connection: Connection, unit_ids: Sequence[int], *, administration_id: int, node_id: int
) -> None:
    """Count consignments on units that were on no movement until now, on the one they came to."""
    cursor = await connection.execute(
        QUERIES["place_on_movements"],
        {"unit_ids": sorted(set(unit_ids)), "administration_id": administration_id},
    )
    placed = await cursor.fetchall()
    if not placed:
        return
    movement_ids = sorted({movement_id for movement_id, *_ in placed})
    places = {movement_id: place for place, movement_id in enumerate(movement_ids)}
    sums = sum_placed(
        [
            (places[movement_id], lane, status, unpack_detail(detail).charges)
            for movement_id, lane, status, detail in placed
        ]
    )
    own = {"administration_id": administration_id, "node_id": node_id}
    await _add_movements(connection, sums, movement_ids, own)


async def _add_hours(target: Target, sums: HourSums, own: dict[str, Any]) -> None:
    """Add to the sums of hours. own: as below."""
    await change(
        target,
        QUERIES["add_hours"],
        own
        | {
            "hours": _instants(sums.hours_ms),
            "lanes": sums.lanes,
            "statuses": sums.statuses,
            "destinations": sums.destinations,
            "dues": sums.dues,
            "tax_types": sums.tax_types,
            "currencies": sums.currencies,
            "counts": sums.counts,
            "amounts": sums.amounts,
        },
    )


async def _add_movements(
    target: Target, sums: MovementSums, movement_ids: Sequence[int], own: dict[str, Any]
) -> None:
    """Add to the sums of movements. own: administration_id and node_id."""
    await change(
        target,
        QUERIES["add_movements"],
        own
        | {
            "movements": [movement_ids[place] for place in sums.movements],
            "lanes": sums.lanes,
            "statuses": sums.statuses,
            "dispatches": sums.dispatches,
            "currencies": sums.currencies,
            "counts": sums.counts,
            "amounts": sums.amounts,
        },
    )


async def amend_listed(
    connection: Connection,
    consignment_ids: Sequence[int],
    documents: Sequence[Consignment],
    unit_ids: Sequence[int | None],
    expected_at: Sequence[datetime | None],
) -> None:
    """Let lists show of amended consignments what their amendments say. After the batch is counted: it is
    taken out of the sums by what stood before."""
    await connection.execute(
        QUERIES["amend_listed"],
        {
            "consignment_ids": list(consignment_ids),
            "destinations": [document.consignee.country_code for document in documents],
            "channels": [document.logistics_channel_code for document in documents],
            "modes": [document.transport_mode_code for document in documents],
            "house_documents": [document.house_document for document in documents],
            "unit_ids": list(unit_ids),
            "expected": list(expected_at),
        },
    )


def _hour_of(consignment: ConsignmentRow) -> int:
    """Return the hour in which a consignment is counted: of its newest decision."""
    return int(consignment.changed_at.timestamp()) * 1000 // HOUR_MS * HOUR_MS


def _or_none(ids: Int64s) -> list[int | None]:
    return [None if one == ABSENT else one for one in ids.tolist()]


def _movement_of(consignment: ConsignmentRow | None) -> int:
    return ABSENT if consignment is None or consignment.movement_id is None else consignment.movement_id


def _number(movement_ids: Int64s) -> tuple[list[int], Int64s]:
    """Return the distinct movements, and for each consignment the place of its own, -1 without one."""
    distinct, places = np.unique(movement_ids, return_inverse=True)
    if len(distinct) and distinct[0] == ABSENT:
        return distinct[1:].tolist(), places - 1
    return distinct.tolist(), places


def _replaced(
    rows: Sequence[int],
    previous: Sequence[ConsignmentRow | None],
    previous_details: Sequence[Detail | None],
    movements: Int64s,
) -> Replaced:
    """Return what stood before. movements: the place of each one's movement, -1 without one."""
    if not rows:
        return Replaced.none()
    there = [one for one in previous if one is not None]
    hours = [_hour_of(one) for one in there]
    places = np.array(rows, dtype=np.int64)
    return Replaced(
        rows=places,
        hours_ms=np.array(hours, dtype=np.int64),
        lanes=np.array([shown_lane(one.lane, one.reason_bits) for one in there], dtype=np.int64),
        statuses=np.array([one.status for one in there], dtype=np.int64),
        destinations=[one.consignee_country_code for one in there],
        movements=movements,
        charges=[one.charges for one in previous_details if one is not None],
    )


def _instants(values_ms: Sequence[int]) -> list[datetime]:
    known = {value: datetime.fromtimestamp(value / 1000, UTC) for value in set(values_ms)}
    return [known[value] for value in values_ms]


# ---- reading ----


class ExpectedArrivalRow(msgspec.Struct, frozen=True):
    """A movement that is under way."""

    transport_unit_id: int
    number: str
    scheduled_departure_at: datetime | None
    scheduled_arrival_at: datetime


class MovementSum(msgspec.Struct, frozen=True):
    """One sum over the parcels of a movement; which sort it is, `statistics_movement` says. lane: place in
    SHOWN_LANES, as in all that follows here."""

    transport_unit_id: int
    lane: int
    status: int
    dispatch_country_code: str
    currency_code: str
    row_count: int
    amount_minor: int


class HeldRow(msgspec.Struct, frozen=True):
    """A parcel that needs a person, with the units above it, the nearest first."""

    case_id: int
    reference: str
    lane: int
    unit_ids: tuple[int, ...]


class NamedRow(msgspec.Struct, frozen=True):
    """A parcel of the demo that has a story."""

    reference: str
    case_id: int
    lane: int
    status: int


class LaneCount(msgspec.Struct, frozen=True):
    """Parcels in one lane and status."""

    lane: int
    status: int
    row_count: int


class HourCount(msgspec.Struct, frozen=True):
    """Parcels whose newest decision was made in one hour; held_count: of these need a person."""

    hour_at: datetime
    row_count: int
    held_count: int | None


class CountryCount(msgspec.Struct, frozen=True):
    """Parcels to one country."""

    country_code: str
    row_count: int


class TaxSum(msgspec.Struct, frozen=True):
    """Charges of one type in one currency. due: place in DUES."""

    tax_type_code: str
    currency_code: str
    due: int
    row_count: int
    amount_minor: int


class LatestRow(msgspec.Struct, frozen=True):
    """A decision as the newest ones are listed. lane: place in LANES."""

    case_id: int
    reference: str
    lane: int
    reasons: bytes
    status: int
    consignee_country_code: str
    decided_at: datetime


class LogBatchRow(msgspec.Struct, frozen=True):
    """A batch as the log has it."""

    leaf_count: int
    promised_at: datetime


class ParcelRow(msgspec.Struct, frozen=True):
    """A parcel as lists show it. looked_to_id: the lowest id that was looked at; 0: there are no others."""

    case_id: int
    reference: str
    house_document: str | None
    mrn: str
    consignee_country_code: str
    lane: int
    status: int
    changed_at: datetime
    consignment_id: int
    looked_to_id: int


class UnitAboveRow(msgspec.Struct, frozen=True):
    """A transport unit, or one that it lies in. kind: place in UNIT_KINDS, from 1. landed_at: as reported."""

    transport_unit_id: int
    kind: int
    number: str
    scheduled_departure_at: datetime | None
    scheduled_arrival_at: datetime | None
    landed_at: datetime | None


class UnitBelowRow(msgspec.Struct, frozen=True):
    """A transport unit with what lies directly in it."""

    transport_unit_id: int
    kind: int
    number: str
    parcels_count: int
    tasks_count: int


class DashboardReader:
    """Reads the sums and lists of one administration on one connection."""

    def __init__(self, connection: Connection, administration_id: int) -> None:
        self._connection = connection
        self._administration_id = administration_id

    async def flights(
        self, landing_from: datetime, landing_to: datetime, count_max: int
    ) -> list[ExpectedArrivalRow]:
        """Return movements that land within a window, the next first."""
        return await self._rows(
            ExpectedArrivalRow,
            "select_flights",
            landing_from=landing_from,
            landing_to=landing_to,
            count_max=count_max,
        )

    async def movement_sums(self, unit_ids: Sequence[int], *, party_id: int | None) -> list[MovementSum]:
        """Return what is on movements. party_id: only what this party filed."""
        if party_id is None:
            return await self._rows(MovementSum, "select_movement_sums", unit_ids=list(unit_ids))
        return await self._rows(
            MovementSum, "select_party_movement_sums", unit_ids=list(unit_ids), party_id=party_id
        )

    async def held(self, *, party_id: int | None, first_id: int, look_max: int) -> list[HeldRow]:
        """Return parcels that need a person: strictest lane first, newest first, so many of each lane."""
        found = await self._tuples("select_held", party_id=party_id, first_id=first_id, look_max=look_max)
        return [
            HeldRow(case_id, ref, lane, tuple(up for up in above if up))
            for case_id, ref, lane, *above in found
        ]

    async def named(self, count_max: int) -> list[NamedRow]:
        """Return the parcels whose reference begins with NAMED-."""
        return await self._rows(NamedRow, "select_named", count_max=count_max)

    async def asked_of_party(
        self, *, party_id: int, queues: Sequence[int], look_max: int, count_max: int
    ) -> list[tuple[int, str, int, datetime | None]]:
        """Return questions and hearings that are open for a party, what is due first: case, reference, kind
        of its task, when it is due."""
        given = {"party_id": party_id, "queues": list(queues), "look_max": look_max, "count_max": count_max}
        return await self._tuples("select_asked_of_party", **given)

    async def waiting_of_party(
        self, *, party_id: int, statuses: Sequence[int], look_max: int, count_max: int
    ) -> list[tuple[int, int, str, int]]:
        """Return among a party's newest parcels those in some statuses: consignment, case, reference,
        status."""
        given = {
            "party_id": party_id,
            "statuses": list(statuses),
            "look_max": look_max,
            "count_max": count_max,
        }
        return await self._tuples("select_waiting_of_party", **given)

    async def lanes(self, from_hour: datetime) -> list[LaneCount]:
        """Return parcels by lane and status since an hour."""
        return await self._rows(LaneCount, "select_lanes", from_hour=from_hour)

    async def queues(self) -> dict[int, int]:
        """Return parcels with open tasks that are in no lane, by queue."""
        return dict(await self._tuples("count_queues"))

    async def hours(self, from_hour: datetime) -> list[HourCount]:
        """Return parcels by hour since an hour."""
        return await self._rows(HourCount, "select_hours", from_hour=from_hour)

    async def destinations(self, from_hour: datetime) -> list[CountryCount]:
        """Return parcels by destination since an hour, the most first."""
        return await self._rows(CountryCount, "select_destinations", from_hour=from_hour)

    async def taxes(self, from_hour: datetime) -> list[TaxSum]:
        """Return charges that stand, by type, currency and where they are due, since an hour."""
        return await self._rows(TaxSum, "select_taxes", from_hour=from_hour)

    async def latest(self, count_max: int) -> list[LatestRow]:
        """Return the newest decisions."""
        return await self._rows(LatestRow, "select_latest", count_max=count_max)

    async def log_batches(self, count_max: int) -> list[LogBatchRow]:
        """Return the newest batches of the log."""
        return await self._rows(LogBatchRow, "select_batches", count_max=count_max)

    async def parcels(self, query: str, **parameters: Any) -> list[ParcelRow]:
        """Return parcels by one of the queries `select_parcels...`."""
        return await self._rows(ParcelRow, query, **parameters)

    async def looked_to(self, query: str, **parameters: Any) -> int:
        """Return the lowest id that a page looked at (queries `looked_to...`); 0: nothing is before."""
        found: int = (await self._tuples(query, **parameters))[0][0]
        return found

    async def case_ids(self, query: str, *, party_id: int | None, **parameters: Any) -> list[int]:
        """Return the cases that one of the queries `find_cases...` finds, as they are called today. party_id:
        only those in which this party declared something: another's are not there for it."""
        found = [row[0] for row in await self._tuples(query, party_id=party_id, **parameters)]
        return await self.roots(found, party_id=party_id) if found else []

    async def roots(self, case_ids: Sequence[int], *, party_id: int | None) -> list[int]:
        """Return the cases that ids stand for today. party_id: as in `case_ids`."""
        rows = await self._tuples("resolve_cases", case_ids=list(case_ids), party_id=party_id)
        return [row[0] for row in rows]

    async def unit(
        self, kinds: Sequence[int], text: str, *, party_id: int | None
    ) -> tuple[int, int, str] | None:
        """Return id, kind and number of the largest unit of this number. party_id: only one that a parcel of
        this party is on."""
        found = await self._tuples("find_unit", kinds=list(kinds), text=text, party_id=party_id)
        return (found[0][0], found[0][1], found[0][2]) if found else None

    async def unit_and_above(self, unit_id: int) -> list[UnitAboveRow]:
        """Return a transport unit and what it lies in, the nearest first; nothing where there is none."""
        return await self._rows(UnitAboveRow, "select_unit_and_above", unit_id=unit_id)

    async def units_below(
        self, unit_id: int, movement: UnitAboveRow | None, *, party_id: int | None, look_max: int
    ) -> list[UnitBelowRow]:
        """Return the units in one in which parcels lie, those with most open tasks first. movement: on which
        it comes. party_id: only what this party filed, and no tasks."""
        return await self._rows(
            UnitBelowRow,
            "select_units_below",
            unit_id=unit_id,
            movement_id=None if movement is None else movement.transport_unit_id,
            lands_at=None if movement is None else movement.scheduled_arrival_at,
            is_own_only=party_id is not None,
            party_id=party_id,
            look_max=look_max,
        )

    async def sums_below(self, unit_id: int, *, party_id: int | None) -> list[LaneCount]:
        """Return parcels in a unit by lane and status. party_id: only what this party filed."""
        return await self._rows(LaneCount, "select_sums_below", unit_id=unit_id, party_id=party_id)

    async def units_beginning(
        self, kinds: Sequence[int], texts: Sequence[str], count_max: int
    ) -> list[tuple[int, int, str]]:
        """Return id, kind and number of units whose number begins like one of the texts, whole numbers first.
        For the administration."""
        found = await self._tuples(
            "find_units_beginning", kinds=list(kinds), texts=list(texts), count_max=count_max
        )
        return list(dict.fromkeys((unit_id, kind, number) for unit_id, kind, number in found))

    async def _tuples(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        # Planned each time for what is asked: a plan for any filter and any limit would read whole tables.
        cursor = await self._connection.execute(
            QUERIES[query], {"administration_id": self._administration_id, **parameters}, prepare=False
        )
        return await cursor.fetchall()

    async def _rows(self, row_type: type[Row], query: str, **parameters: Any) -> list[Row]:
        return [row_type(*row) for row in await self._tuples(query, **parameters)]
