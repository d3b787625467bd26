"""A CSV file written again: cells changed where asked, remarks beside, nothing a spreadsheet computes.

A cell at which a spreadsheet would begin to compute goes out behind an apostrophe; coming back, the
apostrophe is taken off (`csv_rows.REMARK_COLUMNS`).
"""

import csv
import io
from collections.abc import Collection, Mapping
from typing import Final

from serai.formats.csv_lines import CsvTable
from serai.formats.csv_rows import FORMULA_SIGNS, REMARK_COLUMNS

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Spreadsheets take a file for UTF-8 by it."""

Place = tuple[int, str]
"""Row as a spreadsheet counts, and name of the column."""


def rewrite(
    table: CsvTable,
    *,
    corrected: Mapping[Place, str],
    remarks: Mapping[int, tuple[str, str]],
    broken: Collection[int] = (),
    only: Collection[int] | None = None,
) -> bytes:
    """Write a table.

    remarks: by row, for the two remark columns. broken: rows whose cells are not what was meant: they go out
    empty, so that they cannot come back as something else. only: these rows; None: all.
    """
    names = [name.strip().lower() for name in table.header]
    kept = [place for place, name in enumerate(names) if name not in REMARK_COLUMNS]
    was_ours = len(kept) < len(names)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator="\r\n")
    writer.writerow([*(harmless(table.header[place]) for place in kept), *REMARK_COLUMNS])
    for number, cells in table.rows:
        if only is not None and number not in only:
            continue
        row = [
            corrected.get((number, names[place]), cells[place] if place < len(cells) else "")
            for place in kept
        ]
        written = [cell if was_ours and cell.startswith("'") else harmless(cell) for cell in row]
        if number in broken:
            written = [""] * len(kept)
        further = map(harmless, cells[len(names) :])
        writer.writerow([*written, *map(harmless, remarks.get(number, ("", ""))), *further])
    return BYTE_ORDER_MARK + out.getvalue().encode()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
