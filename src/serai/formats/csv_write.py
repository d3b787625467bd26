"""Consignments -> CSV as `csv_rows` reads it: one row a goods item, what is of the consignment on its first
row.

A consignment that says something no column holds (documents, packages, details of a full declaration) would
come back as another one: `write_csv` refuses it, and who calls `write_what_fits` says what was left out.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from serai.formats.csv_columns import columns
from serai.model.documents import Consignment
from serai.model.errors import SeraiError


def write_csv(documents: Sequence[Consignment]) -> bytes:
    """Write a file with every column that one of the documents needs.

    Raises SeraiError `csv-cannot-hold` naming the field.
    """
    used = used_columns(documents)
    if unknown := used - columns().keys():
        raise SeraiError(
            "csv-cannot-hold",
            f"A CSV file has no column for {min(unknown)}.",
            "Send this consignment as JSON.",
        )
    return write_what_fits(documents)


def write_what_fits(documents: Sequence[Consignment]) -> bytes:
    """Write a file and leave out what no column holds."""
    names = header_of(used_columns(documents))
    return write_header(names) + write_rows(documents, names)


def used_columns(documents: Iterable[Consignment]) -> set[str]:
    """Return the names that documents need, those that are no columns among them."""
    return {name for document in documents for row in _rows(document) for name in row}


def header_of(used: AbstractSet[str]) -> list[str]:
    """Return the columns of a file in their order: those used, and those that every file has."""
    return [name for name, column in columns().items() if name in used or column.is_required]


def write_header(names: Sequence[str]) -> bytes:
    """Write the header row."""
    return f"{','.join(names)}\r\n".encode()


def write_rows(documents: Iterable[Consignment], names: Sequence[str]) -> bytes:
    """Write the rows of documents below a header."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore", lineterminator="\r\n")
    for document in documents:
        writer.writerows(_rows(document))
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
        elif name == "additional_fiscal_references":
            cells |= {f"{prefix}{name}.{one['role'].lower()}": one["identification_number"] for one in value}
        else:
            cells[prefix + name] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
