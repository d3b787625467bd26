"""The yardstick's own NDJSON to ours, one line for one line, outside the clock.

The yardstick's format is its own, and Serai does not read it. So the file is turned into our wire documents
before any clock starts; the ratio to the floor then compares two programs that each read their own format.
Faulty lines become faulty lines, repeats become the same bytes. Our lines are some 30 % longer than the
yardstick's.

    uv run python benchmarks/convert.py parcels.ndjson wire.ndjson
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import msgspec
from serai.laboratory.invented.draws import Record
from serai.laboratory.invented.parcels import Document, declared

from wire_lines import renamed, write_documents


def converted(record: Record) -> Document:
    """Our document of a yardstick's record; accepted at its declarationDateTime, sold to a consumer."""
    moment = record["declarationDateTime"]
    return declared(record) | {"sale_nature_code": "B2C", "paid_at": moment, "accepted_at": moment}


def convert(source: Path, target: Path, *, suffix: str = "") -> int:
    """Convert a file; returns how many lines. suffix: added to the numbers, so that a second sending makes
    new cases."""

    def documents() -> Iterator[Document]:
        decoder = msgspec.json.Decoder(Record)
        with source.open("rb") as lines:
            for line in lines:
                document = converted(decoder.decode(line))
                yield renamed(document, suffix) if suffix else document

    return write_documents(target, documents())


def main() -> None:
    """Convert one file."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("source", type=Path)
    p.add_argument("target", type=Path)
    p.add_argument("--suffix", default="", help="added to references")
    a = p.parse_args()
    print(f"{convert(a.source, a.target, suffix=a.suffix)} lines")


if __name__ == "__main__":
    main()
