"""Tables that we write for people, as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from serai.formats.csv_rows import FORMULA_SIGNS


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows under their columns. What a party wrote may begin like a formula: an apostrophe keeps it
    text."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell for cell in row])
    return out.getvalue()
