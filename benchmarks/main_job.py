"""The main job over HTTP against the floor, in one run: what `serai bench` measures.

Floor and Serai take turns on the same parcels, each in its own format; conversion lies outside the clock.
Serai does more: it keeps the message in the vault, screens, matches, decides by dated law with reasons,
signs, answers. Figures are ratios: the machine's speed drifts, their quotient hardly.

    uv run serai bench --quick
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psycopg

import arrivals
import convert
import floor
import growth
import http_bulk
import http_single
import parcels
import promises
import same_figures
import scan
import wire_lines
from served import Served, lists_of_bench, served
from stored import bytes_each, stored

QUOTES = "/v1/quotes"
_WARM_UP_COUNT = 5_000
_MEMORY_ITEMS_COUNT = 1_000_000
_PURE_COUNT = 630_000
_FLIGHT_PIECES_COUNT = 100_000
_QUOTES_PER_S = 500.0
_PEER = "pydantic + sqlalchemy, a commit per consignment"

Render = Callable[[str], None]
Figures = dict[str, Any]


class Size(NamedTuple):
    """How much is measured. count: consignments in the file. singles: requests of one consignment."""

    count: int
    pairs: int
    singles: int


QUICK = Size(20_000, 1, 2_000)
REFERENCE_VALUES = Size(100_000, 3, 5_000)
FULL = Size(200_000, 3, 20_000)


def run(size: Size, *, is_full: bool, growth_count: int, render: Render) -> Figures:
    """Measure and return all figures. render: told what begins.

    Raises SystemExit where what was stored is not what the law says, or an answer is missing.
    """
    with tempfile.TemporaryDirectory(prefix="serai-bench-") as name:
        folder = Path(name)
        render(f"{size.count:,} invented consignments are made")
        source = folder / "parcels.ndjson"
        parcels.write(str(source), size.count)
        render("Serai starts")
        with served(size.count) as here:
            figures = _main_job(size, here, source, folder, render)
            figures |= _singles(size, here, folder / "wire-p0.ndjson", render)
            if is_full:
                figures["memory"] = _memory(here, folder / "wire-p0.ndjson", folder, render)
        if is_full:
            figures["pure"] = _pure(size, folder, render)
            figures["peer_single"] = _peer(source, render)
            figures["growth"] = _growth(folder / "wire-p0.ndjson", folder, growth_count, render)
            render(f"a flight of {_FLIGHT_PIECES_COUNT:,} pieces lands")
            figures["landed"] = arrivals.run(_FLIGHT_PIECES_COUNT)
            render(f"a new list is held against {_FLIGHT_PIECES_COUNT:,} of {growth_count:,} consignments")
            figures["scanned"] = scan.run(_FLIGHT_PIECES_COUNT, growth_count)
    return figures


def _main_job(size: Size, here: Served, source: Path, folder: Path, render: Render) -> Figures:
    """Alternate floor and Serai; check what the first pair stored."""
    _warm_up(here, source, folder)
    pairs = []
    for number in range(size.pairs):
        suffix = f"p{number}"
        wire = folder / f"wire-{suffix}.ndjson"
        convert.convert(source, wire, suffix=suffix)
        render(f"pair {number + 1} of {size.pairs}: the floor")
        lowest = floor.run_floor(str(source), 1)
        render(f"pair {number + 1} of {size.pairs}: Serai over HTTP")
        before = stored(here.dsn)
        bulk = _bulk(here, wire, int(lowest["items"]))
        if not pairs:
            each = bytes_each(before, stored(here.dsn), bulk["statuses"]["decided"])
        pairs.append(
            {"of_floor": bulk["items_per_s"] / lowest["items_per_s"], "floor": lowest, "serai": bulk}
        )
    render("what was stored is compared with the pure pipeline and with explanations")
    first = folder / "wire-p0.ndjson"
    middle = sorted(pairs, key=lambda pair: pair["of_floor"])[len(pairs) // 2]
    bulk = middle["serai"]
    memory = here.server.peak_memory_bytes()
    return {
        "of_floor": round(median(pair["of_floor"] for pair in pairs), 4),
        "of_floor_of_each_pair": [round(pair["of_floor"], 4) for pair in pairs],
        "of_floor_by_processor_time": round(
            median(_cost_us(pair["floor"]) / _cost_us(pair["serai"]) for pair in pairs), 4
        ),
        "items_per_s": bulk["items_per_s"],
        "floor_items_per_s": middle["floor"]["items_per_s"],
        "consignments": size.count,
        "items": bulk["items"],
        "connections": bulk["connections"],
        "others": bulk["others"],
        "floor_others": middle["floor"]["others"],
        "client_us": bulk["client_us"],
        "server_us": bulk["server_us"],
        "floor_us": round(_cost_us(middle["floor"]), 1),
        "statuses": bulk["statuses"],
        "consignment": each,
        "lanes": same_figures.lanes(here.dsn, "p0"),
        "peak_memory_mib": [round(one / 2**20) for one in memory],
        **same_figures.complete_share(here.dsn, "p0"),
        "stored_and_pure": same_figures.compare_with_pure(here.dsn, first, "p0", here.lists),
        "explained": same_figures.explain_drawn(here.address, here.dsn, first, "p0", here.lists),
    }


def _cost_us(figures: Figures) -> float:
    return float(figures["client_us"]) + float(figures["server_us"])


def _warm_up(here: Served, source: Path, folder: Path) -> None:
    """Start-up is not counted, neither here nor for the floor: every process has decided once."""
    wire = folder / "warm-up.ndjson"
    convert.convert(source, wire, suffix="w")
    lines = wire.read_bytes().splitlines(keepends=True)[:_WARM_UP_COUNT]
    wire.write_bytes(b"".join(lines))
    _bulk(here, wire, len(lines), connections=4)


def _bulk(here: Served, wire: Path, items_count: int, *, connections: int = 2) -> Figures:
    """Send a file; `others`: cores that programs other than client and server took meanwhile."""
    machine = floor.machine_cpu()
    figures = http_bulk.send_file(
        here.address, wire, connections=connections, items_count=items_count, server_pids=here.pids
    )
    machine = floor.machine_cpu() - machine
    if not figures["complete"]:
        raise SystemExit(f"bench: {figures['faults']}")
    seconds = float(str(figures["seconds"]))
    ours = (float(str(figures["client_us"])) + float(str(figures["server_us"]))) * items_count / 1e6
    return figures | {"others": round((machine - ours) / seconds, 1)}


def _singles(size: Size, here: Served, wire: Path, render: Render) -> Figures:
    """One consignment a request on 50 connections; the same for quotes where the server gives them."""
    render("one consignment a request, 50 connections")
    filed = _single(here, wire, size.singles, "s", http_bulk.ROUTE)
    figures: Figures = {
        "p50_ms": filed["p50_ms"],
        "p99_ms": filed["p99_ms"],
        "single": filed,
        "quotes": None,
    }
    if QUOTES in same_figures.paths_of(here.address):
        render("quotes, 50 connections")
        figures["quotes"] = {
            "closed_loop": _single(here, wire, size.singles, "q", QUOTES),
            "at_500_per_s": _single(here, wire, size.singles, "r", QUOTES, rate_per_s=_QUOTES_PER_S),
        }
        render("quotes that are signed and kept; baskets for thirty destinations")
        figures["promises"] = promises.measure(here.address, size.singles, server_pids=here.pids)
    return figures


def _single(
    here: Served, wire: Path, count: int, suffix: str, route: str, *, rate_per_s: float | None = None
) -> Figures:
    documents = http_single.distinct_documents(wire, count + 200, suffix)
    requests = http_single.requests_of(documents, here.address, route)
    http_single.send_each(here.address, requests[:200], connections=50)
    return http_single.send_each(
        here.address, requests[200:], connections=50, rate_per_s=rate_per_s, server_pids=here.pids
    )


def _memory(here: Served, wire: Path, folder: Path, render: Render) -> Figures:
    """Stream a file of a million goods items in one connection; peaks of the web processes."""
    render("a million goods items in one file: memory")
    path = folder / "million.ndjson"
    sound = list(wire_lines.sound_documents(wire))
    count = _MEMORY_ITEMS_COUNT * len(sound) // sum(len(one["goods_items"]) for one in sound)
    wire_lines.write_documents(path, growth.documents_for(sound, count, "m"))
    items = wire_lines.items_count_of(path)
    bulk = _bulk(here, path, items, connections=1)
    path.unlink()
    peaks = [round(one / 2**20) for one in here.server.peak_memory_bytes()]
    return {"items": items, "items_per_s": bulk["items_per_s"], "peak_memory_mib": peaks}


def _pure(size: Size, folder: Path, render: Render) -> Figures:
    """`serai decide` on a million goods items, start-up included, against the floor, in turn."""
    lists, pairs = folder / "lists", size.pairs
    source, wire = folder / "pure.ndjson", folder / "pure-wire.ndjson"
    render("a million goods items are made for the pure pipeline")
    parcels.write(str(source), _PURE_COUNT)
    convert.convert(source, wire)
    lists.mkdir()
    for one in lists_of_bench(_PURE_COUNT):
        (lists / f"{one.kind}-{one.name}").write_bytes(one.content)
    ratios, rates = [], []
    for number in range(pairs):
        render(f"pure pipeline, pair {number + 1} of {pairs}")
        lowest = floor.run_floor(str(source), 1)
        begun = time.perf_counter()
        with Path(os.devnull).open("wb") as nowhere:
            words = ["decide", str(wire), "--lists", str(lists)]
            program = "from serai.cli.main import main; main()"
            code = subprocess.run(
                [sys.executable, "-c", program, *words], stdout=nowhere, stderr=nowhere, check=False
            ).returncode
        seconds = time.perf_counter() - begun
        if code not in (0, 1):
            raise SystemExit(f"bench: serai decide ended with {code}")
        rates.append(lowest["items"] / seconds)
        ratios.append(rates[-1] / lowest["items_per_s"])
    return {
        "of_floor": round(median(ratios), 3),
        "items": lowest["items"],
        "items_per_s": round(median(rates)),
        "pairs": len(ratios),
    }


def _peer(source: Path, render: Render) -> Figures:
    """One consignment a commit by pydantic and SQLAlchemy without HTTP; `skipped` says why it is missing."""
    render("pydantic and SQLAlchemy, one consignment a commit")
    root = Path(__file__).parents[1]
    program = ["python", "benchmarks/peers.py", "--only", _PEER, "--runs", "1", "--parcels", str(source)]
    words = ["uv", "run", "--frozen", "--with", "pydantic>=2", "--with", "sqlalchemy>=2", *program]
    try:
        done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return {"skipped": str(fault)}
    if done.returncode != 0:
        return {"skipped": done.stderr.strip().splitlines()[-1:]}
    return dict(json.loads(done.stdout.splitlines()[0]))


def _tidy(dsn: str) -> None:
    """Do now what PostgreSQL does for what was filled in: else it does it while samples are measured."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _growth(wire: Path, folder: Path, count: int, render: Render) -> Figures:
    """Cost of an item on a small and on a large store in turn, and by goods items a consignment."""
    render(f"growth: a store of {count:,} cases is filled")
    sound = list(wire_lines.sound_documents(wire))
    with served(count) as few, served(count) as many:
        small = growth.Store("small", few.address, few.pids)
        large = growth.Store("large", many.address, many.pids)
        growth.fill(large, sound, count, folder, suffix="l")
        # Stores are compared, not processes of which one has just filled two million cases.
        for here, store in ((few, small), (many, large)):
            here.server.renew()
            _tidy(here.dsn)
            growth.fill(store, sound, min(10_000, count), folder, suffix="w")
        stores = growth.compare_stores(small, large, sound, folder, pairs=9, sample=20_000, suffix="q")
        sizes = growth.compare_sizes(small, sound, folder, items_total=12_000, rounds=3, suffix="z")
    return {"cases": count, "store": stores, "items": sizes}
