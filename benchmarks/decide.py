"""`serai decide` against the floor in one run: the same invented parcels, the shipped packs' law, no store.

Rates of exchange, denied parties and the register of scheme numbers are the demo's invented ones; the tariff
is that of the packs. Both use two processes and count goods items a second from the moment they are ready
(law and lists loaded); the time of the whole command is said beside it. A pair is a run of each, in turns.

    uv run python benchmarks/decide.py --count 200000        one JSON line; medians of three pairs
"""

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from serai.laboratory.decide_file import Setup, decide_blocks, read_blocks
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.invented.parcels import consignments, write_ndjson

import floor

ROOT = Path(__file__).parents[1]
LAWS, RATES = ROOT / "laws", ROOT / "examples/lists/invented-exchange-rates.csv"
CUTOVER = dt.datetime(2026, 6, 30, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
AT = CUTOVER + 3 * DAY
AT_MS = int(AT.timestamp() * 1_000)
WORKERS = 2


def wire_documents(count: int) -> Iterator[dict[str, Any]]:
    """Give the invented parcels, faulty ones among them, half on each side of 1 July 2026."""
    return consignments(count, at=AT, first_acceptance=CUTOVER - DAY, last_acceptance=CUTOVER + DAY)


def wire_lines(documents: Iterable[dict[str, Any]]) -> list[bytes]:
    """Write each document as one line."""
    return [msgspec.json.encode(document) for document in documents]


def setup_of(count: int) -> Setup:
    """Return the shipped law and the invented lists for so many parcels."""
    files = {str(path.relative_to(LAWS)): path.read_bytes() for path in LAWS.rglob("*") if path.is_file()}
    lists = {one.name: one.content for one in list_files(count)}
    return Setup(law_files=files, list_files=lists, law=None, at_ms=AT_MS)


class NamedList(msgspec.Struct):
    """A list under the name by which `serai decide` knows its kind."""

    name: str
    content: bytes


def list_files(count: int) -> list[NamedList]:
    """Return the demo's lists for so many parcels."""
    return [
        NamedList(f"{one.kind}-{one.name}", one.content)
        for one in invented_lists(count, 1, RATES.read_bytes())
    ]


def clocked(path: Path, count: int) -> dict[str, Any]:
    """Decide a file in this process and its workers, answers to nowhere; law is in memory before."""
    setup = setup_of(count)
    list(decide_blocks(setup, (), workers_count=1))  # loads law and lists
    items = answers = 0
    begin, cpu = time.perf_counter(), os.times()
    with path.open("rb") as source, Path(os.devnull).open("wb") as out:
        for part in decide_blocks(setup, read_blocks(source, "ndjson"), workers_count=WORKERS):
            out.write(part.answers)
            items += part.goods_items_count
            answers += part.decided_count + part.rejected_count
    seconds, spent = time.perf_counter() - begin, os.times()
    used = sum(after - before for after, before in zip(spent[:4], cpu[:4], strict=True))
    return {
        "items": items,
        "consignments": answers,
        "items_per_s": round(items / seconds),
        "cpu_us_per_consignment": round(used / answers * 1e6, 1),
        "cpu_s": round(used, 2),
        "main_cpu_s": round(sum(spent[:2]) - sum(cpu[:2]), 2),
    }


def in_a_process(*arguments: object) -> dict[str, Any]:
    """Run this script with other arguments and read the one line it prints."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return msgspec.json.decode(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout, type=dict)


def whole_command_s(path: Path, lists: Path) -> tuple[float, int]:
    """Run the command itself; return its seconds and the goods items it says it decided."""
    command = [Path(sys.executable).with_name("serai"), "decide", path, "--lists", lists, "--laws", LAWS]
    begin = time.perf_counter()
    ended = subprocess.run(
        [*map(str, command), "--at", AT.isoformat(), "--workers", str(WORKERS), "--output", "ndjson"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    said = re.search(r"with ([\d,]+) goods items", ended.stderr)
    if ended.returncode not in (0, 1) or said is None:
        raise SystemExit(f"serai decide failed: {ended.stderr}")
    return seconds, int(said[1].replace(",", ""))


def main() -> None:
    """Measure pairs and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000, help="consignments")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--file", type=Path, help="wire NDJSON to keep between runs; made if it is not there")
    parser.add_argument("--clocked", action="store_true", help="decide the file once and print")
    given = parser.parse_args()
    if given.clocked:
        print(json.dumps(clocked(given.file, given.count)))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(compared(given.file or Path(folder) / "wire.ndjson", Path(folder), given)))


def compared(path: Path, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Run pairs of floor and `serai decide`; the floor checks its own totals."""
    if not path.exists():
        write_ndjson(path, wire_documents(given.count))
    floor_path = folder / "parcels.ndjson"
    floor.parcels.write(str(floor_path), given.count)
    lists = folder / "lists"
    lists.mkdir()
    for one in list_files(given.count):
        (lists / one.name).write_bytes(one.content)
    pairs = []
    for _ in range(given.pairs):
        yardstick = floor.run_floor(str(floor_path), 1)
        decided = in_a_process("--clocked", "--file", path, "--count", given.count)
        command_s, items = whole_command_s(path, lists)
        if items != decided["items"]:
            raise SystemExit(f"the command decided {items} goods items, the library {decided['items']}")
        # Of processor time: what neighbours take of a shared machine moves it less than the rates.
        floor_us = yardstick["client_us"] + yardstick["server_us"]
        pairs.append(
            {
                "floor_items_per_s": yardstick["items_per_s"],
                "of_floor": round(decided["items_per_s"] / yardstick["items_per_s"], 3),
                "cpu_of_floor": round(floor_us * decided["items"] / decided["cpu_s"] / 1e6, 3),
                "command_s": round(command_s, 2),
                "command_items_per_s": round(items / command_s),
                **decided,
            }
        )
    names = (
        "floor_items_per_s",
        "items_per_s",
        "of_floor",
        "cpu_of_floor",
        "cpu_us_per_consignment",
        "command_s",
    )
    return {name: median(pair[name] for pair in pairs) for name in names} | {"pairs": pairs}


if __name__ == "__main__":
    main()
