"""The page and the picture of all laws side by side, from what `serai law compare` measures.

`python -m tools.world_of_law [COUNT] [DAY]` writes docs/reference/world-of-law.md and .svg; parcels are those
of the yardstick (`shared/bench/parcels.py`, seed 1) as declarations.
"""

import datetime as dt
import gc
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.compare.measuring import RegimeFigures
from serai.laboratory.compare.parcels import read_lines, read_parcels
from serai.laboratory.compare.plot import draw
from serai.laboratory.compare.regimes import Regime, find_regimes
from serai.laboratory.compare.running import compare_regimes
from serai.laboratory.compare.table import COLUMNS, row_of
from serai.laboratory.invented.parcels import consignments, write_ndjson
from serai.law.library import PackFiles, load_book

DOCS = Path(__file__).parents[1] / "docs" / "reference"
COUNT = 100_000
DAY = dt.date(2026, 11, 25)
FIFTEEN = (
    *("AU-2018", "BR-PRC-2024", "CA-COURIER", "CH-2025", "EU-2026", "GB-2021", "JP-2024", "KR-2024"),
    *("MX-2025-08", "NO-VOEC-2024", "NZ-2026", "SG-OVR-2024", "TH-2026", "TR-2026", "US-2026-07"),
)
"""Regimes of the goal: fifteen with 100,000 parcels in at most 15 s on two cores, reading included."""
GOAL_S = 15
_TAKEN_FOR_SLIPS = ("ZAR",)  # codespell:ignore
"""Currencies that the spelling check takes for misspelt words."""
TEXT = """# The world's laws side by side

Written by `python -m tools.world_of_law`; `serai law compare` does the same with parcels of your own.

{count:,} invented parcels go under each of {laws} laws. Only the address, the day, the channel where a law
governs some only, and the seller's registration change: a seller registered in one scheme is taken to be in
that of each law. All parcels are accepted at noon on {day:%d %B %Y} or, where a law does not govern that day,
on its nearest. Nothing was bought before and nothing else came that day. Planned law and drafts are taken as
in force and say so.

![Charges by the value of the goods under each law](world-of-law.svg)

## What is assumed

Exchange rates are invented, one set for every law, near what they were in 2026. Where a law's own tariff says
nothing of a code, its duty is an invented one too, the same six-digit tariff for every law; so are access to
positive lists, China's rates of the article tax and Indonesia's income tax where the pack has none.
*Assumed* is the share of parcels whose result rests on any of this or is undecided; *invented tariff* counts
the lines of a tariff alone. *Undecided* are parcels for which the law lacks a figure; they are in no sum, no
share free of anything and no median. *Median* is all that is charged on a parcel, by the value of its goods.
Excise counts as tax. Sums are of the {count:,} parcels, in whole units, in the law's currency and in euro.

{table}

## What is missing where parcels are undecided

{missing}

## How long it took

{laws} laws with {count:,} parcels: {all_s:.1f} s, of which {reading_s:.1f} s for reading the file, on {cores}
cores. Fifteen laws ({fifteen}) with the same file, reading included: {fifteen_s:.1f} s, {ratio:.2f} of the
{goal} s that were the goal.{busy}
"""


class Timed(NamedTuple):
    """A comparison and its seconds of wall time; others: cores that other programs took meanwhile."""

    rows: list[RegimeFigures]
    seconds: float
    reading_s: float
    others: float


def main() -> None:
    """Measure, and write page and picture."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    day = dt.date.fromisoformat(sys.argv[2]) if len(sys.argv) > 2 else DAY
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    files = read_law_files(find_shipped("laws"))
    regimes = find_regimes(files, day, with_drafts=True)
    with tempfile.TemporaryDirectory(prefix="serai-world-") as folder:
        path = Path(folder) / "parcels.ndjson"
        write_ndjson(path, consignments(count, 1, at=noon, first_acceptance=noon - dt.timedelta(days=1)))
        fifteen = measure(path, [one for one in regimes if one.code in FIFTEEN], files, noon)
        everything = measure(path, regimes, files, noon)
    (DOCS / "world-of-law.md").write_text(page(everything, fifteen, day), encoding="utf-8")
    (DOCS / "world-of-law.svg").write_text(draw(everything.rows), encoding="utf-8")
    sys.stderr.write(
        f"{len(everything.rows)} laws: {everything.seconds:.1f} s; fifteen: {fifteen.seconds:.1f} s, "
        f"{fifteen.seconds / GOAL_S:.2f} of the goal; others took {fifteen.others:.1f} cores.\n"
    )


def measure(path: Path, regimes: Sequence[Regime], files: PackFiles, noon: dt.datetime) -> Timed:
    """Read the file and compare, as the command does."""
    gc.collect()
    begun, idle = time.perf_counter(), _taken_s()
    parcels = read_parcels(read_lines(path), load_book(files), int(noon.timestamp() * 1000))
    reading_s = time.perf_counter() - begun
    cores = len(os.sched_getaffinity(0))
    rows = [one.figures for one in compare_regimes(regimes, files, parcels, workers_count=cores)]
    seconds = time.perf_counter() - begun
    return Timed(rows, seconds, reading_s, (_taken_s() - idle) / seconds)


def _taken_s() -> float:
    """Return the processor seconds of the whole machine that were not ours."""
    ours = os.times()
    words = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=9)[1:9]
    user, nice, system, _, _, irq, softirq, _ = (int(word) for word in words)
    machine = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    return machine - sum(ours[:4])


def page(everything: Timed, fifteen: Timed, day: dt.date) -> str:
    """Write the page."""
    rows = everything.rows
    undecided = [row for row in rows if row.missing]
    return TEXT.format(
        count=rows[0].parcels,
        laws=len(rows),
        day=day,
        table="\n".join(_table(rows)),
        missing="\n".join(
            f"- {row.code}: " + ", ".join(f"`{name}` {count:,}" for name, count in row.missing.items())
            for row in undecided
        ),
        all_s=everything.seconds,
        reading_s=everything.reading_s,
        cores=len(os.sched_getaffinity(0)),
        fifteen=", ".join(row.code for row in fifteen.rows),
        fifteen_s=fifteen.seconds,
        ratio=fifteen.seconds / GOAL_S,
        goal=GOAL_S,
        busy=f" Other programs took {fifteen.others:.1f} cores meanwhile." if fifteen.others >= 0.1 else "",
    )


def _table(rows: Sequence[RegimeFigures]) -> list[str]:
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for row in rows:
        cells = row_of(row)
        texts = [one if isinstance(one, str) else "<br>".join(one) for one in (cells[c] for c in COLUMNS)]
        if row.currency in _TAKEN_FOR_SLIPS:
            texts[-1] += " <!-- codespell:ignore -->"
        lines.append(f"| {' | '.join(texts)} |")
    return lines


if __name__ == "__main__":
    main()
