"""A file of examined goods, in either form: a table of the customs benchmark, or lines of declarations."""

from pathlib import Path

from serai.journey.risk_model.plans.examined import Examined
from serai.laboratory.risk.customs_table import CustomsTable, read_customs_table
from serai.laboratory.risk.declarations import read_lines, rows_of_lines
from serai.law.book import LawBook
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_LINES = (".ndjson", ".jsonl")


def read_examined(path: Path, book: LawBook, at_ms: int) -> tuple[Examined, CustomsTable | None]:
    """Return the rows of a file, and the table where it is one. book, at_ms: what declarations are read with.
    Raises SeraiError `risk-lines`, `risk-table`."""
    if path.suffix.lower() not in _LINES:
        table = read_customs_table(path)
        return table.examined, table
    try:
        with path.open("rb") as source:
            lines = read_lines(source)
    except OSError as fault:
        raise _unreadable(path) from fault
    if not lines:
        raise _unreadable(path)
    return rows_of_lines(lines, book, at_ms).examined, None


def _unreadable(path: Path) -> SeraiError:
    return SeraiError(
        "risk-lines",
        MessageText("{file} holds no examined goods that can be read.", file=path.name),
        "Give declaration, is_found and examined_on, as `serai risk outcomes` writes them.",
    )
