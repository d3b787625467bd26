"""Who reads: a party of every role, some with a part in every case and some in none; and the node they read
from."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from psycopg import AsyncConnection
from serai.app import running_database
from serai.foundation.access import parties, registry
from serai.foundation.access.actor import Role
from serai.foundation.clock import SystemClock
from serai.foundation.settings import BuyersSettings, DatabaseSettings, DataSettings, ServerSettings, Settings
from serai.journey.visibility.table import Viewer
from tests.journey.cases.world import AT, HAND, PARTIES, SCOPES, World, running_world

_FURTHER: Final = {
    # name: (party id, role, identifier)
    "broker": (30, Role.DECLARANT, "INVENTED-BROKER"),
    "carrier": (31, Role.CARRIER, "INVENTED-CARRIER"),
    "auditor": (32, Role.AUDITOR, ""),
    "legal": (33, Role.LEGAL, ""),
    "agency": (34, Role.AGENCY, ""),
    "rights holder": (35, Role.RIGHTS_HOLDER, ""),
    "partner customs": (36, Role.PARTNER_CUSTOMS, ""),
    "other platform": (37, Role.PLATFORM, "INVENTED-OTHER-MARKET"),
    "other seller": (38, Role.SELLER, "INVENTED-OTHER-SHOP"),
    "other payer": (39, Role.PAYMENT_PROVIDER, "INVENTED-OTHER-PAYMENTS"),
    "other broker": (40, Role.DECLARANT, "INVENTED-OTHER-BROKER"),
}
IDENTIFIERS: Final = {
    **{identifier: party_id for party_id, _, names in PARTIES.values() for identifier in names},
    **{identifier: party_id for party_id, _, identifier in _FURTHER.values() if identifier},
}
PUBLIC: Final = "public"
_BUSY_MS: Final = 120_000


class Reader(NamedTuple):
    """Who reads. key: empty for the public."""

    name: str
    viewer: Viewer
    key: str


class Cast(NamedTuple):
    """A running node and everybody."""

    world: World
    readers: dict[str, Reader]


@contextmanager
def on_a_node() -> Iterator[Cast]:
    """Start a node, register everybody; remove all of it afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serai-audiences-")))
        settings = Settings(data=DataSettings(folder=str(folder)), server=ServerSettings().for_one_client())
        stack.callback(lambda: shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True))
        dsn = stack.enter_context(running_database(settings, SystemClock()))
        # A machine that is busy with other campaigns stands still for longer than a node may.
        busy = DatabaseSettings(idle_timeout_ms=_BUSY_MS, lock_timeout_ms=_BUSY_MS)
        world = stack.enter_context(
            running_world(dsn, folder, buyers=BuyersSettings(answer_after_ms=0), database=busy)
        )
        yield cast_in(world)


def cast_in(world: World) -> Cast:
    """Register the further parties in a running world."""
    keys = world.keys | asyncio.run(_register(world.dsn))
    readers = {
        name: Reader(name, Viewer(party_id, frozenset(Role(one) for one in roles)), keys[name])
        for name, (party_id, roles, _) in PARTIES.items()
    }
    readers |= {
        name: Reader(name, Viewer(party_id, frozenset({role})), keys[name])
        for name, (party_id, role, _) in _FURTHER.items()
    }
    readers[PUBLIC] = Reader(PUBLIC, Viewer(None, frozenset({Role.PUBLIC})), "")
    return Cast(world, readers)


async def _register(dsn: str) -> dict[str, str]:
    keys = {}
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        for name, (party_id, role, identifier) in _FURTHER.items():
            await parties.create_party(connection, party_id=party_id, administration_id=1, name=name, at=AT)
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
            if identifier:
                await registry.add_identifier(connection, HAND, party_id=party_id, identifier=identifier)
            keys[name] = key.text
    return keys
