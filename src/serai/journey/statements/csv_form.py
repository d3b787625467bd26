"""A statement as a table: a row a line, with the balances it begins and ends with."""

from collections.abc import Iterator
from typing import Final

from serai.formats.csv_tables import write_table
from serai.journey.statements.answers import SectionOut, StatementLineOut, StatementOut

COLUMNS: Final = (
    *("account", "debtor", "number", "currency_code", "row", "at", "reference", "case_id", "tax_type_code"),
    *("charge_kind", "act_kind", "increase_amount", "decrease_amount", "balance_amount", "due_on", "state"),
    "law_references",
)
"""Amounts are never below zero, for a cell that begins with a sign would be computed by spreadsheets: what
makes the balance grow and what makes it less stand apart, and a balance below zero in `decrease_amount` of
its row."""


def write_statement(statement: StatementOut) -> str:
    """Write a statement. row: `opening`, `charge`, `payment`, `not-listed`, `closing`."""
    return write_table(COLUMNS, [row for one in statement.sections for row in _rows(one)])


def _rows(section: SectionOut) -> Iterator[tuple[str, ...]]:
    yield _balance(section, "opening", section.opening_amount, "")
    for line in section.lines:
        yield _line(section, line)
    yield _balance(section, "closing", section.closing_amount, _text(section.due_on))


def _balance(section: SectionOut, row: str, amount: str, due_on: str) -> tuple[str, ...]:
    below = amount.startswith("-")
    balance, credit = ("0", amount[1:]) if below else (amount, "")
    return (*_head(section), row, "", "", "", "", "", "", "", credit, balance, due_on, "", "")


def _line(section: SectionOut, line: StatementLineOut) -> tuple[str, ...]:
    below = line.amount.startswith("-")
    charge = line.charge
    return (
        *_head(section),
        line.kind,
        "" if line.at is None else line.at.isoformat(),
        line.reference,
        line.case_id or "",
        line.tax_type_code,
        "" if charge is None else charge.kind,
        line.act_kind,
        "" if below else line.amount,
        line.amount[1:] if below else "",
        "",
        "" if charge is None else _text(charge.due_on),
        "" if charge is None else charge.state,
        "" if charge is None else "; ".join(charge.law_references),
    )


def _head(section: SectionOut) -> tuple[str, str, str, str]:
    return section.account, section.debtor, section.number, section.currency_code


def _text(day: object) -> str:
    return "" if day is None else str(day)
