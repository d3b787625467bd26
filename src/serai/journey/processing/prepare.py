"""A batch before the store is asked: read, checked, people cut out, contents hashed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from serai.formats.decoded import KINDS, Document
from serai.formats.json_columns import read_json_columns
from serai.formats.json_lines import canonical, decode_document, decode_lines
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.documents.personal_data import Cut, cut_people
from serai.journey.documents.submission import Answer, Sender, Submission
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Checked, check_fields
from serai.journey.validation.data_quality.day_sums import RefusedMessage
from serai.journey.validation.data_quality.reference_values import ReferenceValues, Sketches, sketch_items
from serai.journey.validation.fields import DocumentFields, fields_of_columns, fields_of_documents
from serai.model.code_lists import CHANNEL_CODES
from serai.model.documents import Consignment
from serai.model.findings import Finding


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch read and checked. One entry a document in every list; answers: given where a document has a
    fault already."""

    documents: list[Document | None]
    senders: list[Sender]
    findings: list[list[Finding]]
    answers: list[Answer | None]
    content_hashes: dict[int, bytes]
    cuts: dict[int, Cut]
    good_places: list[int]
    checked: Checked

    def document(self, place: int) -> Consignment:
        """Return a well-formed declaration."""
        document = self.documents[place]
        assert isinstance(document, Consignment)
        return document


def prepare(
    submissions: Sequence[Submission],
    at: datetime,
    law: LawState,
    pseudonymiser: Pseudonymiser,
    reference_values: ReferenceValues,
) -> Prepared:
    """Read, check, cut and hash the documents of a batch. Pure but for the keyed hash; runs in a thread.

    reference_values: what prices and masses are held against.
    """
    read = _read_columns(submissions) or _read_structs(submissions)
    documents, findings, places = read.documents, read.findings, read.places
    senders = [submission.sender for submission in submissions for _ in range(submission.document_count)]
    checked = check_fields(
        read.fields,
        [str(senders[place].party_id) for place in places],
        int(at.timestamp() * 1000),
        law.book,
        reference_values,
    )
    for place, found in zip(places, checked.faults, strict=True):
        findings[place] = [*findings[place], *found]
    good = [places[row] for row in checked.accepted_rows.tolist()]
    for remark in checked.remarks:
        findings[good[remark.row]].append(remark.finding)
    contents = [read.content(place) for place in good]
    hashes = pseudonymiser.pseudonyms(Purpose.MATCH, contents)
    answers: list[Answer | None] = [None] * len(documents)
    for place in set(range(len(documents))).difference(good):
        document = documents[place]
        answers[place] = Answer("rejected", document.reference if document else "", findings=findings[place])
    cuts = cut_people([documents[place] for place in good], contents)
    return Prepared(
        documents,
        senders,
        findings,
        answers,
        dict(zip(good, hashes, strict=True)),
        dict(zip(good, cuts, strict=True)),
        good,
        checked,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """Declarations as read. One entry a document in `documents` and `findings`.

    contents: canonical bytes, as far as they are known already. places: of the documents that are sound.
    fields: of these.
    """

    documents: list[Document | None]
    contents: list[bytes | None] | None
    findings: list[list[Finding]]
    places: list[int]
    fields: DocumentFields

    def content(self, place: int) -> bytes:
        """Return the canonical bytes of a sound document."""
        document = self.documents[place]
        assert document is not None
        return (self.contents and self.contents[place]) or canonical(document)


def _read_columns(submissions: Sequence[Submission]) -> _Read | None:
    """Read lines as columns; None: not all are lines, or the careful reader has to read them."""
    if not all(submission.lines for submission in submissions):
        return None
    lines = [line for submission in submissions for line in submission.lines]
    columns = read_json_columns(lines, Consignment)
    if columns is None:
        return None
    sound = [decode_document(line, Consignment) for line in columns.lines]
    places = columns.places.tolist()
    documents: list[Document | None] = [None] * len(lines)
    for place, document in zip(places, sound, strict=True):
        documents[place] = document
    findings = [columns.findings.get(place, []) for place in range(len(lines))]
    return _Read(documents, None, findings, places, fields_of_columns(columns, sound))


def _read_structs(submissions: Sequence[Submission]) -> _Read:
    documents: list[Document | None] = []
    contents: list[bytes | None] = []
    findings: list[list[Finding]] = []
    for submission in submissions:
        read, content, faults = read_submission(submission)
        documents += read
        contents += content
        findings += faults
    places = [place for place, document in enumerate(documents) if document is not None]
    fields = fields_of_documents([documents[place] for place in places])  # type: ignore[misc]
    return _Read(documents, contents, findings, places, fields)


def refused_messages(prepared: Prepared) -> list[RefusedMessage]:
    """Return the messages with faults, for their declarants' scorecards.."""
    return [
        RefusedMessage(
            prepared.senders[place].party_id,
            _channel_of(prepared.documents[place]),
            prepared.findings[place],
        )
        for place, answer in enumerate(prepared.answers)
        if answer is not None
    ]


def sketch_decided(prepared: Prepared, answers: Sequence[Answer]) -> Sketches:
    """Count the goods items of what was decided now: not of what was known, nor of what was refused."""
    items = prepared.checked.columns.items
    is_decided = np.array(
        [answers[place].status == "decided" for place in prepared.good_places], dtype=np.bool_
    )
    if not is_decided.any():
        return {}
    if not is_decided.all():
        items = items.view(np.flatnonzero(is_decided[items.numbers("owner")]))
    return sketch_items(items)


def _channel_of(document: Document | None) -> str:
    channel = document.logistics_channel_code if isinstance(document, Consignment) else ""
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
