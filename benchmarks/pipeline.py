"""How long the pure corridor takes: `check_documents` and `run_checked` on one consignment, on 25 of mixed
destinations, on 5,000.

Parcels are the invented ones around 1 July 2026, law and lists those of `benchmarks/decide.py`. Processor
time, because the machine is shared. To compare two states of the code run them in turns, the other one from
an unpacked `git archive` with PYTHONPATH on its `src`.

    uv run python benchmarks/pipeline.py        one JSON line; medians
"""

import argparse
import gc
import json
import time
from collections.abc import Sequence
from statistics import median

from serai.formats.json_lines import decode_lines
from serai.journey.pipeline import Context, check_documents, run_checked
from serai.laboratory.decide_file import Decider
from serai.model.documents import Consignment

from decide import AT_MS, setup_of, wire_documents, wire_lines

SIZES = (1, 25, 5_000)
BATCHES_MAX = 40


def batches_of(size: int) -> list[list[Consignment]]:
    """Return different batches of sound invented parcels, none twice."""
    count = size * BATCHES_MAX if size < 1_000 else size
    decoded = decode_lines(wire_lines(wire_documents(count * 11 // 10 + 20)), Consignment)
    sound = [document for document in decoded.documents if document is not None][:count]
    return [sound[begin : begin + size] for begin in range(0, count, size)]


def measured(batches: Sequence[list[Consignment]], decider: Decider, seconds: float) -> dict[str, float]:
    """Return the median processor milliseconds of checking and of clearing a batch, and of both."""
    checks: list[float] = []
    clears: list[float] = []
    book, lists = decider._book, decider._lists
    end = 0.0
    # The first round compiles laws and fills what is remembered.
    while not end or time.perf_counter() < end:
        for batch in batches:
            begin = time.process_time_ns()
            checked = check_documents(batch, ["bench"] * len(batch), AT_MS, book)
            middle = time.process_time_ns()
            run_checked(checked, AT_MS, book, lists, Context.empty(len(checked.accepted_rows)))
            checks.append((middle - begin) / 1e6)
            clears.append((time.process_time_ns() - middle) / 1e6)
        if not end:
            checks, clears, end = [], [], time.perf_counter() + seconds
    both = [check + clear for check, clear in zip(checks, clears, strict=True)]
    figures = {"check_ms": checks, "clear_ms": clears, "both_ms": both}
    return {name: round(median(times), 3) for name, times in figures.items()} | {"runs": len(both)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measuring, each size")
    given = parser.parse_args()
    decider = Decider(setup_of(100))
    gc.disable()
    figures = {size: measured(batches_of(size), decider, given.seconds) for size in given.sizes}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
