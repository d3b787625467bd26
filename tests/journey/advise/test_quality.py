"""The score of a document is the sum of its parts, and each part moves with what it is about."""

from typing import Any

import pytest

from serai.journey.advise.quality import PARTS
from tests.journey.batches import ROOT, item, parcel, run

BEST = item(net_mass_kg="0.300")


def quality(*items: Any, **changes: Any) -> tuple[int, dict[str, int]]:
    found = run(parcel("T-1", *items, **changes)).quality
    return int(found.score[0]), {name: int(points[0]) for name, points in found.parts.items()}


def test_a_document_with_everything_has_a_hundred() -> None:
    assert sum(PARTS.values()) == 100
    assert quality(BEST) == (100, PARTS)


@pytest.mark.parametrize(
    ("changed", "document", "part", "points"),
    [
        ({"description": "gift"}, {}, "description", 0),
        ({"commodity_code": "610910"}, {}, "classification", 15),
        ({"net_mass_kg": None}, {}, "mass", 0),
        ({"merchant_product_id": None}, {}, "product_id", 0),
        ({}, {"paid_at": None}, "dates", 10),
        ({}, {"paid_at": None, "purchased_at": None, "expected_arrival_at": None}, "dates", 0),
        ({}, {"sale_nature_code": "not-stated"}, "sale", 0),
    ],
)
def test_each_part_moves_alone(changed: Any, document: Any, part: str, points: int) -> None:
    score, parts = quality(item(**{"net_mass_kg": "0.300"} | changed), **document)

    assert parts == PARTS | {part: points}
    assert score == 100 - PARTS[part] + points


def test_items_count_by_their_share() -> None:
    _, parts = quality(BEST, item(sequence_number=2, description="parts"), item(sequence_number=3))

    assert parts["description"] == 20
    assert parts["mass"] == 3


def test_the_page_states_the_points_of_each_part() -> None:
    page = (ROOT / "docs" / "explanation" / "data-quality.md").read_text("utf-8")

    for name, points in PARTS.items():
        assert f"| `{name}` | {points} |" in page
