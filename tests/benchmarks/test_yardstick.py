"""The yardstick and the two measurements: their results are right before their speed is of interest."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlglot

from serai.laboratory.invented.rates import COMMODITY_CODES

Bench = Callable[[str], Any]
FLAGS = (True, False, None)


@pytest.mark.in_turn
def test_floor_stores_what_the_reference_says(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "parcels.ndjson"
    bench("parcels").write(str(path), 600)

    figures = bench("floor").run_floor(str(path), 1)  # raises if a total differs

    seen: dict[bytes, int] = {}
    listed = bench("parcels").listed_set()
    rows = [
        row
        for line in path.read_bytes().splitlines(keepends=True)
        for row in bench("law").decide_line(line, seen, listed)
    ]
    assert figures["items"] == len(rows)
    assert figures["items_per_s"] == figures["all_items_per_s"][0]


def test_tariff_and_generator_name_the_same_codes(bench: Bench) -> None:
    assert tuple(bench("law").HS6) == COMMODITY_CODES


def test_law_decides_a_parcel_worked_by_hand(bench: Bench) -> None:
    # EUR 100.00 to DE: flat 3.00, then 19 % of 103.00. EUR 150.01: 12 % is 18.00, then 19 % of 168.01.
    at_limit, above = (
        bench("law").assess("DE", None, False, [("610910", "shirt", minor, "EUR", "CN", 100)])[0]
        for minor in (10_000, 15_001)
    )

    assert at_limit[:4] == ("EUR", 10_000, 300, 1_957)
    assert above[:4] == ("EUR", 15_001, 1_800, 3_192)


@pytest.mark.in_turn
@pytest.mark.parametrize("rows_count", [1, 50, 12_000])
def test_both_evaluators_agree_with_the_floor(bench: Bench, rows_count: int) -> None:
    figures = bench("evaluator").measure(rows_count, 0.001)  # raises if a column differs

    assert figures["expressions"] == 40


@pytest.mark.parametrize(
    "text",
    [
        "a AND b",
        "a OR b",
        "NOT a",
        "NOT (a AND NOT b)",
        "a IS NOT NULL",
        "COALESCE(a, b)",
        "COALESCE(a, FALSE)",
        "CASE WHEN a THEN b ELSE FALSE END",
        "CASE WHEN a THEN TRUE WHEN b THEN FALSE ELSE b END",
    ],
)
def test_one_truth_table_for_both_evaluators(bench: Bench, text: str) -> None:
    evaluator = bench("evaluator")
    frame = pl.DataFrame(list(product(FLAGS, FLAGS)), {"a": pl.Boolean, "b": pl.Boolean}, orient="row")
    columns = {
        n: (frame[n].fill_null(value=False).to_numpy(), frame[n].is_not_null().to_numpy()) for n in "ab"
    }

    values, known = evaluator.compile_closure(sqlglot.parse_one(text, dialect="duckdb"))(columns)
    closed = [v if k else None for v, k in zip(values, [True] * 9 if known is None else known, strict=True)]

    assert closed == frame.select(r=pl.sql_expr(text))["r"].to_list()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 50])
def test_frontier_levels_and_paths_give_one_root(bench: Bench, size: int) -> None:
    log = bench("log_shape")
    hashes = [log.leaf_hash(bytes([n])) for n in range(size)]
    levels, frontier = log.tree_levels(hashes), []  # type: ignore[var-annotated]

    assert log.append(frontier, 0, hashes) == size
    assert log.root_of(frontier) == levels[-1][0]
    assert all(log.root_by_path(h, log.path_of(levels, n)) == levels[-1][0] for n, h in enumerate(hashes))


@pytest.mark.slow
def test_every_leaf_ends_in_the_log_in_each_shape(bench: Bench) -> None:
    log = bench("log_shape")

    with bench("pg").server() as dsn:
        for shape in log.SHAPES:  # raises if decisions, head and log disagree
            figures = log.measure_writing(dsn, shape, 20, 0.2)
            assert figures["leaves_per_s"] > 0
