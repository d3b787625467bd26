"""Figures of the fairness meter, read at most once a minute, whoever asks."""

import asyncio
import datetime as dt
from typing import Final

import msgspec

from serai.foundation.database import Database
from serai.journey.selection.fairness import DIMENSIONS, GROUP_MIN, GroupRates, measure_fairness
from serai.journey.selection.store import select_departures, select_random_share

WINDOW: Final = dt.timedelta(days=90)
KEPT: Final = dt.timedelta(minutes=1)
INTERVAL: Final = "Wilson, 95 %"


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """How often groups of parcels are selected and found wrong, from the random share. groups: of ten parcels
    or more. parcels_count: of the random share, rounded down to tens. has_alarm: some measure departs from
    what is found. interval: which intervals these are."""

    measured_from: dt.datetime
    until: dt.datetime
    parcels_count: int
    groups_min_count: int
    interval: str
    has_alarm: bool
    groups: list[GroupRates]

    def of(self, dimension: str) -> list[GroupRates]:
        """Return the groups of one dimension."""
        return [one for one in self.groups if one.dimension == dimension]

    @property
    def dimensions(self) -> list[str]:
        """The dimensions of which there is a group to show."""
        return [one for one in DIMENSIONS if self.of(one)]


class FairnessReader:
    """Reads the figures at most once a minute, and gives them to all."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._known: Fairness | None = None

    async def read(self, database: Database, administration_id: int, at: dt.datetime) -> Fairness:
        """Return the figures until now, or until a minute ago: an alarm begins and ends at once."""
        async with self._turn:
            known = self._known
            if (
                known is None
                or at - known.until >= KEPT
                or known.has_alarm != await _has_alarm(database, administration_id)
            ):
                self._known = known = await read_fairness(database, administration_id, at)
            return known


async def _has_alarm(database: Database, administration_id: int) -> bool:
    async with database.read(administration_id) as connection:
        departures = await select_departures(connection, administration_id=administration_id)
    return any(one.kind == "departs" for one, _ in departures)


async def read_fairness(database: Database, administration_id: int, at: dt.datetime) -> Fairness:
    """Read the figures of the last ninety days."""
    from_at = at - WINDOW
    async with database.read(administration_id) as connection:
        rows = await select_random_share(connection, from_at, administration_id=administration_id)
        departures = await select_departures(connection, administration_id=administration_id)
    return Fairness(
        measured_from=from_at,
        until=at,
        parcels_count=len(rows) // 10 * 10,
        groups_min_count=GROUP_MIN,
        interval=INTERVAL,
        has_alarm=any(one.kind == "departs" for one, _ in departures),
        groups=await asyncio.to_thread(measure_fairness, rows),
    )
