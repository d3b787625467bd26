"""Credit transfers -> pain.001, and what a bank says of them -> pain.002."""

from collections.abc import Sequence

from serai.formats.iso20022.message import (
    BatchStatus,
    StatusReason,
    StatusReport,
    Transfer,
    TransferBatch,
    TransferOrder,
    TransferStatus,
)
from serai.formats.iso20022.read_order import control_sum
from serai.formats.iso20022.shapes import shape_of
from serai.formats.iso20022.write_tree import (
    Tree,
    account_tree,
    bank_tree,
    money,
    remittance_tree,
    write_tree,
)


def write_order(order: TransferOrder) -> bytes:
    """Write an order in its version; numbers and control sums are those of its transfers.

    Raises SeraiError `iso20022-cannot-hold`.
    """
    transfers = [one for batch in order.batches for one in batch.transfers]
    head = {
        "MsgId": order.identification,
        "CreDtTm": order.created_at,
        **_sums(transfers),
        "InitgPty": {"Nm": order.initiator_name},
    }
    tree = {"GrpHdr": head, "PmtInf": [_batch(one) for one in order.batches]}
    return write_tree(shape_of("pain.001", order.version), tree)


def _sums(transfers: Sequence[Transfer]) -> Tree:
    return {"NbOfTxs": len(transfers), "CtrlSum": control_sum(transfers)}


def _batch(batch: TransferBatch) -> Tree:
    return {
        "PmtInfId": batch.identification,
        "PmtMtd": "TRF",
        **_sums(batch.transfers),
        "PmtTpInf": {"SvcLvl": batch.service_level_code},
        "ReqdExctnDt": batch.execution_on,
        "Dbtr": {"Nm": batch.debtor_name},
        "DbtrAcct": account_tree(batch.debtor_account),
        "DbtrAgt": bank_tree(batch.debtor_account),
        # Each side bears its own bank's charges: the payee gets all of a refund.
        "ChrgBr": "SLEV",
        "CdtTrfTxInf": [_transfer(one) for one in batch.transfers],
    }


def _transfer(one: Transfer) -> Tree:
    bank = bank_tree(one.creditor_account) if one.creditor_account.bic else {}
    return {
        "PmtId": {"InstrId": one.instruction_id, "EndToEndId": one.end_to_end_id},
        "Amt": {"InstdAmt": money(one.amount_minor, one.currency_code)},
        "CdtrAgt": bank,
        "Cdtr": {"Nm": one.creditor_name},
        "CdtrAcct": account_tree(one.creditor_account),
        "Purp": one.purpose_code,
        "RmtInf": remittance_tree(one.creditor_reference, [one.remittance] if one.remittance else []),
    }


def write_status(report: StatusReport) -> bytes:
    """Write a report in its version. Raises SeraiError `iso20022-cannot-hold`."""
    order = {
        "OrgnlMsgId": report.original_identification,
        "OrgnlMsgNmId": report.original_message,
        "GrpSts": report.status_code,
        "StsRsnInf": [_reason(one) for one in report.reasons],
    }
    tree = {
        "GrpHdr": {"MsgId": report.identification, "CreDtTm": report.created_at},
        "OrgnlGrpInfAndSts": order,
        "OrgnlPmtInfAndSts": [_batch_status(one) for one in report.batches],
    }
    return write_tree(shape_of("pain.002", report.version), tree)


def _reason(reason: StatusReason) -> Tree:
    return {
        "Rsn": {"Cd": reason.code, "Prtry": "" if reason.code else reason.own_code},
        "AddtlInf": list(reason.information),
    }


def _batch_status(batch: BatchStatus) -> Tree:
    return {
        "OrgnlPmtInfId": batch.original_identification,
        "PmtInfSts": batch.status_code,
        "StsRsnInf": [_reason(one) for one in batch.reasons],
        "TxInfAndSts": [_transfer_status(one) for one in batch.transfers],
    }


def _transfer_status(one: TransferStatus) -> Tree:
    return {
        "StsId": one.status_id,
        "OrgnlInstrId": one.original_instruction_id,
        "OrgnlEndToEndId": one.original_end_to_end_id,
        "TxSts": one.status_code,
        "StsRsnInf": [_reason(reason) for reason in one.reasons],
        "AccptncDtTm": one.accepted_at,
        "AcctSvcrRef": one.servicer_reference,
    }
