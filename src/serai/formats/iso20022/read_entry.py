"""One entry of a statement, with its transactions."""

from collections.abc import Sequence
from typing import Final

import msgspec

from serai.formats.found import Found
from serai.formats.iso20022.message import BankAccount, Entry, Transaction
from serai.formats.iso20022.read_values import (
    Amount,
    read_account,
    read_amount,
    read_code,
    read_day,
    read_flag,
    read_lines,
    read_reference,
    read_signed,
    read_whole,
    text_of,
)
from serai.formats.xml_document import Reader
from serai.model.creditor_reference import is_wrong_reference
from serai.model.findings import Finding
from serai.model.money import format_minor

_NOT_PROVIDED: Final = "NOTPROVIDED"
"""What banks write as end-to-end identification where the payer gave none."""


def read_entry(reader: Reader, account: BankAccount, found: Found) -> Entry | None:
    """Read an entry; None: its amount, currency or direction cannot be read, which is told."""
    own = Found()
    signed = read_signed(reader, own)
    entry = None if signed is None else _read(reader, signed, account, own)
    findings = own.findings()
    for one in findings:
        found.add(one)
    return None if entry is None else msgspec.structs.replace(entry, findings=tuple(findings))


def _read(reader: Reader, signed: Amount, account: BankAccount, found: Found) -> Entry:
    if account.currency_code and signed.currency_code != account.currency_code:
        parameters = {"found": signed.currency_code, "expected": account.currency_code}
        found.add(Finding("iso20022-other-currency", reader.at("Amt").path, parameters=parameters))
    details = [one for group in reader.all("NtryDtls") for one in group.all("TxDtls")]
    entry = Entry(
        pointer=reader.path,
        amount_minor=signed.minor,
        currency_code=signed.currency_code,
        status_code=read_code(reader.at("Sts")) or text_of(reader, "Sts"),
        is_reversal=read_flag(reader.at("RvslInd")),
        reference=text_of(reader, "NtryRef"),
        booked_on=read_day(reader.at("BookgDt"), found),
        value_on=read_day(reader.at("ValDt"), found),
        servicer_reference=text_of(reader, "AcctSvcrRef"),
        transaction_code=_transaction_code(reader.at("BkTxCd")),
        batch_count=_count_batches(reader, len(details), signed, found),
        additional_information=text_of(reader, "AddtlNtryInf"),
    )
    transactions = [_read_transaction(one, entry, found, is_only=len(details) == 1) for one in details]
    if not transactions:
        batches = {text_of(one, "Btch/PmtInfId") for one in reader.all("NtryDtls")}
        transactions = [_whole_entry(entry, batches.pop() if len(batches) == 1 else "")]
    _check_sum(entry, transactions, found)
    return msgspec.structs.replace(entry, transactions=tuple(transactions))


def _whole_entry(entry: Entry, batch: str) -> Transaction:
    """Make the one transaction of an entry that has no details. batch: of which it is the sum; "": none."""
    return Transaction(
        pointer=entry.pointer,
        amount_minor=entry.amount_minor,
        currency_code=entry.currency_code,
        payment_information_id=batch,
        servicer_reference=entry.servicer_reference,
        transaction_code=entry.transaction_code,
        additional_information=entry.additional_information,
    )


def _read_transaction(reader: Reader, entry: Entry, found: Found, *, is_only: bool) -> Transaction:
    parties, references = reader.at("RltdPties"), reader.at("Refs")
    remittance, returned = reader.at("RmtInf"), reader.at("RtrInf")
    instructed = reader.at("AmtDtls/InstdAmt")
    ordered = read_amount(instructed.at("Amt"), found)
    reference = read_reference(remittance)
    if is_wrong_reference(reference):
        found.add(Finding("iso20022-reference-check", remittance.path, "advice"))
    end_to_end_id = text_of(references, "EndToEndId")
    rate = text_of(instructed, "CcyXchg/XchgRate") or text_of(reader, "AmtDtls/TxAmt/CcyXchg/XchgRate")
    return Transaction(
        pointer=reader.path,
        amount_minor=_amount_of(reader, entry, found, is_only=is_only),
        currency_code=entry.currency_code,
        end_to_end_id="" if end_to_end_id == _NOT_PROVIDED else end_to_end_id,
        instruction_id=text_of(references, "InstrId"),
        transaction_id=text_of(references, "TxId"),
        uetr=text_of(references, "UETR"),
        servicer_reference=text_of(references, "AcctSvcrRef"),
        payment_information_id=text_of(references, "PmtInfId"),
        mandate_id=text_of(references, "MndtId"),
        transaction_code=_transaction_code(reader.at("BkTxCd")) or entry.transaction_code,
        debtor_name=_name_of(parties.at("Dbtr")),
        debtor_account=read_account(parties.at("DbtrAcct"), found),
        creditor_name=_name_of(parties.at("Cdtr")),
        creditor_account=read_account(parties.at("CdtrAcct"), found),
        creditor_reference=reference,
        remittance=_remittance(remittance),
        purpose_code=read_code(reader.at("Purp")),
        instructed_amount_minor=None if ordered is None else ordered.minor,
        instructed_currency_code="" if ordered is None else ordered.currency_code,
        exchange_rate=rate,
        return_reason_code=read_code(returned.at("Rsn")),
        return_information=read_lines(returned, "AddtlInf"),
        additional_information=text_of(reader, "AddtlTxInf"),
    )


def _amount_of(reader: Reader, entry: Entry, found: Found, *, is_only: bool) -> int | None:
    """Return what a transaction is of its entry.

    Version 02 says it in the details of amounts, later ones beside the references too. Where the bank says
    it in the entry's currency nowhere, the only transaction of an entry is the whole of it; of several, each
    is unknown, and that is never zero.
    """
    sign = -1 if entry.amount_minor < 0 else 1
    if reader.at("CdtDbtInd"):
        sign = 1 if text_of(reader, "CdtDbtInd") == "CRDT" else -1
    for place in (reader.at("Amt"), reader.at("AmtDtls/TxAmt/Amt")):
        amount = read_amount(place, found)
        if amount is not None and amount.currency_code == entry.currency_code:
            return sign * amount.minor
    if is_only:
        return entry.amount_minor
    found.add(Finding("iso20022-amount-unknown", reader.path))
    return None


def _check_sum(entry: Entry, transactions: Sequence[Transaction], found: Found) -> None:
    """Tell that the transactions are not together what was entered."""
    amounts = [one.amount_minor for one in transactions if one.amount_minor is not None]
    if len(amounts) == len(transactions) and sum(amounts) != entry.amount_minor:
        found.add(_differing(entry.pointer, entry.amount_minor, sum(amounts), entry.currency_code))


def _differing(place: str, stated: int, expected: int, currency: str) -> Finding:
    parameters = {
        "stated": format_minor(stated, currency),
        "expected": format_minor(expected, currency),
        "currency": currency,
    }
    return Finding("iso20022-details-differ", place, parameters=parameters)


def _count_batches(reader: Reader, details_count: int, signed: Amount, found: Found) -> int | None:
    """Return how many transactions an entry holds by its batches, and tell where that or their sum differs
    from what stands there. A bank may give a batch without its transactions."""
    count = None
    for group in reader.all("NtryDtls"):
        batch = group.at("Btch")
        number = read_whole(batch.at("NbOfTxs"))
        if number is not None:
            count = (count or 0) + number
            listed = group.count("TxDtls")
            if listed and listed != number:
                parameters = {"stated": str(number), "counted": str(listed)}
                found.add(Finding("iso20022-count-differs", batch.at("NbOfTxs").path, parameters=parameters))
        total = read_amount(batch.at("TtlAmt"), found)
        if total is None or total.currency_code != signed.currency_code or reader.count("NtryDtls") > 1:
            continue
        if total.minor != abs(signed.minor) and details_count == 0:
            place = batch.at("TtlAmt").path
            found.add(_differing(place, abs(signed.minor), total.minor, total.currency_code))
    return count


def _name_of(party: Reader) -> str:
    """Return the name of a party, which later versions put one level lower."""
    return text_of(party, "Nm") or text_of(party, "Pty/Nm")


def _remittance(reader: Reader) -> tuple[str, ...]:
    """Return free words of the payer, those beside a structured reference too."""
    lines = list(read_lines(reader, "Ustrd"))
    for structured in reader.all("Strd"):
        lines += read_lines(structured, "AddtlRmtInf")
    return tuple(lines)


def _transaction_code(reader: Reader) -> str:
    """Return the bank transaction code of ISO, domain to sub-family; else the bank's own."""
    domain = reader.at("Domn")
    parts = (text_of(domain, "Cd"), text_of(domain, "Fmly/Cd"), text_of(domain, "Fmly/SubFmlyCd"))
    return "-".join(parts) if all(parts) else text_of(reader, "Prtry/Cd")
