"""A statement, and a notification of debt, in a reader's words: the same for the page and for the document to
print."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from serai.explanation.phrases import read_phrases
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.locales import decimal_text, month_text, short_day_text
from serai.journey.statements.answers import (
    AmountsPayableOut,
    InterestOut,
    PayableOut,
    SectionOut,
    StatementLineOut,
    StatementOut,
)

_DEFERRED: Final = ("deferred-payments", "advances", "settlements")
_OWED: Final = (*_DEFERRED, "amounts-payable")
_ACCOUNTS: Final[Mapping[str, str]] = {
    "deferred-payments": translatable("Your deferred account"),
    "advances": translatable("What you have advanced"),
    "settlements": translatable("Your settlement account"),
    "prepayments": translatable("Your prepaid account"),
    "amounts-payable": translatable("What is owed on your declarations"),
    "refunds-due": translatable("Refunds due to you"),
    "securities": translatable("What you have secured"),
    "securities-called": translatable("What was called of your securities"),
}
_KINDS: Final[Mapping[str, str]] = {
    "duty": translatable("Customs duty"),
    "tax": translatable("Tax"),
    "excise": translatable("Excise duty"),
    "fee": translatable("Customs fee"),
}
_ACTS: Final[Mapping[str, str]] = {
    "paid": translatable("Payment reported"),
    "payment-received": translatable("Payment received"),
    "on-account": translatable("Put on account"),
    "secured": translatable("Secured"),
    "release-against-security": translatable("Released against security"),
    "quote-difference": translatable("Left out by a binding quote"),
    "rounding-difference": translatable("Left out by a rounding"),
    "security-called": translatable("Security called"),
}
_OTHER: Final = translatable("Other entry")
_REFUNDED: Final = translatable("Refund paid")
_STATES: Final[Mapping[str, str]] = {
    "assessed": translatable("Not notified yet"),
    "notified": translatable("To be paid"),
    "deferred": translatable("On account"),
    "late": translatable("Late"),
    "ended": translatable("Nothing is owed any more"),
}
_NO_INTEREST: Final[Mapping[str, str]] = {
    "law-unread": translatable("Interest is not known: the law on it has not been read."),
    "rate-unread": translatable("Interest is not known: the rate for that month has not been read."),
    "due-day-unread": translatable("Interest is not known: no day is known on which all of it was due."),
    "below-amount": translatable("Interest is so little that it is not charged."),
}


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table. href: where it leads; "": nowhere."""

    text: str
    href: str = ""


class Table(msgspec.Struct, frozen=True):
    """A table. numbers: which columns hold amounts, from 0."""

    caption: str
    columns: list[str]
    numbers: list[int]
    rows: list[list[Cell]]


class Part(msgspec.Struct, frozen=True):
    """A part of a document. figures: label and value; first among them what counts most."""

    heading: str
    figures: list[tuple[str, str]]
    table: Table | None
    notes: list[str]


class Document(msgspec.Struct, frozen=True):
    """A document. facts: who, when; notes: below all parts."""

    title: str
    language: str
    facts: list[tuple[str, str]]
    parts: list[Part]
    notes: list[str]


class Reader(NamedTuple):
    """By what a document is written. titles: of taxes, by type, currency and where due."""

    language: str
    time_zone: str
    titles: Mapping[tuple[str, str, str], str]

    @property
    def gettext(self) -> Callable[[str], str]:
        """Return what says an English text in the language."""
        return interface_words(self.language).gettext

    def sum_of(self, currency: str, amount: str) -> str:
        """Return a sum, as `EUR 61,290.15`."""
        return f"{currency}\u00a0{self.number_of(amount)}"

    def number_of(self, amount: str) -> str:
        """Return an amount, its sign in front."""
        sign = "\u2212" if amount.startswith("-") else ""
        return sign + decimal_text(amount.lstrip("-"), language=self.language)

    def day_of(self, day: date | None) -> str:
        """Return a day, or that it is not known."""
        return self.gettext("not known") if day is None else short_day_text(day, self.language)

    def day_at(self, at: datetime | None) -> str:
        """Return the day of an instant where the administration is."""
        return "" if at is None else self.day_of(at.astimezone(ZoneInfo(self.time_zone)).date())


def document_of_statement(statement: StatementOut, reader: Reader) -> Document:
    """Write a statement."""
    gettext = reader.gettext
    days = (reader.day_of(day) for day in (statement.from_on, statement.to_on))
    notes = [
        gettext(
            "Fees are those of customs by law. What a carrier or broker asks for its own service"
            " is not here, and is never duty."
        )
    ]
    if not statement.is_whole:
        notes.insert(0, gettext("There are more lines than are shown here: the rest stands in one sum."))
    return Document(
        title=gettext("Statement of %(month)s") % {"month": month_text(statement.from_on, reader.language)},
        language=reader.language,
        facts=[
            (gettext("For"), statement.party_name),
            (gettext("Period"), " \u2013 ".join(days)),
            (gettext("As of"), reader.day_at(statement.made_at)),
            *_owed_in_all(statement, reader),
        ],
        parts=[_part_of_section(one, reader) for one in sorted(statement.sections, key=_place)],
        notes=notes,
    )


def _owed_in_all(statement: StatementOut, reader: Reader) -> list[tuple[str, str]]:
    """Return what is to be paid at the end, by currency, and by when the first of it that is known."""
    sums: dict[str, Decimal] = {}
    days: list[date] = []
    for one in statement.sections:
        if one.account in _OWED and Decimal(one.closing_amount):
            sums[one.currency_code] = sums.get(one.currency_code, Decimal()) + Decimal(one.closing_amount)
            charges = [line.charge for line in one.lines if line.charge is not None]
            days += [
                day
                for day in (one.due_on, *(charge.due_on for charge in charges if charge.state == "notified"))
                if day is not None
            ]
    told = [(reader.gettext("To be paid"), reader.sum_of(*one)) for one in _texts(sums)]
    return [*told, (reader.gettext("The first of it by"), reader.day_of(min(days)))] if days else told


def _texts(sums: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    return [(currency, f"{amount:f}") for currency, amount in sums.items()]


def _place(section: SectionOut) -> tuple[bool, int, str, str]:
    """Return where a section stands: what moved or is open first, the account before what is owed at once."""
    order = list(_ACCOUNTS)
    return _is_quiet(section), order.index(section.account), section.debtor, section.number


def _is_quiet(section: SectionOut) -> bool:
    return not section.lines and not Decimal(section.closing_amount) and not Decimal(section.opening_amount)


def _part_of_section(section: SectionOut, reader: Reader) -> Part:
    gettext, currency = reader.gettext, section.currency_code
    heading = gettext(_ACCOUNTS[section.account])
    told = [read_phrases(reader.language).roles.get(section.debtor, section.debtor), section.number]
    said = ", ".join(one for one in told if one)
    figures = [
        (gettext("Opening balance"), reader.sum_of(currency, section.opening_amount)),
        (gettext("Charges"), reader.sum_of(currency, section.charged_amount)),
        *_sums_by_kind(section, reader),
        (gettext("Payments"), reader.sum_of(currency, section.paid_amount)),
        (gettext("Closing balance"), reader.sum_of(currency, section.closing_amount)),
    ]
    if section.account in (*_DEFERRED, "prepayments"):
        # What was put on it, and what was paid of it, are payments both: by their signs in the lines.
        figures = [figures[0], figures[-1]]
    if section.due_on is not None and Decimal(section.closing_amount) > 0:
        figures.append((gettext("Pay by"), reader.day_of(section.due_on)))
    if _is_quiet(section):
        figures = []
    if Decimal(section.pending_amount):
        # Of refunds: what was ordered to be paid, and the bank has not executed yet.
        is_refund = section.account == "refunds-due"
        label = gettext("Ordered, on its way") if is_refund else gettext("Not due yet")
        figures.append((label, reader.sum_of(currency, section.pending_amount.lstrip("-"))))
    columns = [gettext(one) for one in ("Day", "Parcel", "What", "Law", "Amount", "Pay by")]
    rows = [_row_of_line(one, reader, section) for one in section.lines]
    table = _without_empty(Table(heading, columns, [4], rows)) if rows else None
    advice = section.payment_advice
    notes = [] if section.interest is None else _notes_of_interest(section.interest, currency, reader)
    if advice is not None:
        figures.append((gettext("Account number"), advice.account))
        figures.append((gettext("Payment reference"), advice.creditor_reference))
        sums = {"sum": reader.sum_of(currency, section.closing_amount), "payee": advice.payee}
        notes.append(gettext("Transfer %(sum)s to %(payee)s.") % sums)
    return Part(f"{heading} ({said})" if said else heading, figures, table, notes)


def _without_empty(table: Table) -> Table:
    """Leave out columns in which nothing stands."""
    kept = [place for place in range(len(table.columns)) if any(row[place].text for row in table.rows)]
    return Table(
        table.caption,
        [table.columns[place] for place in kept],
        [kept.index(place) for place in table.numbers if place in kept],
        [[row[place] for place in kept] for row in table.rows],
    )


def _sums_by_kind(section: SectionOut, reader: Reader) -> list[tuple[str, str]]:
    """Return what charges came to by kind: duty, tax and fees stay apart."""
    sums: Counter[str] = Counter()
    totals: dict[str, Decimal] = {}
    for line in section.lines:
        if line.charge is not None:
            kind = line.charge.kind
            totals[kind] = totals.get(kind, Decimal()) + Decimal(line.amount)
            sums[kind] += 1
    if len(totals) < 2:
        return []
    return [
        (reader.gettext(_KINDS[kind]), reader.sum_of(section.currency_code, f"{totals[kind]:f}"))
        for kind in _KINDS
        if kind in totals
    ]


def _said_of(line: StatementLineOut, account: str) -> str:
    """Return what a payment is called, in English; one without an act came from, or went to, a bank."""
    if line.act_kind in ("", "other") and line.amount.startswith("-"):
        return _REFUNDED if account == "refunds-due" else _ACTS["payment-received"]
    return _ACTS.get(line.act_kind, _OTHER)


def _row_of_line(line: StatementLineOut, reader: Reader, section: SectionOut) -> list[Cell]:
    gettext, charge = reader.gettext, line.charge
    currency, account = section.currency_code, section.account
    href = "" if line.case_id is None else f"/parcels/{line.case_id}#bill"
    if charge is not None:
        what = _title_of(charge, reader)
        law, due = "; ".join(charge.law_references), _due_of(charge, reader)
    elif line.kind == "payment":
        title = reader.titles.get((line.tax_type_code, currency, "border"), line.tax_type_code)
        what = gettext(_said_of(line, account))
        what, law, due = f"{what}: {title}" if title else what, "", ""
    else:
        what, law, due = gettext("Not listed one by one"), "", ""
    return [
        Cell(reader.day_at(line.at)),
        Cell(line.reference, href),
        Cell(what),
        Cell(law),
        Cell(reader.number_of(line.amount)),
        Cell(due),
    ]


def _title_of(charge: PayableOut, reader: Reader) -> str:
    found = reader.titles.get((charge.tax_type_code, charge.currency_code, "border"))
    kind, title = reader.gettext(_KINDS.get(charge.kind, charge.kind)), found or charge.tax_type_code
    return title if title.casefold().startswith(kind.casefold()) else f"{kind}: {title}"


def _due_of(charge: PayableOut, reader: Reader) -> str:
    if charge.state == "ended":
        return (
            reader.gettext("Nothing is owed any more")
            if charge.ended_by != "paid"
            else reader.gettext("Paid")
        )
    return reader.day_of(charge.due_on)


def _notes_of_interest(interest: InterestOut, currency: str, reader: Reader) -> list[str]:
    if interest.amount is None or interest.why == "below-amount":
        return [reader.gettext(_NO_INTEREST[interest.why])]
    if not Decimal(interest.amount):
        return []
    said = {"sum": reader.sum_of(currency, interest.amount), "days": interest.days_late}
    return [
        reader.gettext("Interest on arrears so far: %(sum)s, %(days)s days late. It is not in the balance.")
        % said
    ]


def document_of_debts(debts: AmountsPayableOut, reader: Reader) -> Document:
    """Write a notification of debt."""
    gettext = reader.gettext
    parts = []
    for one in debts.sums:
        own = [charge for charge in debts.charges if charge.currency_code == one.currency_code]
        table = _table_of_charges(gettext("What is to be paid"), own, reader)
        figures = [(gettext("To be paid"), reader.sum_of(one.currency_code, one.unpaid_amount))]
        days = [charge.due_on for charge in own if charge.due_on is not None]
        if days:
            figures.append((gettext("The first of it by"), reader.day_of(min(days))))
        notes = _notes_of_interest(one.interest, one.currency_code, reader)
        parts.append(Part(gettext("What is to be paid"), figures, table, notes))
    if debts.barred:
        table = _table_of_charges(gettext("What may not be asked for any more"), debts.barred, reader)
        sentence = gettext("Nobody was notified of it in time, so that it is not owed any more.")
        parts.append(Part(gettext("What may not be asked for any more"), [], table, [sentence]))
    notes = [gettext("Customs debt is import or export duty. Taxes and fees are owed beside it.")]
    if not debts.is_whole:
        notes.insert(0, gettext("There are more charges than are shown here."))
    return Document(
        title=gettext("Notification of debt"),
        language=reader.language,
        facts=[(gettext("For"), debts.party_name), (gettext("As of"), reader.day_at(debts.made_at))],
        parts=parts,
        notes=notes,
    )


def _table_of_charges(caption: str, charges: list[PayableOut], reader: Reader) -> Table:
    gettext = reader.gettext
    columns = [
        gettext(one) for one in ("Parcel", "What", "Law", "Amount", "Unpaid", "Notified", "Pay by", "State")
    ]
    roles = read_phrases(reader.language).roles
    rows = [
        [
            Cell(one.reference, f"/parcels/{one.case_id}#bill"),
            Cell(f"{_title_of(one, reader)} ({roles.get(one.debtor, one.debtor)})"),
            Cell("; ".join(one.law_references)),
            Cell(reader.sum_of(one.currency_code, one.amount)),
            Cell(reader.sum_of(one.currency_code, one.unpaid_amount)),
            Cell(reader.day_of(one.notified_on)),
            Cell(reader.day_of(one.due_on)),
            Cell(gettext(_STATES[one.state])),
        ]
        for one in charges
    ]
    return Table(caption, columns, [3, 4], rows)


_MARKED: Final = (
    *(translatable("Day"), translatable("Parcel"), translatable("What"), translatable("Law")),
    *(translatable("Amount"), translatable("Pay by"), translatable("Unpaid"), translatable("Notified")),
    translatable("State"),
)
"""Heads of columns, said above by a name that the extraction does not see."""
