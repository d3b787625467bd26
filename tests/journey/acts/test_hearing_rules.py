"""Generated adverse decisions: none before its hearing has ended or without a coded exception, and no clock
before notification."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from serai.foundation.id_text import format_id
from serai.journey.measure_rules.hearing_rules import Wanted, check_heard, find_hearing, period_end
from serai.journey.measure_rules.measure_law import HearingLaw, Weekend, shipped_measure_rules
from serai.model.acts import Act
from serai.model.errors import SeraiError

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = 24 * 90
LAW = shipped_measure_rules().law_of("EU", BEGIN).hearing


class History(NamedTuple):
    """What happened in a case, each with its hour; None: never."""

    opened_h: int | None
    notified_h: int | None
    answered_h: int | None
    more_follows: bool
    decided_h: int
    exception_code: str | None
    words: str
    is_other_measure: bool
    is_undelivered: bool


def generated(seed: int, count: int) -> Iterator[History]:
    """Histories of cases as they come, most of them not as they should be."""
    draw = random.Random(seed)
    for _ in range(count):
        opened = draw.choice([None, *[draw.randrange(200)] * 5])
        notified = None if opened is None or draw.random() < 0.3 else opened + draw.randrange(200)
        answered = None if notified is None or draw.random() < 0.5 else notified + draw.randrange(900)
        yield History(
            opened, notified, answered, draw.random() < 0.4, draw.randrange(HOURS),
            draw.choice([None, None, None, "fraud-investigation", "threat-to-safety", "because"]),
            draw.choice(["", "on these grounds"]), draw.random() < 0.1, draw.random() < 0.2,
        )  # fmt: skip


def act(kind: str, hour: int, number: int, **changes: Any) -> Act:
    at = BEGIN + timedelta(hours=hour)
    fields = {"case_id": 1, "subject_id": 7, "party_id": 1, "acting_user": "", "leaf_id": number}
    return Act(**{"act_id": number, "kind": kind, "at": at, **fields, **changes})


def acts_of(one: History) -> list[Act]:
    """What stands of hearings in the case when the officer decides."""
    found = []
    name = {"hearing": format_id(10)}
    if one.opened_h is not None:
        said = {"intended": "refusal", "stated": {}}
        found.append(act("hearing-opened", one.opened_h, 10, reason_code="prohibited", parameters=said))
    if one.notified_h is not None and not one.is_undelivered:
        at = BEGIN + timedelta(hours=one.notified_h)
        due_at = period_end(at, LAW.days, "UTC", shipped_measure_rules().rest_days_of("XX"))
        found.append(act("hearing-notified", one.notified_h, 11, parameters=name, due_at=due_at))
        if one.answered_h is not None:
            more = {"more_follows": True} if one.more_follows else {}
            found.append(act("hearing-answered", one.answered_h, 12, parameters=name | more))
    return [one_act for one_act in found if one_act.at <= BEGIN + timedelta(hours=one.decided_h)]


def decide(one: History, law: HearingLaw) -> dict[str, Any] | None:
    """What the officer's refusal records of the hearing; None: it is not taken."""
    with_hearing = one.exception_code is None and one.opened_h is not None
    wanted = Wanted(
        "confiscation" if one.is_other_measure else "refusal", 7, "prohibited", {}, one.words,
        10 if with_hearing else None, one.exception_code,
    )  # fmt: skip
    try:
        return check_heard(wanted, law, acts_of(one), BEGIN + timedelta(hours=one.decided_h))
    except SeraiError:
        return None


def was_heard(one: History) -> bool:
    """Worked out anew, from hours alone."""
    if one.opened_h is None or one.notified_h is None or one.is_undelivered or one.is_other_measure:
        return False
    has_answered = one.answered_h is not None and one.answered_h <= one.decided_h
    last_day = (BEGIN + timedelta(hours=one.notified_h)).date() + timedelta(days=30)
    while last_day.isoweekday() > 5:
        last_day += timedelta(days=1)
    has_run_out = (BEGIN + timedelta(hours=one.decided_h)).date() > last_day
    is_known = one.notified_h <= one.decided_h
    return is_known and (has_run_out or (has_answered and not one.more_follows))


def judge(count: int, seed: int) -> tuple[int, int, int]:
    """Hold generated decisions against the law; return how many were taken with and without a hearing, and
    refused."""
    heard = excepted = refused = 0
    for one in generated(seed, count):
        recorded = decide(one, LAW)
        if recorded is None:
            refused += 1
            has_exception = one.exception_code in LAW.exceptions and one.words
            is_silent = one.answered_h is not None and one.answered_h <= one.decided_h and not one.words
            assert not has_exception, one
            assert one.exception_code or is_silent or not was_heard(one), one
        elif "exception" in recorded:
            excepted += 1
            assert one.exception_code in LAW.exceptions, one
            assert recorded["exception_law"], one
            assert one.words, one
        else:
            heard += 1
            assert was_heard(one), one
            assert recorded["hearing"] == format_id(10), one
            has_answered = one.answered_h is not None and one.answered_h <= one.decided_h
            assert ("answer" in recorded) == has_answered, one
    return heard, excepted, refused


def test_no_generated_adverse_decision_comes_before_its_hearing_ended_or_without_a_coded_exception() -> None:
    heard, excepted, refused = judge(1_000, 20261129)

    assert min(heard, excepted, refused) > 50, "the generator makes some of each"


@pytest.mark.slow
def test_none_of_a_hundred_thousand_generated_adverse_decisions_comes_too_soon() -> None:
    assert sum(judge(100_000, 7)) == 100_000


def test_no_clock_begins_before_notification_however_long_ago_the_hearing_was_opened() -> None:
    opened = act("hearing-opened", 0, 10)
    hearing = find_hearing([opened], 10)

    assert hearing is not None
    assert not hearing.is_ended(BEGIN + timedelta(days=4_000))


@pytest.mark.parametrize(
    ("notified_at", "days", "zone", "end"),
    [
        ("2026-03-02T09:00Z", 30, "UTC", "2026-04-02T00:00Z"),
        # 4 April is a Saturday, 5 April Easter Sunday, 6 April Easter Monday.
        ("2026-03-05T09:00Z", 30, "Europe/Berlin", "2026-04-07T22:00Z"),
        # Good Friday is a holiday: Saturday, Sunday and Monday follow.
        ("2026-03-04T09:00Z", 30, "Europe/Berlin", "2026-04-07T22:00Z"),
        # Late in the evening in UTC it is the next day in Berlin.
        ("2026-06-01T22:30Z", 30, "Europe/Berlin", "2026-07-02T22:00Z"),
        # The clocks change within the period.
        ("2026-10-01T12:00Z", 30, "Europe/Berlin", "2026-11-02T23:00Z"),
    ],
)
def test_a_period_of_days_ends_with_the_last_hour_of_a_working_day(
    notified_at: str, days: int, zone: str, end: str
) -> None:
    rest_days = shipped_measure_rules().rest_days_of("DE" if zone == "Europe/Berlin" else "XX")

    assert period_end(datetime.fromisoformat(notified_at), days, zone, rest_days) == datetime.fromisoformat(
        end
    )


def test_holidays_are_of_the_country_that_is_asked_for() -> None:
    assert date(2026, 10, 3) in shipped_measure_rules().rest_days_of("DE").holidays
    assert not shipped_measure_rules().rest_days_of("XX").holidays


def test_the_weekend_is_the_countrys_own() -> None:
    rules = replace(shipped_measure_rules(), weekends=[
        Weekend(["EG"], [5, 6], "invented"), *shipped_measure_rules().weekends,
    ])  # fmt: skip
    friday, sunday = date(2026, 12, 4), date(2026, 12, 6)

    assert friday in rules.rest_days_of("EG")
    assert sunday not in rules.rest_days_of("EG")
    assert friday not in rules.rest_days_of("XX")
    assert sunday in rules.rest_days_of("XX")
