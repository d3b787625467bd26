"""Interest on arrears: of an amount that is not paid when its period has ended, day by day, to the minor
unit. Simple: never of interest. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from serai.journey.amounts_payable.law import PPM, InterestLaw, RateRow, RateTable

Why = Literal["not-late", "on-account", "law-unread", "rate-unread", "due-day-unread", "below-amount", ""]
"""Why there is no interest; "": there is. on-account: the account bears it."""


class Paid(NamedTuple):
    """What was paid on a day, minor units; below 0: what was taken back of it."""

    on: date
    amount_minor: int


class Interest(NamedTuple):
    """Interest of an amount up to a day. amount_minor: None: it is not known, why says for what reason, and
    it is never 0 instead. rate_ppm: a year, with the margin. days_late: since the day it was due."""

    amount_minor: int | None
    why: Why
    rate_ppm: int | None = None
    days_late: int = 0
    source: str = ""


class Arrears(NamedTuple):
    """An amount and what was paid of it. due_on: the last day of its period."""

    amount_minor: int
    currency_code: str
    due_on: date | None
    paid: Sequence[Paid]


def interest_of(arrears: Arrears, law: InterestLaw | None, table: RateTable | None, upto: date) -> Interest:
    """Return the interest of an amount up to a day (it counts), whether charged or not: `charged` says.

    The rate is that of the first day of the month in which the amount fell due.
    """
    if arrears.due_on is None:
        return Interest(None, "due-day-unread")
    unpaid = _unpaid_days(arrears, arrears.due_on, upto)
    late = max((upto - arrears.due_on).days, 0)
    if not unpaid:
        return Interest(0, "not-late")
    if law is None or table is None:
        return Interest(None, "law-unread", days_late=late)
    if arrears.currency_code != table.currency_code:
        # Of another currency another bank's rate counts, which no table has.
        return Interest(None, "rate-unread", days_late=late)
    row: RateRow | None = table.rate_on(arrears.due_on.replace(day=1))
    if row is None:
        return Interest(None, "rate-unread", days_late=late)
    rate_ppm = row.rate_ppm + law.margin_ppm
    divisor = PPM * law.year_days
    return Interest((unpaid * rate_ppm * 2 + divisor) // (2 * divisor), "", rate_ppm, late, row.source)


def _unpaid_days(arrears: Arrears, due_on: date, upto: date) -> int:
    """Return the sum over days after the one on which an amount was due of what was not paid of it then."""
    total, since, open_minor = 0, due_on, arrears.amount_minor
    for one in sorted(arrears.paid):
        if one.on > upto:
            break
        if one.on > since:
            total += max(open_minor, 0) * (one.on - since).days
            since = one.on
        open_minor -= one.amount_minor
    return total + max(open_minor, 0) * max((upto - since).days, 0)


def charged(found: Sequence[Interest], law: InterestLaw | None, currency_code: str) -> Interest:
    """Return what is charged of all that is recovered at once: the sum, nothing below the amount from which
    it is charged, and nothing known where one part is not."""
    unknown = next((one for one in found if one.amount_minor is None), None)
    if unknown is not None:
        return unknown
    total = sum(one.amount_minor or 0 for one in found)
    if not total:
        return Interest(0, "not-late")
    if law is not None and currency_code == law.below_currency_code and total < law.below_minor:
        return Interest(0, "below-amount")
    return Interest(total, "")
