"""CEB messages as their documents, and documents as a message of their own."""

import uuid
from collections.abc import Sequence

from serai.formats.ceb.codes import BEIJING
from serai.formats.ceb.message import CebDocument, CebMessage, CebSubmission, Content
from serai.formats.ceb.read import decode_ceb
from serai.formats.ceb.write import encode_what_fits
from serai.formats.convertible import Circumstances, Part, act_not_carried
from serai.formats.decoded import Document, limit_findings
from serai.formats.json_lines import canonical
from serai.model.documents import Consignment, Order, Payment, TransportDocument
from serai.model.findings import Finding

MESSAGES: dict[type[Document], str] = {
    Order: "CEB311Message",
    Payment: "CEB411Message",
    TransportDocument: "CEB511Message",
    Consignment: "CEB621Message",
}
"""The import messages."""
EXPORT_MESSAGES: dict[type[Document], str] = {
    Order: "CEB303Message",
    Payment: "CEB403Message",
    TransportDocument: "CEB505Message",
}
"""Those of export. Inventories (CEB603) and manifests are checked only: no document of ours holds them."""
_ADD, _LODGED = "1", "2"
_ACTS = {"2": "change", "3": "delete"}
_DOCUMENTS = {"order", "payment", "transport-document", "declaration"}


def read_ceb(content: bytes, _: Circumstances) -> list[Part]:
    """Read the documents of a message; what is found about the message as such is a part without a kind."""
    message, findings = decode_ceb(content)
    if message is None:
        return [Part("", None, findings)]
    lost = [*findings, *_around(message)]
    own = [Part("", None, limit_findings(lost))] if lost else []
    return [*own, *(_part(document) for document in message.documents)]


def _around(message: CebMessage) -> list[Finding]:
    if message.transfer is None:
        return []
    place = f"/{message.name}/BaseTransfer"
    return [Finding("not-carried-over", place, "advice", {"field": "BaseTransfer"})]


def _part(document: CebDocument) -> Part:
    findings, content = list(document.findings), document.content
    act = _ACTS.get(document.submission.act_code or "")
    if document.kind not in _DOCUMENTS or act == "delete":
        findings.append(act_not_carried(act or document.kind, document.pointer, is_document=False))
        content = None
    elif act is not None:
        findings.append(act_not_carried(act, document.pointer, is_document=True))
    return Part(document.kind, content, limit_findings(findings), document.pointer)


def write_ceb(documents: Sequence[Content], told: Circumstances) -> bytes:
    """Write documents of one kind as new import messages, lodged now. Numbers follow from the content."""
    return _write(documents, told, MESSAGES)


def write_ceb_export(documents: Sequence[Content], told: Circumstances) -> bytes:
    """Write documents of one kind as new export messages, likewise."""
    return _write(documents, told, EXPORT_MESSAGES)


def _write(documents: Sequence[Content], told: Circumstances, messages: dict[type[Document], str]) -> bytes:
    sent_at = told.at.astimezone(BEIJING).isoformat(timespec="seconds")
    filed = [
        CebDocument("", "", CebSubmission(_guid(canonical(one)), _ADD, sent_at, _LODGED), one)  # type: ignore[arg-type]
        for one in documents
    ]
    guid = _guid(b"".join(str(one.submission.guid).encode() for one in filed))
    return encode_what_fits(CebMessage(messages[type(documents[0])], guid, filed))  # type: ignore[index]


def _guid(content: bytes) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, content.hex())).upper()
