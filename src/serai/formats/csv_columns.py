"""The columns of CSV files, derived from the documents: field names, dots for what lies deeper."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from serai.formats.decoded import Document
from serai.model.documents import AdditionalFiscalReference, Consignment, Order, Payment, TransportDocument


class Layout(msgspec.Struct, frozen=True):
    """How documents of a kind stand in rows.

    items: the field whose entries are the rows, and their struct; "": a row is a document. groups: structs
    whose fields are columns with a dot. by_role: struct of a role and a number; its roles are columns.
    """

    document: type[Document]
    items: str
    item: str
    groups: frozenset[str]
    by_role: str = ""


LAYOUTS = {
    "declaration": Layout(
        Consignment,
        "goods_items",
        "GoodsItem",
        frozenset({"Person", "Procedure"}),
        AdditionalFiscalReference.__name__,
    ),
    "order": Layout(Order, "lines", "OrderLine", frozenset({"Person", "OrderDetail"})),
    "payment": Layout(Payment, "", "", frozenset({"Person", "PaymentDetail"})),
    "transport-document": Layout(TransportDocument, "", "", frozenset({"Person", "TransportDetail"})),
}

CSV_KINDS = tuple(LAYOUTS)
"""Kinds of documents that come in rows."""


class Column(msgspec.Struct, frozen=True):
    """name: as in the header. is_item: of the goods item. kind: text, number, flag, list, or role: the
    number of who has the role behind the dot."""

    name: str
    is_item: bool
    kind: str
    is_required: bool


@cache
def columns(kind: str = "declaration") -> dict[str, Column]:
    """List every column a file may have, derived from the structs."""
    layout = LAYOUTS[kind]
    definitions = msgspec.json.schema(layout.document)["$defs"]
    found = [
        *_columns_of(definitions, layout.document.__name__, "", layout, is_item=False),
        *(_columns_of(definitions, layout.item, "", layout, is_item=True) if layout.item else ()),
    ]
    assert len({column.name for column in found}) == len(found), "two fields share a column"
    return {column.name: column for column in found}


def _columns_of(
    definitions: Any, name: str, prefix: str, layout: Layout, *, is_item: bool
) -> Iterator[Column]:
    schema = definitions[name]
    for field, declared in schema["properties"].items():
        options = declared.get("anyOf", [declared])
        wanted = next(option for option in options if option != {"type": "null"})
        struct = wanted.get("$ref", "").rpartition("/")[2]
        kind = {"string": "text", "integer": "number", "boolean": "flag", "array": "list"}.get(
            wanted.get("type", "")
        )
        if struct in layout.groups:
            yield from _columns_of(definitions, struct, f"{prefix}{field}.", layout, is_item=is_item)
        elif kind == "list" and wanted["items"].get("$ref", "").rpartition("/")[2] == layout.by_role != "":
            for role in definitions[layout.by_role]["properties"]["role"]["enum"]:
                yield Column(f"{prefix}{field}.{role.lower()}", is_item, "role", False)
        elif kind is not None and (kind != "list" or "$ref" not in wanted["items"]):
            # Numbers of goods items may be left out: the order of the rows says them.
            is_required = field in schema["required"] if field != "sequence_number" else False
            yield Column(f"{prefix}{field}", is_item, kind, is_required and not prefix)
