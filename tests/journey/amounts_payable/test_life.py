"""The life of amounts payable: days of the Union Customs Code, interest to the cent, and that nothing unknown
is taken for nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.shipped import find_shipped
from serai.journey.amounts_payable.interest import Arrears, Interest, Paid, charged, interest_of
from serai.journey.amounts_payable.law import read_payable_rules, shipped_payable_rules, unread_of
from serai.journey.amounts_payable.life import Facts, Life, Suspension, life_of, may_be_notified
from serai.journey.amounts_payable.periods import deferred_to, last_day, years_after
from serai.model.errors import SeraiError

RULES = shipped_payable_rules()
DUTY = RULES.law_of("EU", "duty", date(2025, 3, 1))
TAX = RULES.law_of("EU", "tax", date(2025, 3, 1))


class Weekends:
    """Saturdays and Sundays."""

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day.isoweekday() > 5


def facts(**changed: Any) -> Facts:
    """A duty of 1,000.00 euros, accepted, notified and entered on 3 March 2025."""
    on = date(2025, 3, 3)
    return Facts("duty", 100_000, "EUR", on, on, on, "payment-due")._replace(**changed)


def life(upto: date, **changed: Any) -> Life:
    return life_of(facts(**changed), DUTY, RULES, upto, Weekends())


def test_a_customs_debt_is_paid_within_ten_days_and_late_after() -> None:
    # 13 March 2025 is a Thursday.
    assert life(date(2025, 3, 13)).state == "notified"
    late = life(date(2025, 3, 14))

    assert (late.state, late.due_on) == ("late", date(2025, 3, 13))
    assert late.is_customs_debt
    assert late.incurred_on == date(2025, 3, 3)
    assert late.limited_on == date(2028, 3, 3)


def test_a_period_that_ends_on_a_day_of_rest_ends_with_the_next_working_day() -> None:
    # 15 March 2025 is a Saturday.
    assert life(date(2025, 3, 20), notified_on=date(2025, 3, 5)).due_on == date(2025, 3, 17)


def test_interest_is_that_of_the_month_in_which_it_fell_due_to_the_cent() -> None:
    # 2.90 % of the bank on 1 March 2025 and 2 % more: 1,000.00 * 4.9 % * 30 / 365 = 4.0273...
    found = life(date(2025, 4, 12)).interest

    assert (found.amount_minor, found.rate_ppm, found.days_late) == (403, 49_000, 30)


def test_what_is_paid_in_part_bears_interest_of_the_rest_alone() -> None:
    # 10 days of 1,000.00 and 20 of 400.00: 18,000 * 4.9 % / 365 = 2.4164...
    assert life(date(2025, 4, 12), paid=[Paid(date(2025, 3, 23), 60_000)]).interest.amount_minor == 242


def test_paid_in_time_it_is_at_an_end_and_bears_nothing() -> None:
    ended = life(date(2025, 9, 1), paid=[Paid(date(2025, 3, 13), 100_000)])

    assert (ended.state, ended.ended_by, ended.unpaid_minor) == ("ended", "paid", 0)
    assert ended.interest == Interest(0, "not-late")
    assert ended.ended_law_reference.endswith("124(1)(b)")


def test_a_payment_that_is_taken_back_is_owed_again() -> None:
    back = [Paid(date(2025, 3, 10), 100_000), Paid(date(2025, 5, 1), -100_000)]

    again = life(date(2025, 5, 11), paid=back)

    assert (again.state, again.unpaid_minor) == ("late", 100_000)
    # Ten days of 1,000.00: while it was paid nothing ran.
    assert again.interest.amount_minor == 134


def test_without_a_rate_that_was_read_there_is_no_interest_and_not_none_of_it() -> None:
    found = life(date(2026, 12, 1), notified_on=date(2026, 11, 2)).interest

    assert (found.amount_minor, found.why) == (None, "rate-unread")


def test_what_the_law_was_not_read_on_has_no_due_day_and_no_interest() -> None:
    found = life_of(facts(kind="tax"), TAX, RULES, date(2026, 12, 1), Weekends())

    assert (found.due_on, found.limited_on, found.state) == (None, None, "notified")
    assert found.interest == Interest(None, "due-day-unread")
    assert not found.is_customs_debt
    assert "payment" in unread_of(TAX)
    assert may_be_notified(found, date(2099, 1, 1))


def test_what_was_not_notified_in_three_years_is_at_an_end() -> None:
    before = life(date(2028, 3, 3), notified_on=None)
    after = life(date(2028, 3, 4), notified_on=None)

    assert may_be_notified(before, date(2028, 3, 3))
    assert (after.state, after.ended_by) == ("ended", "limitation")
    assert after.ended_law_reference.endswith("124(1)(a)")
    assert not may_be_notified(after, date(2028, 3, 4))
    assert life(date(2028, 3, 4)).ended_by is None
    # Where it was prosecuted: ten years at most.
    assert life(date(2035, 3, 3), notified_on=None, is_prosecuted=True).ended_by is None


@pytest.mark.parametrize("status", ["invalidated", "confiscated", "destroyed", "abandoned"])
def test_goods_on_which_nothing_is_owed_end_it(status: str) -> None:
    ended = life(date(2025, 9, 1), status=status)

    assert (ended.state, ended.ended_by) == ("ended", status)
    assert "124(1)" in ended.ended_law_reference


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        # 31 days: half of 30 less. 15 April 2025 is a Tuesday.
        (date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 15)),
        (date(2025, 4, 1), date(2025, 4, 30), date(2025, 5, 15)),
        # 28 days; 16 March 2025 is a Sunday.
        (date(2025, 2, 1), date(2025, 2, 28), date(2025, 3, 17)),
        (date(2025, 3, 3), date(2025, 3, 9), date(2025, 4, 5) + timedelta(days=2)),
    ],
)
def test_an_account_is_settled_half_its_period_before_thirty_days(first: date, last: date, due: date) -> None:
    assert deferred_to(first, last, 30, Weekends()) == due
    assert life(due, deferred=(first, last)).due_on == due


def test_less_than_ten_euros_in_all_is_not_charged() -> None:
    small, more = Interest(600, ""), Interest(400, "")

    assert charged([small], DUTY.interest, "EUR") == Interest(0, "below-amount")
    assert charged([small, more], DUTY.interest, "EUR").amount_minor == 1_000
    assert charged([small, Interest(None, "rate-unread")], DUTY.interest, "EUR").amount_minor is None


def test_no_period_ends_after_all_days() -> None:
    assert last_day(date(9999, 12, 30), 10, Weekends()) is None
    assert years_after(date(9999, 1, 1), 3) is None
    assert years_after(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert life(date(9999, 12, 31), notified_on=date(9999, 12, 30)).due_on is None


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
AMOUNTS = st.integers(1, 10**12)


@given(
    amount=AMOUNTS,
    due_on=st.dates(date(2022, 1, 1), date(2026, 12, 31)),
    paid=st.lists(st.builds(Paid, DAYS, st.integers(-(10**12), 10**12)), max_size=6),
    upto=DAYS,
    later=st.integers(0, 1_000),
)
def test_interest_is_never_below_nothing_and_never_less_later(
    amount: int, due_on: date, paid: list[Paid], upto: date, later: int
) -> None:
    arrears = Arrears(amount, "EUR", due_on, paid)
    assert DUTY.interest is not None
    table = RULES.rates[DUTY.interest.rate]

    now = interest_of(arrears, DUTY.interest, table, upto)
    then = interest_of(arrears, DUTY.interest, table, upto + timedelta(days=later))

    assert now.days_late >= 0
    assert (now.amount_minor is None) <= (now.why in {"rate-unread", "law-unread"})
    if now.amount_minor is not None and then.amount_minor is not None:
        assert 0 <= now.amount_minor <= then.amount_minor


@given(
    accepted_on=st.none() | DAYS,
    notified_on=st.none() | DAYS,
    status=st.sampled_from(["payment-due", "released", "arrival-expected", "invalidated", "confiscated"]),
    paid=st.lists(st.builds(Paid, DAYS, st.integers(-(10**9), 10**9)), max_size=4),
    upto=DAYS,
)
def test_whatever_happened_in_whatever_order_no_amount_is_below_nothing(
    accepted_on: date | None, notified_on: date | None, status: str, paid: list[Paid], upto: date
) -> None:
    one = life(upto, accepted_on=accepted_on, notified_on=notified_on, status=status, paid=paid)

    assert one.unpaid_minor >= 0
    assert (one.interest.amount_minor or 0) >= 0
    assert one.due_on is None or notified_on is None or one.due_on > notified_on
    assert one == life(upto, accepted_on=accepted_on, notified_on=notified_on, status=status, paid=paid[::-1])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("kinds: [duty, tax, excise, fee]", "kinds: [duty, tax, excise]", "everywhere else of fee"),
        ("kinds: [tax]", "kinds: [levy]", "levy"),
        ("rate: ecb-main-refinancing", "rate: unheard-of", "unheard-of"),
        ("valid_to: 2022-07-27", "valid_to: 2022-08-27", "two rows are in force"),
        ("year_days: 365", "year_days: 0", "year_days"),
        ("format", "format", ""),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(old: str, new: str, why: str) -> None:
    content = (find_shipped("laws") / "amounts-payable.yaml").read_text()
    if not why:
        assert read_payable_rules(content.encode()) == RULES
        return

    with pytest.raises(SeraiError, match=why) as refused:
        read_payable_rules(content.replace(old, new, 1).encode())

    assert refused.value.code == "payable-rules-unreadable"


@pytest.mark.parametrize(
    ("appeals", "limited_on"),
    [
        ([], date(2028, 3, 3)),
        ([(date(2026, 1, 1), date(2026, 4, 11))], date(2028, 6, 11)),
        # Two at once stop it once; a day counts only while the period still runs.
        ([(date(2026, 1, 1), date(2026, 4, 11)), (date(2026, 2, 1), date(2026, 4, 21))], date(2028, 6, 21)),
        ([(date(2026, 1, 1), date(2026, 4, 11)), (date(2026, 1, 5), date(2026, 2, 1))], date(2028, 6, 11)),
        ([(date(2026, 1, 1), None)], None),
        ([(date(2029, 1, 1), date(2029, 4, 1))], date(2028, 3, 3)),
    ],
)
def test_an_appeal_stops_the_limitation_period_as_long_as_it_lasts(
    appeals: list[tuple[date, date | None]], limited_on: date | None
) -> None:
    its = [Suspension("appeal", *one) for one in appeals]

    found = life(date(2029, 6, 1), notified_on=None, suspensions=its)

    assert found.limited_on == limited_on
    assert [one.law_reference.endswith("103(3)(a)") for one in found.suspensions] == [True] * len(appeals)
    assert (found.ended_by == "limitation") == (limited_on is not None and limited_on < date(2029, 6, 1))
    assert may_be_notified(found, date(2029, 6, 1)) == (found.ended_by is None)
    assert DUTY.limitation is not None
    assert DUTY.limitation.unread, "what was not read is said"


def test_a_hearing_about_a_debt_stops_the_period_until_its_own_ends_each_day_once() -> None:
    heard = Suspension("hearing", date(2026, 1, 5), date(2026, 2, 4))
    appealed = Suspension("appeal", date(2026, 1, 20), date(2026, 2, 24))

    alone = life(date(2026, 6, 1), suspensions=[heard])
    both = life(date(2026, 6, 1), suspensions=[appealed, heard])
    during = life(date(2026, 1, 10), suspensions=[heard])

    assert alone.limited_on == date(2028, 3, 3) + timedelta(days=30)
    assert alone.suspensions[0].law_reference.endswith("103(3)(b)")
    assert both.limited_on == date(2028, 3, 3) + timedelta(days=50)
    assert (during.limited_on, during.suspensions[0].to_on) == (None, None)


def test_what_the_law_says_nothing_of_stops_nothing_and_what_lies_ahead_does_not_yet() -> None:
    its = [Suspension("appeal", date(2026, 1, 1), date(2026, 4, 11))]

    before = life(date(2025, 12, 31), suspensions=its)
    during = life(date(2026, 2, 1), suspensions=its)
    tax = life_of(facts(kind="tax", suspensions=its), TAX, RULES, date(2027, 1, 1), Weekends())

    assert (before.limited_on, before.suspensions) == (date(2028, 3, 3), ())
    assert (during.limited_on, during.suspensions[0].to_on) == (None, None)
    assert (tax.limited_on, tax.suspensions) == (None, ())
