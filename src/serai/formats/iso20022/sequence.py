"""Whether a statement follows the one before it: neither sent twice, nor one left out between."""

import msgspec

from serai.formats.iso20022.message import CLOSING_CODE, OPENING_CODES, Statement
from serai.model.findings import Finding
from serai.model.money import format_minor


class SequencePoint(msgspec.Struct, frozen=True):
    """How far the statements of an account have been read. closing_minor: None: the last one did not say."""

    identification: str
    sequence_number: int | None
    page_number: int | None
    is_last_page: bool
    closing_minor: int | None
    currency_code: str


def point_after(statement: Statement) -> SequencePoint:
    """Return what the next statement of the account is held against."""
    closing = statement.balance(CLOSING_CODE)
    return SequencePoint(
        statement.identification,
        statement.sequence_number,
        statement.page_number,
        statement.is_last_page,
        None if closing is None else closing.amount_minor,
        statement.account.currency_code if closing is None else closing.currency_code,
    )


def find_sequence_faults(before: SequencePoint | None, statement: Statement) -> list[Finding]:
    """Return what is wrong with a statement after the one before it. None: it is the first of its account.

    `iso20022-statement-repeated`: the same statement, or an earlier one, again. `iso20022-statement-gap`:
    numbers are left out, or pages. `iso20022-balance-gap`: it does not begin with what the last ended with,
    so entries are missing whatever the numbers say. A number that begins anew at 1, as many banks' does each
    year, is none of these where the balance fits.
    """
    if before is None:
        return []
    if _is_next_page(before, statement):
        return []
    findings = []
    is_joined = _is_joined(before, statement)
    if _is_repeated(before, statement, is_joined=is_joined):
        number = statement.sequence_number
        shown = statement.identification if number is None else str(number)
        return [Finding("iso20022-statement-repeated", statement.pointer, parameters={"number": shown})]
    if not before.is_last_page:
        findings.append(_gap(statement, f"page {(before.page_number or 0) + 1}"))
    elif before.sequence_number is not None and statement.sequence_number is not None:
        expected = before.sequence_number + 1
        if statement.sequence_number != expected and not (statement.sequence_number == 1 and is_joined):
            findings.append(_gap(statement, str(expected)))
    if is_joined is False:
        findings.append(_balance_gap(before, statement))
    return findings


def _is_next_page(before: SequencePoint, statement: Statement) -> bool:
    if before.is_last_page or before.page_number is None or statement.page_number is None:
        return False
    is_same = before.sequence_number == statement.sequence_number
    return is_same and statement.page_number == before.page_number + 1


def _is_joined(before: SequencePoint, statement: Statement) -> bool | None:
    """Say whether the opening balance is the closing one of before; None: one of them is not known."""
    opening = statement.balance(*OPENING_CODES)
    if opening is None or before.closing_minor is None:
        return None
    return (opening.amount_minor, opening.currency_code) == (before.closing_minor, before.currency_code)


def _is_repeated(before: SequencePoint, statement: Statement, *, is_joined: bool | None) -> bool:
    if statement.identification == before.identification and statement.page_number == before.page_number:
        return True
    number = statement.sequence_number
    if number is None or before.sequence_number is None or number > before.sequence_number:
        return False
    return not (number == 1 and is_joined)


def _gap(statement: Statement, expected: str) -> Finding:
    number = statement.sequence_number
    found = statement.identification if number is None else str(number)
    return Finding(
        "iso20022-statement-gap", statement.pointer, parameters={"expected": expected, "found": found}
    )


def _balance_gap(before: SequencePoint, statement: Statement) -> Finding:
    opening = statement.balance(*OPENING_CODES)
    assert opening is not None
    assert before.closing_minor is not None
    parameters = {
        "stated": format_minor(opening.amount_minor, opening.currency_code),
        "expected": format_minor(before.closing_minor, before.currency_code),
        "currency": opening.currency_code,
    }
    return Finding("iso20022-balance-gap", statement.pointer, parameters=parameters)
