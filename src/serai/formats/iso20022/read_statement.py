"""camt.053 and camt.054 -> statements and notifications, with all that is wrong with them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from serai.formats.found import Found
from serai.formats.iso20022.message import (
    BOOKED,
    CLOSING_CODE,
    OPENING_CODES,
    Balance,
    BankAccount,
    BankMessage,
    Entry,
    Statement,
    Total,
)
from serai.formats.iso20022.read_entry import read_entry
from serai.formats.iso20022.read_values import (
    read_account,
    read_code,
    read_day,
    read_flag,
    read_instant,
    read_signed,
    read_whole,
    text_of,
)
from serai.formats.iso20022.shapes import Shape
from serai.formats.xml_document import Reader, local_name
from serai.formats.xml_shape import decimal_of
from serai.model.findings import Finding
from serai.model.money import PLACES, format_minor

_WRAPPERS: Final = {"camt.053": "Stmt", "camt.054": "Ntfctn"}
_PAGES: Final = {"camt.053": "StmtPgntn", "camt.054": "NtfctnPgntn"}
_ENTRY: Final = "Ntry"
_TOTALS: Final = {"TtlNtries": 0, "TtlCdtNtries": 1, "TtlDbtNtries": -1}
"""Element -> sign of the entries it counts; 0: of both."""


Entries = list[list[Any]]
"""Elements of the entries of each statement, in order."""


def take_entries(top: Any, shape: Shape) -> Entries:
    """Take the entries out of the element of a message, to be read one at a time.

    A statement holds thousands: a tree of readers for all of them at once is what costs most.
    """
    # By local names, as readers tell elements: those of another namespace have been told by then.
    taken = []
    for statement in top:
        if local_name(statement) == _WRAPPERS[shape.message]:
            entries = [child for child in statement if local_name(child) == _ENTRY]
            for one in entries:
                statement.remove(one)
            taken.append(entries)
    return taken


def read_statements(top: Reader, entries: Entries, shape: Shape, found: Found) -> BankMessage:
    """Read a message below its root. entries: taken out of it. What is wrong is added to found."""
    message = "camt.053" if shape.message == "camt.053" else "camt.054"
    head = top.at("GrpHdr")
    return BankMessage(
        message=message,  # type: ignore[arg-type]
        version=shape.version,
        identification=text_of(head, "MsgId"),
        created_at=read_instant(head.at("CreDtTm"), found),
        page_number=read_whole(head.at("MsgPgntn/PgNb")),
        is_last_page=_is_last(head.at("MsgPgntn")),
        statements=tuple(
            _read(one, own, message, found)
            for one, own in zip(top.all(_WRAPPERS[message]), entries, strict=True)
        ),
    )


def _is_last(pages: Reader) -> bool:
    return not pages or read_flag(pages.at("LastPgInd"))


def _read(reader: Reader, elements: list[Any], message: str, found: Found) -> Statement:
    account = read_account(reader.at("Acct"), found)
    balances = tuple(_read_balances(reader, found))
    if not account.currency_code and balances:
        # The currency of an account may be left out; that of its balances is the same.
        account = BankAccount(account.iban, account.other_number, balances[0].currency_code, account.bic)
    entries, unread = [], []
    for number, element in enumerate(elements, 1):
        place = f"{reader.path}/{_ENTRY}" + (f"[{number}]" if len(elements) > 1 else "")
        one = Reader(element, place)
        entry = read_entry(one, account, found)
        one.release()
        if entry is None:
            unread.append(place)
        else:
            entries.append(entry)
    pages = reader.at(_PAGES[message])
    statement = Statement(
        pointer=reader.path,
        identification=text_of(reader, "Id"),
        account=account,
        sequence_number=read_whole(reader.at("ElctrncSeqNb")),
        legal_sequence_number=read_whole(reader.at("LglSeqNb")),
        page_number=read_whole(pages.at("PgNb")),
        is_last_page=_is_last(pages),
        created_at=read_instant(reader.at("CreDtTm"), found),
        from_at=read_instant(reader.at("FrToDt/FrDtTm"), found),
        to_at=read_instant(reader.at("FrToDt/ToDtTm"), found),
        copy_code=text_of(reader, "CpyDplctInd"),
        balances=balances,
        entries=tuple(entries),
        unread_entries=tuple(unread),
        totals=dict(_read_totals(reader.at("TxsSummry"))),
    )
    _check(statement, found)
    return statement


def _read_balances(reader: Reader, found: Found) -> Iterator[Balance]:
    for one in reader.all("Bal"):
        signed, on = read_signed(one, found), read_day(one.at("Dt"), found)
        if signed is not None and on is not None:
            yield Balance(read_code(one.at("Tp/CdOrPrtry")), signed.minor, signed.currency_code, on)


def _read_totals(summary: Reader) -> Iterator[tuple[str, Total]]:
    for name in _TOTALS:
        total = summary.at(name)
        if total:
            sum_ = text_of(total, "Sum") or None
            yield name, Total(read_whole(total.at("NbOfNtries")), sum_, total.path)


def _check(statement: Statement, found: Found) -> None:
    """Tell where sums and numbers differ, which only shows when every entry could be read."""
    if not statement.is_last_page:
        found.add(Finding("iso20022-more-pages", statement.pointer, "advice"))
    _check_repeated(statement, found)
    if statement.unread_entries:
        return
    _check_totals(statement, found)
    if statement.is_last_page and statement.page_number in {None, 1}:
        _check_balances(statement, found)


def _check_balances(statement: Statement, found: Found) -> None:
    opening, closing = statement.balance(*OPENING_CODES), statement.balance(CLOSING_CODE)
    if opening is None or closing is None:
        return
    currency = closing.currency_code
    booked = [one for one in statement.entries if one.status_code == BOOKED]
    if opening.currency_code != currency or any(one.currency_code != currency for one in booked):
        return  # Of two currencies there is no sum; the entries of the other one have been told.
    expected = opening.amount_minor + sum(one.amount_minor for one in booked)
    if expected != closing.amount_minor:
        parameters = {
            "stated": format_minor(closing.amount_minor, currency),
            "expected": format_minor(expected, currency),
            "currency": currency,
        }
        found.add(Finding("iso20022-balance-differs", statement.pointer, parameters=parameters))


def _check_totals(statement: Statement, found: Found) -> None:
    for name, total in statement.totals.items():
        sign = _TOTALS[name]
        counted = [one for one in statement.entries if sign == 0 or (one.amount_minor < 0) == (sign < 0)]
        if total.count is not None and total.count != len(counted):
            parameters = {"stated": str(total.count), "counted": str(len(counted))}
            found.add(Finding("iso20022-count-differs", f"{total.pointer}/NbOfNtries", parameters=parameters))
        stated = decimal_of(total.sum_decimal or "")
        # The sum of all entries is that of their amounts without signs, whatever their currencies.
        expected = sum((_decimal(one) for one in counted), Decimal(0))
        if stated is not None and stated != expected:
            parameters = {"stated": f"{stated.normalize():f}", "expected": f"{expected.normalize():f}"}
            found.add(Finding("iso20022-sum-differs", f"{total.pointer}/Sum", parameters=parameters))


def _decimal(entry: Entry) -> Decimal:
    return Decimal(abs(entry.amount_minor)).scaleb(-PLACES[entry.currency_code])


def _check_repeated(statement: Statement, found: Found) -> None:
    """Tell of entries that the bank gives the reference of an earlier one, with the same amount and day."""
    seen: dict[tuple[object, ...], str] = {}
    for one in statement.entries:
        key = (one.servicer_reference, one.amount_minor, one.currency_code, one.booked_on, one.status_code)
        if one.servicer_reference and seen.setdefault(key, one.pointer) != one.pointer:
            parameters = {"first": seen[key]}
            found.add(Finding("iso20022-repeated", one.pointer, "advice", parameters))
