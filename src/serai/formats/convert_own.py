"""JSON, CSV and WCO DEC: whole messages to documents and back."""

from collections.abc import Sequence

from serai.formats.convertible import Circumstances, Part, act_not_carried
from serai.formats.csv_rows import CsvConsignment, read_csv
from serai.formats.csv_write import write_what_fits
from serai.formats.decoded import KINDS, Decoded, Document
from serai.formats.json_lines import decode_lines, encode_document, encode_lines
from serai.formats.wco_dec import decode_dec
from serai.formats.wco_dec_write import encode_dec
from serai.model.documents import Consignment

CONSIGNMENT = "declaration"


def read_json(content: bytes, told: Circumstances) -> list[Part]:
    """Read one document of the kind told."""
    return list(parts_of_lines(decode_lines([content], KINDS[told.kind]), told.kind))


def read_ndjson(content: bytes, told: Circumstances) -> list[Part]:
    """Read one document a line."""
    lines = content.removesuffix(b"\n").split(b"\n")
    return list(parts_of_lines(decode_lines(lines, KINDS[told.kind]), told.kind))


def parts_of_lines(decoded: Decoded[Document], kind: str, first_line: int = 1) -> list[Part]:
    """Give lines that have been read as parts; first_line: number of the first of them."""
    return [
        Part(kind, document, findings, f"line {number}")
        for number, (document, findings) in enumerate(
            zip(decoded.documents, decoded.findings, strict=True), first_line
        )
    ]


def write_json(documents: Sequence[Document], _: Circumstances) -> bytes:
    """Write the one document."""
    (document,) = documents
    return encode_document(document) + b"\n"


def write_ndjson(documents: Sequence[Document], _: Circumstances) -> bytes:
    """Write one document a line."""
    return encode_lines(documents)


def read_rows(content: bytes, _: Circumstances) -> list[Part]:
    """Read the consignments of a CSV file."""
    return [part_of_rows(rows) for rows in read_csv([content])]


def part_of_rows(rows: CsvConsignment) -> Part:
    """Give rows that have been read as a part."""
    return Part(CONSIGNMENT, rows.document, rows.findings, f"row {rows.first_row}")


def write_rows(documents: Sequence[Consignment], _: Circumstances) -> bytes:
    """Write what columns can hold."""
    return write_what_fits(documents)


def read_dec(content: bytes, _: Circumstances) -> list[Part]:
    """Read a declaration; an act on one is no document."""
    message, findings = decode_dec(content)
    if message is None:
        return [Part(CONSIGNMENT, None, findings)]
    unread = message.find_unread()
    if message.consignment is None:
        return [Part(CONSIGNMENT, None, [act_not_carried(message.act, "", is_document=False), *unread])]
    return [Part(CONSIGNMENT, message.consignment, unread)]


def write_dec(documents: Sequence[Consignment], _: Circumstances) -> bytes:
    """Write an original declaration."""
    (consignment,) = documents
    return encode_dec(consignment)
