"""All that is wrong with the messages of a file: their form, and what `advise` says of what they hold."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from serai.formats.csv_rows import CsvDocument, at_cell
from serai.formats.decoded import KINDS
from serai.formats.json_lines import decode_lines
from serai.formats.registry import FormatName
from serai.formats.wco_dec import decode_dec
from serai.journey.descriptions.remarks import remark_on_descriptions
from serai.journey.pipeline import check_documents
from serai.journey.screening.lists import Lists
from serai.journey.validation.data_quality.formula import PARTS
from serai.journey.validation.data_quality.reference_values import ReferenceValues
from serai.journey.validation.data_quality.score import Quality, score_quality
from serai.laboratory.csv_batches import read_document_batches
from serai.laboratory.file_chunks import CHUNK_CONSIGNMENTS, DECLARANT
from serai.laboratory.line_blocks import read_line_blocks
from serai.laboratory.message_check.restrictions import find_restrictions
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords
from serai.model.documents import Consignment
from serai.model.findings import Finding


class Lost(msgspec.Struct, frozen=True):
    """A check of data quality that a message fails, with the points it costs of those that were asked."""

    code: str
    field: str
    points: float


class Score(msgspec.Struct, frozen=True):
    """Data quality of a message: 0 to 100, of how many points, and what was lost, the most first.

    parts: the score of each of the four; None: nothing of the kind was asked.
    """

    score: int
    asked_points: int
    lost: list[Lost]
    parts: dict[str, int | None]


class Checked(msgspec.Struct, frozen=True):
    """One message. line: of NDJSON, first row of CSV, else 1. reference: empty where it could not be read.

    quality: None where it is no declaration or has a fault.
    """

    line: int
    reference: str
    findings: list[Finding]
    quality: Score | None = None


class _Read(msgspec.Struct, frozen=True):
    """One message with what its form was found to lack. rows_from: first row of CSV, 0 in other formats."""

    line: int
    document: object | None
    findings: list[Finding]
    rows_from: int = 0


def check_file(
    file: BinaryIO,
    form: FormatName,
    kind: str,
    *,
    book: LawBook,
    vague_words: VagueWords,
    at_ms: int,
    lists: Lists | None = None,
) -> Iterator[list[Checked]]:
    """Check the messages one after the other; each is given, whether anything is wrong with it or not.

    They come in batches; of a pipe as far as it has come. kind: of KINDS. book: knows the territories.
    vague_words: of descriptions. at_ms: now. Of a consignment the content is checked as well, and scored.
    What is usual for a heading no file can tell: that is never asked here. lists: with them rules on
    restricted goods are told, too; None: they are not asked.
    """
    for batch in _read(file, form, kind):
        consignments = [one.document for one in batch if isinstance(one.document, Consignment)]
        looked_at = iter(_look_at(consignments, book, at_ms, vague_words, lists))
        described = iter(remark_on_descriptions(consignments, vague_words))
        checked = []
        for one in batch:
            findings, quality = [*one.findings], None
            if isinstance(one.document, Consignment):
                found, quality = next(looked_at)
                said = [*found, *next(described)]
                findings += [at_cell(finding, one.rows_from) for finding in said]
            checked.append(Checked(one.line, getattr(one.document, "reference", ""), findings, quality))
        yield checked


def _look_at(
    documents: Sequence[Consignment],
    book: LawBook,
    at_ms: int,
    vague_words: VagueWords,
    lists: Lists | None,
) -> list[tuple[list[Finding], Score | None]]:
    """Return what there is to say of each document, and the score of those that would be taken."""
    if not documents:
        return []
    checked = check_documents(documents, [DECLARANT] * len(documents), at_ms, book, ReferenceValues.none())
    found: list[tuple[list[Finding], Score | None]] = [(faults, None) for faults in checked.faults]
    accepted = checked.accepted_rows.tolist()
    said: dict[int, list[Finding]] = {}
    for remark in checked.remarks:
        said.setdefault(remark.row, []).append(remark.finding)
    assert checked.marks is not None
    description = checked.columns.items.words("description")
    is_vague = description.map_flags(vague_words.test(description.words))
    quality = score_quality(checked.marks, is_vague, checked.columns.first_items) if accepted else None
    restricted: list[list[Finding]] = [[] for _ in accepted]
    if lists is not None and accepted:
        taken = [documents[row] for row in accepted]
        restricted = find_restrictions(taken, checked, at_ms, book=book, lists=lists)
    for place, row in enumerate(accepted):
        found[row] = (
            [*said.get(place, []), *restricted[place]],
            None if quality is None else _score_of(quality, place),
        )
    return found


def _score_of(quality: Quality, row: int) -> Score:
    formula = quality.marks.formula
    lost = [
        Lost(code, formula.checks[place].field, int(quality.lost[place, row]) / 1000)
        for code in quality.failed_codes(row)
        for place in (formula.bit_of[code],)
    ]
    parts: dict[str, int | None] = dict(zip(PARTS, formula.parts_of(int(quality.bits[row])), strict=True))
    return Score(int(quality.score[row]), int(quality.asked_points[row]), lost, parts)


def _read(file: BinaryIO, form: FormatName, kind: str) -> Iterator[list[_Read]]:
    """Give messages in batches; of a slow sender what it has sent so far."""
    if form == "ndjson":
        return _read_lines(file, kind)
    if form == "csv":
        return (
            [_of_row(row) for row in batch] for batch in read_document_batches(file, CHUNK_CONSIGNMENTS, kind)
        )
    content = file.read()
    if form == "json":
        decoded = decode_lines([content], KINDS[kind])
        return iter([[_Read(1, decoded.documents[0], decoded.findings[0])]])
    message, findings = decode_dec(content)
    return iter([[_Read(1, message and (message.consignment or message), findings)]])


def _read_lines(file: BinaryIO, kind: str) -> Iterator[list[_Read]]:
    for block in read_line_blocks(file):
        lines = block.content.removesuffix(b"\n").split(b"\n")
        for begin in range(0, len(lines), CHUNK_CONSIGNMENTS):
            decoded = decode_lines(lines[begin : begin + CHUNK_CONSIGNMENTS], KINDS[kind])
            first_line = block.first_line + begin
            yield [
                _Read(first_line + place, document, findings)
                for place, (document, findings) in enumerate(
                    zip(decoded.documents, decoded.findings, strict=True)
                )
            ]


def _of_row(row: CsvDocument[Any]) -> _Read:
    return _Read(row.first_row, row.document, row.findings, row.first_row)
