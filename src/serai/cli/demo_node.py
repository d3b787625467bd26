"""What the demo keeps between its runs, and how its node is furnished: lists, parties, an account."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from serai.app import Node
from serai.cli.node import operator_name
from serai.foundation.access import parties, people, registry
from serai.foundation.access.actor import Role
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.secrets import make_token
from serai.foundation.access.sign_in import make_link
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.settings import AdministrationSettings, DatabaseSettings, DataSettings, Settings
from serai.foundation.shipped import find_shipped
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.store import Mandate
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.demo.story import IDENTIFIERS, MANDATES, PARTIES
from serai.model.errors import SeraiError

LINK_LASTS = timedelta(hours=12)
_SCOPES = frozenset({"lodging", "reading", "quoting"})
_OFFICER = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ANALYST, Role.LEGAL, Role.AUDITOR, Role.ADMIN})


class Kept(msgspec.Struct, frozen=True):
    """What a later run needs of an earlier one. keys: by role. named_at: as of when the named parcels are.
    second_account_id: of the officer who approves what the first proposes."""

    account_id: int
    second_account_id: int
    keys: dict[str, str]
    named_at: datetime
    runs_count: int = 0


def demo_settings(settings: Settings) -> Settings:
    """Return the settings of the demo: folder and database of its own, a name that says what it is."""
    return msgspec.structs.replace(
        settings,
        data=DataSettings(folder=str(Path(settings.data.folder) / "demo")),
        database=DatabaseSettings(pool_size_count=settings.database.pool_size_count),
        server=settings.server.for_one_client(),
        log=msgspec.structs.replace(settings.log, origin="localhost/serai-demo"),
        # Two officers are there, so that what needs four eyes is seen.
        approval=msgspec.structs.replace(settings.approval, kinds="risk"),
        administration=AdministrationSettings(
            code="DEMO", name="Demo: all data invented", country_code="XX", is_test=True, is_demo=True
        ),
    )


@contextmanager
def sole_use(folder: Path, *, fresh: bool) -> Iterator[None]:
    """Hold the demo's folder for this run, emptied first if `fresh`. Raises SeraiError `demo-running`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise SeraiError(
                "demo-running",
                f"A demo already runs on {folder}.",
                "Stop it first, or start in another folder.",
            ) from fault
        if fresh and folder.exists():
            _remove(folder)
        yield


def _remove(folder: Path) -> None:
    postgres = folder / "postgres"
    if (postgres / "data").exists():
        EmbeddedPostgres(postgres).stop()
    if postgres.is_symlink():
        # The database of a demo that root started may lie elsewhere.
        shutil.rmtree(postgres.resolve())
    shutil.rmtree(folder)


async def furnish(node: Node, folder: Path, *, count: int) -> Kept:
    """Put the invented lists of this run in force; at the first run make parties, keys and the account.

    count: consignments that will be sent. Returns what is kept, this run counted.
    """
    at = node.clock.now()
    kept = _read(folder)
    run = 1 if kept is None else kept.runs_count + 1
    rates = (find_shipped("examples") / "lists" / "invented-exchange-rates.csv").read_bytes()
    lists = [make_component(*one) for one in invented_lists(count, run, rates)]
    await derive_law(
        node.database,
        node.administration_id,
        at,
        f"invented lists of the demo, run {run}",
        lambda present: with_lists(present, lists),
    )
    kept = await _register(node, at) if kept is None else kept
    kept = msgspec.structs.replace(kept, runs_count=run)
    _write(folder, kept)
    return kept


async def make_page_link(node: Node, account_id: int) -> str:
    """Return the path that opens the pages once, signed in as an officer of the demo."""
    async with node.database.write() as connection:
        token = await make_link(
            connection,
            account_id=account_id,
            administration_id=node.administration_id,
            at=node.clock.now(),
            lasts=LINK_LASTS,
        )
    return f"/enter/{token}"


async def _register(node: Node, at: datetime) -> Kept:
    """One transaction: a demo is furnished whole or not at all."""
    account_id, second_id, *ids = (int(one) for one in node.ids.take(2 + 2 * len(PARTIES)))
    administration_id = node.administration_id
    acting_user = ActingUser(administration_id, operator_name(), at, lambda: int(node.ids.take(1)[0]))
    keys = {}
    async with node.database.write() as connection:
        for name, number in (("first", account_id), ("second", second_id)):
            # Nobody signs in with this password: the link does it.
            await people.create_account(
                connection,
                account_id=number,
                administration_id=administration_id,
                sign_in_name=f"{name}-officer-{number % 10_000}",
                password=make_token(),
                roles=_OFFICER,
                at=at,
            )
        for place, (role, name) in enumerate(PARTIES.items()):
            party_id, key_id = ids[2 * place : 2 * place + 2]
            await parties.create_party(
                connection, party_id=party_id, administration_id=administration_id, name=name, at=at
            )
            await parties.add_role(
                connection, party_id=party_id, administration_id=administration_id, role=role, at=at
            )
            key = await parties.add_key(
                connection,
                key_id=key_id,
                party_id=party_id,
                administration_id=administration_id,
                scopes=_SCOPES,
                at=at,
                expires_at=None,
            )
            keys[role] = key.text
            for identifier in IDENTIFIERS[role]:
                await registry.add_identifier(
                    connection, acting_user, party_id=party_id, identifier=identifier
                )
        numbers = dict(zip(PARTIES, ids[::2], strict=True))
        for grantor, grantee, kind in MANDATES:
            await mandate_store.insert_mandate(
                connection,
                Mandate(
                    int(node.ids.take(1)[0]), numbers[grantor], numbers[grantee], "", "",
                    f"DEMO-{kind}", [kind], [], [], False, "direct", at, None, at,
                ),
                administration_id=administration_id,
            )  # fmt: skip
    return Kept(account_id=account_id, second_account_id=second_id, keys=keys, named_at=at)


def kept_file(folder: Path) -> Path:
    """Where the keys of the invented parties lie."""
    return folder / "demo.json"


def _read(folder: Path) -> Kept | None:
    """Raises SeraiError `demo-older`."""
    try:
        return msgspec.json.decode(kept_file(folder).read_bytes(), type=Kept)
    except FileNotFoundError:
        return None
    except msgspec.ValidationError as fault:
        raise SeraiError(
            "demo-older",
            f"An older version of Serai has made the demo in {folder}.",
            "Begin anew: `serai demo --fresh`.",
        ) from fault


def _write(folder: Path, kept: Kept) -> None:
    unfinished = kept_file(folder).with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2))
    unfinished.replace(kept_file(folder))
