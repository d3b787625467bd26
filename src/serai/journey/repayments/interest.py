"""Interest on what goes back: simple, day by day, to the minor unit. One calculation for plans of many
repayments and for a single one, whose law says from when it runs (laws/repayments.yaml). Pure."""

from calendar import monthrange
from datetime import date
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from serai.journey.amounts_payable.law import RateTable

RATE_UNIT: Final = 1_000_000
"""Rates of interest are in millionths a year."""

_Text = Annotated[str, Meta(min_length=1, max_length=500)]

Why = Literal["", "in-time", "law-unread", "rate-unread", "account-late"]
"""Why there is no interest, "": there is, or it was not worked out. in-time: it was repaid before interest
runs. Of the others it is not known: what of the law or the rate was not read; account-late: the payee gave
its account so late that whose delay it was is for an officer."""
KNOWN: Final = frozenset({"", "in-time"})
"""With which the amount stands; with any other it is unknown, and never 0."""


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rate of interest from a day on, until the next. rate_ppm: millionths a year."""

    valid_from: date
    rate_ppm: Annotated[int, Meta(ge=0, le=RATE_UNIT)]


class Interest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Simple interest from the day of payment (included) until a day (not included).

    rates: empty: the law grants none, as source says. days_in_year: by which a year's rate is divided.
    """

    until: date
    source: _Text
    days_in_year: Literal[360, 365] = 365
    rates: list[Rate] = []


class RatePeriod(msgspec.Struct, frozen=True):
    """A rate and the days for which it counts, half-open."""

    begins_on: date
    ends_on: date
    rate_ppm: int


class LateInterest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Interest that runs where a repayment is granted and not carried out in time.

    after_months: from the day of the decision; interest runs from the day on which they end. rate: name of a
    table of laws/amounts-payable.yaml, as it stood on the first day of the month in which interest begins;
    margin_ppm: added to it. unread: what of it was not read.
    """

    after_months: Annotated[int, Meta(ge=1, le=60)]
    rate: str
    margin_ppm: Annotated[int, Meta(ge=0, le=RATE_UNIT)]
    year_days: Literal[360, 365]
    law_reference: str
    unread: str = ""

    def begins_on(self, decided_on: date) -> date:
        """Return the day from which interest runs: of the same number, or the last of its month."""
        months = decided_on.year * 12 + decided_on.month - 1 + self.after_months
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(decided_on.day, monthrange(year, month)[1]))


class BreachInterest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Interest from the day of payment, where a charge was contrary to law. rate: as of LateInterest, on the
    first day of the month of the payment; None: it was not read. unread: what of it was not read."""

    rate: str | None
    margin_ppm: Annotated[int, Meta(ge=0, le=RATE_UNIT)]
    year_days: Literal[360, 365]
    law_reference: str
    unread: str = ""


class LateRepayment(NamedTuple):
    """What a decision granted, minor units, and when it is carried out. account_on: when the payee last said
    to which account."""

    amount_minor: int
    currency_code: str
    decided_on: date
    repaid_on: date
    account_on: date


class Found(NamedTuple):
    """Interest on a repayment. amount_minor: None: it is not known, as why says."""

    amount_minor: int | None
    why: Why


def rate_periods(interest: Interest) -> list[RatePeriod]:
    """Return the rates with the days for which each counts, until the last day of the plan."""
    ends = [*(one.valid_from for one in interest.rates[1:]), interest.until]
    return [
        RatePeriod(one.valid_from, min(end, interest.until), one.rate_ppm)
        for one, end in zip(interest.rates, ends, strict=True)
        if one.valid_from < min(end, interest.until)
    ]


def interest_minor(amount_minor: int, paid_on: date, interest: Interest) -> int:
    """Return the interest on an amount from a day on (of a plan: that of payment), minor units, half up.

    The reference for what a plan computes in bulk (calculation.sql), which a test holds against it.
    """
    parts = sum(
        max((one.ends_on - max(one.begins_on, paid_on)).days, 0) * one.rate_ppm
        for one in rate_periods(interest)
    )
    whole = interest.days_in_year * RATE_UNIT
    return (2 * amount_minor * parts + whole) // (2 * whole)


def late_interest(late: LateRepayment, law: LateInterest | None, table: RateTable | None) -> Found:
    """Return the interest on what is repaid after its time; law, table None: not read."""
    if law is None or table is None:
        return Found(None, "law-unread")
    begins_on = law.begins_on(late.decided_on)
    if late.repaid_on <= begins_on:
        return Found(0, "in-time")
    if late.account_on > begins_on:
        return Found(None, "account-late")
    return _simple(late, begins_on, law.year_days, law.margin_ppm, table)


def breach_interest(
    late: LateRepayment, paid_on: date, law: BreachInterest | None, table: RateTable | None
) -> Found:
    """Return the interest on what was charged contrary to law, from the day of its payment; law None: not
    read; table None: its rate was not read."""
    if law is None:
        return Found(None, "law-unread")
    if table is None:
        return Found(None, "rate-unread")
    return _simple(late, paid_on, law.year_days, law.margin_ppm, table)


def _simple(
    late: LateRepayment, begins_on: date, year_days: Literal[360, 365], margin_ppm: int, table: RateTable
) -> Found:
    """Return simple interest from a day until the repayment, at the rate of the month in which it begins."""
    # Of another currency another bank's rate counts, which no table has.
    row = table.rate_on(begins_on.replace(day=1)) if late.currency_code == table.currency_code else None
    if row is None:
        return Found(None, "rate-unread")
    rates = [Rate(begins_on, row.rate_ppm + margin_ppm)]
    said = Interest(late.repaid_on, row.source, year_days, rates)
    return Found(interest_minor(late.amount_minor, begins_on, said), "")
