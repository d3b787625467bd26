"""How the cost of a goods item grows: with the store (10 thousand to 2 million cases) and with the
consignment (1 to 12 items).

Two servers run side by side, one with a small store, one with a large one, each with its own PostgreSQL.
They are filled over HTTP, then both get the same documents under new references in turn, three pairs. Cost
is processor time of client and server per item, which a busy machine does not change; the rate is printed
for orientation. The consignments' sizes are compared on the small store, with as many goods items in each
file.

    uv run python benchmarks/growth.py wire.ndjson --small 8001 --large 8002 \\
        --small-pid 11 12 --large-pid 21 22

The pids are the roots of the web server and of its PostgreSQL; their descendants are counted with them.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from http_bulk import Address, send_file
from wire_lines import Document, renamed, sound_documents, with_items, write_documents

ITEMS_COUNTS = (1, 2, 4, 8, 12)
_FILL_LINES = 100_000


class Store(NamedTuple):
    """A server and the roots of its processes."""

    name: str
    address: Address
    pids: tuple[int, ...]


def documents_for(sound: list[Document], count: int, suffix: str) -> Iterator[Document]:
    """So many documents, each under numbers of its own."""
    return (renamed(d, f"{suffix}x{n}") for n, d in enumerate(islice(cycle(sound), count)))


def fill(
    store: Store, sound: list[Document], count: int, folder: Path, *, suffix: str, connections: int = 2
) -> None:
    """Send `count` new consignments. Raises SystemExit if one part is not answered in full."""
    for begin in range(0, count, _FILL_LINES):
        lines = min(_FILL_LINES, count - begin)
        _send(store, documents_for(sound, lines, f"{suffix}{begin}"), folder, connections)


def compare_stores(
    small: Store, large: Store, sound: list[Document], folder: Path, *, pairs: int, sample: int, suffix: str
) -> dict[str, Any]:
    """Cost of an item on both stores in turn; `large_of_small` is the median of the pairs' ratios of
    processor time."""
    runs: list[dict[str, dict[str, Any]]] = []
    for n in range(pairs):
        order = (small, large) if n % 2 == 0 else (large, small)
        runs.append(
            {s.name: _send(s, documents_for(sound, sample, f"{suffix}p{n}"), folder, 2) for s in order}
        )
    ratios = [cost_us(run[large.name]) / cost_us(run[small.name]) for run in runs]
    return {
        "part": "store",
        "pairs": pairs,
        "large_of_small": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        **{
            s.name: {
                "cost_us": round(median(cost_us(run[s.name]) for run in runs), 2),
                "items_per_s": median(run[s.name]["items_per_s"] for run in runs),
            }
            for s in (small, large)
        },
    }


def compare_sizes(
    store: Store, sound: list[Document], folder: Path, *, items_total: int, rounds: int, suffix: str
) -> dict[str, Any]:
    """Cost of an item by goods items a consignment, rounds in turn, medians."""
    costs: dict[int, list[float]] = {count: [] for count in ITEMS_COUNTS}
    for n in range(rounds):
        for count in ITEMS_COUNTS:
            some = documents_for(sound, items_total // count, f"{suffix}i{n}c{count}")
            costs[count].append(cost_us(_send(store, (with_items(d, count) for d in some), folder, 2)))
    middle = {count: round(median(some), 2) for count, some in costs.items()}
    return {
        "part": "items",
        "rounds": rounds,
        "items_total": items_total,
        "cost_us": middle,
        "of_one_item": {count: round(cost / middle[1], 3) for count, cost in middle.items()},
    }


def cost_us(figures: dict[str, Any]) -> float:
    """Processor time of client and server per item."""
    return float(figures["client_us"]) + float(figures["server_us"] or 0)


def _send(store: Store, documents: Iterator[Document], folder: Path, connections: int) -> dict[str, Any]:
    path = folder / "sample.ndjson"
    write_documents(path, documents)
    figures = send_file(store.address, path, connections=connections, server_pids=store.pids)
    if not figures["complete"]:
        raise SystemExit(f"growth: {store.name}: {figures['faults']}")
    return figures


def main() -> None:
    """Fill, compare, print JSON lines."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("file", type=Path, help="NDJSON of our wire")
    p.add_argument("--host", default="127.0.0.1")
    for name, count in (("small", 10_000), ("large", 2_000_000)):
        p.add_argument(f"--{name}", type=int, required=True, help="port")
        p.add_argument(f"--{name}-pid", type=int, nargs="+", required=True, help="roots of its processes")
        p.add_argument(f"--{name}-api-key", default=os.environ.get("SERAI_API_KEY", ""))
        p.add_argument(
            f"--{name}-count", type=int, default=count, help="cases to fill in first; 0: is filled"
        )
    p.add_argument("--pairs", type=int, default=3)
    p.add_argument("--sample", type=int, default=5_000, help="consignments each run")
    p.add_argument("--items-total", type=int, default=12_000)
    p.add_argument("--suffix", default=f"g{os.getpid()}", help="makes the references of this run new")
    a = p.parse_args()
    sound = list(islice(sound_documents(a.file), _FILL_LINES))
    small = Store("small", Address(a.host, a.small, a.small_api_key), tuple(a.small_pid))
    large = Store("large", Address(a.host, a.large, a.large_api_key), tuple(a.large_pid))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(small, sound, a.small_count, folder, suffix=f"{a.suffix}s")
        fill(large, sound, a.large_count, folder, suffix=f"{a.suffix}l")
        filled = {"part": "filled", "small": a.small_count, "large": a.large_count, "sample": a.sample}
        print(json.dumps(filled), flush=True)
        stores = compare_stores(
            small, large, sound, folder, pairs=a.pairs, sample=a.sample, suffix=f"{a.suffix}q"
        )
        print(json.dumps(stores), flush=True)
        sizes = compare_sizes(
            small, sound, folder, items_total=a.items_total, rounds=a.pairs, suffix=f"{a.suffix}z"
        )
        print(json.dumps(sizes), flush=True)


if __name__ == "__main__":
    main()
