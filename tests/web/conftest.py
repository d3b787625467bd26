"""One running server for the tests of the web layer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.cases.world import World, running_world


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running
