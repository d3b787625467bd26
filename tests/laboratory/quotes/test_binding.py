"""A quote that a declaration cites: when it binds, what is booked, and what is said when it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.follow.world import World
from tests.laboratory.quotes.declaring import declaration, declare, quoted, said
from tests.laboratory.quotes.world import quoting_world


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with quoting_world(database, folder) as running:
        yield running


def test_a_quote_then_declared_gives_the_same_charges_and_is_honoured(world: World) -> None:
    quote = quoted(world)
    answer = declare(world, declaration("HONOURED-1", quote))
    decision = answer["decision"]

    assert set(said(answer)) == {"quote-honoured"}
    assert decision["findings"] == ["quote-honoured"]
    assert decision["totals"] == quote["totals"]
    assert [one["charges"] for one in decision["goods_items"]] == [
        one["charges"] for one in quote["goods_items"]
    ]
