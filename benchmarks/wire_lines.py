"""Lines of our wire made from other lines: under new references, with another number of goods items.
Outside every clock."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgspec

Document = dict[str, Any]

_NUMBERS = ("reference", "ucr", "house_document")


def read_documents(path: Path) -> Iterator[Document]:
    """Documents of an NDJSON file."""
    decoder = msgspec.json.Decoder(Document)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def sound_documents(path: Path) -> Iterator[Document]:
    """Documents whose reference was not seen before and that lack no field a case needs: no repeats, no gaps.

    A wrong country or currency may remain; what is sent one by one shall mostly be decided, not answered
    with a fault.
    """
    seen: set[str] = set()
    for document in read_documents(path):
        reference = document["reference"]
        needed = ("consignor", "consignee")
        items = document["goods_items"]
        is_whole = all(n in document for n in needed) and all(
            {"commodity_code", "description", "invoice_amount", "gross_mass_kg"} <= item.keys()
            for item in items
        )
        if is_whole and reference not in seen:
            seen.add(reference)
            yield document


def renamed(document: Document, suffix: str) -> Document:
    """The document under numbers of its own, so that it is a new case and joins no other."""
    order_references = [f"{r}-{suffix}" for r in document.get("order_references", ())]
    orders = {"order_references": order_references} if order_references else {}
    return document | {n: f"{document[n]}-{suffix}" for n in _NUMBERS if n in document} | orders


def with_items(document: Document, items_count: int) -> Document:
    """The document with so many goods items: its own, over and over, numbered from 1."""
    repeated = islice(cycle(document["goods_items"]), items_count)
    return document | {"goods_items": [item | {"sequence_number": n} for n, item in enumerate(repeated, 1)]}


def items_count_of(path: Path) -> int:
    """Goods items in a file."""
    return sum(len(document["goods_items"]) for document in read_documents(path))


def write_documents(path: Path, documents: Iterator[Document]) -> int:
    """Write an NDJSON file; returns how many lines."""
    encoder, count = msgspec.json.Encoder(), 0
    with path.open("wb") as out:
        for document in documents:
            out.write(encoder.encode(document) + b"\n")
            count += 1
    return count
