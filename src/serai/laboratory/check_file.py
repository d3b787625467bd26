"""All that is wrong with the messages of a file: their form, and what `advise` says of what they hold."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import msgspec

from serai.formats.csv_rows import CsvConsignment
from serai.formats.decoded import KINDS
from serai.formats.json_lines import decode_lines
from serai.formats.registry import FormatName
from serai.formats.wco_dec import decode_dec
from serai.journey.advise.columns import read_columns
from serai.journey.advise.describing.remarks import remark_on_descriptions
from serai.journey.advise.people import gather_people
from serai.journey.advise.rules import find_remarks
from serai.laboratory.csv_batches import read_csv_batches
from serai.laboratory.decide_file import CHUNK_CONSIGNMENTS, FILER
from serai.laboratory.line_blocks import read_line_blocks
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords
from serai.model.documents import Consignment
from serai.model.findings import Finding


class Checked(msgspec.Struct, frozen=True):
    """One message. line: of NDJSON, first row of CSV, else 1. reference: empty where it could not be read."""

    line: int
    reference: str
    findings: list[Finding]


class _Read(msgspec.Struct, frozen=True):
    """One message with what its form was found to lack. rows_from: first row of CSV, 0 in other formats."""

    line: int
    document: object | None
    findings: list[Finding]
    rows_from: int = 0


def check_file(
    file: BinaryIO, form: FormatName, kind: str, *, book: LawBook, vague_words: VagueWords, at_ms: int
) -> Iterator[list[Checked]]:
    """Check the messages one after the other; each is given, whether anything is wrong with it or not.

    They come in batches; of a pipe as far as it has come. kind: of KINDS. book: knows the territories.
    vague_words: of descriptions. at_ms: now. Of a consignment the content is checked as well.
    """
    for batch in _read(file, form, kind):
        consignments = [one.document for one in batch if isinstance(one.document, Consignment)]
        remarks = iter(_remarks_on(consignments, book, at_ms))
        described = iter(remark_on_descriptions(consignments, vague_words))
        checked = []
        for one in batch:
            findings = [*one.findings]
            if isinstance(one.document, Consignment):
                said = [*next(remarks), *next(described)]
                findings += [_at_cell(finding, one.rows_from) for finding in said]
            checked.append(Checked(one.line, getattr(one.document, "reference", ""), findings))
        yield checked


def _remarks_on(documents: Sequence[Consignment], book: LawBook, at_ms: int) -> list[list[Finding]]:
    found: list[list[Finding]] = [[] for _ in documents]
    if documents:
        columns = read_columns(documents, [FILER] * len(documents), at_ms, book)
        for remark in find_remarks(documents, columns, gather_people(documents)):
            found[remark.row].append(remark.finding)
    return found


def _read(file: BinaryIO, form: FormatName, kind: str) -> Iterator[list[_Read]]:
    """Give messages in batches; of a slow sender what it has sent so far."""
    if form == "ndjson":
        return _read_lines(file, kind)
    if form == "csv":
        return ([_of_row(row) for row in batch] for batch in read_csv_batches(file, CHUNK_CONSIGNMENTS))
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


def _of_row(row: CsvConsignment) -> _Read:
    return _Read(row.first_row, row.document, row.findings, row.first_row)


_GOODS_ITEMS: Final = "/goods_items/"


def _at_cell(finding: Finding, rows_from: int) -> Finding:
    """Turn a pointer into a document into the cell of a file that has a goods item on each row."""
    if not rows_from:
        return finding
    pointer = finding.pointer
    row = rows_from
    if pointer.startswith(_GOODS_ITEMS):
        number, _, pointer = pointer.removeprefix(_GOODS_ITEMS).partition("/")
        row += int(number)
    column = pointer.strip("/").replace("/", ".")
    return msgspec.structs.replace(finding, pointer=f"row {row}, column {column}" if column else f"row {row}")
