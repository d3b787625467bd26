"""Generated histories of adverse decisions, most of them not as they should be, and a judge that works from
hours alone."""

import random
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

HOURS = 24 * 90


class Calendar(NamedTuple):
    """In which days histories lie: from when on, where, and on which no period ends beside weekends."""

    begin: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    zone: str = "UTC"
    holidays: AbstractSet[date] = frozenset()

    def at(self, hour: int) -> datetime:
        """Return the instant of an hour."""
        return self.begin + timedelta(hours=hour)

    def day(self, hour: int) -> date:
        """Return the day of an hour."""
        return self.at(hour).astimezone(ZoneInfo(self.zone)).date()


MARCH = Calendar()
EXCEPTIONS = ("fraud-investigation", "threat-to-safety")
Way = Literal["receipt", "webhook", "email"]


class Told(NamedTuple):
    """That a declarant was reached, by which way. returned_h: when the message came back; None: never."""

    way: Way
    at_h: int
    returned_h: int | None


class History(NamedTuple):
    """What happened in a case, each with its hour; None: never. sent_h: an e-mail that was sent, and of which
    nothing was reported."""

    opened_h: int | None
    told: tuple[Told, ...]
    sent_h: int | None
    answered_h: int | None
    more_follows: bool
    decided_h: int
    exception_code: str | None
    words: str
    is_other_measure: bool


def generated(seed: int, count: int) -> Iterator[History]:
    """Histories of cases as they come."""
    draw = random.Random(seed)
    for _ in range(count):
        opened = draw.choice([None, *[draw.randrange(200)] * 5])
        told: list[Told] = []
        for way in ("receipt", "webhook", "email"):
            if opened is not None and draw.random() < 0.3:
                at = opened + draw.randrange(200)
                comes_back = way == "email" and draw.random() < 0.4
                told.append(Told(way, at, at + 1 + draw.randrange(900) if comes_back else None))
        sent = None if opened is None or draw.random() < 0.7 else opened + draw.randrange(200)
        answered = None if opened is None or draw.random() < 0.6 else opened + draw.randrange(900)
        yield History(
            opened, tuple(told), sent, answered, draw.random() < 0.4, draw.randrange(HOURS),
            draw.choice([None, None, None, *EXCEPTIONS, "because"]),
            draw.choice(["", "on these grounds"]), draw.random() < 0.1,
        )  # fmt: skip


def known_since(one: History) -> int | None:
    """Since which hour it is proven, when the officer decides, that the declarant knows; None: it is not.
    What came back by then proves nothing."""
    hours = [
        told.at_h
        for told in one.told
        if told.at_h <= one.decided_h and (told.returned_h is None or told.returned_h > one.decided_h)
    ]
    if has_answered(one):
        assert one.answered_h is not None
        hours.append(one.answered_h)
    return min(hours, default=None)


def has_answered(one: History) -> bool:
    """Say whether the declarant has said anything by then."""
    return one.answered_h is not None and one.answered_h <= one.decided_h


def was_heard(one: History, calendar: Calendar = MARCH) -> bool:
    """Say whether the officer may decide: all was said, or thirty days from proof have gone, and the last of
    them was a working day."""
    since = known_since(one)
    if one.opened_h is None or one.opened_h > one.decided_h or since is None or one.is_other_measure:
        return False
    last_day = calendar.day(since) + timedelta(days=30)
    while last_day.isoweekday() > 5 or last_day in calendar.holidays:
        last_day += timedelta(days=1)
    has_run_out = calendar.day(one.decided_h) > last_day
    return has_run_out or (has_answered(one) and not one.more_follows)


def ground_of(one: History, calendar: Calendar = MARCH) -> str:
    """Return in a few words why the decision may be taken, or not."""
    if one.exception_code in EXCEPTIONS:
        return f"exception: {one.exception_code}" if one.words else "an exception without its grounds"
    if one.exception_code is not None:
        return "an exception that the law does not name"
    return _ground_of_hearing(one, calendar)


def _ground_of_hearing(one: History, calendar: Calendar) -> str:
    was_told = any(told.at_h <= one.decided_h for told in one.told)
    grounds = {
        "no hearing": one.opened_h is None or one.opened_h > one.decided_h,
        "another measure than the one announced": one.is_other_measure,
        "the message came back": known_since(one) is None and was_told,
        "nothing proves that the declarant knows": known_since(one) is None,
        "its period runs": not was_heard(one, calendar),
        "an answer that is not addressed": has_answered(one) and not one.words,
        "heard: all was said": has_answered(one) and not one.more_follows,
        "heard: the period has ended": True,
    }
    return next(ground for ground, holds in grounds.items() if holds)


def may_decide(one: History, calendar: Calendar = MARCH) -> bool:
    """Say whether the measure may be taken."""
    return ground_of(one, calendar).startswith(("exception:", "heard:"))
