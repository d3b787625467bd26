"""A throw-away Serai for a campaign: its own PostgreSQL and web process, a party that may do everything, one
that may do nothing, and a parcel that is decided before and after.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from serai.app import Node, open_node, running_database
from serai.cli.background_server import BackgroundServer
from serai.cli.web_processes import listen
from serai.foundation.access import parties
from serai.foundation.access.actor import Role
from serai.foundation.access.table import SCOPES
from serai.foundation.clock import SystemClock
from serai.foundation.settings import DataSettings, ServerSettings, Settings
from serai.foundation.shipped import find_shipped
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law
from serai.laboratory.demo.lists import invented_lists

_PARCELS_COUNT = 100


class Served(NamedTuple):
    """A running server. keys: of `everything` and `nothing`. log: what its processes said. database_id: of
    PostgreSQL's first process.
    """

    url: str
    keys: dict[str, str]
    web_process_ids: list[int]
    log: Path
    database_id: int

    def process_ids(self) -> list[int]:
        """Return the numbers of all its processes, PostgreSQL's among them."""
        return [*self.web_process_ids, self.database_id, *children_of(self.database_id)]


@contextmanager
def served() -> Iterator[Served]:
    """Start a server; remove all of it afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serai-campaign-")))
        settings = Settings(data=DataSettings(folder=str(folder)), server=ServerSettings().for_one_client())
        # Started by root, the database may lie elsewhere, behind a link.
        stack.callback(lambda: shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True))
        listener = stack.enter_context(listen(settings, 0))
        dsn = stack.enter_context(running_database(settings, SystemClock()))
        keys = asyncio.run(_furnish(settings, dsn))
        log = folder / "server.log"
        server = stack.enter_context(BackgroundServer(settings, dsn, listener, 1, log_file=log))
        database_id = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        yield Served(server.url, keys, children_of(server.process_id), log, database_id)


def resident_bytes(process_ids: list[int]) -> int:
    """Return the resident memory of processes together."""
    words = [Path(f"/proc/{one}/status").read_text().partition("VmRSS:")[2].split() for one in process_ids]
    return sum(int(one[0]) * 1024 for one in words if one)


async def _furnish(settings: Settings, dsn: str) -> dict[str, str]:
    async with open_node(settings, dsn) as node:
        await put_lists_in_force(node)
        everything = frozenset(Role) - {Role.PUBLIC}
        return {
            "everything": await make_party(node, "Everything", everything, frozenset(SCOPES)),
            "nothing": await make_party(node, "Nothing", frozenset(), frozenset()),
        }


async def put_lists_in_force(node: Node) -> None:
    """Give a node the invented lists and rates that decisions need."""
    rates = (find_shipped("examples") / "lists" / "invented-exchange-rates.csv").read_bytes()
    lists = [make_component(*one) for one in invented_lists(_PARCELS_COUNT, 1, rates)]
    await derive_law(
        node.database,
        node.administration_id,
        node.clock.now(),
        "invented lists of a campaign",
        lambda present: with_lists(present, lists),
    )


async def make_party(node: Node, name: str, roles: frozenset[Role], scopes: frozenset[str]) -> str:
    """Make a party of a node's administration; return the text of its key."""
    at, administration_id = node.clock.now(), node.administration_id
    party_id, key_id = (int(one) for one in node.ids.take(2))
    async with node.database.write() as connection:
        await parties.create_party(
            connection, party_id=party_id, administration_id=administration_id, name=name, at=at
        )
        for role in sorted(roles):
            await parties.add_role(
                connection, party_id=party_id, administration_id=administration_id, role=role, at=at
            )
        made = await parties.add_key(
            connection,
            key_id=key_id,
            party_id=party_id,
            administration_id=administration_id,
            scopes=scopes,
            at=at,
            expires_at=None,
        )
    return made.text


def children_of(process_id: int) -> list[int]:
    """Return the numbers of the processes that one has started, but for helpers of Python's own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == process_id and b"resource_tracker" not in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found
