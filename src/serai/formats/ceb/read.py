"""CEB messages -> their documents, each by itself: a fault of one leaves the others as they are."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

import msgspec
from lxml import etree

from serai.formats.ceb.check import (
    explain_best,
    find_around,
    find_editions,
    has_groups_in_order,
    is_fitting,
    is_leaf_right,
)
from serai.formats.ceb.codes import UNKNOWN
from serai.formats.ceb.facts import NAMESPACE, SIGNATURE_NAMESPACE, Edition, Record
from serai.formats.ceb.mapping import ROW_REMARK, Mapping, Place, Tree, mappings
from serai.formats.ceb.message import KINDS, CebDocument, CebFiling, CebMessage, Content, Receipt, Transfer
from serai.formats.ceb.places import element_of, row_name
from serai.formats.ceb.plans import plan_of
from serai.formats.ceb.rules import Texts, find_in_record
from serai.formats.decoded import limit_findings
from serai.formats.found import Found
from serai.formats.json_faults import find_schema_faults
from serai.formats.kept import Kept
from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding

_Node = dict[str, Any]
_FILING = 1
"""Number of the group `filing` in every tree."""
_LEFT_UNREAD = frozenset({"too-long", "bad-pattern"})
"""Faults of a text that the schema allows and our field does not: it is kept beside the document."""
_REFERENCE = "reference"
_REFERENCE_CHARACTERS_MAX = 70
_REFERENCE_LETTERS = re.compile(r"[\x21-\x7e]+").fullmatch
_SHARE = Decimal("0.00001")
_KILOGRAM = "KGM"
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
        _Group(
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
    kept = [_keep(child, local_name(child)) for child in root if child.tag not in known]
    message = CebMessage(
        name=name,
        guid=root.get("guid", ""),
        documents=documents,
        transfer=None if transfer is None else _read_transfer(transfer),
        version=root.get("version", ""),
        signature=None if signature is None else _as_text(signature),
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


class _Group:
    """One document being read: its tree, and what nothing reads.

    It is held against the newest edition while it is read; only what does not fit that is looked at again.
    """

    def __init__(self, mapping: Mapping, editions: tuple[Edition, ...], pointer: str, record: str) -> None:
        self._mapping = mapping
        self._editions = editions
        self._pointer = pointer
        self._record = record
        self._kept: list[Kept] = []
        self._findings: list[Finding] = []
        self._left_out: set[str] = set()
        self._fits = True
        self._texts: list[tuple[str, Texts]] = []

    def read(self, group: Any) -> CebDocument:
        """Read it. With a fault that the schema or the rules find there is no content."""
        tree, filing = self._tree_of(group)
        faults = [] if self._fits else self._explain(group)
        texts = self._texts
        ruled = [
            finding
            for way, its in texts
            for finding in find_in_record(self._mapping.message, f"{self._pointer}{way}", its)
        ]
        faults += [one for one in ruled if one.severity == "fault"]
        content: Content | None = None
        if not faults:
            kind = KINDS[self._mapping.kind]
            try:
                content = msgspec.convert(tree, kind)
            except msgspec.ValidationError:
                content, faults = self._read_loosely(group, tree, kind)
        advice = [*(one for one in ruled if one.severity != "fault"), *self._findings]
        advice += [
            Finding("unread-element", f"{self._pointer}/{one.way}", "advice", {"element": one.way[:64]})
            for one in self._kept
        ]
        return CebDocument(
            pointer=self._pointer,
            kind=self._mapping.kind,
            filing=CebFiling(**filing),
            content=content,
            kept=self._kept,
            findings=limit_findings([*faults, *advice]),
            subject=self._subject_of(texts),
        )

    def _explain(self, group: Any) -> list[Finding]:
        """Name the faults of a document that the newest edition does not take as it is; none: an earlier
        one does."""
        if any(is_fitting(group, one.records[self._record], one) for one in self._editions[1:]):
            return []
        found = explain_best(group, self._record, self._editions, self._pointer)
        # What is unknown is kept and told; the document can still be read.
        return [one for one in found if one.code != "unknown-field"]

    def _subject_of(self, texts: list[tuple[str, Texts]]) -> dict[str, str]:
        head = texts[0][1] if texts else {}
        return {
            name: text
            for name in self._mapping.answered
            if (text := head.get(name)) is not None and not text.isspace()
        }

    def _read_loosely(
        self, group: Any, tree: _Node, kind: type[Content]
    ) -> tuple[Content | None, list[Finding]]:
        """Read once more without those optional texts that are too long or too free for our fields."""
        faults = [self._at_place(one) for one in find_schema_faults(tree, kind)]
        loose = {one.pointer for one in faults if one.code in _LEFT_UNREAD}
        if not loose or len(loose) < len(faults):
            return None, faults
        self._left_out, self._kept, self._findings = loose, [], []
        try:
            return msgspec.convert(self._tree_of(group)[0], kind), []
        except msgspec.ValidationError:
            return None, faults

    def _at_place(self, fault: Finding) -> Finding:
        """Move a fault from its place in the tree to the element it was read from."""
        place = element_of(self._mapping, self._pointer, fault.pointer)
        return msgspec.structs.replace(fault, pointer=place)

    def _tree_of(self, group: Any) -> tuple[_Node, _Node]:
        mapping, records = self._mapping, self._editions[0].records
        self._fits, self._texts = True, []
        head = group.find(f"{{{NAMESPACE}}}{mapping.head}") if mapping.head else group
        nodes: list[_Node] = [{} for _ in mapping.head_tree.nodes]
        if head is not None:
            self._fill(head, mapping.head_tree, records[mapping.head or self._record], nodes, mapping.head)
        rows = self._rows_of(group, nodes)
        remarks = _take_remarks(rows)
        self._complete(nodes, has_row_remarks=bool(remarks))
        if mapping.rows_to:
            nodes[0][mapping.rows_to] = rows
        if mapping.head:
            self._fits = self._fits and has_groups_in_order(group, records[self._record])
            self._keep_around(group)
        tree = _join(nodes, mapping.head_tree)
        if remarks:
            tree[str(mapping.remarks_of)].setdefault("remarks", []).extend(remarks)
        return tree, nodes[_FILING]

    def _fill(self, element: Any, tree: Tree, record: Record, nodes: list[_Node], way: str) -> None:
        """Read the leaves of an element into nodes, in one pass with the check of their order and form."""
        texts: Texts = {}
        self._texts.append((f"/{way}" if way else "", texts))
        children = list(element)
        plan = plan_of(tree, record, [child.tag for child in children])
        is_second_reading = bool(self._left_out)
        fits = plan.fits and not any(map(len, children))
        for child, (place, match, leaf) in zip(children, plan.leaves, strict=True):
            text = child.text
            if fits and (
                match is None or (match(text or "") is None and not is_leaf_right(text or "", leaf))
            ):
                fits = False
            if place is None or not text or is_second_reading or text.isspace():
                self._fill_carefully(child, tree, nodes, way)
                continue
            texts.setdefault(place.element, text)
            if place.read is None:
                value: Any = text
            else:
                value = place.read(text)
                if value.__class__ is str and value.startswith(UNKNOWN):
                    self._add_unknown(f"{way}/{place.element}".lstrip("/"), text)
            nodes[place.node][place.leaf] = [value] if place.is_list else value
        self._fits = self._fits and fits

    def _fill_carefully(self, child: Any, tree: Tree, nodes: list[_Node], way: str) -> None:
        """Read an element that is blank, unknown, or of a document that is read a second time."""
        below = f"{way}/{local_name(child)}".lstrip("/")
        place, text = tree.by_tag.get(child.tag), child.text
        if not len(child) and not (text or "").strip():
            text = tree.empty_means.get(child.tag)
            if text is None:
                return
        if place is None or f"{self._pointer}/{below}" in self._left_out:
            self._kept.append(_keep(child, below))
            return
        value = text if place.read is None else place.read(text or "")
        nodes[place.node][place.leaf] = [value] if place.is_list else value

    def _add_unknown(self, way: str, text: str) -> None:
        parameters = {"value": text[:35], "field": way.rpartition("/")[2]}
        self._findings.append(Finding("ceb-unknown-code", f"{self._pointer}/{way}", "advice", parameters))

    def _complete(self, nodes: list[_Node], *, has_row_remarks: bool) -> None:
        """Add what the message need not say and what it says elsewhere."""
        mapping = self._mapping
        nodes[0].update(mapping.constants)
        for place, sources in mapping.copied:
            if place.leaf not in nodes[place.node]:
                values = (_copied(nodes[one.node].get(one.leaf), one) for one in sources)
                fits = _is_reference if place.leaf == _REFERENCE else _is_there
                value = next((one for one in values if fits(one)), None)
                if value is not None:
                    nodes[place.node][place.leaf] = value
        for place, value, below in mapping.given:
            is_named = has_row_remarks and mapping.head_tree.nodes[place.node] == mapping.remarks_of
            if is_named or nodes[place.node] or any(nodes[number] for number in below):
                nodes[place.node].setdefault(place.leaf, value)

    def _rows_of(self, group: Any, head: list[_Node]) -> list[_Node]:
        mapping = self._mapping
        if mapping.row_tree is None:
            return []
        record = self._editions[0].records[str(mapping.rows)]
        rows = []
        for number, element in enumerate(group.iterchildren(f"{{{NAMESPACE}}}{mapping.rows}")):
            nodes: list[_Node] = [{} for _ in mapping.row_tree.nodes]
            self._fill(element, mapping.row_tree, record, nodes, row_name(mapping, number))
            rows.append(_join(nodes, mapping.row_tree))
        if mapping.shared_out is not None and rows:
            name, place = mapping.shared_out
            self._share_out(rows, name, head[place.node].get(place.leaf))
        return rows

    def _share_out(self, rows: list[_Node], name: str, total: str | None) -> None:
        """Share a sum out, exact in sum: the message does not say what each row has.

        In the ratio of their kilograms where the tariff asks for kilograms of all of them, else evenly.
        """
        try:
            whole = Decimal(total or "")
        except InvalidOperation:
            return
        if len(rows) == 1 or not whole.is_finite():
            rows[0][name] = total
            return
        weights = _kilograms_of(rows) or [Decimal(1)] * len(rows)
        sum_of_weights = sum(weights)
        shares = [(whole * weight / sum_of_weights).quantize(_SHARE, ROUND_DOWN) for weight in weights]
        shares[0] += whole - sum(shares)
        for row, share in zip(rows, shares, strict=True):
            row[name] = f"{share:f}"
        self._findings.append(
            Finding("ceb-mass-of-the-whole", f"{self._pointer}/{self._mapping.head}", "advice")
        )

    def _keep_around(self, group: Any) -> None:
        known = {f"{{{NAMESPACE}}}{self._mapping.head}", f"{{{NAMESPACE}}}{self._mapping.rows}"}
        self._kept.extend(_keep(child, local_name(child)) for child in group if child.tag not in known)


def _kilograms_of(rows: list[_Node]) -> list[Decimal]:
    """Return the legal quantities of rows if all of them are kilograms above zero; else none."""
    found = []
    for row in rows:
        if row.get("supplementary_unit_code") != _KILOGRAM:
            return []
        try:
            quantity = Decimal(row.get("supplementary_quantity") or "")
        except InvalidOperation:
            return []
        if not quantity.is_finite() or quantity <= 0:
            return []
        found.append(quantity)
    return found


def _is_there(value: Any) -> bool:
    return value is not None


def _is_reference(value: Any) -> bool:
    """Say whether a number given by a filer can be a document's reference: `model.documents.Reference`."""
    return (
        value is not None
        and len(value) <= _REFERENCE_CHARACTERS_MAX
        and _REFERENCE_LETTERS(value) is not None
    )


def _copied(value: Any, source: Place) -> Any:
    """Return a value for another field, or None if it is no international code."""
    value = value if value is None or source.read is None else source.read(value)
    return None if value.__class__ is str and value.startswith(UNKNOWN) else value


def _join(nodes: list[_Node], tree: Tree) -> _Node:
    for number, parent, name, is_list in tree.joints:
        if nodes[number]:
            nodes[parent][name] = [nodes[number]] if is_list else nodes[number]
    return nodes[0]


def _take_remarks(rows: list[_Node]) -> list[_Node]:
    """Take the free words out of rows, each with the number of its row."""
    return [
        {"text": row.pop(ROW_REMARK), "line_number": row.get("sequence_number")}
        for row in rows
        if ROW_REMARK in row
    ]


def _keep(element: Any, way: str) -> Kept:
    if len(element):
        return Kept(way, _as_text(element), is_xml=True)
    return Kept(way, element.text or "")


def _as_text(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=False))
