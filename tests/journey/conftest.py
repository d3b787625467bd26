"""What tests of several rooms stand on: a node on its database, and parties of a world behind HTTP."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from serai.app import Node
from tests.journey.cases.world import World, running_world
from tests.journey.processing.support import opened


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of keys that all nodes of the module's database share."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys) as one:
        yield one


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running
