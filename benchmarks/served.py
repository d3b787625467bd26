"""A throw-away Serai for one run: its own PostgreSQL, shipped law, invented lists, a filer, web processes."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from serai.app import open_node, running_database
from serai.cli.background_server import BackgroundServer
from serai.cli.web_processes import listen
from serai.foundation.access import parties
from serai.foundation.clock import SystemClock
from serai.foundation.settings import DataSettings, ServerSettings, Settings
from serai.foundation.shipped import find_shipped
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law
from serai.laboratory.demo.lists import ListFile, invented_lists

from http_bulk import Address

_SCOPES = frozenset({"lodging", "reading", "quoting"})


class Served(NamedTuple):
    """A running server. pids: roots of its processes, PostgreSQL among them. lists: what was put in force."""

    address: Address
    dsn: str
    pids: tuple[int, ...]
    server: BackgroundServer
    lists: list[ListFile]


@contextmanager
def served(
    count: int,
    *,
    workers_count: int = 2,
    roles: Sequence[str] = ("carrier",),
    more_lists: Sequence[ListFile] = (),
) -> Iterator[Served]:
    """Start a server that is ready to decide the invented parcels of seed 1; remove all of it afterwards.

    roles: of the party whose key the address holds. more_lists: put in force beside the invented ones.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serai-bench-")))
        settings = Settings(data=DataSettings(folder=str(folder)), server=ServerSettings().for_one_client())
        # Started by root, the database may lie elsewhere, behind a link.
        stack.callback(lambda: shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True))
        lists = [*lists_of_bench(count), *more_lists]
        listener = stack.enter_context(listen(settings, 0))
        dsn = stack.enter_context(running_database(settings, SystemClock()))
        key = asyncio.run(_furnish(settings, dsn, lists, roles))
        server = stack.enter_context(
            BackgroundServer(settings, dsn, listener, workers_count, log_file=folder / "server.log")
        )
        postgres = int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        address = Address(server.host, server.port, key)
        yield Served(address, dsn, (server.process_id, postgres), server, lists)


def lists_of_bench(count: int) -> list[ListFile]:
    """Return the invented lists for the first `count` parcels of seed 1."""
    rates = (find_shipped("examples") / "lists" / "invented-exchange-rates.csv").read_bytes()
    return invented_lists(count, 1, rates)


def entered_law() -> ListFile:
    """Return the pack of the United States with its fee of mail of fiscal year 2027, invented here.

    An administration knows its fee; the shipped law leaves it open, so that a sixth of the parcels measured
    would go to review for want of one number.
    """
    name = "US-2026-07/pack.yaml"
    open_value = b"valid_from: 2026-10-01, valid_to: null, value: null, source: fee}"
    pack = (find_shipped("laws") / name).read_bytes()
    if pack.count(open_value) != 1:
        raise SystemExit(f"{name} does not leave the fee of fiscal year 2027 open any more: take this out")
    known_value = open_value.replace(b"null, source", b"2.77 USD, source")
    return ListFile("law-file", name, pack.replace(open_value, known_value))


async def _furnish(settings: Settings, dsn: str, lists: list[ListFile], roles: Sequence[str]) -> str:
    async with open_node(settings, dsn) as node:
        at, administration_id = node.clock.now(), node.administration_id
        components = [make_component(*one) for one in (*lists, entered_law())]
        await derive_law(
            node.database,
            administration_id,
            at,
            "invented lists and fee of the bench",
            lambda present: with_lists(present, components),
        )
        party_id, key_id = (int(one) for one in node.ids.take(2))
        async with node.database.write() as connection:
            await parties.create_party(
                connection, party_id=party_id, administration_id=administration_id, name="Bench", at=at
            )
            for role in roles:
                await parties.add_role(
                    connection, party_id=party_id, administration_id=administration_id, role=role, at=at
                )
            made = await parties.add_key(
                connection,
                key_id=key_id,
                party_id=party_id,
                administration_id=administration_id,
                scopes=_SCOPES,
                at=at,
                expires_at=None,
            )
    return made.text
