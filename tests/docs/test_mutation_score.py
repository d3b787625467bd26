"""The page of mutation scores is of the packs as they are, and the whole score is not below its bound.

Stale: `python -m tools.mutation_score`.
"""

import random

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.mutants import KINDS
from serai.laboratory.law_bench.mutation import score_packs
from tools.mutation_score import PAGE, WHY, Row, find_rows, hashes_of, read_page, row_of, write_page

LEAST = 0.98
LOOKED_AT = 3
AT_MOST_CHANGES = 12
"""Of a pack looked at in every run; the slow test looks at all."""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return read_law_files(find_shipped("laws"))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_page(PAGE.read_text("utf-8"))


def test_the_page_is_of_the_packs_as_they_are(files: dict[str, bytes], rows: list[Row]) -> None:
    assert {row.code: row.files_hash for row in rows} == hashes_of(files)


def test_the_whole_score_and_that_of_each_kind_is_not_below_its_bound(rows: list[Row]) -> None:
    made, noticed = (sum(getattr(row, name) for row in rows) for name in ("mutant_count", "noticed_count"))

    assert noticed >= LEAST * made > 0
    for kind in KINDS:
        pairs = [row.by_kind[KINDS.index(kind)] for row in rows]
        assert sum(noticed for _, noticed in pairs) >= LEAST * sum(made for made, _ in pairs) > 0, kind


def test_of_every_change_that_survives_the_page_says_why_or_that_an_example_is_missing(
    rows: list[Row],
) -> None:
    survivors = {(row.code, *one) for row in rows for one in row.survivors}

    assert sum(row.mutant_count - row.noticed_count for row in rows) == len(survivors)
    assert set(WHY) <= survivors


def test_the_page_is_what_its_rows_make_of_it(rows: list[Row]) -> None:
    assert write_page(rows) == PAGE.read_text("utf-8")


@pytest.mark.in_turn
def test_some_packs_scored_again_are_as_the_page_says(files: dict[str, bytes], rows: list[Row]) -> None:
    small = [row for row in rows if 0 < row.mutant_count <= AT_MOST_CHANGES]
    # Others each time a pack changes, the same until then.
    seed = "".join(row.files_hash for row in rows)
    chosen = random.Random(seed).sample(small, LOOKED_AT)

    scores = score_packs(files, [row.code for row in chosen])

    assert [row_of(score, row.files_hash) for score, row in zip(scores, chosen, strict=True)] == chosen


@pytest.mark.slow
def test_all_packs_scored_again_are_as_the_page_says(files: dict[str, bytes], rows: list[Row]) -> None:
    assert find_rows(files) == rows


@pytest.mark.slow
def test_rows_of_unchanged_packs_are_kept_and_the_others_scored(
    files: dict[str, bytes], rows: list[Row]
) -> None:
    changed = next(row for row in rows if row.code == "CL-2023")
    kept = [row._replace(files_hash="0", noticed_count=0) if row is changed else row for row in rows]

    assert find_rows(files, kept) == rows
