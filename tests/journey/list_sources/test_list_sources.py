"""Signed lists come from a folder or an address; whatever is wrong leaves the list in force as it is."""

import datetime as dt
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from serai.app import Node, open_seal
from serai.foundation.access.administering import ActingUser
from serai.foundation.clock import FixedClock
from serai.foundation.settings import ListsSettings
from serai.journey.law_in_force.shrinking import count_kept_back
from serai.journey.list_sources.service import Asking, SourceTerms, ask_sources, end_source, register_source
from serai.journey.list_sources.statement import sign_list
from serai.journey.list_sources.store import Source, select_sources
from serai.model.errors import SeraiError
from tests.journey.processing.support import opened, select

AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
NAME = "invented.csv"


class Key:
    """A key of whoever signs lists."""

    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, content: bytes, /) -> bytes:
        return self._key.sign(content)


KEY, OTHER_KEY = Key(1), Key(2)


def listing(count: int) -> bytes:
    rows = "".join(f"X-{number},Invented Listed {number},person\n" for number in range(count))
    return f"entry_id,name,kind_code\n{rows}".encode()


class Publisher(NamedTuple):
    """A node, where lists lie, and the clock of both."""

    node: Node
    folder: Path
    clock: FixedClock

    def publish(self, content: bytes, key: Key = KEY, *, signed_at: dt.datetime | None = None) -> None:
        """Put a list and its signature where they are read."""
        (self.folder / NAME).write_bytes(content)
        signature = sign_list(NAME, content, signed_at or self.clock.now(), key)
        (self.folder / f"{NAME}.jws").write_text(signature)

    @property
    def by(self) -> ActingUser:
        return ActingUser(
            self.node.administration_id,
            "operator:test",
            self.clock.now(),
            lambda: int(self.node.ids.take(1)[0]),
            "test",
        )

    async def register(self, address: str, key: Key = KEY, name: str = NAME) -> None:
        text = urlsafe_b64encode(key.public_key).decode().rstrip("=")
        async with self.node.database.write() as connection:
            terms = SourceTerms(name, address, text, 24)
            await register_source(connection, self.by, terms, self.node.settings)

    async def ask(self) -> Source:
        """Ask the source once more; return how it stands."""
        self.clock.move(dt.timedelta(seconds=1))
        await select(self.node, "UPDATE list_source SET checked_at = NULL RETURNING 1")
        node = self.node
        await ask_sources(
            Asking(
                node.database,
                node.administration_id,
                node.settings,
                lambda: open_seal(node.settings, "proposal"),
                lambda: int(node.ids.take(1)[0]),
                self.clock.now,
            )
        )
        async with node.database.read(node.administration_id) as connection:
            (source,) = await select_sources(connection, administration_id=node.administration_id)
        return source


@pytest.fixture
async def publisher(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Publisher]:
    folder = tmp_path / "lists"
    folder.mkdir()
    clock = FixedClock(AT)
    async with opened(make_database(), tmp_path / "node", clock=clock) as node:
        lists = ListsSettings(folder=str(folder), allows_private=True)
        node.settings = msgspec.structs.replace(node.settings, lists=lists)
        yield Publisher(node, folder, clock)


async def imported(publisher: Publisher) -> list[Any]:
    return await select(
        publisher.node,
        "SELECT detail FROM administering_act WHERE kind = 'list-imported' ORDER BY act_id",
    )


async def test_a_signed_list_is_put_in_force_once_and_a_newer_one_after_it(publisher: Publisher) -> None:
    await publisher.register(NAME)
    publisher.publish(listing(40))

    assert (await publisher.ask()).outcome_code == "list-loaded"
    assert (await publisher.ask()).outcome_code == "list-unchanged"
    publisher.publish(listing(41))
    source = await publisher.ask()

    assert source.outcome_code == "list-loaded"
    assert [detail.split(", ")[1] for (detail,) in await imported(publisher)] == ["40 entries", "41 entries"]
    assert not source.is_stale(publisher.clock.now())
    assert source.is_stale(publisher.clock.now() + dt.timedelta(hours=25))


async def test_what_is_wrong_leaves_the_list_in_force(publisher: Publisher) -> None:
    await publisher.register(NAME)
    assert (await publisher.ask()).outcome_code == "list-unreachable"
    publisher.publish(listing(40))
    await publisher.ask()
    before = publisher.clock.now() - dt.timedelta(minutes=1)

    publisher.publish(listing(41), OTHER_KEY)
    assert (await publisher.ask()).outcome_code == "list-unsigned"
    publisher.publish(listing(41))
    (publisher.folder / NAME).write_bytes(listing(42))
    assert (await publisher.ask()).outcome_code == "list-unsigned", "other bytes than were signed"
    (publisher.folder / f"{NAME}.jws").write_text("no signature")
    assert (await publisher.ask()).outcome_code == "list-unsigned"
    publisher.publish(listing(41), signed_at=before)
    assert (await publisher.ask()).outcome_code == "list-older"
    publisher.publish(listing(41), signed_at=publisher.clock.now() + dt.timedelta(hours=1))
    assert (await publisher.ask()).outcome_code == "list-signed-later"
    publisher.publish(b"entry_id,name,kind_code\nX-1,,person\n")
    source = await publisher.ask()

    assert (source.outcome_code, source.is_refused) == ("list-file", True)
    assert len(await imported(publisher)) == 1
    publisher.publish(listing(41))
    assert (await publisher.ask()).outcome_code == "list-loaded"


async def test_a_list_that_shrinks_waits_for_a_person(publisher: Publisher) -> None:
    await publisher.register(NAME)
    publisher.publish(listing(40))
    await publisher.ask()

    publisher.publish(listing(20))
    assert (await publisher.ask()).outcome_code == "list-kept-back"
    assert (await publisher.ask()).outcome_code == "list-kept-back", "and is proposed once"

    assert await select(publisher.node, "SELECT subject, state FROM proposal") == [
        (f"denied-parties {NAME}", "open")
    ]
    async with publisher.node.database.write() as connection:
        waiting = await count_kept_back(
            connection, administration_id=publisher.node.administration_id, at=publisher.clock.now()
        )
    assert waiting == 1
    assert len(await imported(publisher)) == 1


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A publisher's server, on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            del args

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.in_turn
async def test_a_list_is_fetched_from_an_address(publisher: Publisher) -> None:
    with served(publisher.folder) as address:
        await publisher.register(f"{address}/{NAME}")
        assert (await publisher.ask()).outcome_code == "list-unreachable", "it answers 404"
        publisher.publish(listing(40))
        assert (await publisher.ask()).outcome_code == "list-loaded"
    assert (await publisher.ask()).outcome_code == "list-unreachable"
    assert len(await imported(publisher)) == 1


async def test_no_address_leads_out_and_one_source_has_a_name(publisher: Publisher) -> None:
    for address in ("../secret.csv", "/etc/passwd", ".hidden", "a/b.csv"):
        with pytest.raises(SeraiError, match="list-source-faulty"):
            await publisher.register(address)
    await publisher.register(NAME)
    with pytest.raises(SeraiError, match="reference-reused"):
        await publisher.register(NAME, OTHER_KEY)
    source = await publisher.ask()
    async with publisher.node.database.write() as connection:
        await end_source(connection, publisher.by, source.source_id)
        with pytest.raises(SeraiError, match="not-found"):
            await end_source(connection, publisher.by, source.source_id)
    await publisher.register(NAME, OTHER_KEY)
