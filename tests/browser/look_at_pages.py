"""Fills a database with invented parcels and serves the pages: for browser tests, and to be looked at.

`uv run python -m tests.browser.look_at_pages --count 2000` prints links that work once each, and stays up.
"""

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import uvicorn

from serai.app import open_node, running_database
from serai.foundation.access import parties, people
from serai.foundation.access.actor import Role
from serai.foundation.access.sign_in import make_link
from serai.foundation.clock import SystemClock
from serai.foundation.settings import (
    AdministrationSettings,
    ComparisonSettings,
    DataSettings,
    ServerSettings,
    Settings,
    SignInSettings,
    SplitShipmentsSettings,
)
from serai.journey.assessment.store import make_component
from serai.journey.documents.submission import Sender, Submission
from serai.journey.law_in_force.service import derive_law, load_law
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.invented.named_parcels import named_parcels
from serai.laboratory.invented.parcels import consignments
from serai.web.application import build_application

ROOT = Path(__file__).parents[2]
ACCOUNT_ID, SECOND_ID, ADMINISTRATOR_ID, CARRIER_ID, OTHER_ID = 20, 21, 22, 10, 11
_SECOND_LINKS_COUNT = 10
SEED = 1
_BATCH_COUNT = 1_000


class Filled(msgspec.Struct, frozen=True):
    """What was put into the database.

    links: each opens the pages once; second_links: as another officer. carrier_key: of who filed; other_key:
    of a party that filed nothing.
    """

    links: list[str]
    second_links: list[str]
    carrier_key: str
    other_key: str
    administration_id: int
    at: datetime


def make_settings(folder: Path) -> Settings:
    """Settings of a test environment whose times are local to Dublin."""
    return Settings(
        data=DataSettings(folder=str(folder)),
        server=ServerSettings().for_one_client(),
        sign_in=SignInSettings().for_one_client(),
        split_shipments=SplitShipmentsSettings(is_on=True),
        # Tests let time go by in the rows themselves, which would be found within the minute.
        comparison=ComparisonSettings(sample_count=0, round_count_max=0),
        administration=AdministrationSettings(
            code="TL", name="Testland Customs", time_zone="Europe/Dublin", is_test=True
        ),
    )


async def fill(settings: Settings, dsn: str, count: int, *, links_count: int = 40) -> Filled:
    """Load invented lists, file `count` parcels and the named ones, make keys and links."""
    clock = SystemClock()
    async with open_node(settings, dsn) as node:
        at, administration_id = clock.now(), node.administration_id
        rates = (ROOT / "examples" / "lists" / "invented-exchange-rates.csv").read_bytes()
        lists = [
            make_component(one.kind, one.name, one.content) for one in invented_lists(count, SEED, rates)
        ]
        await derive_law(
            node.database, administration_id, at, "invented lists", lambda present: [*present, *lists]
        )
        node.processor.law = await load_law(node.database, administration_id, clock.now())
        keys = await _let_in(node.database, administration_id, at)
        sender = Sender(CARRIER_ID, frozenset({"carrier", "declarant"}))
        lines = [
            msgspec.json.encode(one)
            for one in consignments(count, SEED, at=at, first_acceptance=at - timedelta(hours=20))
        ]
        lines += [
            msgspec.json.encode(document.content)
            for story in named_parcels(at)
            for document in story.documents
            if document.kind == "declaration"
        ]
        lines += [_to_a_place_without_law(line, number) for number, line in enumerate(lines[:2])]
        for begin in range(0, len(lines), _BATCH_COUNT):
            await node.processor.clear(
                [Submission(sender, "declaration", lines=lines[begin : begin + _BATCH_COUNT])]
            )
        links = await make_links(dsn, administration_id, links_count)
        second_links = await make_links(dsn, administration_id, _SECOND_LINKS_COUNT, SECOND_ID)
    return Filled(links, second_links, keys[0], keys[1], administration_id, at)


async def make_links(dsn: str, administration_id: int, count: int, account_id: int = ACCOUNT_ID) -> list[str]:
    """Make links that open the pages for an officer: each once, within an hour."""
    at = SystemClock().now()
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        return [
            await make_link(connection, account_id=account_id, administration_id=administration_id, at=at)
            for _ in range(count)
        ]


def _to_a_place_without_law(line: bytes, number: int) -> bytes:
    document = msgspec.json.decode(line)
    document["consignee"] = {"name": "Invented Buyer", "country_code": "RS"}
    named = f"NO-LAW-YET-{number}"
    return msgspec.json.encode({**document, "reference": named, "house_document": named})


async def _let_in(database: Any, administration_id: int, at: datetime) -> list[str]:
    scopes = frozenset({"lodging", "reading", "quoting"})
    async with database.write() as connection:
        for account_id, name, roles in (
            (ACCOUNT_ID, "Officer", {Role.OFFICER, Role.SUPERVISOR, Role.ANALYST}),
            (SECOND_ID, "Second", {Role.OFFICER}),
            (ADMINISTRATOR_ID, "Registrar", {Role.ADMIN}),
        ):
            await people.create_account(
                connection,
                account_id=account_id,
                administration_id=administration_id,
                sign_in_name=name,
                password="correct horse battery",
                roles=frozenset(roles),
                at=at,
                person=name,
            )
        keys = []
        for party_id, name, role in (
            (CARRIER_ID, "Anvil Express", "carrier"),
            (OTHER_ID, "Other Post", "post"),
        ):
            own: dict[str, Any] = {"party_id": party_id, "administration_id": administration_id, "at": at}
            await parties.create_party(connection, name=name, **own)
            await parties.add_role(connection, role=role, **own)
            new = await parties.add_key(
                connection, key_id=100 + party_id, scopes=scopes, expires_at=None, **own
            )
            keys.append(new.text)
    return keys


@contextlib.contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Run the application in a thread; gives its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", access_log=False, log_config=None, lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive(), "the server did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def main() -> None:
    """Fill, serve, wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="serai-look-"))
    settings = make_settings(folder)
    try:
        with running_database(settings, SystemClock()) as dsn:
            filled = asyncio.run(fill(settings, dsn, chosen.count, links_count=200))
            with serving(build_application(settings, dsn), chosen.port) as address:
                for link in filled.links:
                    sys.stdout.write(f"{address}/enter/{link}\n")
                sys.stdout.flush()
                threading.Event().wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
