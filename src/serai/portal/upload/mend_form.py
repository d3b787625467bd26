"""The form in which faulty rows are corrected: what its fields are called, and what was typed into them."""

import re
from collections.abc import Iterable
from typing import Final

from serai.formats.csv_columns import columns
from serai.portal.upload.mending import EVERY_ROW, LEFT_OUT, Edits

_CELL: Final = re.compile(r"c-(\d{1,7})-(\d{1,4})", re.ASCII)
_NAME: Final = re.compile(r"n-(\d{1,4})", re.ASCII)
_ADDED: Final = re.compile(r"a-(\d{1,7})-([a-z0-9_.]{1,64})", re.ASCII)
_OPENED: Final = re.compile(r"\d{1,7}", re.ASCII)
_CELL_LENGTH_MAX: Final = 16 * 1024
SURE_FIELD: Final = "sure"
OPENED_FIELD: Final = "opened"
OPEN_FIELD: Final = "open"


def cell_field(row: int, place: int) -> str:
    """Return the name of the field of a cell. place: of its column."""
    return f"c-{row}-{place}"


def name_field(place: int) -> str:
    """Return the name of the field of a column's name."""
    return f"n-{place}"


def added_field(row: int, column: str) -> str:
    """Return the name of the field of a cell in a column that the file has not. row: or EVERY_ROW."""
    return f"a-{row}-{column}"


def read_edits(pairs: Iterable[tuple[str, object]]) -> Edits:
    """Read what was typed; what no field of ours is called is left out, and so are columns nobody knows."""
    cells: dict[tuple[int, int], str] = {}
    names: dict[int, str] = {}
    added: dict[str, dict[int, str]] = {}
    for field, given in pairs:
        if not isinstance(given, str):
            continue
        text = given.replace("\r\n", "\n").strip()[:_CELL_LENGTH_MAX]
        if found := _CELL.fullmatch(field):
            cells[int(found[1]), int(found[2])] = text
        elif (found := _NAME.fullmatch(field)) and (text in columns() or text == LEFT_OUT):
            names[int(found[1])] = text
        elif (found := _ADDED.fullmatch(field)) and found[2] in columns():
            row = int(found[1])
            # A column that every row lacks is added even where nothing was typed: then each row is asked for.
            added |= {found[2]: added.get(found[2], {}) | {row: text}} if text or row == EVERY_ROW else {}
    return Edits(cells, names, added)


def read_opened(pairs: Iterable[tuple[str, object]]) -> frozenset[int]:
    """Return the rows all cells of which are to be shown."""
    texts = [text for name, text in pairs if name in (OPENED_FIELD, OPEN_FIELD) and isinstance(text, str)]
    return frozenset(int(one) for text in texts for one in text.split(",") if _OPENED.fullmatch(one))
