"""The months that statements are of."""

import datetime as dt
import re
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

FIRST_YEAR: Final = 2025
LAST_YEAR: Final = 2093
"""Between them ids count the time (`serai.foundation.ids`)."""
_FORM: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


class Month(NamedTuple):
    """A month where the administration is. from_at, to_at: half-open, UTC."""

    first: dt.date
    last: dt.date
    from_at: dt.datetime
    to_at: dt.datetime

    @property
    def name(self) -> str:
        """Return it as it is asked for, such as 2026-11."""
        return f"{self.first:%Y-%m}"


def read_month(text: str, time_zone: str) -> Month:
    """Read a month such as 2026-11. Raises SeraiError `statement-period-faulty`: it is none, or none that
    there can be a statement of."""
    found = _FORM.fullmatch(text)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise SeraiError(
            "statement-period-faulty",
            MessageText(
                "A statement is of a month from {first}-01 to {last}-12.",
                first=str(FIRST_YEAR),
                last=str(LAST_YEAR),
            ),
            "Ask for one written as year and month, such as 2026-11.",
        )
    return _month(int(found[1]), int(found[2]), time_zone)


def month_of(at: dt.datetime, time_zone: str) -> Month:
    """Return the month an instant lies in."""
    day = at.astimezone(ZoneInfo(time_zone)).date()
    return _month(day.year, day.month, time_zone)


def month_before(month: Month, time_zone: str) -> Month:
    """Return the month before one."""
    day = month.first - dt.timedelta(days=1)
    return _month(day.year, day.month, time_zone)


def _month(year: int, month: int, time_zone: str) -> Month:
    zone = ZoneInfo(time_zone)
    first = dt.date(year, month, 1)
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    bounds = (dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (first, after))
    return Month(first, after - dt.timedelta(days=1), *bounds)
