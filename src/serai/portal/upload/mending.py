"""Cells corrected in the page, written into the file they came from; all else of it stays byte for byte.

Rows are changed as the bytes they are (each byte a sign): an edit in one cell cannot alter another that is in
a wrong encoding, and a row whose cells are a guess is written anew only when all its cells were sent.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from serai.formats.csv_lines import CsvTable
from serai.formats.csv_rows import FORMULA_SIGNS, REMARK_COLUMNS
from serai.portal.upload.rewriting import harmless

LEFT_OUT: Final = "-"
"""In place of a column's name: the file goes on without it. No column is called so."""
EVERY_ROW: Final = 0
_BYTES: Final = "latin-1"

CellPlace = tuple[int, int]
"""Row as a spreadsheet counts, and position of the column from 0; beyond the header: a surplus cell."""


class Edits(msgspec.Struct, frozen=True):
    """What was corrected. cells: new text by place. names: new name of a column by its position, or LEFT_OUT.
    added: columns that were missing, each with its text by row; EVERY_ROW: in all others.
    """

    cells: Mapping[CellPlace, str] = {}
    names: Mapping[int, str] = {}
    added: Mapping[str, Mapping[int, str]] = {}


def mend(table: CsvTable, edits: Edits) -> bytes:
    """Write the file with its corrections. What equals the cell as it was shown changes nothing."""
    names = [name.strip().lower() for name in table.header]
    is_ours = _is_ours(table)
    final = [edits.names.get(place, name) for place, name in enumerate(names)]
    added = {name: texts for name, texts in edits.added.items() if name not in final}
    dropped = {place for place, name in enumerate(final) if name == LEFT_OUT}
    changed = _by_row(table, edits)
    out = [_header(table, final, dropped, list(added))]
    for raw, (number, own) in zip(table.raw[1:], table.rows, strict=True):
        cells = changed.get(number)
        if cells is None and not added and not dropped:
            out.append(raw)
            continue
        row = _apply(_read(raw, own, table, number), cells or {}, len(names))
        if not any(row) and not cells:
            out.append(raw)  # a blank line stays one
            continue
        kept = [cell for place, cell in enumerate(row) if place not in dropped]
        further = kept[len(names) - len(dropped) :]
        new = [texts.get(number, texts.get(EVERY_ROW, "")) for texts in added.values()]
        known = [*kept[: len(names) - len(dropped)], *(_own(text, is_ours) for text in new)]
        out.append(_write([*known, *further], table.delimiter, number in table.not_whole and cells is None))
    return b"".join(out)


def shown_cell(table: CsvTable, row: int, cell: str) -> str:
    """Return a cell as it is shown to be corrected: of a row whose quotes do not close, without them."""
    plain = cell.replace('"', "") if row in table.not_whole else cell
    plain = plain.replace("\x00", "").replace("\r\n", "\n").strip()
    is_behind = _is_ours(table) and plain[:1] == "'" and plain[1:2] in FORMULA_SIGNS
    return plain[1:].strip() if is_behind else plain


def _is_ours(table: CsvTable) -> bool:
    """Say whether the file has our remarks: what a spreadsheet would compute is behind an apostrophe."""
    return any(name.strip().lower() in REMARK_COLUMNS for name in table.header)


def _by_row(table: CsvTable, edits: Edits) -> dict[int, dict[int, str]]:
    """Return the cells that are to be written, by row: all that were sent of a row that is a guess, else
    those that differ."""
    is_ours = _is_ours(table)
    sent: dict[int, dict[int, str]] = {}
    for (row, place), text in edits.cells.items():
        sent.setdefault(row, {})[place] = text
    changed: dict[int, dict[int, str]] = {}
    for number, cells in table.rows:
        for place, text in sent.get(number, {}).items():
            shown = shown_cell(table, number, cells[place]) if place < len(cells) else ""
            if text != shown or number in table.not_whole:
                changed.setdefault(number, {})[place] = _own(text, is_ours)
    return changed


def _header(table: CsvTable, final: Sequence[str], dropped: set[int], added: Sequence[str]) -> bytes:
    own = [
        written if name == written.strip().lower() else name
        for place, (written, name) in enumerate(zip(table.header, final, strict=True))
        if place not in dropped
    ]
    if own == table.header and not added:
        return table.raw[0] if table.raw else b""
    return _write([_as_bytes(name) for name in [*own, *added]], table.delimiter, is_raw=False)


def _read(raw: bytes, cells: Sequence[str], table: CsvTable, number: int) -> list[str]:
    text = raw.decode(_BYTES)
    if number in table.not_whole:
        return text.rstrip("\r\n").split(table.delimiter)
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=table.delimiter), [])
    except csv.Error:  # a cell that is longer in bytes than a reader takes
        return [_as_bytes(cell) for cell in cells]


def _apply(row: list[str], cells: Mapping[int, str], count: int) -> list[str]:
    length = max(count, len(row), *(place + 1 for place in cells)) if cells else max(count, len(row))
    written = [*row, *[""] * (length - len(row))]
    for place, text in cells.items():
        written[place] = text
    while len(written) > count and not written[-1].strip():
        written.pop()
    return written


def _write(cells: Sequence[str], delimiter: str, is_raw: bool) -> bytes:
    if is_raw:
        return delimiter.join(cells).encode(_BYTES) + b"\n"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return out.getvalue().encode(_BYTES)


def _own(text: str, is_ours: bool) -> str:
    """Return a new cell as the file has its others."""
    return _as_bytes(harmless(text) if is_ours else text)


def _as_bytes(text: str) -> str:
    return text.encode("utf-8", "replace").decode(_BYTES)
