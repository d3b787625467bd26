"""Instants as commands are given them: a day, or an instant with its offset."""

from datetime import UTC, date, datetime, time

from serai.foundation.clock import SystemClock
from serai.model.errors import SeraiError


def parse_instant(text: str, *, of_day: time | None = None) -> datetime | None:
    """Return the instant that a text says with its offset; None where it says none.

    of_day: what a day alone stands for, in UTC; None: a day is no instant.
    """
    try:
        if of_day is not None and len(text) == len("2026-07-01"):
            return datetime.combine(date.fromisoformat(text), of_day, UTC)
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if instant.tzinfo is None else instant


def read_instant_ms(text: str | None) -> int:
    """Return milliseconds of UTC since 1970. Raises SeraiError `at-unreadable`."""
    if text is None:
        return int(SystemClock().now().timestamp() * 1000)
    # Noon in UTC is the same calendar day from Honolulu to Kamchatka.
    instant = parse_instant(text, of_day=time(12))
    if instant is None:
        raise SeraiError(
            "at-unreadable",
            f"--at {text} is no day and no instant.",
            "Write 2026-07-01 or 2026-07-01T08:30:00+02:00.",
        )
    return int(instant.timestamp() * 1000)
