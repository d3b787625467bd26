"""One filled and running server for the tests of the pages.

A folder whose tests need it names the fixture in its conftest.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from serai.web.application import build_application
from tests.browser.look_at_pages import Filled, fill, make_links, make_settings, serving

PARCELS_COUNT, LINKS_COUNT = 600, 40


class Served(msgspec.Struct):
    """A running server and what it was filled with. folder: of the node's data. dsn: of its own database."""

    address: str
    filled: Filled
    folder: Path
    dsn: str

    def enter(self) -> str:
        """An address that signs an officer in, once."""
        return f"{self.address}/enter/{self.filled.links.pop()}"

    def enter_as(self, account_id: int) -> str:
        """An address that signs somebody in, once."""
        with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
            links = thread.submit(
                lambda: asyncio.run(make_links(self.dsn, self.filled.administration_id, 1, account_id))
            ).result()
        return f"{self.address}/enter/{links[0]}"


class Original(msgspec.Struct, frozen=True):
    """A filled database to which nobody is connected, and the folder of its node."""

    dsn: str
    folder: Path
    filled: Filled


@cache
def original(make_database: Callable[[], str], folder: Path) -> Original:
    """Fill a database once in this process; every module gets a copy."""
    dsn = make_database()
    return Original(dsn, folder, asyncio.run(fill(make_settings(folder), dsn, PARCELS_COUNT, links_count=0)))


@pytest.fixture(scope="module")
def served(
    make_database: Callable[[], str],
    copy_database: Callable[[str], str],
    drop_database: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        of = thread.submit(original, make_database, tmp_path_factory.getbasetemp() / "filled").result()
        dsn = copy_database(of.dsn)
        links = thread.submit(
            lambda: asyncio.run(make_links(dsn, of.filled.administration_id, LINKS_COUNT))
        ).result()
    folder = shutil.copytree(of.folder, tmp_path_factory.mktemp("node"), dirs_exist_ok=True)
    with serving(build_application(make_settings(folder), dsn)) as address:
        yield Served(address, structs.replace(of.filled, links=links), folder, dsn)
    drop_database(dsn)
