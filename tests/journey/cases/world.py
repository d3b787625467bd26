"""A running server with parties who share cases, and who do not."""

import asyncio
import json
import shutil
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx2
import msgspec
import psycopg
from psycopg import AsyncConnection

from serai.foundation.access import parties, registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.database import Database
from serai.foundation.http.provided import find_provided
from serai.foundation.settings import (
    AdministrationSettings,
    ApprovalSettings,
    BuyersSettings,
    DatabaseSettings,
    DataSettings,
    EpcisSettings,
    LogSettings,
    PaymentSettings,
    RecallsSettings,
    RegistrationSettings,
    ServerSettings,
    Settings,
    SignInSettings,
)
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.service import derive_law
from serai.journey.processing.transaction import Processor
from serai.laboratory.invented.parcels import consignments
from serai.web.application import build_application
from tests.foundation_http.support import RunningServer
from tests.kept_law import keep_law
from tests.laid_out import rows_laid_out

AT = datetime(2026, 6, 20, 9, tzinfo=UTC)
HAND = ActingUser(1, "operator:test", AT, count(1).__next__)
CUSTOMS = "urn:epc:id:sgln:9999999.00001.0"
"""Read point at which an event of arriving is an arrival."""
OWN_ACCOUNT = "DE89370400440532013000"
"""The administration's bank account."""
LISTED_NAME = "Invented Zoltan Listed"
SCHEME_NUMBER = "IM3720000224"
PARTIES = {
    # name: (party id, roles, identifiers)
    "post": (10, ("post",), ("INVENTED-POST",)),
    "rival": (11, ("post", "carrier", "declarant"), ()),
    "platform": (12, ("platform",), ("INVENTED-MARKET",)),
    "seller": (13, ("seller",), ("INVENTED-SHOP",)),
    "payer": (14, ("payment_provider",), ("INVENTED-PAYMENTS",)),
    "officer": (15, ("officer", "admin"), ()),
    "analyst": (16, ("analyst",), ()),
}
SCOPES = frozenset({"lodging", "reading", "quoting", "administering", "subscribing"})


_CERTIFICATES = ssl.create_default_context()
"""Read once: a client would read them again, and some thousand are opened."""


class World(msgspec.Struct):
    """What tests need: the address, a key for each party, the connection string, the node's data folder."""

    address: str
    dsn: str
    keys: dict[str, str]
    folder: Path

    def client(self, party: str, *, at: str | None = None) -> httpx2.Client:
        """A client that sends a party's key. at: the address that it asks from."""
        headers = {"authorization": f"Bearer {self.keys[party]}"} if party else {}
        transport = httpx2.HTTPTransport(verify=_CERTIFICATES, local_address=at)
        return httpx2.Client(base_url=self.address, timeout=60, headers=headers, transport=transport)


class Begun(msgspec.Struct, frozen=True):
    """What belongs to a database in which a world was begun: the folder of its node, the parties' keys."""

    folder: Path
    keys: dict[str, str]


begun_worlds: dict[str, Begun] = {}
"""By connection string of a copy, which is used once (tests/journey/cases/first_world.py)."""


@contextmanager
def running_world(
    dsn: str,
    folder: Path,
    *,
    approval: str = "none",
    log: LogSettings | None = None,
    server: ServerSettings | None = None,
    buyers: BuyersSettings | None = None,
    registration: RegistrationSettings | None = None,
    database: DatabaseSettings | None = None,
    sign_in: SignInSettings | None = None,
    recalls: RecallsSettings | None = None,
) -> Iterator[World]:
    """Start a server on a migrated database and register the parties, unless they are in it already.

    approval: what two people do. log, server, buyers, registration, database, sign_in, recalls: settings
    beside the usual.
    """
    settings = Settings(
        data=DataSettings(folder=str(folder)),
        server=(server or ServerSettings()).for_one_client(),
        database=msgspec.structs.replace(database or DatabaseSettings(), dsn=dsn),
        administration=AdministrationSettings(code="TEST", name="Testland Customs"),
        epcis=EpcisSettings(arrival_read_points=CUSTOMS),
        approval=ApprovalSettings(kinds=approval),
        sign_in=sign_in or SignInSettings().for_one_client(),
        log=log or LogSettings(),
        buyers=buyers or BuyersSettings(),
        payment=PaymentSettings(accounts=OWN_ACCOUNT, payee="Testland Customs"),
        recalls=recalls or RecallsSettings(),
        # Tests ask from one network.
        registration=registration or RegistrationSettings(network_tries_count=1_000),
    )
    if begun := begun_worlds.pop(dsn, None):
        shutil.copytree(begun.folder, folder, dirs_exist_ok=True)
        app = build_application(settings, dsn)
        with RunningServer(app) as address:
            processor = find_provided(app, Processor)
            assert processor is not None, "the server runs"
            keep_law(processor.law.book)
            yield World(address, dsn, dict(begun.keys), folder)
        return
    with RunningServer(build_application(settings, dsn)) as address, ThreadPoolExecutor(1) as thread:
        keys = thread.submit(lambda: asyncio.run(_register(dsn))).result()
        generation_id = thread.submit(lambda: asyncio.run(_list_somebody(dsn))).result()
        world = World(address, dsn, keys, folder)
        wait_for_law(world, generation_id)
        yield world


async def _register(dsn: str) -> dict[str, str]:
    keys = {}
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for name, (party_id, roles, identifiers) in PARTIES.items():
            await parties.create_party(connection, party_id=party_id, administration_id=1, name=name, at=AT)
            for role in roles:
                await parties.add_role(connection, party_id=party_id, administration_id=1, role=role, at=AT)
            key = await parties.add_key(
                connection,
                key_id=1000 + party_id,
                party_id=party_id,
                administration_id=1,
                scopes=SCOPES,
                at=AT,
                expires_at=None,
            )
            for identifier in identifiers:
                await registry.add_identifier(connection, HAND, party_id=party_id, identifier=identifier)
            keys[name] = key.text
    return keys


def wait_for_law(world: World, generation_id: int) -> None:
    """Wait until the server has taken a generation of law up."""
    end = time.monotonic() + 60
    with world.client("") as client:
        while f"generation {generation_id}," not in client.get("/readyz").text:
            assert time.monotonic() < end, "the server did not take the law up"
            time.sleep(0.1)


async def _list_somebody(dsn: str) -> int:
    """Put a list with one invented name in force; return its generation."""
    content = f"entry_id,name,kind_code\nI-1,{LISTED_NAME},person\n".encode()
    one = make_component("denied-parties", "invented.csv", content)
    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        return (await derive_law(database, 1, AT, "a list", lambda present: [*present, one]))[0]


def parcel(reference: str, **changes: Any) -> dict[str, Any]:
    """A sound declaration of a shirt to Dublin, under a scheme, sold by the registered shop on the
    registered market.
    """
    sound = {
        "reference": reference,
        "goods_items": [
            {
                "sequence_number": 1,
                "commodity_code": "61091000",
                "description": "T-shirt, cotton, knitted",
                "quantity": "1",
                "invoice_amount": "25.00",
                "invoice_currency_code": "EUR",
                "origin_country_code": "CN",
                "gross_mass_kg": "0.150",
            }
        ],
        "consignor": {
            "name": "Invented Sender Ltd",
            "country_code": "CN",
            "street": "Road 1",
            "city": "Shenzhen",
        },
        "consignee": {
            "name": "Zelda Nightingale-Quux",
            "country_code": "IE",
            # Of one address and one shop, many would be parts of one order.
            "street": f"Long Lane {crc32(reference.encode()) % 900}",
            "city": "Dublin",
            "postcode": "D02 AF30",
        },
        "logistics_channel_code": "post",
        "sale_nature_code": "B2C",
        "platform_id": "INVENTED-MARKET",
        "seller_id": "INVENTED-SHOP",
        "is_platform_sale": True,
        "dispatch_country_code": "CN",
        "freight_amount": "4.00",
        "charges_currency_code": "EUR",
        "purchased_at": "2026-06-19T10:00:00Z",
        "paid_at": "2026-06-19T10:00:00Z",
        "accepted_at": "2026-06-30T10:00:00Z",
        "conveyance_reference": "XX100-2026-06-30",
        "master_document": "999-12345675",
    }
    return sound | changes


def file(
    client: httpx2.Client, *documents: dict[str, Any], include: str | None = None
) -> list[dict[str, Any]]:
    """File declarations; one answer each. include: `text` where texts are wanted."""
    body = b"".join(json.dumps(one).encode() + b"\n" for one in documents)
    headers = {"content-type": "application/x-ndjson"}
    query = {} if include is None else {"include": include}
    answer = client.post("/v1/declarations", params=query, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    *lines, trailer = answer.text.strip().split("\n")
    assert json.loads(trailer)["complete"]
    return [json.loads(line) for line in lines]


def invented(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Invented declarations on both sides of the first of July."""
    at = datetime.now(UTC)
    return list(
        consignments(
            count, seed, at=at, first_acceptance=datetime(2026, 6, 28, tzinfo=UTC) - timedelta(days=0)
        )
    )


def rows(dsn: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Read the database directly."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return rows_laid_out(connection, statement, parameters or None)
