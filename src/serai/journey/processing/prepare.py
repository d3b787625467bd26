"""A batch before the store is asked: read, checked, people cut out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pyarrow.compute as pc

from serai.formats.decoded import KINDS, Document
from serai.formats.json_columns import JsonColumns, read_json_columns
from serai.formats.json_lines import canonical, decode_lines
from serai.journey.documents.personal_data import Cut, cut_columns, cut_people
from serai.journey.documents.submission import Answer, Places, Sender, Submission
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Checked, check_fields
from serai.journey.processing.citations.finding import Citations, find_citations
from serai.journey.tax_paid.trust.book import Trust
from serai.journey.validation.data_quality.day_sums import RefusedMessage
from serai.journey.validation.data_quality.reference_values import ReferenceValues
from serai.journey.validation.fields import DocumentFields, fields_of_columns, fields_of_documents
from serai.model.code_lists import CHANNEL_CODES
from serai.model.columns import Frame
from serai.model.documents import Consignment, Declaration, DeclarationHead
from serai.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch read and checked. One entry a document in every list; answers: given where a document has a
    fault already. cuts: by place, of those without. citations: by place, of scheme numbers. origins: none
    where all came as JSON."""

    declarations: list[Declaration | None]
    senders: list[Sender]
    findings: list[list[Finding]]
    answers: list[Answer | None]
    cuts: dict[int, Cut]
    good_places: list[int]
    checked: Checked
    citations: Citations
    origins: Sequence[Places | None] = ()

    def origin(self, place: int) -> Places | None:
        """Return what gives places in the sender's own message; None: the document is the message."""
        return self.origins[place] if self.origins else None

    def declaration(self, place: int) -> Declaration:
        """Return a well-formed declaration."""
        declaration = self.declarations[place]
        assert declaration is not None
        return declaration


def prepare(
    submissions: Sequence[Submission],
    at: datetime,
    law: LawState,
    reference_values: ReferenceValues,
    trust: Trust,
) -> Prepared:
    """Read, check and cut the documents of a batch. Pure; runs in a thread.

    reference_values: what prices and masses are held against. trust: whose tokens are believed.
    """
    read = _read_columns(submissions) or _read_structs(submissions)
    declarations, findings, places = read.declarations, read.findings, read.places
    senders = [submission.sender for submission in submissions for _ in range(submission.document_count)]
    declarants = [
        name
        for submission in submissions
        for name in [str(submission.sender.party_id)] * submission.document_count
    ]
    checked = check_fields(
        read.fields,
        [declarants[place] for place in places],
        int(at.timestamp() * 1000),
        law.book,
        reference_values,
    )
    for place, found in zip(places, checked.faults, strict=True):
        if found:
            findings[place] = [*findings[place], *found]
    rows = checked.accepted_rows.tolist()
    good = [places[row] for row in rows]
    for remark in checked.remarks:
        findings[good[remark.row]].append(remark.finding)
    cuts = read.cut()
    answers: list[Answer | None] = [None] * len(declarations)
    for place in set(range(len(declarations))).difference(good):
        declaration = declarations[place]
        reference = declaration.reference if declaration is not None else ""
        answers[place] = Answer("rejected", reference, findings=findings[place])
    return Prepared(
        declarations,
        senders,
        findings,
        answers,
        dict(zip(good, [cuts[row] for row in rows], strict=True)),
        good,
        checked,
        find_citations(read.fields, checked, places, trust, at),
        _origins(submissions),
    )


def _origins(submissions: Sequence[Submission]) -> list[Places | None]:
    if not any(one.places for one in submissions):
        return []
    return [place for one in submissions for place in one.places or [None] * one.document_count]


@dataclass(frozen=True, slots=True)
class _Read:
    """Declarations as read. One entry a document in `declarations` and `findings`.

    places: of the documents that are sound. fields: of these. cut: makes their canonical
    bytes without their people.
    """

    declarations: list[Declaration | None]
    findings: list[list[Finding]]
    places: list[int]
    fields: DocumentFields
    cut: Callable[[], list[Cut]]


def _read_columns(submissions: Sequence[Submission]) -> _Read | None:
    """Read lines as columns; None: not all are lines, or the careful reader has to read them."""
    if not all(submission.lines for submission in submissions):
        return None
    lines = [line for submission in submissions for line in submission.lines]
    columns = read_json_columns(lines, Consignment)
    if columns is None:
        return None
    places = columns.places.tolist()
    declarations: list[Declaration | None] = [None] * len(lines)
    for place, head in zip(places, _heads_of(columns), strict=True):
        declarations[place] = head
    findings = [columns.findings.get(place, []) for place in range(len(lines))]
    return _Read(declarations, findings, places, fields_of_columns(columns), partial(cut_columns, columns))


def _heads_of(read: JsonColumns) -> Iterator[DeclarationHead]:
    array, count = read.documents, len(read.places)
    there = {one.name for one in array.type}
    nothing: list[Any] = [None] * count

    def column(*path: str) -> list[Any]:
        found: list[Any] = pc.struct_field(array, path).to_pylist() if path[0] in there else nothing
        return found

    return map(
        DeclarationHead,
        read.lines,
        column("reference"),
        column("logistics_channel_code"),
        column("consignee", "country_code"),
        column("ucr"),
        column("house_document"),
        column("master_document"),
        column("receptacle_id"),
        column("conveyance_reference"),
        column("platform_id"),
        column("seller_id"),
        [references or [] for references in column("order_references")],
        column("expected_arrival_at"),
        column("amends_version"),
    )


def _read_structs(submissions: Sequence[Submission]) -> _Read:
    documents: list[Document | None] = []
    contents: list[bytes | None] = []
    findings: list[list[Finding]] = []
    for submission in submissions:
        read, content, faults = read_submission(submission)
        documents += read
        contents += content
        findings += faults
    declarations: list[Declaration | None] = [
        one if isinstance(one, Consignment) else None for one in documents
    ]
    places = [place for place, one in enumerate(declarations) if one is not None]
    sound = [one for one in declarations if isinstance(one, Consignment)]

    def cut() -> list[Cut]:
        known = [contents[place] or canonical(one) for place, one in zip(places, sound, strict=True)]
        return cut_people(sound, known)

    return _Read(declarations, findings, places, fields_of_documents(sound), cut)


def refused_messages(prepared: Prepared) -> list[RefusedMessage]:
    """Return the messages with faults, for their declarants' scorecards.."""
    return [
        RefusedMessage(
            prepared.senders[place].party_id,
            _channel_of(prepared.declarations[place]),
            prepared.findings[place],
        )
        for place, answer in enumerate(prepared.answers)
        if answer is not None
    ]


def decided_items(prepared: Prepared, answers: Sequence[Answer]) -> Frame | None:
    """Return the goods items of what was decided now: not of what was known, nor of what was refused. None:
    there are none."""
    items = prepared.checked.columns.items
    is_decided = np.array(
        [answers[place].status == "decided" for place in prepared.good_places], dtype=np.bool_
    )
    if not is_decided.any():
        return None
    if not is_decided.all():
        items = items.view(np.flatnonzero(is_decided[items.numbers("owner")]))
    return items


def _channel_of(declaration: Declaration | None) -> str:
    channel = declaration.logistics_channel_code if declaration is not None else ""
    return channel if channel in CHANNEL_CODES else ""


def read_submission(
    submission: Submission,
) -> tuple[list[Document | None], list[bytes | None], list[list[Finding]]]:
    """Return documents, canonical contents and faults of a filing, whichever form it came in."""
    if submission.lines:
        decoded = decode_lines(submission.lines, KINDS[submission.kind])
        return list(decoded.documents), list(decoded.canonical), list(decoded.findings)
    documents = list(submission.documents)
    contents = [None if document is None else canonical(document) for document in documents]
    return documents, contents, [list(found) for found in submission.findings] or [[] for _ in documents]
