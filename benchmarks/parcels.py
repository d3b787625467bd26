"""The yardstick's parcels as NDJSON, from the generator that `serai demo` uses.

All names, addresses and numbers are invented.
One line is one consignment; two in a hundred are faulty on purpose, one in a hundred is sent twice.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serai.laboratory.invented.draws import draws
from serai.laboratory.invented.names import listed_names, listed_set, name, variant

__all__ = ["listed_names", "listed_set", "name", "parcels", "variant", "write"]


def parcels(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Give `count` consignments as dicts in the yardstick's own format."""
    return (drawn.record for drawn in draws(count, seed))


def write(path: str, count: int, seed: int = 1) -> None:
    """Write `count` consignments to a file, or to standard output if path is `-`."""
    with sys.stdout.buffer if path == "-" else Path(path).open("wb") as out:
        for record in parcels(count, seed):
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--count", type=int, default=200_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", default="-")
    a = p.parse_args()
    write(a.out, a.count, a.seed)
