"""The score of a party in each of its roles: how far what it owes was seen to be met. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import NamedTuple

import msgspec

from serai.journey.scorecards.duties import Duty, DutyRole
from serai.journey.validation.data_quality.store import DaySum, DisputeRow

_MILLI = 1_000


class DocumentDay(NamedTuple):
    """Supporting documents of a party on a day (UTC). counted_count: of those sent, that count in a case; one
    that waits is among those sent after a week only."""

    day_on: dt.date
    kind: str
    sent_count: int
    counted_count: int


class DutyScore(msgspec.Struct, frozen=True):
    """How far one duty was met. met_count, asked_count: messages or documents; percent: cut down, None:
    nothing was seen by which it could be told, and it weighs nothing. is_source_read: whether the source was
    read; else the sentence is Serai's own."""

    code: str
    duty: str
    source: str
    is_source_read: bool
    points: int
    met_count: int
    asked_count: int
    percent: int | None


class RoleScore(msgspec.Struct, frozen=True):
    """A party in one role. score: points met of points asked, of a hundred, cut down; None: nothing asked."""

    role: DutyRole
    score: int | None
    duties: list[DutyScore]


class RoleMonth(msgspec.Struct, frozen=True):
    """How all parties with a role stood in a month. month_on: its first day."""

    role: DutyRole
    month_on: dt.date
    party_count: int
    median: int
    quarter_low: int
    quarter_high: int


def score_roles(
    roles: Iterable[str],
    duties: Sequence[Duty],
    days: Sequence[DaySum],
    documents: Sequence[DocumentDay],
    disputes: Sequence[DisputeRow],
) -> list[RoleScore]:
    """Return the score of a party in each role that owes something, in the order of the duties.

    duties: in force. days: its sums, what upheld disputes name taken off. disputes: its own; what an upheld
    one says of a duty's code, or of all, is counted against it no longer.
    """
    held = {*roles}
    upheld = [one for one in disputes if one.is_upheld]
    scores = []
    for role in dict.fromkeys(one.role for one in duties):
        if role in held:
            its = [_duty_score(one, days, documents, upheld) for one in duties if one.role == role]
            scores.append(RoleScore(role, _score(its), its))
    return scores


def month_of(role: DutyRole, month_on: dt.date, scores: Sequence[int], count_min: int) -> RoleMonth | None:
    """Return how the parties with a role stood; None: they are too few to be shown."""
    if len(scores) < max(count_min, 2):
        return None
    low, median, high = (int(part) for part in quantiles(scores, n=4, method="inclusive"))
    return RoleMonth(role, month_on, len(scores), median, low, high)


def _score(duties: Sequence[DutyScore]) -> int | None:
    asked = [one for one in duties if one.asked_count]
    points = sum(one.points for one in asked)
    met = sum(one.points * (one.met_count * _MILLI // one.asked_count) for one in asked)
    return met * 100 // (points * _MILLI) if points else None


def _duty_score(
    duty: Duty, days: Sequence[DaySum], documents: Sequence[DocumentDay], upheld: Sequence[DisputeRow]
) -> DutyScore:
    met, asked = _counts(duty, days, documents, upheld)
    return DutyScore(
        duty.code,
        duty.duty,
        duty.source,
        duty.read,
        duty.points,
        met,
        asked,
        met * 100 // asked if asked else None,
    )


def _counts(
    duty: Duty, days: Sequence[DaySum], documents: Sequence[DocumentDay], upheld: Sequence[DisputeRow]
) -> tuple[int, int]:
    """Return how many met a duty, and of how many. Of several checks the one that touched most counts."""
    if duty.check == "counted":
        its = [one for one in documents if one.kind == duty.kind and not _is_given(one.day_on, duty, upheld)]
        return sum(one.counted_count for one in its), sum(one.sent_count for one in its)
    whole = [one for one in days if not one.code]
    taken = sum(one.message_count for one in whole)
    if duty.check == "taken":
        refused = sum(one.refused_count for one in whole if not _is_given(one.day_on, duty, upheld))
        return taken, taken + refused
    kept = [one for one in days if one.code in duty.checks and not _is_given(one.day_on, duty, upheld)]
    touched = max(
        (sum(one.message_count for one in kept if one.code == code) for code in duty.checks), default=0
    )
    return max(0, taken - touched), taken


def _is_given(day_on: dt.date, duty: Duty, upheld: Sequence[DisputeRow]) -> bool:
    return any(one.code in ("", duty.code) and one.from_on <= day_on <= one.to_on for one in upheld)
