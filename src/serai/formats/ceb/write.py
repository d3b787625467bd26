"""Documents -> CEB messages, in the order of the newest edition; and answers as a partner expects them."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from typing import Any

import msgspec
from lxml import etree

from serai.formats.ceb.check import explain_best, is_fitting
from serai.formats.ceb.facts import NAMESPACE, Edition, Part, Record, editions_of
from serai.formats.ceb.mapping import (
    FILING,
    OWN_OF_ANSWERS,
    ROW_REMARK,
    Mapping,
    Place,
    answer_name,
    mappings,
    write_value,
)
from serai.formats.ceb.message import CebDocument, CebMessage, Content, Receipt, Transfer
from serai.formats.ceb.read import TRANSFER_FIELDS, decode_ceb
from serai.formats.kept import Kept
from serai.model.documents import Person
from serai.model.errors import SeraiError

_TRANSFER_GROUP = "BaseTransfer"
_FIRST_REMARK = ".remarks.0.text"
_OWN_OF_RECEIPTS = ("guid", "returnStatus", "returnTime", "returnInfo")
NOT_STATED = "-"
"""Stands in an answer for what a faulty document should have said, and fills what is too short."""


def encode_ceb(message: CebMessage) -> bytes:
    """Write a message. A signature is not written: it is the sender's to make.

    Raises SeraiError `ceb-cannot-hold` naming the first field that would not come back as it was, or that the
    message needs and the document does not have.
    """
    root = _build(message)
    content = _bytes_of(root)
    _refuse_loss(message, root, content)
    return content


def encode_what_fits(message: CebMessage) -> bytes:
    """Write what a message can hold of its documents: reading it back shows what it lacks."""
    return _bytes_of(_build(message))


def _build(message: CebMessage) -> Any:
    edition = editions_of(message.name)[0]
    mapping = mappings()[message.name]
    root = _root(message.name, message.guid, message.version)
    for document in message.documents:
        _write_document(root, document, mapping, edition)
    if message.transfer is not None:
        _write_transfer(root, message.transfer, edition)
    _put_kept(root, message.kept, edition)
    return root


def _bytes_of(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def encode_receipts(name: str, guid: str, receipts: Sequence[Receipt]) -> bytes:
    """Write answers, such as CEB312 with its name. Raises SeraiError `ceb-cannot-hold`."""
    root = _root(name, guid, "1.0")
    edition = editions_of(name)[0]
    (step,) = edition.records[name].steps[:-1]
    leaves = edition.records[str(step.group)].steps[:-1]
    fits = step.least <= len(receipts) <= step.most
    for receipt in receipts:
        own = (receipt.guid, receipt.status_code, receipt.issued_at, receipt.text)
        texts = {**receipt.subject, **dict(zip(_OWN_OF_RECEIPTS, own, strict=True))}
        fits &= _write_receipt(etree.SubElement(root, step.tag), leaves, texts)
    if not fits:
        _refuse_unfit(name, root)
    return _bytes_of(root)


def _write_receipt(group: Any, leaves: Sequence[Part], texts: AnyMapping[str, str]) -> bool:
    """Write the elements of one answer in their order; returns whether all it needs is there and certainly
    allowed."""
    fits = True
    for leaf in leaves:
        text = texts.get(leaf.name)
        if text is None and leaf.least and leaf.leaf is not None and leaf.leaf.form.characters_min == 0:
            text = ""
        if text is None:
            fits &= not leaf.least
        else:
            etree.SubElement(group, leaf.tag).text = text or None
            fits &= leaf.match is not None and leaf.match(text) is not None
    return fits


def receipt_of(
    name: str,
    document: CebDocument,
    *,
    guid: str,
    status_code: str,
    issued_at: str,
    text: str,
    numbers: AnyMapping[str, str] | None = None,
) -> Receipt:
    """Make the answer to a document of a message `name`.

    issued_at: YYYYMMDDhhmmssSSS of Beijing. numbers: elements that we assign, such as preNo and invtNo.
    """
    answer = answer_name(name)
    edition = editions_of(answer)[0]
    (step,) = edition.records[answer].steps[:-1]
    said = document.subject or dict(_texts(document, mappings()[name]))
    assigned = dict(numbers or {})
    subject = {}
    for leaf in edition.records[str(step.group)].steps[:-1]:
        found = assigned.get(leaf.name) or said.get(leaf.name)
        if leaf.name in OWN_OF_ANSWERS or leaf.leaf is None:
            continue
        fitted = (found or "")[: leaf.leaf.form.characters_max]
        if leaf.least or len(fitted) >= max(leaf.leaf.form.characters_min, 1):
            subject[leaf.name] = fitted.ljust(max(leaf.leaf.form.characters_min, 1), NOT_STATED)
    return Receipt(guid, status_code, issued_at, text, subject)


def _texts(document: CebDocument, mapping: Mapping) -> list[tuple[str, str]]:
    """Return the elements of a document's head with their texts."""
    if document.content is None:
        return []
    found = []
    for tag, place in mapping.head_tree.by_tag.items():
        text = _text_of(document, document.content, place, mapping)
        if text is not None:
            found.append((tag.rpartition("}")[2], text))
    return found


def _root(name: str, guid: str, version: str) -> Any:
    root = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"ceb": NAMESPACE})
    root.set("guid", guid)
    root.set("version", version)
    return root


def _below(element: Any, name: str) -> Any:
    return etree.SubElement(element, f"{{{NAMESPACE}}}{name}")


def _write_document(root: Any, document: CebDocument, mapping: Mapping, edition: Edition) -> None:
    if document.content is None:
        raise _cannot_hold(document.pointer, "it has faults and was not read")
    group = _below(root, mapping.group)
    head = _below(group, mapping.head) if mapping.head else group
    record = edition.records[mapping.head or mapping.group]
    _write_fields(head, record, dict(_texts(document, mapping)))
    if mapping.rows is not None and mapping.row_tree is not None:
        record = edition.records[mapping.rows]
        remarks = _remarks_of_rows(document.content, mapping)
        for row in getattr(document.content, str(mapping.rows_to)):
            texts = {}
            for tag, place in mapping.row_tree.by_tag.items():
                text = (
                    remarks.get(row.sequence_number)
                    if place.how == ROW_REMARK
                    else _written(place, _get(row, place.path))
                )
                if text is not None:
                    texts[tag.rpartition("}")[2]] = text
            _write_fields(_below(group, mapping.rows), record, texts)
    _put_kept(group, document.kept, edition)


def _remarks_of_rows(content: Content, mapping: Mapping) -> dict[int, str]:
    """Return the free words that a person of the document keeps for rows, by number of the row."""
    person = getattr(content, mapping.remarks_of, None) if mapping.remarks_of else None
    remarks = person.remarks if isinstance(person, Person) else []
    return {
        one.line_number: one.text for one in remarks if one.line_number is not None and one.element is None
    }


def _write_fields(element: Any, record: Record, texts: dict[str, str]) -> None:
    for step in record.steps[:-1]:
        text = texts.get(step.name)
        if text is not None:
            _below(element, step.name).text = text
        elif _may_be_empty(step):
            _below(element, step.name)


def _may_be_empty(step: Part) -> bool:
    """Say whether the element must stand here and may say nothing."""
    form = step.leaf.form if step.least and step.leaf is not None else None
    return form is not None and form.kind == "text" and form.characters_min == 0


def _text_of(document: CebDocument, content: Content, place: Place, mapping: Mapping) -> str | None:
    if place.path.startswith(f"{FILING}."):
        return _written(place, getattr(document.submission, place.leaf))
    value = _get(content, place.path)
    if place.path.endswith(_FIRST_REMARK) and _is_of_row(content, place):
        return None
    text = _written(place, value)
    if text is not None:
        return None if _is_copy(document, content, place, value, mapping) else text
    # A document from elsewhere may say it only where reading would have copied it.
    for target, sources in mapping.copied:
        if len(sources) == 1 and sources[0].path == place.path and sources[0].how == "":
            value = _get(content, target.path)
            return None if value is None else _written(place, value)
    return None


def _is_of_row(content: Content, place: Place) -> bool:
    """Say whether the first of a person's remarks is about a row or an element, not about the whole."""
    first = place.path.removesuffix("text")
    return any(_get(content, first + name) is not None for name in ("line_number", "element"))


def _is_copy(document: CebDocument, content: Content, place: Place, value: Any, mapping: Mapping) -> bool:
    """Say whether a field holds only what reading copied there because its element was absent."""
    for target, sources in mapping.copied:
        if target.path == place.path:
            found = (
                getattr(document.submission, one.leaf)
                if one.path.startswith(f"{FILING}.")
                else _get(content, one.path)
                for one in sources
            )
            return any(one == value for one in found)
    return False


def _get(content: Any, path: str) -> Any:
    value = content
    for step in path.split("."):
        if value is None:
            return None
        value = (value[0] if value else None) if step == "0" else getattr(value, step)
    return value


def _written(place: Place, value: Any) -> str | None:
    return None if value is None else write_value(place, value)


def _write_transfer(root: Any, transfer: Transfer, edition: Edition) -> None:
    texts = {
        name: value
        for name, field in TRANSFER_FIELDS.items()
        if (value := getattr(transfer, field)) is not None
    }
    _write_fields(_below(root, _TRANSFER_GROUP), edition.records[_TRANSFER_GROUP], texts)


def _put_kept(element: Any, kept: Sequence[Kept], edition: Edition) -> None:
    """Put kept elements back, each after those of its parent that are known."""
    for one in kept:
        *parents, name = one.way.split("/")
        parent = element
        for step in parents:
            parent_name, _, number = step.partition("[")
            parent = parent.findall(f"{{{NAMESPACE}}}{parent_name}")[int(number.rstrip("]") or 1) - 1]
        if one.is_xml:
            parent.append(etree.fromstring(one.text))
        else:
            _place_kept(parent, name, one.text, edition.records.get(etree.QName(parent).localname))


def _place_kept(parent: Any, name: str, text: str, record: Record | None) -> None:
    """Put an element where the schema has its place, else at the end."""
    there = parent.find(f"{{{NAMESPACE}}}{name}")
    child = there if there is not None and not there.text else _below(parent, name)
    child.text = text
    order = [step.tag for step in record.steps] if record else []
    if child.tag in order:
        before = order[: order.index(child.tag)]
        parent.insert(sum(1 for other in parent if other is not child and other.tag in before), child)


def _refuse_loss(message: CebMessage, root: Any, content: bytes) -> None:
    """Read what was written: what does not come back as it was may not be sent."""
    read, _ = decode_ceb(content)
    for number, document in enumerate(message.documents):
        again = read.documents[number] if read is not None and number < len(read.documents) else None
        if again is None or again.content is None:
            faults = again.findings if again else []
            why = next(
                (f"{one.code} at {one.pointer}" for one in faults if one.severity == "fault"), "no document"
            )
            raise _cannot_hold(document.pointer, why)
        lost = _first_difference(document.content, again.content, "")
        if lost is not None:
            raise _cannot_hold(document.pointer, f"it has no place for {lost}")
    if not message.documents:
        _refuse_unfit(message.name, root)


def _refuse_unfit(name: str, root: Any) -> None:
    editions = editions_of(name)
    if not any(is_fitting(root, one.records[name], one) for one in editions):
        fault = explain_best(root, name, editions)[0]
        raise _cannot_hold(fault.pointer, fault.code)


def _first_difference(one: Any, other: Any, way: str) -> str | None:
    """Name the first field in which two documents differ; None: they are equal."""
    if one == other:
        return None
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        fields = one.__struct_fields__
        found = (
            _first_difference(getattr(one, name), getattr(other, name), f"{way}/{name}") for name in fields
        )
        return next((path for path in found if path is not None), None)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        found = (
            _first_difference(a, b, f"{way}/{n}") for n, (a, b) in enumerate(zip(one, other, strict=True))
        )
        return next((path for path in found if path is not None), None)
    return way or "/"


def _cannot_hold(pointer: str, why: str) -> SeraiError:
    return SeraiError(
        "ceb-cannot-hold",
        f"A CEB message cannot hold the document {pointer}: {why}.",
        "Send this document as JSON, or add what the message needs.",
    )
