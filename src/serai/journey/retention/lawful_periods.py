"""How long the law keeps what was declared, by country and kind of document: laws/retention.yaml."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Final, Literal, NamedTuple

import msgspec

from serai.foundation.shipped import find_shipped

_FILE: Final = "retention.yaml"


class LawfulPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many years documents of some kinds are kept. valid_to: the first day out of force."""

    country_codes: list[str]
    kinds: list[str]
    kept_years: int
    counted_from: Literal["end-of-year", "event"]
    valid_from: date
    valid_to: date | None
    source: str


class LawfulEnd(NamedTuple):
    """Until when something is kept (exclusive, UTC), and by which law."""

    at: datetime
    source: str


@cache
def shipped_periods() -> tuple[LawfulPeriod, ...]:
    """Return the table that came with the laws."""
    return read_periods((find_shipped("laws") / _FILE).read_bytes())


def read_periods(content: bytes) -> tuple[LawfulPeriod, ...]:
    """Read a table. Raises msgspec.ValidationError."""
    return tuple(msgspec.yaml.decode(content, type=list[LawfulPeriod]))


def lawful_end(
    periods: Sequence[LawfulPeriod], country_code: str, kind: str, event_at: datetime
) -> LawfulEnd | None:
    """Return until when a document is kept whose last event was at an instant; None: no law is known."""
    ends = [
        LawfulEnd(_end_of(one, event_at), one.source) for one in _of(periods, country_code, kind, event_at)
    ]
    return max(ends, default=None)


def may_go_before(periods: Sequence[LawfulPeriod], country_code: str, at: datetime) -> datetime | None:
    """Return before which instant the last event of a case lies that the law keeps no longer; None: no law
    is known."""
    limits = [
        datetime(at.year - one.kept_years, 1, 1, tzinfo=UTC)
        if one.counted_from == "end-of-year"
        else _years_from(at, -one.kept_years)
        for one in periods
        if country_code in one.country_codes and _is_valid(one, at)
    ]
    return min(limits, default=None)


def law_of(periods: Sequence[LawfulPeriod], country_code: str) -> str | None:
    """Return the law by which an administration keeps cases; None: none is known."""
    return next((one.source for one in periods if country_code in one.country_codes), None)


def _of(periods: Sequence[LawfulPeriod], country_code: str, kind: str, at: datetime) -> list[LawfulPeriod]:
    return [
        one
        for one in periods
        if country_code in one.country_codes and kind in one.kinds and _is_valid(one, at)
    ]


def _is_valid(period: LawfulPeriod, at: datetime) -> bool:
    on = at.astimezone(UTC).date()
    return period.valid_from <= on and (period.valid_to is None or on < period.valid_to)


def _end_of(period: LawfulPeriod, event_at: datetime) -> datetime:
    event_at = event_at.astimezone(UTC)
    if period.counted_from == "end-of-year":
        return datetime(event_at.year + 1 + period.kept_years, 1, 1, tzinfo=UTC)
    return _years_from(event_at, period.kept_years)


def _years_from(at: datetime, years: int) -> datetime:
    """The same day of another year; of a leap day the day after."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)
