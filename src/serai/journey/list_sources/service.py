"""Registering sources of signed lists, and asking them: fetch, verify, read, put in force.

Whoever registers a source and its key needs a second person where the settings say so; what that key signs
is put in force by the timer alone, unless it shrinks. Whatever is wrong leaves the list in force as it is.
"""

import asyncio
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import proposals
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.proposals import Proposed
from serai.foundation.database import Database
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import Settings
from serai.foundation.telemetry import telemetry
from serai.journey.law_in_force.list_files import ListToImport, read_list
from serai.journey.law_in_force.service import import_list
from serai.journey.law_in_force.shrinking import Shrunk, find_shrunk, note_kept_back
from serai.journey.list_sources import store
from serai.journey.list_sources.statement import (
    ENDING,
    SIGNATURE_BYTES_MAX,
    Statement,
    read_statement,
    require_signed,
)
from serai.journey.list_sources.store import KEPT_BACK, UNREACHABLE, Source
from serai.journey.notifications.addresses import Reach, check_url
from serai.journey.notifications.fetching import NotFetchedError, fetch_file
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
KIND: Final = "denied-parties"
LIST_BYTES_MAX: Final = 256 << 20
_KEY_BYTES: Final = 32
_ACTOR: Final = "operator:update-lists"
_PERSON: Final = "update-lists"


class SourceTerms(msgspec.Struct, frozen=True):
    """A source as it is to be registered. address: https, or the name of a file in the folder of lists.
    public_key: of Ed25519, base64url without padding, as `x` of a JSON Web Key."""

    name: str
    address: str
    public_key: str
    age_hours_max: int


class Asking(NamedTuple):
    """What asking sources works with. open_seal: of proposals, for a list that is kept back."""

    database: Database
    administration_id: int
    settings: Settings
    open_seal: Callable[[], SecretSeal]
    take_id: Callable[[], int]
    now: Callable[[], datetime]


async def register_source(
    connection: Connection, by: ActingUser, terms: SourceTerms, settings: Settings
) -> None:
    """Take lists of a name from a source from now on, in the caller's transaction.

    Raises InputFaultyError of `check_url`; SeraiError `list-source-faulty`, `reference-reused`.
    """
    if "://" in terms.address:
        check_url(terms.address, reach_of(settings))
    else:
        _file_of(settings, terms.address)
    source = Source(
        by.take_id(),
        terms.name,
        terms.address,
        _read_public_key(terms.public_key),
        terms.age_hours_max,
        by.at,
        None,
        None,
        None,
        None,
    )
    if not await store.insert_source(connection, source, administration_id=by.administration_id):
        raise SeraiError(
            "reference-reused",
            MessageText("A source is registered for {name} already.", name=terms.name),
            "End that one first.",
        )
    await record_act(connection, by, "list-source-registered", f"list {terms.name}", f"from {terms.address}")


async def end_source(connection: Connection, by: ActingUser, source_id: int) -> None:
    """Ask a source no more; the list in force stays. Raises SeraiError `not-found`."""
    if not await store.end_source(connection, source_id, at=by.at, administration_id=by.administration_id):
        raise SeraiError(
            "not-found", "There is no such source.", "Read GET /v1/list-sources for those there are."
        )
    await record_act(connection, by, "list-source-ended", f"source {source_id:x}")


async def ask_sources(asking: Asking) -> int:
    """Ask each source that is due; return how many lists were put in force."""
    loaded_count = 0
    minutes = timedelta(minutes=asking.settings.lists.check_minutes)
    while True:
        at = asking.now()
        async with asking.database.write() as connection:
            source = await store.take_due(
                connection, before=at - minutes, at=at, administration_id=asking.administration_id
            )
        if source is None:
            return loaded_count
        loaded_count += await _ask(asking, source, at)


async def _ask(asking: Asking, source: Source, at: datetime) -> bool:
    try:
        signature = await _read(asking.settings, source.address + ENDING, SIGNATURE_BYTES_MAX)
        if sha256(signature).digest() == source.seen_hash:
            # As it was when it was looked at last; what is kept back waits for a person still.
            if source.outcome_code != KEPT_BACK:
                await _note(asking, source, "list-unchanged")
            return False
        said = read_statement(signature, source.name, source.public_key, at=at, after=source.signed_at)
        content = await _read(asking.settings, source.address, LIST_BYTES_MAX)
        require_signed(said, content)
        outcome, signed_at = await _take(asking, source, said, content, at)
    except NotFetchedError:
        await _note(asking, source, UNREACHABLE)
        return False
    except SeraiError as fault:
        telemetry().error("list-refused", code=fault.code)
        await _note(asking, source, fault.code)
        return False
    await _note(asking, source, outcome, signed_at=signed_at, seen_hash=sha256(signature).digest())
    return outcome == "list-loaded"


async def _take(
    asking: Asking, source: Source, said: Statement, content: bytes, at: datetime
) -> tuple[str, datetime | None]:
    """Put a list in force, or keep it back; return what came of it, and when a list so taken was signed."""
    by = ActingUser(asking.administration_id, _ACTOR, at, asking.take_id, _PERSON)
    entries = await asyncio.to_thread(read_list, KIND, source.name, content)
    shrunk = await find_shrunk(
        asking.database,
        asking.administration_id,
        KIND,
        source.name,
        entries_count=len(entries),
        settings=asking.settings.lists,
    )
    if shrunk is not None:
        await _keep_back(asking, by, ListToImport(KIND, source.name, content), shrunk)
        return KEPT_BACK, None
    imported = await import_list(asking.database, by, KIND, source.name, content)
    return "list-loaded" if imported.is_changed else "list-unchanged", said.signed_at


async def _keep_back(asking: Asking, by: ActingUser, wanted: ListToImport, shrunk: Shrunk) -> None:
    """Propose a list to a person; the one in force stays until then."""
    telemetry().error("list-kept-back", code="list-shrinks")
    proposed = Proposed(
        "lists",
        "import-list",
        f"{wanted.kind} {wanted.name}",
        shrunk.detail,
        msgspec.json.encode(wanted).decode(),
    )
    lasts = timedelta(days=asking.settings.approval.valid_days)
    async with asking.database.write() as connection:
        row = await proposals.propose(connection, by, asking.open_seal(), proposed, lasts=lasts)
        await note_kept_back(
            connection,
            row.proposal_id,
            KIND,
            wanted.name,
            shrunk,
            at=by.at,
            administration_id=by.administration_id,
        )


async def _note(asking: Asking, source: Source, outcome_code: str, **more: Any) -> None:
    async with asking.database.write() as connection:
        await store.note_outcome(
            connection, source.source_id, outcome_code, administration_id=asking.administration_id, **more
        )


def reach_of(settings: Settings) -> Reach:
    """Return where lists may be fetched from."""
    is_private = settings.lists.allows_private
    return Reach(allows_loopback=is_private, allows_private=is_private)


async def _read(settings: Settings, address: str, bytes_max: int) -> bytes:
    """Return a file by its address. Raises NotFetchedError, and what `fetch_file` raises."""
    if "://" in address:
        return await fetch_file(address, reach_of(settings), bytes_max, user_agent="Serai-Lists/1")
    return await asyncio.to_thread(_read_file, _file_of(settings, address), bytes_max)


def _read_file(path: Path, bytes_max: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(bytes_max + 1)
    except OSError as fault:
        raise NotFetchedError("it cannot be read") from fault
    if len(content) > bytes_max:
        raise NotFetchedError(f"it has more than {bytes_max} bytes")
    return content


def _file_of(settings: Settings, name: str) -> Path:
    """Return a file of the folder of lists; no name leads out of it."""
    if not settings.lists.folder or name != Path(name).name or name.startswith("."):
        raise _faulty("An address is https://..., or the name of a file in the folder of `lists.folder`.")
    return Path(settings.lists.folder) / name


def _read_public_key(text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (Base64Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise _faulty("A key of Ed25519 has 32 bytes, base64url without padding.")
    return key


def _faulty(message: str) -> SeraiError:
    return SeraiError("list-source-faulty", message, "Correct it, and register the source again.")
