"""Items as documents and back: an origin post's ITMATT is the destination's CUSITM."""

import hashlib
from collections.abc import Sequence
from functools import partial

from serai.formats.convertible import Circumstances, Part, act_not_carried
from serai.formats.decoded import limit_findings
from serai.formats.json_lines import canonical
from serai.formats.upu.facts import MessageName
from serai.formats.upu.message import Header, UpuItem
from serai.formats.upu.read import decode_upu
from serai.formats.upu.write import encode_consignments
from serai.model.documents import Consignment
from serai.model.findings import Finding

CONSIGNMENT = "declaration"
_NOT_STATED = "NOT-STATED"


def read_items(content: bytes, _: Circumstances, name: MessageName) -> list[Part]:
    """Read the items of a message; what is found about the message as such is a part without a kind."""
    message, findings = decode_upu(content, name)
    if message is None:
        return [Part("", None, findings)]
    lost = list(findings)
    if message.header is not None:
        place = f"/{name.upper()}/Header"
        lost.append(Finding("not-carried-over", place, "advice", {"field": "Header"}))
    own = [Part("", None, limit_findings(lost))] if lost else []
    return [*own, *(_part(item) for item in message.items)]


def _part(item: UpuItem) -> Part:
    findings = list(item.findings)
    if item.act != "declare":
        is_document = item.consignment is not None
        findings.append(act_not_carried(item.act, item.pointer, is_document=is_document))
    return Part(CONSIGNMENT, item.consignment, limit_findings(findings), item.pointer)


def write_cusitm(documents: Sequence[Consignment], _: Circumstances) -> bytes:
    """Write what customs gets."""
    return encode_consignments(documents)


def write_itmatt(documents: Sequence[Consignment], told: Circumstances) -> bytes:
    """Write what the destination's post gets. Posts are those of the first item; the number of the message
    follows from its content.
    """
    detail = documents[0].detail
    said = {one.type_code: one.code for one in (detail.statements if detail is not None else [])}
    number = hashlib.sha256(b"".join(canonical(one) for one in documents)).hexdigest()[:32].upper()
    header = Header(
        message_id=number,
        prepared_at=told.at.isoformat(timespec="seconds"),
        recipient_code=said.get("UPU-DESTINATION-POST") or _NOT_STATED,
        sender_code=said.get("UPU-ORIGIN-POST") or _NOT_STATED,
    )
    return encode_consignments(documents, header)


read_itmatt = partial(read_items, name="itmatt")
read_cusitm = partial(read_items, name="cusitm")
