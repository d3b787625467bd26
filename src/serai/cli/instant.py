"""Instants as commands are given them: a day, or an instant with its offset."""

from datetime import UTC, date, datetime, time

from serai.foundation.clock import SystemClock
from serai.model.errors import SeraiError


def read_instant_ms(text: str | None) -> int:
    """Return milliseconds of UTC since 1970. Raises SeraiError `at-unreadable`."""
    if text is None:
        return int(SystemClock().now().timestamp() * 1000)
    try:
        # Noon in UTC is the same calendar day from Honolulu to Kamchatka.
        is_day = len(text) == 10
        instant = (
            datetime.combine(date.fromisoformat(text), time(12), UTC)
            if is_day
            else datetime.fromisoformat(text)
        )
    except ValueError:
        instant = datetime.min  # noqa: DTZ901 - without offset, so refused below
    if instant.tzinfo is None:
        raise SeraiError(
            "at-unreadable",
            f"--at {text} is no day and no instant.",
            "Write 2026-07-01 or 2026-07-01T08:30:00+02:00.",
        )
    return int(instant.timestamp() * 1000)
