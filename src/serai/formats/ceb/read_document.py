"""One document of a CEB message: its elements into the fields of ours, and what nothing reads beside them."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

import msgspec
from lxml import etree

from serai.formats.ceb.check import (
    explain_best,
    has_groups_in_order,
    is_fitting,
    is_leaf_right,
)
from serai.formats.ceb.codes import UNKNOWN
from serai.formats.ceb.facts import NAMESPACE, Edition, Record
from serai.formats.ceb.mapping import ROW_REMARK, Mapping, Place, Tree
from serai.formats.ceb.message import KINDS, CebDocument, CebSubmission, Content
from serai.formats.ceb.places import element_of, row_name
from serai.formats.ceb.plans import Plan, plan_of
from serai.formats.ceb.rules import Texts, find_in_record
from serai.formats.decoded import limit_findings
from serai.formats.json_faults import find_schema_faults
from serai.formats.kept import Kept
from serai.formats.xml_document import local_name
from serai.formats.xml_shape import decimal_of
from serai.model.findings import Finding

_Node = dict[str, Any]
_FILING = 1
"""Number of the group `submission` in every tree."""
_LEFT_UNREAD = frozenset({"too-long", "bad-pattern"})
"""Faults of a text that the schema allows and our field does not: it is kept beside the document."""
_REFERENCE = "reference"
_REFERENCE_CHARACTERS_MAX = 70
_REFERENCE_LETTERS = re.compile(r"[\x21-\x7e]+").fullmatch
_SHARE = Decimal("0.00001")
_KILOGRAM = "KGM"


class DocumentReader:
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
        tree, submission = self._tree_of(group)
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
            submission=CebSubmission(**submission),
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
        contents = [child.text for child in children]
        is_second_reading = bool(self._left_out)
        self._fits = self._fits and plan.fits and _are_leaves_right(children, contents, plan)
        for child, place, text in zip(children, plan.places, contents, strict=True):
            if place is None or not text or is_second_reading or text.isspace():
                self._fill_carefully(child, tree, nodes, way)
                continue
            texts.setdefault(place.element, text)
            value: Any = text
            if place.read is not None:
                value = place.read(text)
                if value.__class__ is str and value.startswith(UNKNOWN):
                    self._add_unknown(f"{way}/{place.element}".lstrip("/"), text)
            nodes[place.node][place.leaf] = [value] if place.is_list else value

    def _fill_carefully(self, child: Any, tree: Tree, nodes: list[_Node], way: str) -> None:
        """Read an element that is blank, unknown, or of a document that is read a second time."""
        below = f"{way}/{local_name(child)}".lstrip("/")
        place, text = tree.by_tag.get(child.tag), child.text
        if not len(child) and not (text or "").strip():
            text = tree.empty_means.get(child.tag)
            if text is None:
                return
        if place is None or f"{self._pointer}/{below}" in self._left_out:
            self._kept.append(keep(child, below))
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
        if total is None:
            return
        whole = decimal_of(total)
        if len(rows) == 1 or whole is None:
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
        self._kept.extend(keep(child, local_name(child)) for child in group if child.tag not in known)


def _kilograms_of(rows: list[_Node]) -> list[Decimal]:
    """Return the legal quantities of rows if all of them are kilograms above zero; else none."""
    found = []
    for row in rows:
        if row.get("supplementary_unit_code") != _KILOGRAM:
            return []
        quantity = decimal_of(row.get("supplementary_quantity") or "")
        if quantity is None or quantity <= 0:
            return []
        found.append(quantity)
    return found


def _are_leaves_right(children: Sequence[Any], contents: Sequence[str | None], plan: Plan) -> bool:
    """Say whether elements hold nothing but a text that may stand there."""
    for text, (match, leaf) in zip(contents, plan.checks, strict=True):
        if match(text or "") is None and not is_leaf_right(text or "", leaf):
            return False
    return not any(map(len, children))


def _is_there(value: Any) -> bool:
    return value is not None


def _is_reference(value: Any) -> bool:
    """Say whether a number given by a declarant can be a document's reference:
    `model.documents.Reference`."""
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


def keep(element: Any, way: str) -> Kept:
    """Return an element that nothing reads."""
    if len(element):
        return Kept(way, as_text(element), is_xml=True)
    return Kept(way, element.text or "")


def as_text(element: Any) -> str:
    """Write an element with all below it."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))
