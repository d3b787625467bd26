"""One running server for the tests of this folder's modules, and one with parcels for those of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.served_pages import served
from tests.journey.cases.world import World, running_world

__all__ = ["served"]


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(database, folder) as running:
        yield running
