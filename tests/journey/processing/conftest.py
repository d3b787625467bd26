"""A node for each test, on its module's database; keys lie in one folder for the module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from serai.app import Node
from tests.journey.processing.support import opened


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of keys that all nodes of the module's database share."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys) as one:
        yield one
