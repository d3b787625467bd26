"""Generated adverse decisions: none before its hearing has ended or without a coded exception, and no clock
before notification."""

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from serai.journey.measure_rules.hearing_rules import find_hearing, period_end
from serai.journey.measure_rules.measure_law import Weekend, shipped_measure_rules
from tests.journey.acts.hearing_campaign.histories import MARCH, History, Told, may_decide
from tests.journey.acts.hearing_campaign.pure import LAW, act, acts_of, clock_faults, decide, judge


def test_no_generated_adverse_decision_comes_before_its_hearing_ended_or_without_a_coded_exception() -> None:
    taken, refused, faults = judge(1_000, 20261129)

    assert faults == []
    assert {ground.partition(":")[0] for ground in taken} == {"heard", "exception"}
    assert min(taken.values()) > 20, "the generator makes some of each"
    assert refused["the message came back"] > 5


@pytest.mark.slow
def test_none_of_a_hundred_thousand_generated_adverse_decisions_comes_too_soon() -> None:
    taken, refused, faults = judge(100_000, 7)

    assert faults == []
    assert taken.total() + refused.total() == 100_000


def test_a_judge_that_finds_everything_well_is_none() -> None:
    """A rule that forgets proof is caught."""
    one = History(0, (Told("email", 0, 5),), None, None, False, 24 * 60, None, "", False)
    acts = [act for act in acts_of(one) if act.kind != "hearing-notice-returned"]

    assert not may_decide(one)
    assert decide(one, LAW, acts_of(one)) is None
    assert decide(one, LAW, acts) is not None
    assert clock_faults(one, acts)


def test_no_clock_begins_before_notification_however_long_ago_the_hearing_was_opened() -> None:
    opened = act("hearing-opened", 0, 10)
    hearing = find_hearing([opened], 10)

    assert hearing is not None
    assert not hearing.is_ended(MARCH.begin + timedelta(days=4_000))


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
