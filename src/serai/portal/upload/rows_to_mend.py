"""Faulty rows of a file as a form shows them: each fault at its cell; the first rows, and how many more."""

from collections.abc import Iterable
from typing import Final

import msgspec

from serai.formats.csv_columns import columns
from serai.formats.csv_lines import CsvTable
from serai.formats.csv_rows import REMARK_COLUMNS
from serai.journey.finding_messages import sentence_of
from serai.portal.upload.mend_form import added_field, cell_field, name_field
from serai.portal.upload.mending import EVERY_ROW, LEFT_OUT, shown_cell
from serai.portal.upload.sheet import CellFault, Sheet

ROWS_SHOWN_MAX: Final = 20
_CELLS_LENGTH_MAX: Final = 16 * 1024
"""A row longer than this is no row of a person's: it is corrected where it was made."""
_HEADER_ROW: Final = 1


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and what to do."""

    sentence: str
    remedy: str


class MendCell(msgspec.Struct, frozen=True):
    """A cell to be corrected. field: its name in the form. text: what the field begins with; before: what the
    file says where that is another. choices: of a column's name."""

    field: str
    column: str
    text: str
    before: str
    faults: list[Fault]
    choices: list[str] = []


class MendRow(msgspec.Struct, frozen=True):
    """A row to be corrected. name: of its consignment. faults: of the row as a whole. hidden_count: its other
    cells, which are shown when asked for."""

    row: int
    name: str
    faults: list[Fault]
    cells: list[MendCell]
    hidden_count: int


class ToMend(msgspec.Struct, frozen=True):
    """The form of a file. more_count: faulty rows beyond those shown. sure_count: cells beyond them whose
    correction is sure. opened: rows shown whole because that was asked."""

    rows: list[MendRow]
    more_count: int
    sure_count: int
    opened: str


def rows_to_mend(sheet: Sheet, opened: frozenset[int], language: str) -> ToMend:
    """Return the first faulty rows of a CSV file. opened: rows all cells of which are shown."""
    table = sheet.table
    assert table is not None, "only CSV has cells"
    by_row: dict[int, list[CellFault]] = {}
    for one in sheet.faults:
        if one.finding.severity == "fault":
            by_row.setdefault(one.row, []).append(one)
    numbers = sorted(by_row)
    shown, rows = numbers[:ROWS_SHOWN_MAX], dict(table.rows)
    found = [
        _header(table, by_row[number], language)
        if number == _HEADER_ROW
        else _Row(sheet, table, number, rows.get(number, [])).build(by_row[number], opened, language)
        for number in shown
    ]
    sure = sum(1 for row, _ in sheet.corrected if row not in shown)
    still = ",".join(str(number) for number in shown if number in opened)
    return ToMend(found, len(numbers) - len(shown), sure, still)


class _Row:
    """Builds one row of the form."""

    def __init__(self, sheet: Sheet, table: CsvTable, number: int, cells: list[str]) -> None:
        self._sheet, self._table, self._number = sheet, table, number
        self._names = [name.strip().lower() for name in table.header]
        self._cells = [shown_cell(table, number, cell) for cell in cells]

    def build(self, faults: list[CellFault], opened: frozenset[int], language: str) -> MendRow:
        """Return the row with its faulty cells; with all of them where the row as such is at fault."""
        of_row = [one for one in faults if not self._is_at_field(one)]
        at_field: dict[str, list[Fault]] = {}
        for one in faults:
            if one not in of_row:
                at_field.setdefault(one.column, []).append(_said(one, language))
        is_readable = sum(map(len, self._cells)) <= _CELLS_LENGTH_MAX
        is_whole = is_readable and (bool(of_row) or self._number in opened)
        cells = [*self._known(at_field, is_whole=is_whole), *self._missing(at_field)] if is_readable else []
        own = len([name for name in self._names if name not in REMARK_COLUMNS])
        shown = sum(1 for one in cells if one.field.startswith("c-"))
        hidden = 0 if is_whole or not is_readable else max(0, own - shown)
        return MendRow(self._number, self._name(), [_said(one, language) for one in of_row], cells, hidden)

    def _is_at_field(self, fault: CellFault) -> bool:
        return fault.column in self._names or fault.column in columns()

    def _known(self, at_field: dict[str, list[Fault]], *, is_whole: bool) -> Iterable[MendCell]:
        for place, name in enumerate(self._names):
            if name in REMARK_COLUMNS or not (is_whole or name in at_field):
                continue
            own = self._cells[place] if place < len(self._cells) else ""
            sure = self._sheet.corrected.get((self._number, name), "")
            field = cell_field(self._number, place)
            yield MendCell(field, name, sure or own, own if sure else "", at_field.get(name, []))
        if is_whole:
            for place in range(len(self._names), len(self._cells)):
                yield MendCell(cell_field(self._number, place), "", self._cells[place], "", [])

    def _missing(self, at_field: dict[str, list[Fault]]) -> Iterable[MendCell]:
        for column, faults in at_field.items():
            if column not in self._names:
                yield MendCell(added_field(self._number, column), column, "", "", faults)

    def _name(self) -> str:
        place = self._names.index("reference") if "reference" in self._names else -1
        return self._cells[place][:70] if 0 <= place < len(self._cells) else ""


def _header(table: CsvTable, faults: list[CellFault], language: str) -> MendRow:
    names = [name.strip().lower() for name in table.header]
    missing = {one.column for one in faults if one.column in columns() and one.column not in names}
    cells: dict[str, MendCell] = {}
    of_row = []
    for one in faults:
        said, place = _said(one, language), _place_of(names, one)
        if place is not None:
            choices = [LEFT_OUT, *sorted(set(columns()) - (set(names) - {one.column}))]
            meant = one.finding.parameters.get("did_you_mean", "")
            field = name_field(place)
            cells[field] = MendCell(field, table.header[place][:64], meant, "", [said], choices)
        elif one.column in missing:
            field = added_field(EVERY_ROW, one.column)
            cells[field] = MendCell(field, one.column, "", "", [said])
        else:
            of_row.append(said)
    return MendRow(_HEADER_ROW, "", of_row, list(cells.values()), 0)


def _place_of(names: list[str], fault: CellFault) -> int | None:
    """Return where the column stands that is not known, or there twice; None: it is another fault."""
    if fault.finding.code == "repeated-field":
        return len(names) - 1 - names[::-1].index(fault.column)
    if fault.finding.code != "unknown-field" or not fault.column:
        return None
    if fault.column.isdecimal() and fault.column not in names:
        return int(fault.column) - 1
    return next((place for place, name in enumerate(names) if name[:64] == fault.column), None)


def _said(fault: CellFault, language: str) -> Fault:
    said = sentence_of(fault.finding, language)
    return Fault(said.sentence, said.remedy)
