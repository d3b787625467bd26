"""Consignments -> CSV as `csv_rows` reads it: one row a goods item, what is of the consignment on its first
row.

A consignment that says something no column holds (documents, packages, details of a full declaration) is
refused: it would come back as another one.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from serai.formats.csv_rows import columns
from serai.model.documents import Consignment
from serai.model.errors import SeraiError


def write_csv(documents: Sequence[Consignment]) -> bytes:
    """Write a file with every column that one of the documents needs.

    Raises SeraiError `csv-cannot-hold` naming the field.
    """
    rows = [row for document in documents for row in _rows(document)]
    used = {name for row in rows for name in row}
    if unknown := used - columns().keys():
        raise SeraiError(
            "csv-cannot-hold",
            f"A CSV file has no column for {min(unknown)}.",
            "Send this consignment as JSON.",
        )
    required = {name for name, column in columns().items() if column.is_required}
    names = [name for name in columns() if name in used | required]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _rows(document: Consignment) -> Iterator[dict[str, str]]:
    fields = msgspec.to_builtins(document)
    items = fields.pop("goods_items")
    for place, item in enumerate(items):
        # Of an item only the reference tells whose it is.
        own = fields if place == 0 else {"reference": document.reference}
        yield {**_cells(own), **_cells(item)}


def _cells(fields: dict[str, Any], prefix: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            cells |= _cells(value, f"{prefix}{name}.")
        else:
            cells[prefix + name] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
