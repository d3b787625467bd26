"""One node for each module of this folder; it looks for new law at once, since each case brings its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import serai.app
from tests.conformance.node import RunningNode, running_node


@pytest.fixture(scope="module")
def node(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    folder: Path = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serai.app, "_GENERATION_WATCH_S", 0.01)
        with running_node(database, folder) as running:
            yield running
