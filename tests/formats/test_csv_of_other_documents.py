"""Orders, payments and transport documents in rows: the same reader, the same faults at their cells."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.formats.csv_columns import CSV_KINDS, columns
from serai.formats.csv_rows import read_csv_documents
from serai.formats.decoded import KINDS

EXAMPLES = Path(__file__).parents[2] / "examples" / "messages"


def flat(fields: dict[str, Any], prefix: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            cells |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            cells[prefix + name] = " ".join(value)
        else:
            cells[prefix + name] = str(value)
    return cells


def table(rows: list[dict[str, str]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("kind", "items"), [("order", "lines"), ("payment", ""), ("transport-document", "packages")]
)
def test_an_example_in_rows_is_the_example(kind: str, items: str) -> None:
    example = msgspec.json.decode((EXAMPLES / f"{kind}.json").read_bytes())
    wanted = msgspec.convert(example, KINDS[kind])
    entries = example.pop(items, []) if items else []
    known = columns(kind)
    own = {name: text for name, text in flat(example).items() if name in known}
    rows = [own | flat(entry) for entry in entries] if kind == "order" else [own]

    read = list(read_csv_documents([table(rows)], kind))

    assert [one.findings for one in read] == [[]]
    if kind == "transport-document":
        wanted = msgspec.structs.replace(wanted, packages=[])
    assert read[0].document == wanted


def test_the_lines_of_an_order_follow_each_other_and_a_payment_has_one_row() -> None:
    order = {"reference": "O-1", "currency_code": "EUR", "purchased_at": "2026-07-01T10:00:00Z"}
    lines = [
        {"description": "Shirt", "quantity": "1", "amount": "10.00"},
        {"description": "Cap", "quantity": "2", "amount": "8.00"},
    ]
    payment = {
        "reference": "P-1", "amount": "18.00", "currency_code": "EUR", "paid_at": "2026-07-01T10:00:00Z",
        "order_references": "O-1 O-2",
    }  # fmt: skip

    (read,) = read_csv_documents([table([order | lines[0], {"reference": "O-1"} | lines[1]])], "order")
    paid = list(read_csv_documents([table([payment, payment | {"reference": ""}, payment])], "payment"))

    assert read.document is not None
    assert [(line.sequence_number, line.description) for line in read.document.lines] == [
        (1, "Shirt"),
        (2, "Cap"),
    ]
    assert [one.document is not None for one in paid] == [True, False, True]
    assert paid[0].document.order_references == ["O-1", "O-2"]  # type: ignore[union-attr]
    assert [finding.pointer for finding in paid[1].findings] == ["row 3, column reference"]


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_faults_stand_at_their_cells(kind: str) -> None:
    required = [name for name, column in columns(kind).items() if column.is_required]

    header = list(read_csv_documents([b"reference,strange\nx,y\n"], kind))
    blank = list(
        read_csv_documents([",".join(required).encode() + b"\n" + b"x" + b"," * (len(required) - 1)], kind)
    )

    assert {"unknown-field", "missing-field"} <= {finding.code for finding in header[0].findings}
    assert {finding.pointer for finding in blank[0].findings} >= {
        f"row 2, column {name}" for name in required if name != required[0]
    }
