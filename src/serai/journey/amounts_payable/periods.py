"""When periods end that begin with a day: days of the calendar where the law lies. Pure."""

from calendar import monthrange
from collections.abc import Container
from datetime import date, timedelta


def last_day(begun_on: date, days: int, rest_days: Container[date]) -> date | None:
    """Return the last day of a period of calendar days: the day it begins with does not count, and one that
    would end on a day of rest ends with the next working day (Regulation (EEC, Euratom) No 1182/71, article
    3). None: after all days that there are."""
    try:
        last = begun_on + timedelta(days=days)
        while last in rest_days:
            last += timedelta(days=1)
    except OverflowError:
        return None
    return last


def years_after(day: date, years: int) -> date | None:
    """Return the day of the same date so many years later, of 29 February the last of that month. None: after
    all days that there are."""
    year = day.year + years
    if year > date.max.year:
        return None
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def deferred_to(first: date, last: date, days: int, rest_days: Container[date]) -> date | None:
    """Return until when is paid what was put on an account in a period: so many days from the first after it,
    less half the days of the period, of an odd number less half the next lower even one (Regulation (EU) No
    952/2013, article 111(3) and (5)). first, last: days of the period, both in it."""
    assert first <= last, "a period ends after it begins"
    return last_day(last, max(days - ((last - first).days + 1) // 2, 0), rest_days)
