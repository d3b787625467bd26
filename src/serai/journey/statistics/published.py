"""Figures for everybody: how long releases took, what officers held, why, and how that ended.

They name no party and tell no count below ten, neither by itself nor as the difference of others.
"""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from serai.foundation.database import Database
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.queries import load_queries
from serai.journey.decision.rules import SHOWN_LANES
from serai.journey.validation.code_lists import TRANSPORT_MODE_CODES
from serai.model.acts import ACT_KINDS, MEASURES
from serai.model.frames import RELEASED

COUNT_MIN: Final = 10
"""Fewer than these are not told; counts are rounded down to multiples of it."""
WINDOW: Final = timedelta(days=28)
LOOK_MAX: Final = 20_000
"""So many newest decisions, and acts, at most: what the figures cost does not grow with the store."""
WITHIN: Final = timedelta(minutes=15)
NO_MODE: Final = "not-stated"
KEPT: Final = timedelta(minutes=1)
HOLDING_KINDS: Final = tuple(
    kind
    for kind in MEASURES
    if ACT_KINDS[kind].state in ("held", "in-examination", "suspended", "detained", "seized")
)
ENDINGS: Final = tuple(kind for kind in MEASURES if ACT_KINDS[kind].state)
_QUERIES: Final = load_queries(Path(__file__).with_name("published.sql"))


class ReleaseTimes(msgspec.Struct, frozen=True):
    """How long releases took from arrival, in seconds. lane, logistics_channel_code, transport_mode_code:
    None: of all told.

    transport_mode_code: as declared, UN/ECE Recommendation 19; `not-stated` where nobody has said it.
    released_count: rounded down to tens. within_15_minutes_percent: whole per cent, never rounded up to 100.
    """

    lane: str | None
    logistics_channel_code: str | None
    transport_mode_code: str | None
    released_count: int
    release_median_s: int
    release_p90_s: int
    within_15_minutes_percent: int


class EndedMeasures(msgspec.Struct, frozen=True):
    """Measures of one kind and reason that ended one way. outcome: the kind of the measure that came next, of
    `taken-back` and `open`. measures_count: rounded down to tens."""

    kind: str
    reason_code: str
    outcome: str
    measures_count: int


class PublishedFigures(msgspec.Struct, frozen=True):
    """What is told to everybody. released_from, measured_from: nothing later was left out; until: nothing
    later was counted. count_min: fewer are not told."""

    until: datetime
    released_from: datetime
    measured_from: datetime
    count_min: int
    all_releases: ReleaseTimes | None
    release_times: list[ReleaseTimes]
    measures: list[EndedMeasures]


class FigureReader:
    """Reads the figures at most once a minute, whoever asks, and gives them to all."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._known: PublishedFigures | None = None

    async def read(self, database: Database, administration_id: int, at: datetime) -> PublishedFigures:
        """Return the figures until now, or until a minute ago."""
        async with self._turn:
            if self._known is None or at - self._known.until >= KEPT:
                self._known = await _read(database, administration_id, at)
            return self._known


async def _read(database: Database, administration_id: int, until: datetime) -> PublishedFigures:
    own: dict[str, Any] = {
        "administration_id": administration_id,
        "to_id": first_id_at(until),
        "look_max": LOOK_MAX,
        "released": RELEASED,
        "count_min": COUNT_MIN,
    }
    start = {"from_id": first_id_at(until - WINDOW)}
    async with database.read(administration_id) as connection:

        async def rows(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
            cursor = await connection.execute(_QUERIES[query], own | parameters, prepare=False)
            return await cursor.fetchall()

        ((first_id,),) = await rows("select_first_id", **start)
        times = [
            _release_times(row)
            for row in await rows(
                "select_release_times",
                from_id=first_id,
                within_s=int(WITHIN.total_seconds()),
                modes=list(TRANSPORT_MODE_CODES),
                no_mode=NO_MODE,
            )
        ]
        ((first_act_id,),) = await rows("select_first_act", **start)
        measures = await rows(
            "count_measures", from_id=first_act_id, kinds=list(HOLDING_KINDS), endings=list(ENDINGS)
        )
    return PublishedFigures(
        until=until,
        released_from=read_instant(first_id),
        measured_from=read_instant(first_act_id),
        count_min=COUNT_MIN,
        all_releases=next((one for one in times if one.lane is None), None),
        release_times=[one for one in times if one.lane is not None],
        measures=[
            EndedMeasures(kind, reason, outcome, _in_tens(count)) for kind, reason, outcome, count in measures
        ],
    )


def _release_times(row: tuple[Any, ...]) -> ReleaseTimes:
    lane, channel, mode, count, median_s, p90_s, within_count = row
    return ReleaseTimes(
        None if lane is None else SHOWN_LANES[lane],
        channel,
        mode,
        _in_tens(count),
        median_s,
        p90_s,
        within_count * 100 // count,
    )


def _in_tens(count: int) -> int:
    return count // COUNT_MIN * COUNT_MIN
