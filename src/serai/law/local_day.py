"""The local calendar day of an instant: law counts days where the goods arrive, not in UTC."""

import datetime as dt
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from serai.law.small_arrays import all_true, distinct
from serai.model.columns import Coded, Flags, Int64s
from serai.model.frames import ABSENT

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def local_days(
    instants_ms: Int64s, time_zones: Coded, default_zone: str | None
) -> tuple[Int64s, Flags | None]:
    """Return the local calendar day (days since 1970) of UTC instants (milliseconds); unknown where absent.

    Offsets change on the hour at most: each distinct (zone, hour) is asked once.
    """
    known = instants_ms != ABSENT
    hours = np.where(known, instants_ms, 0) // HOUR_MS
    key = hours * (len(time_zones.words) + 1) + time_zones.codes + 1
    first_rows, inverse = distinct(key)
    offsets = np.zeros(len(first_rows), dtype=np.int64)
    for place, row in enumerate(first_rows):
        code = time_zones.codes[row]
        zone = time_zones.words[code] if code >= 0 else default_zone
        offsets[place] = _offset_ms(int(hours[row]), zone or "UTC")
    days = (np.where(known, instants_ms, 0) + offsets[inverse]) // DAY_MS
    return days, None if all_true(known) else known


def years_between(first_day: int, last_day: int) -> int:
    """Return the years from one day to another (since 1970), one that has begun counted whole."""
    first, last = (_EPOCH + dt.timedelta(days=one) for one in (first_day, last_day))
    return last.year - first.year + ((last.month, last.day) > (first.month, first.day))


_EPOCH = dt.date(1970, 1, 1)


def local_day(instant_ms: int, zone: str) -> int:
    """Return the local calendar day of one instant."""
    return (instant_ms + _offset_ms(instant_ms // HOUR_MS, zone)) // DAY_MS


_zone = cache(ZoneInfo)  # ZoneInfo itself keeps eight; a union has more


@lru_cache(maxsize=1 << 17)
def _offset_ms(hour: int, zone: str) -> int:
    instant = dt.datetime.fromtimestamp(hour * 3600, dt.UTC).astimezone(_zone(zone))
    offset = instant.utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)
