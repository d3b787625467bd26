"""How fast the law is: what `serai bench --law` measures, each figure beside the floor or a program one would
take instead, in one run.

| figure | what runs |
|---|---|
| regimes | goods items in a Parquet file through one regime: `serai law compare`, pinned to one core |
| world | parcels under fifteen regimes on two cores, from NDJSON and from Parquet |
| loading | all packs of `laws/` decoded, and every composition that a day can bring into force compiled |
| peers | one law in Serai, in OpenFisca-core and by hand (`law_peers.py`) |

What a regime computes is everything the main job asks of the law: conversion, shares, values, relief,
declaration form, each charge with base, rate, who owes it and where it is due, reasons, requirements,
exclusions, findings of what is missing; then the sums that `serai law compare` shows. Rates of exchange are
invented, as `serai law compare` invents them, and duty where the pack's tariff says nothing.

The file of goods items holds invented parcels drawn again and again, each time with other prices and masses.

    uv run serai bench --law --quick
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from serai.laboratory.compare.parcel_file import open_parcels, write_parcels
from serai.laboratory.compare.parcels import Chunk
from serai.laboratory.invented.parcels import write_ndjson
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT

import floor
import parcels
from decide import wire_documents

ROOT = Path(__file__).parents[1]
REGIMES = ("EU-2026", "GB-2021")
WORLD = (
    "AU-2018",
    "BR-PRC-2024",
    "CH-2025",
    "CN-CBEC-2019",
    "EU-2026",
    "GB-2021",
    "IN-2026",
    "JP-2024",
    "KR-2024",
    "MX-2025-08",
    "NO-VOEC-2024",
    "NZ-2026",
    "TR-2026",
    "US-2026-07",
    "ZA-2025",
)
_ON = "2026-07-20"
_SERAI = ("-c", "from serai.cli.main import main; main()")
_GROUP_CONSIGNMENTS = 20_000
_CENT_MICRO = 10_000

Render = Callable[[str], None]
Figures = dict[str, Any]


class Size(NamedTuple):
    """How much is measured. items: in the Parquet file. parcels: under fifteen regimes. peers: consignments
    of the comparison of programs; 0: none. floor: consignments of the floor. rounds: the best counts.
    """

    items: int
    parcels: int
    peers: int
    floor: int
    rounds: int


QUICK = Size(200_000, 2_000, 500, 5_000, 1)
FULL = Size(10_000_000, 100_000, 20_000, 200_000, 3)


def run(size: Size, *, render: Render) -> Figures:
    """Measure and return all figures. render: told what begins.

    Raises SystemExit where a command fails, or programs that have the same law say different things.
    """
    with tempfile.TemporaryDirectory(prefix="serai-bench-") as name:
        folder = Path(name)
        render("the floor")
        source = folder / "yardstick.ndjson"
        parcels.write(str(source), size.floor)
        lowest = floor.run_floor(str(source), size.rounds)
        source.unlink()
        render(f"{size.parcels:,} invented parcels are made")
        wire, columns = folder / "parcels.ndjson", folder / "parcels.parquet"
        write_ndjson(wire, wire_documents(size.parcels))
        _serai(["law", "columns", str(columns), str(wire)], cores=2)
        world = _world(size, wire, columns, render)
        render(f"a file of {size.items:,} goods items is made")
        many = folder / "many.parquet"
        items = write_many(columns, many, size.items)
        regimes = {code: _regime(code, many, items, size.rounds, render) for code in REGIMES}
        megabytes = round(many.stat().st_size / 1e6)
    floor_us = float(lowest["client_us"]) + float(lowest["server_us"])
    for figures in regimes.values():
        figures["of_floor"] = round(figures["items_per_s"] / float(lowest["items_per_s"]), 2)
        figures["of_floor_by_processor_time"] = round(floor_us / figures["us_per_item"], 2)
    return {
        "machine": _machine(),
        "commit": _commit(),
        "floor_items_per_s": lowest["items_per_s"],
        "floor_us_per_item": round(floor_us, 2),
        "floor_others": lowest["others"],
        "items": items,
        "file_megabytes": megabytes,
        "regimes": regimes,
        "world": world,
        "loading": _loading(size.rounds, render),
        "peers": _peers(size, render) if size.peers else None,
    }


# ---- the file of many ----


def write_many(source: Path, target: Path, items_count: int) -> int:
    """Draw parcels of a file again and again, with other prices and masses, until there are so many goods
    items; return how many there are.
    """
    chunks = list(open_parcels(source))
    written = 0

    def drawn() -> Iterator[Chunk]:
        nonlocal written
        rng = np.random.default_rng(1)
        while written < items_count:
            chunk = _drawn(chunks[int(rng.integers(len(chunks)))], rng)
            written += chunk.items.row_count
            yield chunk

    write_parcels(target, drawn())
    return written


def _drawn(chunk: Chunk, rng: np.random.Generator) -> Chunk:
    rows = rng.integers(chunk.consignments.row_count, size=_GROUP_CONSIGNMENTS)
    counts = np.diff(np.append(chunk.first_items, chunk.items.row_count))[rows]
    first = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(rows)), counts)
    places = chunk.first_items[rows][owner] + np.arange(len(owner)) - first[owner]
    items = chunk.items.take(places)
    price = items.numbers("invoice_amount_micro") // _CENT_MICRO * rng.integers(50, 200, len(owner)) // 100
    mass = items.numbers("gross_mass_g")
    changed = {
        "owner": owner,
        "invoice_amount_micro": price * _CENT_MICRO,
        "gross_mass_g": np.where(_given(mass), mass * rng.integers(50, 200, len(owner)) // 100 + 1, ABSENT),
    }
    return Chunk(chunk.consignments.take(rows), Frame(len(owner), {**items.columns, **changed}), first)


def _given(column: Int64s) -> Flags:
    flags: Flags = column != ABSENT
    return flags


# ---- what is measured ----


def _regime(code: str, path: Path, items: int, rounds: int, render: Render) -> Figures:
    """One law on the whole file, one core, reading included."""
    best: Figures = {}
    for number in range(rounds):
        render(f"{items:,} goods items through {code} on one core, {number + 1} of {rounds}")
        words = ["law", "compare", str(path), "--codes", code, "--on", _ON, "--workers", "1"]
        found = _serai(words, cores=1)
        (law,) = found.pop("answer")["laws"]
        if law["parcels"] * 1_000 < items:
            raise SystemExit(f"bench: {law['parcels']} parcels of {items} goods items")
        if not best or found["seconds"] < best["seconds"]:
            best = found | {
                "items_per_s": round(items / found["seconds"]),
                "us_per_item": round(found["processor_s"] / items * 1e6, 3),
                "parcels": law["parcels"],
                "undecided_ppm": law["undecided_ppm"],
                "duty_minor": law["duty_minor"],
                "tax_minor": law["tax_minor"],
            }
    return best


def _world(size: Size, wire: Path, columns: Path, render: Render) -> Figures:
    """Fifteen laws on the same parcels, two cores, reading included."""
    found: Figures = {"parcels": size.parcels, "laws": list(WORLD)}
    for name, path in (("ndjson", wire), ("parquet", columns)):
        runs = []
        for number in range(size.rounds):
            render(f"fifteen regimes from {name}, {number + 1} of {size.rounds}")
            words = ["law", "compare", str(path), "--codes", *WORLD, "--on", _ON, "--workers", "2"]
            runs.append(_serai(words, cores=2))
        best = min(runs, key=lambda one: float(one["seconds"]))
        answer = best.pop("answer")
        if len(answer["laws"]) != len(WORLD):
            raise SystemExit(f"bench: {len(answer['laws'])} of {len(WORLD)} laws were compared")
        found[name] = best
    return found


_LOAD = """
import json, time
from pathlib import Path
from serai.foundation.shipped import read_law_files
from serai.law.library import load_book
begin, used = time.perf_counter(), time.process_time()
files = read_law_files(Path("laws"))
book = load_book(files)
loaded = time.perf_counter()
book.compile_all()
done = time.perf_counter()
print(json.dumps({
    "packs": len(book.packs),
    "programs": len(book.programs),
    "loading_s": round(loaded - begin, 3),
    "compiling_s": round(done - loaded, 3),
    "seconds": round(done - begin, 3),
    "processor_s": round(time.process_time() - used, 3),
}))
"""


def _loading(rounds: int, render: Render) -> Figures:
    render("all packs are loaded and compiled")
    runs = [json.loads(_called([sys.executable, "-c", _LOAD])) for _ in range(rounds)]
    return dict(min(runs, key=lambda one: float(one["seconds"])))


def _peers(size: Size, render: Render) -> Figures:
    """The other programs, in an environment of their own; `skipped` says why they are missing."""
    render("one law in Serai, in OpenFisca-core and by hand")
    program = ["python", "benchmarks/law_peers.py", "--count", str(size.peers), "--rounds", str(size.rounds)]
    words = ["uv", "run", "--frozen", "--isolated", "--group", "bench", *program]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1_800)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return {"skipped": str(fault)}
    last = done.stderr.strip().splitlines()[-1:]
    if "differs" in done.stderr or "are decided by both" in done.stderr:
        raise SystemExit(f"bench: {last}")
    if done.returncode != 0:
        return {"skipped": " ".join(last)}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _serai(words: list[str], *, cores: int) -> Figures:
    """Run a command of Serai on so many cores; its seconds from start to end, processor time, peak memory and
    answer.
    """
    program = [sys.executable, *_SERAI, *words]
    if words[1] == "compare":
        program += ["--output", "json"]
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as faults:
        begin = time.perf_counter()
        # The child is pinned before its program starts, so that its threads are too.
        process = subprocess.Popen(
            program,
            stdout=out,
            stderr=faults,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),  # noqa: PLW1509 - here are no threads
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
        # 1 says that a law decides nothing; a program that breaks says it too, and prints nothing.
        if process.returncode not in (0, 1) or (process.returncode == 1 and not said):
            faults.seek(0)
            raise SystemExit(f"bench: {' '.join(words[:2])} failed: {faults.read().decode()[-500:]}")
    return {
        "seconds": round(seconds, 2),
        "processor_s": round(used.ru_utime + used.ru_stime, 2),
        "peak_memory_mib": round(used.ru_maxrss / 1024),
        "answer": json.loads(said or b"null"),
    }


def _called(words: list[str]) -> str:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: {done.stderr[-500:]}")
    return done.stdout


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.machine()
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "not from a checkout of git"
