"""A statement of a payer's accounts in a month, put together from entries and charges: its totals are the
ledger's, and what no single charge explains stands in a line of its own. Pure."""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from serai.journey.amounts_payable.interest import Arrears, Interest, interest_of
from serai.journey.amounts_payable.law import PayableLaw, PayableRules
from serai.journey.amounts_payable.periods import deferred_to
from serai.journey.statements.charges import Charge
from serai.journey.statements.period import Month
from serai.journey.statements.store import DEFERRED, AccountSum, PaymentRow
from serai.model.ledger import ACCOUNT_KINDS, KIND_PLACES, POSTED, Account

LineKind = Literal["charge", "payment", "not-listed"]


class SectionKey(NamedTuple):
    """What tells a section of a statement from others: the accounts of a kind, whatever their tax type."""

    currency_code: str
    kind: int
    debtor_code: str
    number: str


class Line(NamedTuple):
    """A line. amount_minor: above zero, the balance grows. charge: what it is of, of a charge alone.
    act_kind: by which act, of a payment alone. reference: of the consignment, or the first of the case."""

    kind: LineKind
    at: datetime | None
    amount_minor: int
    reference: str = ""
    case_id: int | None = None
    tax_type_code: str = ""
    charge: Charge | None = None
    act_kind: str = ""


class Section(NamedTuple):
    """The accounts of a kind. Balances are above zero as that kind's usually are: what is owed, of what is
    owed; what is due back, of refunds. due_on: until when the closing balance is paid; None: not known, or
    each charge has a day of its own."""

    key: SectionKey
    opening_minor: int
    charged_minor: int
    paid_minor: int
    closing_minor: int
    pending_minor: int
    due_on: date | None
    interest: Interest | None
    lines: tuple[Line, ...]


class Statement(NamedTuple):
    """A statement. is_whole: all lines are there; else the rest of each section stands in one line."""

    month: Month
    made_at: datetime
    sections: tuple[Section, ...]
    is_whole: bool


class AccountTerms(NamedTuple):
    """By what accounts of deferred payments are settled. upto: the day on which they are looked at."""

    rules: PayableRules
    rest_days: Container[date]
    upto: date


def build_sections(
    sums: Sequence[AccountSum],
    charges: Sequence[Charge],
    payments: Sequence[PaymentRow],
    *,
    references: Mapping[int, str],
    month: Month,
    terms: AccountTerms,
) -> tuple[Section, ...]:
    """Put the sections of a statement together, by currency and in the order of the kinds of account.

    charges: those that the period has changed. payments: what they moved on the accounts in the period.
    """
    opening: Counter[SectionKey] = Counter()
    charged: Counter[SectionKey] = Counter()
    paid: Counter[SectionKey] = Counter()
    pending: Counter[SectionKey] = Counter()
    for one in sums:
        key = _section_of(one.account)
        if one.phase == POSTED:
            opening[key] += one.before_minor
            charged[key] += one.assessed_minor
            paid[key] += one.paid_minor
        else:
            pending[key] += one.before_minor + one.assessed_minor + one.paid_minor
    lines = _lines(charges, payments, references)
    law = _law_of_deferment(charges)
    found = []
    for key in sorted({*opening, *charged, *paid, *pending}):
        sign = 1 if ACCOUNT_KINDS[key.kind].is_debit else -1
        own = [one._replace(amount_minor=sign * one.amount_minor) for one in lines.get(key, ())]
        moved = sign * (charged[key] + paid[key])
        if not (opening[key] or moved or own or pending[key]):
            continue
        missing = moved - sum(one.amount_minor for one in own)
        if missing:
            own.append(Line("not-listed", None, missing))
        closing = sign * opening[key] + moved
        due_on, interest = _due(key, own, closing, law=law, month=month, terms=terms)
        found.append(
            Section(
                key,
                sign * opening[key],
                sign * charged[key],
                sign * paid[key],
                closing,
                sign * pending[key],
                due_on,
                interest,
                tuple(own),
            )
        )
    return tuple(found)


def _section_of(account: Account) -> SectionKey:
    return SectionKey(account.currency_code, account.kind, account.debtor_code, account.number)


_PAYABLE = KIND_PLACES["amounts-payable"]
_DEFERRED = frozenset(KIND_PLACES[one] for one in DEFERRED)


def _lines(
    charges: Sequence[Charge], payments: Sequence[PaymentRow], references: Mapping[int, str]
) -> dict[SectionKey, list[Line]]:
    """Return the lines of each section, oldest first; debits above zero."""
    found: dict[SectionKey, list[Line]] = defaultdict(list)
    for one in charges:
        if one.moved_minor:
            key = SectionKey(one.key.currency_code, _PAYABLE, one.key.debtor_code, "")
            found[key].append(
                Line(
                    "charge",
                    one.moved_at,
                    one.moved_minor,
                    one.name.reference,
                    one.name.case_id,
                    one.key.tax_type_code,
                    one,
                )
            )
    for row in payments:
        found[_section_of(row.account)].append(
            Line(
                "payment",
                row.posted_at,
                row.amount_minor,
                references.get(row.case_id or 0, ""),
                row.case_id,
                row.account.tax_type_code,
                None,
                row.act_kind or "",
            )
        )
    for lines in found.values():
        lines.sort(key=lambda line: (line.at is None, line.at))
    return found


def _law_of_deferment(charges: Sequence[Charge]) -> PayableLaw | None:
    """Return by which law an account is settled: of what was put on it, duty first, whose deadline counts."""
    laws = [one.law for one in charges if one.life.state == "deferred" and one.law.deferment is not None]
    return next((one for one in laws if one.is_customs_debt), laws[0] if laws else None)


def _due(
    key: SectionKey,
    lines: Sequence[Line],
    closing: int,
    *,
    law: PayableLaw | None,
    month: Month,
    terms: AccountTerms,
) -> tuple[date | None, Interest | None]:
    """Return until when what a deferred account came to in a month is paid, and the interest of what is open
    of it: what is paid is for older months first."""
    if key.kind not in _DEFERRED:
        return None, None
    if law is None or law.deferment is None:
        return None, Interest(None, "law-unread") if closing > 0 else Interest(0, "not-late")
    due_on = deferred_to(month.first, month.last, law.deferment.days, terms.rest_days)
    if closing <= 0:
        return due_on, Interest(0, "not-late")
    put = sum(one.amount_minor for one in lines if one.amount_minor > 0)
    if closing > put:
        # Something of earlier months is open, whose own statements say by when it was due.
        return due_on, Interest(None, "due-day-unread")
    table = None if law.interest is None else terms.rules.rates[law.interest.rate]
    arrears = Arrears(closing, key.currency_code, due_on, ())
    return due_on, interest_of(arrears, law.interest, table, terms.upto)
