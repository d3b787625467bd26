"""One transport unit, a flight or a bag: when it lands, what is in it, how far that is, and who is needed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.consignments.store import UNIT_KINDS
from serai.journey.dashboard.arrivals import Share, Sum
from serai.journey.decision.rules import NO_LAW, PERSON_LANES, SHOWN_LANES
from serai.journey.statistics.store import DashboardReader, LaneCount, UnitAboveRow
from serai.journey.visibility.open_case import not_found
from serai.model.frames import RELEASED, WITHDRAWN
from serai.model.money import format_minor

UNITS_LOOK_MAX: Final = 5_000
UNITS_SHOWN_MAX: Final = 50
_NO_UNIT: Final = 0
_MOVEMENT: Final = UNIT_KINDS.index("movement") + 1
_WAITING: Final = SHOWN_LANES.index("await")


class Unit(msgspec.Struct, frozen=True):
    """A transport unit by name. kind: of UNIT_KINDS."""

    unit_id: str
    kind: str
    number: str


class UnitBelow(msgspec.Struct, frozen=True):
    """A unit in another. tasks_count: parcels with an open task, for officers; 0 for others."""

    unit: Unit
    parcels_count: int
    tasks_count: int


class TransportUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A transport unit and what is in it.

    above: what it lies in, the nearest first. movement_id: on which it comes. decided_count: parcels that
    wait for no datum and no law; due: at the border, of a movement. units_count: all with parcels, of which
    the first stand in `units`.
    """

    unit: Unit
    above: list[Unit]
    movement_id: str | None
    scheduled_departure_at: datetime | None
    scheduled_arrival_at: datetime | None
    landed_at: datetime | None
    parcels_count: int
    person_count: int
    decided_count: int
    released_count: int
    lanes: list[Share]
    due: list[Sum]
    units: list[UnitBelow]
    units_count: int
    is_own_only: bool


async def read_unit(reader: DashboardReader, unit_id: int, *, party_id: int | None) -> TransportUnit:
    """Return a transport unit.

    party_id: only what this party filed; one in which it has nothing is not there for it, like one that does
    not exist. Raises `not-found`.
    """
    sums = await reader.sums_below(unit_id, party_id=party_id)
    # What is not the party's is asked for as what is not there: the same statements, as many rows.
    chain = await reader.unit_and_above(unit_id if sums or party_id is None else _NO_UNIT)
    if not chain:
        raise not_found()
    here = chain[0]
    movement = next((one for one in chain if one.kind == _MOVEMENT), None)
    below = await reader.units_below(unit_id, movement, party_id=party_id, look_max=UNITS_LOOK_MAX)
    below = [one for one in below if one.transport_unit_id != unit_id]
    counted = [one for one in sums if one.status != WITHDRAWN]
    lanes = [Share(lane, _count(counted, place)) for place, lane in enumerate(SHOWN_LANES)]
    parcels_count = sum(one.parcels_count for one in lanes)
    return TransportUnit(
        unit=_unit(here),
        above=[_unit(one) for one in chain[1:]],
        movement_id=None if movement is None else format_id(movement.transport_unit_id),
        scheduled_departure_at=None if movement is None else movement.scheduled_departure_at,
        scheduled_arrival_at=None if movement is None else movement.scheduled_arrival_at,
        landed_at=next((one.landed_at for one in chain if one.landed_at is not None), None),
        parcels_count=parcels_count,
        person_count=sum(lanes[place].parcels_count for place in PERSON_LANES),
        decided_count=parcels_count - lanes[_WAITING].parcels_count - lanes[NO_LAW].parcels_count,
        released_count=sum(one.row_count for one in counted if one.status == RELEASED),
        lanes=lanes,
        due=await _due(reader, here) if party_id is None else [],
        units=[
            UnitBelow(
                Unit(format_id(one.transport_unit_id), UNIT_KINDS[one.kind - 1], one.number),
                one.parcels_count,
                one.tasks_count,
            )
            for one in below[:UNITS_SHOWN_MAX]
        ],
        units_count=len(below),
        is_own_only=party_id is not None,
    )


async def _due(reader: DashboardReader, unit: UnitAboveRow) -> list[Sum]:
    """Return what is due at the border on a movement; of what lies in one, sums are not kept."""
    if unit.kind != _MOVEMENT:
        return []
    sums = await reader.movement_sums([unit.transport_unit_id], party_id=None)
    return [
        Sum(one.currency_code, format_minor(one.amount_minor, one.currency_code), one.amount_minor)
        for one in sorted(sums, key=lambda one: one.currency_code)
        if one.currency_code and one.amount_minor
    ]


def _count(sums: Iterable[LaneCount], lane: int) -> int:
    return sum(one.row_count for one in sums if one.lane == lane)


def _unit(row: UnitAboveRow) -> Unit:
    return Unit(format_id(row.transport_unit_id), UNIT_KINDS[row.kind - 1], row.number)
