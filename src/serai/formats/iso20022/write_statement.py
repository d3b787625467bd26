"""Statements and notifications -> camt.053 and camt.054, as the bank of the demonstration sends them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from serai.formats.iso20022.message import Balance, BankMessage, Entry, Statement, Transaction
from serai.formats.iso20022.shapes import shape_of
from serai.formats.iso20022.write_tree import Tree, account_tree, money, remittance_tree, write_tree
from serai.model.money import PLACES

_WRAPPERS: Final = {"camt.053": ("Stmt", "StmtPgntn"), "camt.054": ("Ntfctn", "NtfctnPgntn")}
_CODE_PARTS: Final = 3


def write_bank_message(message: BankMessage) -> bytes:
    """Write a message of statements or notifications in its version.

    The sums and numbers of entries are those of the entries; `totals`, findings and unread entries are what
    reading found, and are not written. Raises SeraiError `iso20022-cannot-hold`.
    """
    shape = shape_of(message.message, message.version)
    wrapper, pages = _WRAPPERS[message.message]
    head = {
        "MsgId": message.identification,
        "CreDtTm": message.created_at,
        "MsgPgntn": _pages(message.page_number, is_last=message.is_last_page),
    }
    statements = [_statement(one, pages) for one in message.statements]
    return write_tree(shape, {"GrpHdr": head, wrapper: statements})


def _pages(number: int | None, *, is_last: bool) -> Tree:
    return {} if number is None else {"PgNb": number, "LastPgInd": is_last}


def _statement(one: Statement, pages: str) -> Tree:
    return {
        "Id": one.identification,
        pages: _pages(one.page_number, is_last=one.is_last_page),
        "ElctrncSeqNb": one.sequence_number,
        "LglSeqNb": one.legal_sequence_number,
        "CreDtTm": one.created_at,
        "FrToDt": {"FrDtTm": one.from_at, "ToDtTm": one.to_at},
        "CpyDplctInd": one.copy_code,
        "Acct": account_tree(one.account),
        "Bal": [_balance(balance) for balance in one.balances],
        "TxsSummry": _summary(one.entries),
        "Ntry": [_entry(entry) for entry in one.entries],
    }


def _direction(amount_minor: int) -> str:
    return "DBIT" if amount_minor < 0 else "CRDT"


def _balance(one: Balance) -> Tree:
    return {
        "Tp": {"CdOrPrtry": {"Cd": one.code}},
        "Amt": money(one.amount_minor, one.currency_code),
        "CdtDbtInd": _direction(one.amount_minor),
        "Dt": one.on,
    }


def _summary(entries: Sequence[Entry]) -> Tree:
    came = [one for one in entries if one.amount_minor >= 0]
    left = [one for one in entries if one.amount_minor < 0]
    named = (("TtlNtries", entries), ("TtlCdtNtries", came), ("TtlDbtNtries", left))
    return {name: {"NbOfNtries": len(some), "Sum": _sum(some)} for name, some in named}


def _sum(entries: Sequence[Entry]) -> Decimal:
    amounts = (Decimal(abs(one.amount_minor)).scaleb(-PLACES[one.currency_code]) for one in entries)
    return sum(amounts, Decimal(0))


def _entry(one: Entry) -> Tree:
    return {
        "NtryRef": one.reference,
        "Amt": money(one.amount_minor, one.currency_code),
        "CdtDbtInd": _direction(one.amount_minor),
        "RvslInd": True if one.is_reversal else None,
        "Sts": one.status_code,
        "BookgDt": one.booked_on,
        "ValDt": one.value_on,
        "AcctSvcrRef": one.servicer_reference,
        "BkTxCd": _code(one.transaction_code),
        "NtryDtls": _details(one),
        "AddtlNtryInf": one.additional_information,
    }


def _code(code: str) -> Tree:
    """Write a bank transaction code; the standard wants one, so an unknown one is the bank's own `-`."""
    parts = code.split("-")
    if len(parts) == _CODE_PARTS:
        return {"Domn": {"Cd": parts[0], "Fmly": {"Cd": parts[1], "SubFmlyCd": parts[2]}}}
    return {"Prtry": {"Cd": code or "-"}}


def _details(entry: Entry) -> Tree:
    listed = [one for one in entry.transactions if one.pointer != entry.pointer or not entry.pointer]
    batch: Tree = {}
    if entry.batch_count is not None:
        batch = {
            "NbOfTxs": entry.batch_count,
            "TtlAmt": money(entry.amount_minor, entry.currency_code),
            "CdtDbtInd": _direction(entry.amount_minor),
        }
    return {"Btch": batch, "TxDtls": [_transaction(one) for one in listed]}


def _transaction(one: Transaction) -> Tree:
    is_known = one.amount_minor is not None
    amount = money(one.amount_minor, one.currency_code) if one.amount_minor is not None else None
    instructed = one.instructed_amount_minor
    ordered: Tree = {}
    if instructed is not None:
        ordered = {"Amt": money(instructed, one.instructed_currency_code), "CcyXchg": dict(_exchange(one))}
    code = {"BkTxCd": _code(one.transaction_code)} if one.transaction_code else {}
    return {
        "Refs": {
            "AcctSvcrRef": one.servicer_reference,
            "PmtInfId": one.payment_information_id,
            "InstrId": one.instruction_id,
            "EndToEndId": one.end_to_end_id or "NOTPROVIDED",
            "UETR": one.uetr,
            "TxId": one.transaction_id,
            "MndtId": one.mandate_id,
        },
        "Amt": amount,
        "CdtDbtInd": _direction(one.amount_minor or 0) if is_known else None,
        "AmtDtls": {"InstdAmt": ordered, "TxAmt": {"Amt": amount}},
        **code,
        "RltdPties": {
            "Dbtr": {"Nm": one.debtor_name},
            "DbtrAcct": account_tree(one.debtor_account),
            "Cdtr": {"Nm": one.creditor_name},
            "CdtrAcct": account_tree(one.creditor_account),
        },
        "Purp": one.purpose_code,
        "RmtInf": remittance_tree(one.creditor_reference, one.remittance),
        "RtrInf": {"Rsn": one.return_reason_code, "AddtlInf": list(one.return_information)},
        "AddtlTxInf": one.additional_information,
    }


def _exchange(one: Transaction) -> Iterator[tuple[str, str]]:
    if one.exchange_rate:
        yield "SrcCcy", one.instructed_currency_code
        yield "TrgtCcy", one.currency_code
        yield "XchgRate", one.exchange_rate
