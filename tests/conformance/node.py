"""A running node whose law a test can change, as `serai law load` and `serai list import` do."""

import asyncio
import csv
import io
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from litestar import Litestar
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.database import Database
from serai.foundation.http.provided import find_provided
from serai.foundation.settings import DatabaseSettings, DataSettings, ServerSettings, Settings
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.service import derive_law
from serai.journey.processing.transaction import Processor
from serai.web.application import build_application
from tests.conformance.law_sets import LawSet
from tests.foundation_http.support import RunningServer

AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
PATIENCE_S = 20.0
JSON, NDJSON, CSV, XML = "application/json", "application/x-ndjson", "text/csv", "application/xml"


@dataclass(frozen=True)
class RunningNode:
    """A server over loopback, its application, and the key of a party that files and reads."""

    address: str
    app: Litestar
    dsn: str
    key: str

    def client(self) -> httpx2.Client:
        """A client that sends the party's key."""
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx2.Client(base_url=self.address, timeout=60, headers=headers)

    def put_in_force(self, components: Sequence[Component]) -> None:
        """Make exactly these components the next generation, and wait until the process has taken it up."""

        async def change() -> int:
            async with Database(self.dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
                return (await derive_law(database, 1, AT, "a test", lambda _: list(components)))[0]

        generation_id = asyncio.run(change())
        end = time.monotonic() + PATIENCE_S
        processor = find_provided(self.app, Processor)
        assert processor is not None
        while processor.law.generation_id != generation_id:
            assert time.monotonic() < end, f"generation {generation_id} was not taken up"
            time.sleep(0.005)


@contextmanager
def running_node(dsn: str, folder: Path) -> Iterator[RunningNode]:
    """Start a server on a migrated database and register a party."""
    settings = Settings(
        data=DataSettings(folder=str(folder)),
        database=DatabaseSettings(dsn=dsn),
        server=ServerSettings().for_one_client(),
    )
    app = build_application(settings, dsn)
    with RunningServer(app) as address:
        yield RunningNode(address, app, dsn, asyncio.run(_register(dsn)))


async def _register(dsn: str) -> str:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        await parties.create_party(connection, party_id=10, administration_id=1, name="Filer", at=AT)
        for role in ("declarant", "carrier"):
            await parties.add_role(connection, party_id=10, administration_id=1, role=role, at=AT)
        key = await parties.add_key(
            connection,
            key_id=100,
            party_id=10,
            administration_id=1,
            scopes=frozenset({"lodging", "reading", "quoting"}),
            at=AT,
            expires_at=None,
        )
    return key.text


def lists_of(law: LawSet) -> dict[str, bytes]:
    """What cases state of tariff, rates and registers, as files that `serai decide --lists` reads."""
    tables: dict[str, Collection[msgspec.Struct]] = {
        "tariff": law.tariff_lines,
        "exchange-rates": law.exchange_rates,
        "scheme-register": law.scheme_entries,
    }
    return {f"{kind}.csv": table(rows) for kind, rows in tables.items() if rows}


def components_of(law: LawSet) -> list[Component]:
    """A law set as components of a generation."""
    return [
        *(make_component("law-file", path, content) for path, content in law.files.items()),
        *(
            make_component(name.removesuffix(".csv"), name, content)
            for name, content in lists_of(law).items()
        ),
    ]


def table(rows: Collection[msgspec.Struct]) -> bytes:
    """Write rows as a table with a heading line; what is as by default is left out."""
    cells = [_cells(row) for row in rows]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in cells for name in row)))
    writer.writeheader()
    writer.writerows(cells)
    return out.getvalue().encode()


def _cells(row: msgspec.Struct) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in msgspec.to_builtins(row).items()
        if value not in ("", ())
    }
