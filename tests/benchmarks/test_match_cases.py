"""`serai bench --match` measures what it says: the labels are true, and the page shows the figures."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Bench = Callable[[str], Any]


@pytest.fixture(scope="module")
def cases(bench: Bench) -> Any:
    made = bench("match_cases")
    return made.make_cases(
        6_000, seed=3, sizes=made.UNSEEN_SIZES, hash_texts=bench("match").hash_texts, disturbed_percent=20
    )


def test_cases_are_the_same_for_a_seed_and_documents_come_in_no_order(cases: Any, bench: Bench) -> None:
    made = bench("match_cases")
    again = made.make_cases(
        6_000, seed=3, sizes=made.UNSEEN_SIZES, hash_texts=bench("match").hash_texts, disturbed_percent=20
    )

    for name, column in cases.numbers.columns.items():
        assert np.array_equal(column, again.numbers.columns[name])
    assert abs(np.corrcoef(cases.truth, np.arange(len(cases.truth)))[0, 1]) < 0.05


def test_a_file_of_cases_is_the_cases(cases: Any, bench: Bench, tmp_path: Path) -> None:
    made = bench("match_cases")

    made.save_cases(cases, tmp_path / "cases.npz")
    read = made.load_cases(tmp_path / "cases.npz")

    assert np.array_equal(read.truth, cases.truth)
    assert read.documents.words("currency_code").texts() == cases.documents.words("currency_code").texts()


def test_figures_are_as_good_as_they_must_be_and_told(cases: Any, bench: Bench) -> None:
    match = bench("match")

    figures = match.measure(cases)
    page = bench("match_report").page_of(
        {
            "machine": "m",
            "commit": "c",
            "seed": 3,
            "unseen_sizes": {},
            "sizes": [json.loads(json.dumps(figures))],
            "reading_us_per_document": 1.0,
            "rapidfuzz": {"missing": "not here"},
        }
    )

    assert figures["precision"] >= 0.999
    assert figures["recall"] >= 0.97
    assert figures["named_right"] >= 0.95
    assert figures["exact_keys"]["recall_of_disturbed"] < figures["recall_of_disturbed"]
    assert {one["disturbance"] for one in figures["by_disturbance"]} == set(bench("match_cases").EXPECTED)
    for one in figures["by_disturbance"]:
        assert f"| {one['disturbance']} | `{one['difference']}` | {one['cases']:,} |" in page


def test_wrong_labels_would_be_seen(cases: Any, bench: Bench) -> None:
    """The measure can fail: with truths shuffled nothing is right."""
    match = bench("match")
    shuffled = np.random.default_rng(1).permutation(cases.truth)

    figures = match.measure(match_replace(cases, shuffled))

    assert figures["precision"] < 0.01


def match_replace(cases: Any, truth: Any) -> Any:
    return type(cases)(
        cases.documents,
        cases.numbers,
        truth,
        cases.disturbance_of_case,
        cases.second_of_case,
        cases.is_misleading,
    )
