"""Parties, keys and a running server for the tests of the HTTP kit."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import httpx2
import msgspec
import psycopg
import pytest
import structlog
from psycopg import AsyncConnection

from serai.foundation.access import parties, people
from serai.foundation.access.actor import Role
from serai.foundation.access.secrets import NewKey, hash_secret, make_token
from serai.foundation.access.sign_in import make_link
from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import start_telemetry
from tests.browser.chromium import browser, chromium_path, open_page
from tests.foundation_http.support import AT, RunningServer, build_app

__all__ = ["browser", "chromium_path", "open_page"]

PASSWORD = "correct horse battery"


class Kept(msgspec.Struct):
    """What a test needs to know of the running server."""

    address: str
    dsn: str
    clock: FixedClock
    metrics: Metrics
    key: str
    key_id: int
    expired_key: str
    quoting_key: str
    link_tokens: list[str]
    log: StringIO


async def _populate(dsn: str) -> tuple[list[NewKey], list[str]]:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO administration VALUES (1, 'TL', 'Testland Customs', 'Europe/Dublin', true, %s)", [AT]
        )
        await parties.create_party(connection, party_id=10, administration_id=1, name="Anvil Post", at=AT)
        await parties.add_role(connection, party_id=10, administration_id=1, role="post", at=AT)
        scopes = frozenset({"lodging", "reading", "quoting"})
        keys = [
            await parties.add_key(
                connection,
                key_id=key_id,
                party_id=10,
                administration_id=1,
                scopes=scopes_,
                at=AT,
                expires_at=expires,
            )
            for key_id, scopes_, expires in (
                (100, scopes, None),
                (101, scopes, AT - timedelta(days=1)),
                (102, frozenset({"quoting"}), None),
            )
        ]
        await people.create_account(
            connection,
            account_id=20,
            administration_id=1,
            sign_in_name="Officer",
            password=PASSWORD,
            roles=frozenset({Role.OFFICER, Role.ADMIN}),
            at=AT,
        )
        links = [await make_link(connection, account_id=20, administration_id=1, at=AT) for _ in range(3)]
    return keys, links


@pytest.fixture(scope="module")
def kept(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        made, links = thread.submit(lambda: asyncio.run(_populate(database))).result()
    keys = tmp_path_factory.mktemp("kept") / "keys"
    clock, metrics, log = FixedClock(AT), Metrics(), StringIO()
    handlers = logging.getLogger().handlers[:]
    start_telemetry(clock, metrics, log)
    logging.getLogger().handlers[:] = handlers  # pytest's own
    with RunningServer(build_app(database, clock, metrics, keys)) as address:
        yield Kept(
            address, database, clock, metrics, made[0].text, 100, made[1].text, made[2].text, links, log
        )
    structlog.reset_defaults()


@pytest.fixture
def client(kept: Kept) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=kept.address, timeout=20) as client:
        yield client


@pytest.fixture
def signed_in(kept: Kept, store: psycopg.Connection) -> Iterator[httpx2.Client]:
    """A client with a session of its own."""
    token = make_token()
    store.execute(
        "INSERT INTO page_session VALUES (%s, 1, 20, %s, %s, NULL, %s, false)",
        [hash_secret(token), AT, AT + timedelta(hours=8), AT],
    )
    with httpx2.Client(base_url=kept.address, timeout=20, cookies={"serai_session": token}) as client:
        yield client


@pytest.fixture
def store(kept: Kept) -> Iterator[psycopg.Connection]:
    with psycopg.connect(kept.dsn, autocommit=True) as connection:
        yield connection
