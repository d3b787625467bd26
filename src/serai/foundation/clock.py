"""The clock: the one place where Serai reads the time. All else takes `at` as an argument."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the present instant."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands until it is moved: for worked examples, replays and tests."""

    def __init__(self, at: datetime) -> None:
        """Stand at `at`, which must carry a time zone."""
        assert at.tzinfo is not None, "an instant without time zone means nothing"
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant at which this clock stands."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Move forward, or backward when `by` is negative."""
        self._at += by
