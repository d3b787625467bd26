"""pain.002 -> what a bank says of an order, of its batches, of single transfers."""

from serai.formats.found import Found
from serai.formats.iso20022.message import BatchStatus, StatusReason, StatusReport, TransferStatus
from serai.formats.iso20022.read_values import read_instant, read_lines, text_of
from serai.formats.iso20022.shapes import Shape
from serai.formats.xml_document import Reader


def read_status(top: Reader, shape: Shape, found: Found) -> StatusReport | None:
    """Read a report; None: it does not say when it was made, or of which order, which is told."""
    head, order = top.at("GrpHdr"), top.at("OrgnlGrpInfAndSts")
    created_at = read_instant(head.at("CreDtTm"), found)
    original = text_of(order, "OrgnlMsgId")
    if created_at is None or not original:
        return None
    return StatusReport(
        identification=text_of(head, "MsgId"),
        created_at=created_at,
        original_identification=original,
        original_message=text_of(order, "OrgnlMsgNmId"),
        status_code=text_of(order, "GrpSts"),
        reasons=_read_reasons(order),
        batches=tuple(_read_batch(one, found) for one in top.all("OrgnlPmtInfAndSts")),
        version=shape.version,
    )


def _read_batch(reader: Reader, found: Found) -> BatchStatus:
    return BatchStatus(
        original_identification=text_of(reader, "OrgnlPmtInfId"),
        status_code=text_of(reader, "PmtInfSts"),
        reasons=_read_reasons(reader),
        transfers=tuple(_read_transfer(one, found) for one in reader.all("TxInfAndSts")),
        pointer=reader.path,
    )


def _read_transfer(reader: Reader, found: Found) -> TransferStatus:
    return TransferStatus(
        status_code=text_of(reader, "TxSts"),
        original_end_to_end_id=text_of(reader, "OrgnlEndToEndId"),
        original_instruction_id=text_of(reader, "OrgnlInstrId"),
        status_id=text_of(reader, "StsId"),
        reasons=_read_reasons(reader),
        accepted_at=read_instant(reader.at("AccptncDtTm"), found),
        servicer_reference=text_of(reader, "AcctSvcrRef"),
        pointer=reader.path,
    )


def _read_reasons(reader: Reader) -> tuple[StatusReason, ...]:
    return tuple(
        StatusReason(text_of(one, "Rsn/Cd"), text_of(one, "Rsn/Prtry"), read_lines(one, "AddtlInf"))
        for one in reader.all("StsRsnInf")
    )
