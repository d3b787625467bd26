"""Money under acts by chance with kills: docs/reference/money-storm.json keeps the rounds of the long run."""

import pytest

from tests.faults.money_storm import run_round


@pytest.mark.slow
def test_after_a_round_of_kills_all_books_balance() -> None:
    outcome = run_round(3, steps_count=30, cases_count=8, pause_s=2.5)

    assert outcome.faults == []
    assert sum(outcome.kills.values()) > 1
    assert outcome.postings_count > 100
