"""One filled and running server for the tests of the pages.

A folder whose tests need it names the fixture in its conftest.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from serai.web.application import build_application
from tests.browser.look_at_pages import Filled, fill, make_settings, serving

PARCELS_COUNT = 600


class Served(msgspec.Struct):
    """A running server and what it was filled with. folder: of the node's data."""

    address: str
    filled: Filled
    folder: Path

    def enter(self) -> str:
        """An address that signs an officer in, once."""
        return f"{self.address}/enter/{self.filled.links.pop()}"


@pytest.fixture(scope="module")
def served(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("node")
    settings = make_settings(folder)
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        filled = thread.submit(lambda: asyncio.run(fill(settings, database, PARCELS_COUNT))).result()
    with serving(build_application(settings, database)) as address:
        yield Served(address, filled, folder)
