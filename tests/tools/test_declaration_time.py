"""The model of a person's pace, and the page that is written of a measurement."""

import datetime as dt
from pathlib import Path

import pytest

from tools.declaration_time.person import PACES, Effort, Pace, Wait
from tools.declaration_time.report import total_seconds, write_report

EFFORT = Effort(
    180, 2, 10, 238, 4, [Wait("the form", 3.0, 12_000, 1_800), Wait("the decision", 1.5, 4_100, 900)]
)


def test_a_person_takes_as_long_as_the_model_says_beside_what_was_waited_for() -> None:
    pace = Pace("even", 36, 238, 3, 1, 2)

    assert EFFORT.seconds_at(pace) == pytest.approx(60 + 60 + 2 * 3 + 10 * 1 + 4 * 2)
    assert total_seconds(EFFORT, pace) == pytest.approx(144 + 4.5)
    assert total_seconds(EFFORT, pace, is_first=True) == pytest.approx(144 + 4.5 + 1.2)


def test_half_as_fast_takes_twice_as_long_but_for_the_waits() -> None:
    average, half, _ = PACES

    assert EFFORT.seconds_at(half) == pytest.approx(2 * EFFORT.seconds_at(average))


def test_the_page_says_what_was_measured_and_what_is_assumed(tmp_path: Path) -> None:
    write_report(EFFORT, EFFORT, tmp_path / "page.md", dt.datetime(2026, 12, 1, tzinfo=dt.UTC))

    text = (tmp_path / "page.md").read_text()
    assert "| waited, all | 5.7 s | 4.5 s |" in text
    assert "| the form | 3.0 | 12.0 | 1.8 |" in text
    assert "No person was timed" in text
    assert all(len(line) <= 110 for line in text.splitlines())
