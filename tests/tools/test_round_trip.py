"""What is read of a message is in what is written of it, for every standard that goes both ways."""

from pathlib import Path

import pytest

from serai.formats.standards import CONVERSIONS
from tools.round_trip import COUNT, Trip, go_round, trips

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "round-trip.md"


@pytest.mark.parametrize("trip", trips(), ids=lambda one: one.name)
def test_nothing_is_lost_on_the_way_round(trip: Trip) -> None:
    found = go_round(trip, 8)

    assert found.document_count
    assert found.differing == {}


def test_every_form_that_is_written_goes_round() -> None:
    written = {name for name, form in CONVERSIONS.items() if form.write is not None}

    # Both names of CEB are one way round: messages of import and of export.
    assert written - {one.name for one in trips()} == {"ceb-export"}


def test_the_page_has_every_way_round() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [one.name for one in trips() if f"| `{one.name}` | {one.title} | {COUNT:,} |" not in page] == []
    assert "Differences: none." in page


@pytest.mark.slow
@pytest.mark.parametrize("trip", trips(), ids=lambda one: one.name)
def test_nothing_of_a_thousand_is_lost(trip: Trip) -> None:
    found = go_round(trip, COUNT)

    assert found.message_count == COUNT
    assert found.differing == {}
