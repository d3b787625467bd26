"""The one place where law, lists and generations change: a generation is built whole, then put in force."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.database import Database
from serai.foundation.shipped import find_shipped, read_law_files
from serai.foundation.signing_keys import select_own_keys
from serai.journey.assessment import store
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.faults import LawFaultyError, find_law_faults
from serai.journey.law_in_force.list_files import ListKind, read_list, with_lists
from serai.journey.law_in_force.risk_model import MODEL_NAME, RISK_MODEL
from serai.journey.law_in_force.state import LawState, build_state
from serai.journey.risk_model.signed import require_signed
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
First = Callable[[Connection], Awaitable[None]]
"""What is done first in the transaction of an act: the approval that it waited for."""


async def load_law(database: Database, administration_id: int, at: datetime) -> LawState:
    """Return the law in force; at the very first start the shipped packs become the first generation."""
    async with database.write() as connection:
        found = await store.select_generation(connection, administration_id=administration_id)
        if found is None:
            await store.lock_generations(connection)
            found = await store.select_generation(connection, administration_id=administration_id)
        if found is None:
            files = read_law_files(find_shipped("laws"))
            components = [make_component("law-file", name, content) for name, content in files.items()]
            build_state(0, components)
            await _activate(connection, components, administration_id, at, "packs that came with Serai")
            found = await store.select_generation(connection, administration_id=administration_id)
        assert found is not None
        generation_id, hashes = found
        components = await store.select_components(connection, hashes)
    return await asyncio.to_thread(build_state, generation_id, components)


async def derive_law(
    database: Database,
    administration_id: int,
    at: datetime,
    note: str,
    change: Callable[[list[Component]], list[Component]],
    *,
    write_down: Callable[[Connection, int], Awaitable[None]] | None = None,
    first: First | None = None,
) -> tuple[int, bool]:
    """Derive the next generation from the one in force; returns its number, and whether it is new.

    It is built before it is put in force: faulty law never is. One change at a time: the next derives from
    what this one made. A change that leaves the components as they are makes none. write_down: gets
    connection and number of a new generation, in the transaction that puts it in force. first: what is done
    before all else in that transaction. Raises LawPackError and what lists raise.
    """
    async with database.write() as connection:
        await store.lock_generations(connection)
        if first is not None:
            await first(connection)
        found = await store.select_generation(connection, administration_id=administration_id)
        present = [] if found is None else await store.select_components(connection, found[1])
        wanted = change(present)
        if found is not None and {one.component_hash for one in wanted} == set(found[1]):
            return found[0], False
        await asyncio.to_thread(build_state, 0, wanted)
        generation_id = await _activate(connection, wanted, administration_id, at, note)
        if write_down is not None:
            await write_down(connection, generation_id)
        return generation_id, True


async def require_own_signature(database: Database, kind: ListKind, content: bytes) -> None:
    """Refuse a risk model that none of this node's keys has signed; other lists are not signed. Raises
    SeraiError `risk-model-unsigned`, `risk-model-unreadable`, `risk-model-other-features`."""
    if kind != RISK_MODEL:
        return
    async with database.write() as connection:
        public_keys = await select_own_keys(connection)
    require_signed(content, public_keys)


class Imported(msgspec.Struct, frozen=True):
    """What an import has led to. is_changed: False where the same bytes were in force already."""

    entries_count: int
    generation_id: int
    is_changed: bool


async def import_list(
    database: Database,
    acting_user: ActingUser,
    kind: ListKind,
    name: str,
    content: bytes,
    *,
    first: First | None = None,
) -> Imported:
    """Put a list in force: it takes the place of the one of the same kind and name.

    A faulty file is refused whole. first: as in `derive_law`.

    Raises SeraiError `list-file`, `list-file-empty`; of a risk model `risk-model-unsigned` and what
    `check_model` raises.
    """
    await require_own_signature(database, kind, content)
    entries = await asyncio.to_thread(read_list, kind, name, content)
    component = make_component(kind, MODEL_NAME if kind == RISK_MODEL else name, content)

    async def write_down(connection: Connection, generation_id: int) -> None:
        detail = f"generation {generation_id}, {len(entries)} entries, SHA-256 {_sha256(content)}"
        await record_act(connection, acting_user, "list-imported", f"{kind} {name}", detail)

    generation_id, is_new = await derive_law(
        database,
        acting_user.administration_id,
        acting_user.at,
        f"{kind} {name}",
        lambda present: with_lists(present, [component]),
        write_down=write_down,
        first=first,
    )
    return Imported(len(entries), generation_id, is_new)


class Activated(msgspec.Struct, frozen=True):
    """What loading packs has led to. is_changed: False where the same bytes were in force already."""

    packs_count: int
    files_count: int
    generation_id: int
    is_changed: bool


async def check_packs(contents: Mapping[str, bytes]) -> None:
    """Raise LawFaultyError with every fault of packs."""
    faults = (await asyncio.to_thread(find_law_faults, contents)).faults
    if faults:
        # A generation is compiled as it is used; what is never compiled here could fail in mid-decision.
        raise LawFaultyError(faults)


async def activate_packs(
    database: Database,
    acting_user: ActingUser,
    contents: Mapping[str, bytes],
    note: str,
    *,
    first: First | None = None,
) -> Activated:
    """Put packs in force: they replace all packs that were; lists stay as they are.

    contents: by path inside a folder of packs. Everything is compiled first: faulty law never replaces the
    law in force. first: as in `derive_law`. Raises LawFaultyError with every fault.
    """
    await check_packs(contents)
    files = [make_component(store.LAW_FILE, name, content) for name, content in contents.items()]

    async def write_down(connection: Connection, generation_id: int) -> None:
        await record_act(
            connection,
            acting_user,
            "law-activated",
            f"generation {generation_id}",
            f"{note}, {len(files)} files",
        )

    generation_id, is_new = await derive_law(
        database,
        acting_user.administration_id,
        acting_user.at,
        note,
        lambda present: [*files, *(one for one in present if one.kind != store.LAW_FILE)],
        write_down=write_down,
        first=first,
    )
    packs_count = sum(name.endswith("/pack.yaml") for name in contents)
    return Activated(packs_count, len(files), generation_id, is_new)


async def read_packs_of(database: Database, administration_id: int, generation_id: int) -> dict[str, bytes]:
    """Return the packs of a generation, in force or not, by path. Error: `generation-unknown`."""
    async with database.write() as connection:
        hashes = await store.select_one_generation(
            connection, generation_id, administration_id=administration_id
        )
        components = await store.select_components(connection, hashes or [])
    if hashes is None:
        raise SeraiError(
            "generation-unknown",
            MessageText("There is no generation {generation_id}.", generation_id=generation_id),
            "List the generations of law.",
        )
    return {one.name: one.content for one in components if one.kind == store.LAW_FILE}


async def _activate(
    connection: Connection, components: Sequence[Component], administration_id: int, at: datetime, note: str
) -> int:
    """Keep components and put exactly these in force as a new generation; returns its number."""
    await store.insert_components(connection, components, administration_id=administration_id, at=at)
    return await store.insert_generation(
        connection,
        [one.component_hash for one in components],
        administration_id=administration_id,
        at=at,
        note=note,
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
