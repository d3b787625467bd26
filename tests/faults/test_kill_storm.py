"""A hundredth of the kill storm: docs/reference/kill-storm.md has the whole of it."""

import pytest

from tests.faults.kill_storm import deal_blows
from tests.faults.kill_storm_page import Round, count_alike, write_page


@pytest.mark.slow
def test_after_three_blows_nothing_is_lost_doubled_unproven_unbalanced_or_untold() -> None:
    outcome = deal_blows(3, seed=3)

    assert outcome.faults == []
    assert outcome.answers_count > 0
    assert outcome.journeys_count > 0
    assert outcome.events_count >= outcome.answers_count
    assert "| **all** | 3 |" in write_page([outcome])


def test_what_was_found_is_told_once_with_how_often() -> None:
    faults = ["event 070F-1 is in the feed twice", "event 070F-2 is in the feed twice", "the log lies"]
    found = Round(1, {"database killed": [1.0]}, 1, 1, 1, 1, {}, faults)

    assert count_alike(faults) == ["2: event 070F-1 is in the feed twice", "1: the log lies"]
    assert "**3**" in write_page([found])
