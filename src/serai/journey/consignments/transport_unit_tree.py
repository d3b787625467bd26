"""The tree of transport units: those that a batch names are made, and hung on one another."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.recent_keys import RecentKeys
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import UnitRow
from serai.model.columns import Int64s

Connection = AsyncConnection[Any]
UnitKey = tuple[int, str]
"""Kind and number of a unit."""

MOVEMENT, MASTER, LOADING_UNIT, RECEPTACLE, HOUSE = 1, 2, 3, 4, 5
"""Kinds of units as stored: places in UNIT_KINDS, from 1."""


async def attach_units(
    connection: Connection,
    chains: Sequence[Sequence[UnitKey]],
    scheduled: Mapping[UnitKey, datetime | None],
    take_ids: Callable[[int], Int64s],
    *,
    recent: RecentKeys[UnitKey],
    administration_id: int,
    at: datetime,
) -> dict[UnitKey, UnitRow]:
    """Make the units of chains, each the largest first; what hangs on nothing yet is hung on the one above.

    scheduled: arrival by unit, for every unit of the chains. recent: as of `upsert_units`. The units come
    back as they were when they were met, held against a concurrent arrival until commit.
    """
    uppers = _uppers(chains)
    units: dict[UnitKey, UnitRow] = {}
    # Movements and master documents first, which are few and mostly there: the many below are then made where
    # they belong, not moved.
    upper_keys = sorted(key for key in scheduled if key[0] <= MASTER)
    if upper_keys:
        units |= await consignment_store.select_units(
            connection, upper_keys, administration_id=administration_id
        )
    for keys in (
        [key for key in upper_keys if key not in units],
        sorted(key for key in scheduled if key[0] > MASTER),
    ):
        if keys:
            above = [units.get(uppers[key]) if key in uppers else None for key in keys]
            units |= await consignment_store.upsert_units(
                connection,
                administration_id=administration_id,
                unit_ids=take_ids(len(keys)),
                keys=keys,
                arrivals=[scheduled[key] for key in keys],
                parents=above,
                recent=recent,
                at=at,
            )
    if any(key[0] == LOADING_UNIT for key in units):
        uppers = _uppers(_on_this_journey(chains, units))
    await consignment_store.set_parents(
        connection,
        {
            units[lower].transport_unit_id: units[upper].transport_unit_id
            for lower, upper in uppers.items()
            if units[lower].parent_id is None
        },
    )
    return units


def _uppers(chains: Sequence[Sequence[UnitKey]]) -> dict[UnitKey, UnitKey]:
    """Return the unit above each unit that has one."""
    return {lower: upper for chain in chains for upper, lower in pairwise(chain)}


def _on_this_journey(
    chains: Sequence[Sequence[UnitKey]], units: Mapping[UnitKey, UnitRow]
) -> Sequence[Sequence[UnitKey]]:
    """Leave out of each chain a loading unit that hangs on another journey.

    A container comes back: what is in it today did not arrive when it came last month.
    """
    attached_to = {key: row.parent_id for key, row in units.items() if row.parent_id is not None}
    found: list[list[UnitKey]] = []
    for chain in chains:
        kept: list[UnitKey] = []
        for key in chain:
            above = [units[one].transport_unit_id for one in kept]
            if key[0] == LOADING_UNIT and above and attached_to.setdefault(key, above[-1]) not in above:
                continue
            kept.append(key)
        found.append(kept)
    return found
