"""An uploaded file, read: consignments, their faults, and the cells as the sender sees them."""

import io
import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from serai.formats.csv_lines import CsvTable, read_table
from serai.formats.csv_rows import read_csv
from serai.formats.json_lines import decode_lines
from serai.journey.screening.lists import Lists
from serai.laboratory.check_file import Checked, check_file
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords
from serai.model.documents import PERSON_ROLES, Consignment
from serai.model.findings import Finding
from serai.portal.upload.corrections import correct_cell
from serai.portal.upload.rewriting import Place, rewrite

FileForm = Literal["csv", "ndjson"]

CONTENT_BYTES_MAX: Final = 2 * 1024 * 1024
_PLACE: Final = re.compile(r"row (\d+)(?:, column (.+))?")
_OPEN_FIELDS: Final = ("country_code", "role_code")
_SECRET_COLUMNS: Final = ("additional_fiscal_references",)
_BROKEN: Final = ("malformed-csv", "not-utf-8", "message-too-large")


class CheckedBy(msgspec.Struct, frozen=True):
    """By what a file is checked: territories and words of the law in use, and the instant (ms). lists: with
    them what may not be sent is told, too."""

    book: LawBook
    vague_words: VagueWords
    at_ms: int
    lists: Lists | None = None


class CellFault(msgspec.Struct, frozen=True):
    """A finding in its place. row: as a spreadsheet counts, or the line. column: "" for the whole row.

    value: what stands there, masked where it may be a person's.
    """

    row: int
    column: str
    value: str
    finding: Finding


class SheetPart(msgspec.Struct, frozen=True):
    """One consignment of the file: its rows, the document if it can be read, and what was found."""

    first_row: int
    last_row: int
    document: Consignment | None
    faults: list[CellFault]

    @property
    def is_faulty(self) -> bool:
        """Whether it would be rejected."""
        return self.document is None or any(one.finding.severity == "fault" for one in self.faults)


class Sheet(msgspec.Struct, frozen=True):
    """A file. table: its cells, for CSV; lines: its lines, for NDJSON. corrected: what is sure, by place."""

    form: FileForm
    parts: list[SheetPart]
    table: CsvTable | None = None
    lines: list[bytes] = []
    corrected: dict[Place, str] = {}

    @property
    def faulty(self) -> list[SheetPart]:
        """The consignments that would be rejected."""
        return [part for part in self.parts if part.is_faulty]

    @property
    def sound(self) -> list[Consignment]:
        """Those that can be filed."""
        return [part.document for part in self.parts if part.document is not None and not part.is_faulty]

    @property
    def faults(self) -> list[CellFault]:
        """All that was found, in the order of the rows."""
        return [fault for part in self.parts for fault in part.faults]

    @property
    def broken(self) -> set[int]:
        """Rows whose cells are not what was meant."""
        return {one.row for one in self.faults if one.finding.code in _BROKEN}


def read_sheet(content: bytes, by: CheckedBy) -> Sheet:
    """Read a file: NDJSON where it begins with a brace, else CSV. Never raises."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start == b"{":
        return _read_lines(content, by)
    sheet = _read_rows(content, by)
    return msgspec.structs.replace(sheet, corrected=_sure_corrections(sheet, by))


def _read_rows(content: bytes, by: CheckedBy) -> Sheet:
    table = read_table([content])
    cells = _cells_of(table)
    parts = [
        SheetPart(
            one.first_row,
            one.last_row,
            one.document,
            [_placed(finding, one.first_row, cells) for finding in checked.findings],
        )
        for one, checked in zip(read_csv([content]), _check(content, "csv", by), strict=True)
    ]
    return Sheet("csv", parts, table=table)


def _check(content: bytes, form: FileForm, by: CheckedBy) -> Sequence[Checked]:
    file = io.BytesIO(content)
    batches = check_file(
        file,
        form,
        "declaration",
        book=by.book,
        vague_words=by.vague_words,
        at_ms=by.at_ms,
        lists=by.lists,
    )
    return [one for batch in batches for one in batch]


def _cells_of(table: CsvTable) -> dict[Place, str]:
    names = [name.strip().lower() for name in table.header]
    return {(1, name): name for name in names} | {
        (number, name): cell.strip()
        for number, row in table.rows
        for name, cell in zip(names, row, strict=False)
    }


def _placed(finding: Finding, first_row: int, cells: dict[Place, str]) -> CellFault:
    found = _PLACE.fullmatch(finding.pointer)
    row, column = (int(found[1]), found[2] or "") if found else (first_row, "")
    value = cells.get((row, column), "")
    return CellFault(row, column, masked(column, value) if row > 1 else value, finding)


def _sure_corrections(sheet: Sheet, by: CheckedBy) -> dict[Place, str]:
    """Return the corrections after which their cell has no fault any more."""
    assert sheet.table is not None, "only CSV has cells"
    cells = _cells_of(sheet.table)
    wanted: dict[Place, str] = {}
    for one in sheet.faults:
        place = (one.row, one.column)
        if one.finding.severity == "fault" and (text := correct_cell(one.column, cells.get(place, ""))):
            wanted[place] = text
    if not wanted:
        return {}
    again = _read_rows(rewrite(sheet.table, corrected=wanted, remarks={}, broken=sheet.broken), by)
    still = {(one.row, one.column) for one in again.faults if one.finding.severity == "fault"}
    return {place: text for place, text in wanted.items() if place not in still}


def _read_lines(content: bytes, by: CheckedBy) -> Sheet:
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    kept = [line for _, line in numbered]
    documents = decode_lines(kept, Consignment).documents
    checked = _check(b"\n".join(kept) + b"\n", "ndjson", by)
    parts = [
        SheetPart(
            number,
            number,
            document,
            [CellFault(number, finding.pointer, "", finding) for finding in one.findings],
        )
        for (number, _), document, one in zip(numbered, documents, checked, strict=True)
    ]
    return Sheet("ndjson", parts, lines=kept)


def masked(column: str, value: str) -> str:
    """Return a value as a page may show it: of what may be a person's, the first sign and the length."""
    outer, _, field = column.partition(".")
    is_personal = outer in PERSON_ROLES and field not in _OPEN_FIELDS
    if not value or not (is_personal or outer in _SECRET_COLUMNS):
        return value
    return f"{value[0]}••• ({len(value)} signs)"
