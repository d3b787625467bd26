"""CEB messages -> their documents, each by itself: a fault of one leaves the others as they are."""

from collections.abc import Sequence
from typing import Any

import msgspec

from serai.formats.ceb.check import (
    explain_best,
    find_around,
    find_editions,
    is_fitting,
)
from serai.formats.ceb.facts import NAMESPACE, SIGNATURE_NAMESPACE, Edition
from serai.formats.ceb.mapping import Mapping, mappings
from serai.formats.ceb.message import CebMessage, Receipt, Transfer
from serai.formats.ceb.read_document import DocumentReader, as_text, keep
from serai.formats.decoded import limit_findings
from serai.formats.found import Found
from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding

TRANSFER_FIELDS = {
    "copCode": "sender_id",
    "copName": "sender_name",
    "dxpMode": "exchange_mode_code",
    "dxpId": "exchange_id",
    "note": "remark",
}
"""Element of BaseTransfer -> field."""


def decode_ceb(content: bytes) -> tuple[CebMessage | None, list[Finding]]:
    """Read a message. Returns it and the findings of the message as such; those of a document stand in it.

    None: it cannot be read at all, or holds none of the documents of `mapping.yaml`. Never raises.
    """
    root, faults = read_xml(content)
    if root is None:
        return None, faults
    editions, faults = find_editions(root)
    if not editions:
        return None, faults
    name = local_name(root)
    mapping = mappings().get(name)
    if mapping is None:
        parameters = {"message": name, "readable": ", ".join(sorted(mappings()))}
        return None, [Finding("ceb-not-a-document", f"/{name}", parameters=parameters)]
    return _read_message(root, name, mapping, editions)


def name_and_guid(content: bytes) -> tuple[str, str]:
    """Return name and number of a message however little else of it can be read; "" where not even that."""
    root, _ = read_xml(content)
    return ("", "") if root is None else (local_name(root), root.get("guid", ""))


def decode_receipts(content: bytes) -> tuple[list[Receipt], list[Finding]]:
    """Read a message of answers (CEB312, 412, 512, 622 and the like). Returns them, or none and why."""
    root, faults = read_xml(content)
    if root is None:
        return [], faults
    editions, faults = find_editions(root)
    name = local_name(root)
    if editions and not any(is_fitting(root, one.records[name], one) for one in editions):
        faults = explain_best(root, name, editions)
    if faults:
        return [], faults
    return [_receipt({local_name(leaf): leaf.text or "" for leaf in group}) for group in root], []


def _receipt(texts: dict[str, str]) -> Receipt:
    guid, status, time, info = (
        texts.pop(name, "") for name in ("guid", "returnStatus", "returnTime", "returnInfo")
    )
    return Receipt(guid, status, time, info, {name: text for name, text in texts.items() if text})


def _read_message(
    root: Any, name: str, mapping: Mapping, editions: tuple[Edition, ...]
) -> tuple[CebMessage, list[Finding]]:
    groups = root.findall(f"{{{NAMESPACE}}}{mapping.group}")
    step = next(step for step in editions[0].records[name].steps if step.name == mapping.group)
    record = step.group
    assert record is not None
    documents = [
        DocumentReader(
            mapping, editions, f"/{name}/{mapping.group}{f'[{number}]' if len(groups) > 1 else ''}", record
        ).read(group)
        for number, group in enumerate(groups[: step.most], start=1)  # `too-many` tells of those beyond
    ]
    transfer = root.find(f"{{{NAMESPACE}}}BaseTransfer")
    signature = root.find(f"{{{SIGNATURE_NAMESPACE}}}Signature")
    known = {
        f"{{{NAMESPACE}}}{mapping.group}",
        f"{{{NAMESPACE}}}BaseTransfer",
        f"{{{SIGNATURE_NAMESPACE}}}Signature",
    }
    kept = [keep(child, local_name(child)) for child in root if child.tag not in known]
    message = CebMessage(
        name=name,
        guid=root.get("guid", ""),
        documents=documents,
        transfer=None if transfer is None else _read_transfer(transfer),
        version=root.get("version", ""),
        signature=None if signature is None else as_text(signature),
        kept=kept,
    )
    found = Found()
    find_around(root, found)
    message, around = _with_own_faults(message, found.findings())
    return message, limit_findings([*_missing_parts(root, name, editions), *around, *_unread(message)])


def _with_own_faults(
    message: CebMessage, findings: Sequence[Finding]
) -> tuple[CebMessage, Sequence[Finding]]:
    """Give each document what is said of a place in it; returns that with what is said of the message."""
    if all(one.severity != "fault" for one in findings):
        return message, findings
    documents = []
    left = list(findings)
    for document in message.documents:
        own = [one for one in left if f"{one.pointer}/".startswith(f"{document.pointer}/")]
        left = [one for one in left if one not in own]
        said = limit_findings([*own, *document.findings])
        documents.append(msgspec.structs.replace(document, content=None, findings=said) if own else document)
    return msgspec.structs.replace(message, documents=documents), left


def _missing_parts(root: Any, name: str, editions: tuple[Edition, ...]) -> list[Finding]:
    """Say which parts of the message as such are absent or too many; each document tells its own faults."""
    findings = []
    for step in editions[0].records[name].steps[:-1]:
        count = len(root.findall(step.tag))
        place = f"/{name}/{step.name}"
        if count < step.least:
            findings.append(Finding("missing-field", place, parameters={"field": step.name}))
        elif count > step.most:
            findings.append(Finding("too-many", place, parameters={"count_max": str(step.most)}))
    return findings


def _unread(message: CebMessage) -> list[Finding]:
    return [
        Finding("unread-element", f"/{message.name}/{one.way}", "advice", {"element": one.way[:64]})
        for one in message.kept
    ]


def _read_transfer(element: Any) -> Transfer:
    texts = {TRANSFER_FIELDS.get(local_name(child), ""): child.text for child in element if child.text}
    texts.pop("", None)
    return Transfer(**texts)
