"""A number is looked up however it is written: capitals, small letters, spaces."""

import pytest

from serai.journey.dashboard.search import ways_to_write


@pytest.mark.parametrize(
    ("filed", "typed"),
    [
        ("SHOP-1", "shop-1"),
        ("shop-1", "SHOP-1"),
        ("RR123456785DE", "rr 123 456 785 de"),
        ("rr123456785de", "RR 123 456 785 DE"),
        ("Shop 1", "Shop 1"),
    ],
)
def test_a_number_is_looked_up_as_it_was_filed(filed: str, typed: str) -> None:
    assert filed in ways_to_write(typed)


def test_a_number_is_not_asked_for_twice() -> None:
    assert ways_to_write("17") == ["17"]
