"""pain.001 -> the credit transfers it orders, its control sums held against them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from serai.formats.found import Found
from serai.formats.iso20022.message import BankAccount, Transfer, TransferBatch, TransferOrder
from serai.formats.iso20022.read_values import (
    read_account,
    read_amount,
    read_code,
    read_day,
    read_instant,
    read_lines,
    read_reference,
    text_of,
)
from serai.formats.iso20022.shapes import Shape
from serai.formats.xml_document import Reader
from serai.formats.xml_shape import decimal_of, whole_of
from serai.model.creditor_reference import is_wrong_reference
from serai.model.findings import Finding
from serai.model.money import PLACES


def read_order(top: Reader, shape: Shape, found: Found) -> TransferOrder | None:
    """Read an order; None: a transfer, a day or its own head cannot be read, which is told.

    An order is taken as a whole or not at all: half of one would pay some and leave the others unsaid.
    """
    head = top.at("GrpHdr")
    batches = [_read_batch(one, found) for one in top.all("PmtInf")]
    created_at = read_instant(head.at("CreDtTm"), found)
    sound = [one for one in batches if one is not None]
    if created_at is None or len(sound) != len(batches):
        return None
    transfers = [transfer for batch in sound for transfer in batch.transfers]
    _check_sums(head, transfers, found)
    return TransferOrder(
        identification=text_of(head, "MsgId"),
        created_at=created_at,
        initiator_name=text_of(head, "InitgPty/Nm"),
        batches=tuple(sound),
        version=shape.version,
    )


def _read_batch(reader: Reader, found: Found) -> TransferBatch | None:
    transfers = list(_read_transfers(reader, found))
    execution_on: dt.date | None = read_day(reader.at("ReqdExctnDt"), found)
    sound = [one for one in transfers if one is not None]
    if execution_on is None or len(sound) != len(transfers):
        return None
    _check_sums(reader, sound, found)
    return TransferBatch(
        identification=text_of(reader, "PmtInfId"),
        execution_on=execution_on,
        debtor_name=text_of(reader, "Dbtr/Nm"),
        debtor_account=_with_bank(read_account(reader.at("DbtrAcct"), found), reader.at("DbtrAgt")),
        transfers=tuple(sound),
        service_level_code=read_code(reader.at("PmtTpInf/SvcLvl")),
        pointer=reader.path,
    )


def _read_transfers(batch: Reader, found: Found) -> Iterator[Transfer | None]:
    for one in batch.all("CdtTrfTxInf"):
        amount = read_amount(one.at("Amt/InstdAmt"), found)
        if amount is None:
            if one.at("Amt/EqvtAmt"):
                found.add(Finding("iso20022-amount-unknown", one.at("Amt").path))
            yield None
            continue
        remittance = one.at("RmtInf")
        reference = read_reference(remittance)
        if is_wrong_reference(reference):
            found.add(Finding("iso20022-reference-check", remittance.path, "advice"))
        yield Transfer(
            end_to_end_id=text_of(one, "PmtId/EndToEndId"),
            amount_minor=amount.minor,
            currency_code=amount.currency_code,
            creditor_name=text_of(one, "Cdtr/Nm"),
            creditor_account=_with_bank(read_account(one.at("CdtrAcct"), found), one.at("CdtrAgt")),
            instruction_id=text_of(one, "PmtId/InstrId"),
            purpose_code=read_code(one.at("Purp")),
            creditor_reference=reference,
            remittance=" ".join(read_lines(remittance, "Ustrd")),
            pointer=one.path,
        )


def _with_bank(account: BankAccount, agent: Reader) -> BankAccount:
    bank = agent.at("FinInstnId")
    bic = text_of(bank, "BICFI") or text_of(bank, "BIC")
    return BankAccount(account.iban, account.other_number, account.currency_code, bic)


def _check_sums(stated: Reader, transfers: Sequence[Transfer], found: Found) -> None:
    """Tell where the number of transfers or their sum is another one than stated.

    The control sum adds amounts of all currencies as plain numbers: that is how the standard defines it.
    """
    count = whole_of(text_of(stated, "NbOfTxs"))
    if count is not None and count != len(transfers):
        parameters = {"stated": str(count), "counted": str(len(transfers))}
        found.add(Finding("iso20022-count-differs", stated.at("NbOfTxs").path, parameters=parameters))
    sum_ = decimal_of(text_of(stated, "CtrlSum"))
    expected = control_sum(transfers)
    if sum_ is not None and sum_ != expected:
        parameters = {"stated": f"{sum_.normalize():f}", "expected": f"{expected.normalize():f}"}
        found.add(Finding("iso20022-sum-differs", stated.at("CtrlSum").path, parameters=parameters))


def control_sum(transfers: Sequence[Transfer]) -> Decimal:
    """Return the sum of amounts, as plain numbers."""
    amounts = (Decimal(one.amount_minor).scaleb(-PLACES[one.currency_code]) for one in transfers)
    return sum(amounts, Decimal(0))
