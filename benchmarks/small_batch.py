"""Where a law's small batch is cheaper row by row than on columns: both ways in turn, by processor time.

Parcels and lists are the invented ones of `assess.py`. A batch of n parcels falls under several laws; `rows`
is goods items under one.

    uv run python benchmarks/small_batch.py               one JSON line for each size
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.validation.columns import read_columns
from serai.model.columns import fill_word
from serai.model.documents import Consignment

from assess import book_of_yardstick, documents_of

_ALL = 1_000_000


def measure(count: int, batches: int, documents: list[Consignment]) -> dict[str, object]:
    """Assess batches of `count` parcels both ways; microseconds of processor time a parcel, medians."""
    book = book_of_yardstick()
    prepared = []
    for begin in range(0, count * batches, count):
        some = [documents[(begin + place) % len(documents)] for place in range(count)]
        prepared.append(read_columns(some, ["bench"] * count, 1_782_000_000_000, book))
    times: dict[str, list[float]] = {"columns": [], "one_by_one": []}
    rows: list[int] = []
    for round_number in range(3):
        for columns in prepared:
            for name, limit in (("columns", 0), ("one_by_one", _ALL)):
                items = columns.items.with_columns(goods_kind_codes=fill_word("", columns.items.row_count))
                frames = columns.consignments, items, columns.first_items
                seconds, done = _timed(partial(assess, *frames, book, small_rows_max=limit))
                if round_number:
                    times[name].append(seconds / count * 1e6)
                    rows += [len(one.item_rows) for one in done.runs]
    figures = {name: round(median(found), 1) for name, found in times.items()}
    return {"parcels": count, "rows": median(rows), **figures}


def _timed(work: Callable[[], Assessment]) -> tuple[float, Assessment]:
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


def main() -> None:
    """Print the table."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--sizes", type=int, nargs="*", default=[1, 5, 20, 50, 100, 200, 400])
    p.add_argument("--batches", type=int, default=20)
    a = p.parse_args()
    documents = documents_of(2_000)
    for size in a.sizes:
        print(json.dumps(measure(size, a.batches, documents)))


if __name__ == "__main__":
    main()
