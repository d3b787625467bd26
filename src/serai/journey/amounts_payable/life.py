"""Where an amount payable stands: incurred, notified, entered, due, late, at an end; worked out from what
stands, whenever somebody asks. Pure."""

from collections.abc import Container, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from serai.journey.amounts_payable.interest import Arrears, Interest, Paid, interest_of
from serai.journey.amounts_payable.law import End, PayableLaw, PayableRules, SuspendedBy
from serai.journey.amounts_payable.periods import deferred_to, last_day, years_after

State = Literal["assessed", "notified", "deferred", "late", "ended"]
"""assessed: determined and not notified; notified: to be paid; deferred: put on an account, which says
whether it is late; late: its period has ended; ended: nothing is owed any more."""


class Suspension(NamedTuple):
    """What may stop a limitation period. from_on: the day it begins; to_on: on which it ended; None: not
    yet. law_reference: by which it does."""

    by: SuspendedBy
    from_on: date
    to_on: date | None
    law_reference: str = ""


class Facts(NamedTuple):
    """What stands of a charge. Days are of the calendar where the law lies. accepted_on: of the declaration;
    None: not yet. notified_on, entered_on: None: not yet. deferred: first and last day of the period in which
    it was put on an account; None: it was not. status: of the goods. paid: by whatever way. is_prosecuted: an
    act gave rise to it that was liable to be prosecuted. suspensions: what may stop its limitation period."""

    kind: str
    amount_minor: int
    currency_code: str
    accepted_on: date | None
    notified_on: date | None
    entered_on: date | None
    status: str
    paid: Sequence[Paid] = ()
    deferred: tuple[date, date] | None = None
    released_on: date | None = None
    is_prosecuted: bool = False
    suspensions: Sequence[Suspension] = ()


class Life(NamedTuple):
    """Where an amount payable stands on a day. None: not yet, or the law on it was not read. entry_due_on: by
    when it has to be entered in the accounts. limited_on: the last day on which it may be notified; None,
    too, while something stops the period; suspensions: what did.
    unpaid_minor: never below 0. ended_by: and by which law."""

    state: State
    is_customs_debt: bool
    incurred_on: date | None
    notified_on: date | None
    entered_on: date | None
    entry_due_on: date | None
    due_on: date | None
    limited_on: date | None
    suspensions: tuple[Suspension, ...]
    unpaid_minor: int
    interest: Interest
    ended_by: End | None
    ended_law_reference: str


def life_of(
    facts: Facts, law: PayableLaw, rules: PayableRules, upto: date, rest_days: Container[date]
) -> Life:
    """Return where an amount payable stands on a day. rest_days: on which no period ends."""
    incurred_on = facts.accepted_on if law.incurrence is not None else None
    due_on = _due_on(facts, law, rest_days)
    paid = [one for one in facts.paid if one.on <= upto]
    unpaid = max(facts.amount_minor - sum(one.amount_minor for one in paid), 0)
    suspensions = _suspensions(facts, law, upto)
    limited_on = _limited_on(facts, law, incurred_on, suspensions)
    ended_by = _ended_by(facts, unpaid, limited_on, upto)
    arrears = Arrears(facts.amount_minor, facts.currency_code, due_on, paid)
    table = None if law.interest is None else rules.rates[law.interest.rate]
    if facts.deferred is None:
        interest = interest_of(arrears, law.interest, table, upto)
    else:
        interest = Interest(0, "on-account")
    entry_begun = facts.released_on if law.entry is not None else None
    return Life(
        state=_state(facts, ended_by, due_on, upto),
        is_customs_debt=law.is_customs_debt,
        incurred_on=incurred_on,
        notified_on=facts.notified_on,
        entered_on=facts.entered_on,
        entry_due_on=None
        if entry_begun is None or law.entry is None
        else last_day(entry_begun, law.entry.days, rest_days),
        due_on=due_on,
        limited_on=limited_on,
        suspensions=suspensions,
        unpaid_minor=unpaid,
        interest=interest,
        ended_by=ended_by,
        ended_law_reference="" if ended_by is None else law.ends.get(ended_by, ""),
    )


def may_be_notified(life: Life, upto: date) -> bool:
    """Say whether an amount may still be notified: it is not past its limitation, and did not end. Where the
    law was not read nothing forbids it."""
    return life.ended_by is None and (life.limited_on is None or upto <= life.limited_on)


def _due_on(facts: Facts, law: PayableLaw, rest_days: Container[date]) -> date | None:
    if facts.deferred is not None:
        return None if law.deferment is None else deferred_to(*facts.deferred, law.deferment.days, rest_days)
    if facts.notified_on is None or law.payment is None:
        return None
    return last_day(facts.notified_on, law.payment.days, rest_days)


def _suspensions(facts: Facts, law: PayableLaw, upto: date) -> tuple[Suspension, ...]:
    """Return what has stopped the period by law until a day, oldest first, each with its law."""
    if law.limitation is None:
        return ()
    by = law.limitation.suspended_by
    found = [
        one._replace(
            to_on=one.to_on if one.to_on is not None and one.to_on <= upto else None,
            law_reference=by[one.by],
        )
        for one in facts.suspensions
        if one.by in by and one.from_on <= upto
    ]
    return tuple(sorted(found, key=lambda one: (one.from_on, one.to_on or date.max)))


def _limited_on(
    facts: Facts, law: PayableLaw, incurred_on: date | None, suspensions: Sequence[Suspension]
) -> date | None:
    """Return the last day on which an amount may be notified. Where it was prosecuted the shortest period is
    sure, and the longest is not passed: national law says which, so the longest forbids."""
    if incurred_on is None or law.limitation is None:
        return None
    years = law.limitation.crime_years[1] if facts.is_prosecuted else law.limitation.years
    return _run_on(years_after(incurred_on, years), suspensions)


def _run_on(last: date | None, suspensions: Sequence[Suspension]) -> date | None:
    """Return when a period ends that was stopped: later by the days on which it did not run, each counted
    once; None: it does not run. What begins after its end revives nothing. suspensions: oldest first."""
    counted_to: date | None = None
    for one in suspensions:
        if last is None or one.from_on > last:
            break
        if one.to_on is None:
            return None
        begin = one.from_on if counted_to is None else max(one.from_on, counted_to)
        last += timedelta(days=max((one.to_on - begin).days, 0))
        counted_to = one.to_on if counted_to is None else max(one.to_on, counted_to)
    return last


_ENDS: dict[str, End] = {
    "invalidated": "invalidated",
    "confiscated": "confiscated",
    "destroyed": "destroyed",
    "abandoned": "abandoned",
}


def _ended_by(facts: Facts, unpaid: int, limited_on: date | None, upto: date) -> End | None:
    if facts.status in _ENDS:
        return _ENDS[facts.status]
    if facts.deferred is None and facts.amount_minor > 0 and not unpaid:
        return "paid"
    is_notified = facts.notified_on is not None and facts.notified_on <= upto
    if limited_on is not None and not is_notified and upto > limited_on:
        return "limitation"
    return None


def _state(facts: Facts, ended_by: End | None, due_on: date | None, upto: date) -> State:
    if ended_by is not None:
        return "ended"
    if facts.notified_on is None or facts.notified_on > upto:
        return "assessed"
    if facts.deferred is not None:
        return "deferred"
    return "late" if due_on is not None and upto > due_on else "notified"
