"""When an event that was not taken is told again, and when an address is given up."""

import datetime as dt
from typing import Final

PAUSES: Final = tuple(
    dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800)
)
"""After the first, the second ... failure in a row; after later ones the last."""

_ASKED_MAX: Final = dt.timedelta(hours=1)


def pause_after(failures_count: int, *, jitter: float, asked_s: int | None = None) -> dt.timedelta:
    """Return how long to wait after so many failures in a row (from 1).

    jitter: 0 to 1; the pause is 0.8 to 1.2 times the table's, so that receivers that fell together are not
    met by all at once. asked_s: what the receiver asked for (Retry-After); an hour at most is granted.
    """
    pause = PAUSES[min(failures_count, len(PAUSES)) - 1] * (0.8 + 0.4 * jitter)
    asked = dt.timedelta(seconds=0 if asked_s is None else min(asked_s, int(_ASKED_MAX.total_seconds())))
    return max(pause, asked)


def is_given_up(failing_since: dt.datetime, at: dt.datetime, *, after_days: int) -> bool:
    """Say whether an address that has failed all the time since an instant is to be switched off."""
    return at - failing_since >= dt.timedelta(days=after_days)
