"""Periods of working days: the day from which they run does not count, nor does a day of rest (Regulation
(EEC, Euratom) No 1182/71, articles 2 and 3)."""

import datetime as dt
from collections.abc import Container
from zoneinfo import ZoneInfo


def working_days_end(
    begun_at: dt.datetime, days: int, time_zone: str, rest_days: Container[dt.date]
) -> dt.datetime:
    """Return the end of a period of working days: the first instant after its last day, UTC."""
    zone = ZoneInfo(time_zone)
    last, left = begun_at.astimezone(zone).date(), days
    while left:
        last += dt.timedelta(days=1)
        left -= last not in rest_days
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone).astimezone(dt.UTC)
