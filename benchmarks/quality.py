"""What data quality costs on the hot path: checking with and without, the score, the sketches.

Parcels are the invented ones around 1 July 2026, law and lists those of `benchmarks/decide.py`. Processor
time, with and without in turns, because the machine is shared. The sketches of what is usual are learned from
the same documents first, so that prices are really compared.

    uv run python benchmarks/quality.py        one JSON line; medians, microseconds a goods item
"""

import argparse
import gc
import json
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np
from serai.journey.pipeline import Context, check_documents, run_checked
from serai.journey.validation.data_quality.day_sums import sum_taken
from serai.journey.validation.data_quality.reference_values import ReferenceValues, sketch_items, spreads_of
from serai.journey.validation.data_quality.score import score_quality
from serai.laboratory.decide_file import Decider
from serai.model.documents import Consignment

from decide import AT_MS, setup_of
from pipeline import batches_of

SIZES = (1, 25, 5_000)


def spent_ns(work: Callable[[], Any]) -> tuple[int, Any]:
    """Return the processor time of some work, and what came of it."""
    begin = time.process_time_ns()
    done = work()
    return time.process_time_ns() - begin, done


def learned(batches: Sequence[list[Consignment]], decider: Decider) -> ReferenceValues:
    """Return what is usual among the documents themselves."""
    rows: dict[Any, int] = {}
    for batch in batches:
        checked = check_documents(batch, ["bench"] * len(batch), AT_MS, decider._book)
        for key, count in sketch_items(checked.columns.items).items():
            rows[key] = rows.get(key, 0) + count
    return spreads_of([(key, place, count) for (key, place), count in rows.items()])


def measured(batches: Sequence[list[Consignment]], decider: Decider, rounds: int) -> dict[str, float]:
    """Return microseconds a goods item: checking without and with, each part, and what all of it adds."""
    reference_values = learned(batches, decider)
    figures: dict[str, list[float]] = {
        name: [] for name in ("without", "with", "score", "sketch", "sums", "adds")
    }
    for number in range(rounds + 1):
        for batch in batches:
            declarants = ["bench"] * len(batch)
            bare, _ = spent_ns(lambda b=batch, f=declarants: check_documents(b, f, AT_MS, decider._book))
            full, checked = spent_ns(
                lambda b=batch, f=declarants: check_documents(b, f, AT_MS, decider._book, reference_values)
            )
            processed = run_checked(
                checked, AT_MS, decider._book, decider._lists, Context.empty(len(checked.accepted_rows))
            )
            vague = processed.items.flags("is_description_vague")
            score, quality = spent_ns(
                lambda c=checked, v=vague, first=processed.first_items: score_quality(c.marks, v, first)
            )
            sketch, _ = spent_ns(lambda c=checked: sketch_items(c.columns.items))
            frame = processed.consignments
            owners = np.diff(processed.first_items, append=processed.items.row_count)
            columns = (
                np.ones(len(owners), np.int64),
                frame.words("logistics_channel_code"),
                owners > 9,
                owners,
            )
            sums, _ = spent_ns(lambda q=quality, c=columns: sum_taken(q, *c))
            assert len(quality.score) == len(checked.accepted_rows)
            if number:  # the first round compiles laws and fills what is remembered
                count = sum(len(document.goods_items) for document in batch)
                parts = (bare, full, score, sketch, sums, full - bare + score + sketch + sums)
                for name, part in zip(figures, parts, strict=True):
                    figures[name].append(part / count / 1e3)
    return {name: round(median(times), 2) for name, times in figures.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    decider = Decider(setup_of(100))
    gc.disable()
    print(json.dumps({size: measured(batches_of(size), decider, given.rounds) for size in given.sizes}))


if __name__ == "__main__":
    main()
