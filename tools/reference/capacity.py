"""How large a node must be, by formula, with the figures that were measured last (performance.json)."""

import json
import math

from tools.reference.layout import DOCS, MARK

_DAY_S = 86_400
_YEAR_DAYS = 365
_BUSY = 0.6
"""Share of the processors that a busy hour may use: the rest is for the hour that is busier."""
_PEAK = 3.0
"""How many times the mean the busiest hour of a day is."""
_EXAMPLES_PER_DAY = (10_000, 1_000_000, 12_000_000)


def build_pages() -> dict[str, str]:
    """Return the page of capacity; none where nothing was measured."""
    measured = DOCS / "reference/performance.json"
    if not measured.is_file():
        return {}
    found = json.loads(measured.read_text())
    bulk_us, single_us = found["server_us"], found["single"]["server_us"]
    items = found["items"] / found["consignments"]
    stored, wal = (found["consignment"][name] for name in ("stored_bytes", "wal_bytes"))
    memory_mib = max(found["peak_memory_mib"])
    figures = [
        ("goods items of a consignment", "i", f"{items:.2f}"),
        ("processor time a goods item in files of many, server and PostgreSQL", "b", f"{bulk_us:.0f} µs"),
        ("processor time a goods item in requests of one", "s", f"{single_us:.0f} µs"),
        ("stored for a consignment", "d", f"{stored:,} bytes"),
        ("journal (WAL) of a consignment", "w", f"{wal:,} bytes"),
        ("most memory of a web process in files of many", "m", f"{memory_mib:,} MiB"),
    ]
    lines = [
        MARK,
        "# Capacity",
        "",
        "How many processors, how much memory and disk a node needs. The figures are those of",
        "[Performance](performance.md), measured on invented parcels: measure yours with `serai bench`, and",
        "set them in.",
        "",
        "| figure | letter | measured |",
        "|---|---|---|",
        *(f"| {meaning} | {letter} | {value} |" for meaning, letter, value in figures),
        "",
        "For *n* consignments a day, of which a share *o* comes in requests of one, kept for *y* years:",
        "",
        "```",
        f"busiest second   p = {_PEAK:g} n / {_DAY_S:,}",
        f"processors       c = p i ((1 - o) b + o s) / 1,000,000 / {_BUSY:g}",
        "web processes    c / 2, at least 2: the other half is PostgreSQL's",
        "memory           m for each web process, and 25 % of the machine for shared_buffers",
        f"disk             n {_YEAR_DAYS} y d, and twice what max_wal_size says",
        f"archive          n w a day, at most {16 * 1440 / 1024:.1f} GiB more where little happens "
        "(a file of 16 MiB a minute)",
        "connections      web processes x (2.25 database.pool_size_count + 3) + 10",
        "```",
        "",
        "| consignments a day | processors, all in files | processors, all in requests of one | disk a year "
        "| archive a day |",
        "|---|---|---|---|---|",
        *(_example(one, (items * bulk_us, items * single_us), stored, wal) for one in _EXAMPLES_PER_DAY),
        "",
        "What the formula leaves out: pages (a few officers cost nothing to speak of), webhooks (a request",
        "out for each event), screening with long lists, and a network or disk slower than the measured one.",
        "Partitions and retention keep the disk from growing without end: see",
        "[Run in production](../how-to/run-in-production.md).",
        "",
    ]
    return {"reference/capacity.md": "\n".join(lines)}


def _example(per_day: int, costs_us: tuple[float, float], stored: int, wal: int) -> str:
    per_s = _PEAK * per_day / _DAY_S
    processors = [math.ceil(per_s * cost_us / 1e6 / _BUSY) for cost_us in costs_us]
    disk, archive = per_day * _YEAR_DAYS * stored, per_day * wal
    return f"| {per_day:,} | {processors[0]} | {processors[1]} | {_size(disk)} | {_size(archive)} |"


def _size(size_bytes: float) -> str:
    for unit, size in (("TiB", 2**40), ("GiB", 2**30)):
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{size_bytes / 2**20:.0f} MiB"
