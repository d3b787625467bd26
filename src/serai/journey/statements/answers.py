"""Statements and amounts payable as they are answered."""

import datetime as dt
from typing import Literal, get_args

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.amounts_payable.interest import Interest, Why
from serai.journey.amounts_payable.law import End, SuspendedBy, unread_of
from serai.journey.amounts_payable.life import State
from serai.journey.revenue.payment_advice import PaymentAdvice
from serai.journey.statements.charges import Charge
from serai.journey.statements.period import Month
from serai.journey.statements.service import Debts
from serai.journey.statements.statement import Line, LineKind, Section, Statement
from serai.model.ledger import ACCOUNT_KINDS
from serai.model.money import format_minor, percent_text

ChargeKind = Literal["duty", "tax", "excise", "fee"]
StatedAccount = Literal[
    "deferred-payments",
    "advances",
    "settlements",
    "prepayments",
    "amounts-payable",
    "refunds-due",
    "securities",
    "securities-called",
]
PaymentKind = Literal[
    "",
    "paid",
    "payment-received",
    "on-account",
    "secured",
    "release-against-security",
    "quote-difference",
    "rounding-difference",
    "security-called",
    "other",
]
_PAYMENT_KINDS = frozenset(get_args(PaymentKind))
"""By which act a payment was recorded; "": it is no payment."""


class InterestOut(msgspec.Struct, frozen=True):
    """Interest on arrears until the day of the statement; it is not entered in the accounts before it is
    charged. amount: None: it is not known, and is not nothing. why: the reason for none: `not-late`,
    `on-account`, `below-amount`; or for not knowing it: `law-unread`, `rate-unread`, `due-day-unread`."""

    amount: str | None
    why: Why
    rate_percent: str | None
    days_late: int


class SuspensionOut(msgspec.Struct, frozen=True):
    """What stops a limitation period. to_on: on which it ended; None: it has not. law_reference: by which it
    does."""

    by: SuspendedBy
    from_on: dt.date
    to_on: dt.date | None
    law_reference: str


class PayableOut(msgspec.Struct, frozen=True):
    """A charge that is entered in the accounts, and where it stands in its life. is_customs_debt: import or
    export duty. Days: None: not yet, or (named in `unread`) the law on it was not read. entry_due_on: by when
    it has to be entered. limited_on: the last day on which it may be notified; limitation_suspensions: what
    makes that later, or leaves it open. state: `notified`, `deferred`,
    `late`, `ended`, `assessed`. ended_by: by what, where it has."""

    reference: str
    case_id: str
    sequence_number: int | None
    kind: ChargeKind
    tax_type_code: str
    is_customs_debt: bool
    debtor: str
    currency_code: str
    amount: str
    unpaid_amount: str
    law_references: list[str]
    incurred_on: dt.date | None
    notified_on: dt.date | None
    entered_on: dt.date | None
    entry_due_on: dt.date | None
    due_on: dt.date | None
    limited_on: dt.date | None
    limitation_suspensions: list[SuspensionOut]
    state: State
    ended_by: End | None
    ended_law_reference: str
    interest: InterestOut
    unread: list[str]


class StatementLineOut(msgspec.Struct, frozen=True):
    """A line of a statement. kind: `charge`; `payment`, with the kind of its act; `not-listed`: what moved
    and no single line explains. amount: below zero, the balance became less. at: None of what is not
    listed."""

    kind: LineKind
    at: dt.datetime | None
    amount: str
    reference: str
    case_id: str | None
    tax_type_code: str
    act_kind: PaymentKind
    charge: PayableOut | None


class SectionOut(msgspec.Struct, frozen=True):
    """The accounts of a kind. account: as in the ledger. charged_amount, paid_amount: what decisions and
    payments moved: opening and both are closing. pending_amount: determined and not entered yet. due_on:
    until when the closing balance of a deferred account is paid. payment_advice: how, of a registered account
    on which something is open, where the administration has set a bank account."""

    account: StatedAccount
    currency_code: str
    debtor: str
    number: str
    opening_amount: str
    charged_amount: str
    paid_amount: str
    closing_amount: str
    pending_amount: str
    due_on: dt.date | None
    interest: InterestOut | None
    lines: list[StatementLineOut]
    payment_advice: PaymentAdvice | None = None


class StatementOut(msgspec.Struct, frozen=True):
    """A party's statement of a month, where the administration is; of the running month as far as it has
    come. is_whole: all lines are there; else the rest of each section stands in one that is not listed."""

    party: str
    party_name: str
    period: str
    from_on: dt.date
    to_on: dt.date
    made_at: dt.datetime
    is_whole: bool
    sections: list[SectionOut]


class MonthsOut(msgspec.Struct, frozen=True):
    """Months there are statements of, newest first."""

    periods: list[str]


class CurrencySumOut(msgspec.Struct, frozen=True):
    """What is owed in a currency, and the interest of it."""

    currency_code: str
    unpaid_amount: str
    interest: InterestOut


class AmountsPayableOut(msgspec.Struct, frozen=True):
    """What is to be paid on a party's declarations now, charge by charge: its notification of debt. barred:
    what may not be asked for any more, since nobody was notified in time. is_whole: it is all."""

    party: str
    party_name: str
    made_at: dt.datetime
    is_whole: bool
    sums: list[CurrencySumOut]
    charges: list[PayableOut]
    barred: list[PayableOut]


class Payer(msgspec.Struct, frozen=True):
    """Whose statement."""

    party_id: int
    name: str


def statement_out(payer: Payer, statement: Statement) -> StatementOut:
    """Return a statement as it is answered."""
    month = statement.month
    return StatementOut(
        party=format_id(payer.party_id),
        party_name=payer.name,
        period=month.name,
        from_on=month.first,
        to_on=month.last,
        made_at=statement.made_at,
        is_whole=statement.is_whole,
        sections=[_section_out(one) for one in statement.sections],
    )


def debts_out(payer: Payer, debts: Debts) -> AmountsPayableOut:
    """Return what is owed as it is answered."""
    return AmountsPayableOut(
        party=format_id(payer.party_id),
        party_name=payer.name,
        made_at=debts.made_at,
        is_whole=debts.is_whole,
        sums=[
            CurrencySumOut(
                currency,
                format_minor(
                    sum(one.life.unpaid_minor for one in debts.owed if one.key.currency_code == currency),
                    currency,
                ),
                _interest_out(interest, currency),
            )
            for currency, interest in debts.interest.items()
        ],
        charges=[_charge_out(one) for one in debts.owed],
        barred=[_charge_out(one) for one in debts.barred],
    )


def months_out(months: list[Month]) -> MonthsOut:
    """Return months as they are answered."""
    return MonthsOut([one.name for one in months])


def _section_out(one: Section) -> SectionOut:
    currency = one.key.currency_code
    return SectionOut(
        account=msgspec.convert(ACCOUNT_KINDS[one.key.kind].code, StatedAccount),
        currency_code=currency,
        debtor=one.key.debtor_code,
        number=one.key.number,
        opening_amount=format_minor(one.opening_minor, currency),
        charged_amount=format_minor(one.charged_minor, currency),
        paid_amount=format_minor(one.paid_minor, currency),
        closing_amount=format_minor(one.closing_minor, currency),
        pending_amount=format_minor(one.pending_minor, currency),
        due_on=one.due_on,
        interest=None if one.interest is None else _interest_out(one.interest, currency),
        lines=[_line_out(line, currency) for line in one.lines],
    )


def _line_out(line: Line, currency: str) -> StatementLineOut:
    return StatementLineOut(
        kind=line.kind,
        at=line.at,
        amount=format_minor(line.amount_minor, currency),
        reference=line.reference,
        case_id=None if line.case_id is None else format_id(line.case_id),
        tax_type_code=line.tax_type_code,
        act_kind=_payment_kind(line),
        charge=None if line.charge is None else _charge_out(line.charge),
    )


def _payment_kind(line: Line) -> PaymentKind:
    if line.kind != "payment":
        return ""
    found: PaymentKind = msgspec.convert(
        line.act_kind if line.act_kind in _PAYMENT_KINDS else "other", PaymentKind
    )
    return found


def _charge_out(one: Charge) -> PayableOut:
    life, currency = one.life, one.key.currency_code
    return PayableOut(
        reference=one.name.reference,
        case_id=format_id(one.name.case_id),
        sequence_number=one.key.sequence_number or None,
        kind=msgspec.convert(one.kind, ChargeKind),
        tax_type_code=one.key.tax_type_code,
        is_customs_debt=life.is_customs_debt,
        debtor=one.key.debtor_code,
        currency_code=currency,
        amount=format_minor(one.amount_minor, currency),
        unpaid_amount=format_minor(life.unpaid_minor, currency),
        law_references=list(one.law_references),
        incurred_on=life.incurred_on,
        notified_on=life.notified_on,
        entered_on=life.entered_on,
        entry_due_on=life.entry_due_on,
        due_on=life.due_on,
        limited_on=life.limited_on,
        limitation_suspensions=[SuspensionOut(*one) for one in life.suspensions],
        state=life.state,
        ended_by=life.ended_by,
        ended_law_reference=life.ended_law_reference,
        interest=_interest_out(life.interest, currency),
        unread=unread_of(one.law),
    )


def _interest_out(one: Interest, currency: str) -> InterestOut:
    return InterestOut(
        amount=None if one.amount_minor is None else format_minor(one.amount_minor, currency),
        why=one.why,
        rate_percent=None if one.rate_ppm is None else percent_text(one.rate_ppm, 1_000_000),
        days_late=one.days_late,
    )
