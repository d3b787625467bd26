"""Visibility events: rows in by COPY, windows of rows out."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from struct import Struct
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import bigints, blobs, smallints, texts
from serai.foundation.copying import copy_table
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

WORD_KINDS = ("eventType", "bizStep", "disposition", "readPoint", "bizLocation")
"""Places are stored, from 1."""

_NAME_LETTERS_MAX = 500

HashedKey = tuple[int, bytes]
"""Kind and keyed hash: both halves of a match key (`foundation.vault.pseudonyms`), eight bytes each."""

_HALVES = Struct(">qq")


def join_halves(kind: int, key_hash: int, check_hash: int) -> HashedKey:
    """Return a key of two halves as events carry it."""
    return (kind, _HALVES.pack(key_hash, check_hash))


def halves_of(keys: Sequence[HashedKey]) -> dict[str, Any]:
    """Return keys in halves, as the parameters of a query."""
    pairs = np.array([_HALVES.unpack(key_hash) for _, key_hash in keys], dtype=np.int64).reshape(-1, 2)
    return {
        "kinds": smallints([kind for kind, _ in keys]),
        "key_hashes": bigints(pairs[:, 0]),
        "check_hashes": bigints(pairs[:, 1]),
    }


class EventRow(msgspec.Struct, frozen=True):
    """An event as stored. content: packed JSON of its standard fields."""

    event_id: int
    party_id: int
    event_uri: str
    event_at: dt.datetime
    is_of_administration: bool
    is_sealed: bool
    content: bytes


class CaptureRow(msgspec.Struct, frozen=True):
    """One capture. problems, arrivals: JSON lists. refused: JSON (`Refusals`). salt: of the commitment to its
    events."""

    capture_id: int
    created_at: dt.datetime
    is_success: bool
    error_behaviour: str
    event_count: int
    taken_count: int
    repeated_count: int
    problems: str
    arrivals: str
    refused: str
    salt: bytes


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be written. things: canonical names, and whether each is a single
    thing that lists show. keys: by which it joins."""

    event_id: int
    event_uri: str
    event_at: dt.datetime
    kind: str
    biz_step_code: str | None
    disposition_code: str | None
    has_sensors: bool
    is_sealed: bool
    content: bytes
    things: Mapping[str, bool]
    keys: Sequence[HashedKey]


# ---- in ----


async def claim_events(
    connection: Connection,
    *,
    administration_id: int,
    party_id: int,
    content_keys: Sequence[bytes],
    event_ids: Sequence[int],
) -> set[int]:
    """Claim contents, each once; returns the ids of those that are new."""
    cursor = await connection.execute(
        QUERIES["claim_events"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "content_keys": blobs(content_keys),
            "event_ids": bigints(event_ids),
        },
    )
    return {event_id for (event_id,) in await cursor.fetchall()}


async def select_claimed(
    connection: Connection, content_keys: Sequence[bytes], *, administration_id: int, party_id: int
) -> dict[bytes, tuple[int, str | None]]:
    """Return id and identifier of the event that a content is known as, by content key.

    None: the event was dropped with its year, and only that it came is known.
    """
    cursor = await connection.execute(
        QUERIES["select_claimed"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "content_keys": blobs(content_keys),
        },
    )
    return {bytes(key): (event_id, uri) for key, event_id, uri in await cursor.fetchall()}


async def insert_events(
    connection: Connection,
    events: Sequence[NewEvent],
    *,
    administration_id: int,
    party_id: int,
    capture_id: int,
    is_of_administration: bool,
) -> None:
    """Write events with their things and keys."""
    count = len(events)
    await copy_table(
        connection,
        "epcis_event",
        arrow.table(
            event_id=arrow.int64([one.event_id for one in events]),
            administration_id=arrow.int16(np.full(count, administration_id)),
            party_id=arrow.int64(np.full(count, party_id)),
            capture_id=arrow.int64(np.full(count, capture_id)),
            event_uri=arrow.texts([one.event_uri for one in events]),
            event_at=arrow.instants(
                np.array([_milliseconds(one.event_at) for one in events], dtype=np.int64)
            ),
            kind=arrow.texts([one.kind for one in events]),
            biz_step_code=arrow.texts([one.biz_step_code for one in events]),
            disposition_code=arrow.texts([one.disposition_code for one in events]),
            has_sensors=arrow.flags(np.array([one.has_sensors for one in events], dtype=np.bool_)),
            is_of_administration=arrow.flags(np.full(count, is_of_administration)),
            is_sealed=arrow.flags(np.array([one.is_sealed for one in events], dtype=np.bool_)),
            content=arrow.blobs([one.content for one in events]),
        ),
    )
    things = [(name, one.event_id, is_listed) for one in events for name, is_listed in one.things.items()]
    await copy_table(
        connection,
        "epcis_thing",
        arrow.table(
            administration_id=arrow.int16(np.full(len(things), administration_id)),
            name=arrow.texts([name for name, _, _ in things]),
            event_id=arrow.int64([event_id for _, event_id, _ in things]),
            party_id=arrow.int64(np.full(len(things), party_id)),
            is_listed=arrow.flags(np.array([is_listed for _, _, is_listed in things], dtype=np.bool_)),
        ),
    )
    keys = [(kind, key_hash, one.event_id) for one in events for kind, key_hash in one.keys]
    await copy_table(
        connection,
        "epcis_key",
        arrow.table(
            administration_id=arrow.int16(np.full(len(keys), administration_id)),
            kind=arrow.int16(np.array([kind for kind, _, _ in keys], dtype=np.int64)),
            key_hash=arrow.blobs([key_hash for _, key_hash, _ in keys]),
            party_id=arrow.int64(np.full(len(keys), party_id)),
            event_id=arrow.int64([event_id for _, _, event_id in keys]),
        ),
    )


async def insert_words(
    connection: Connection, words: Iterable[tuple[int, str]], *, administration_id: int, party_id: int
) -> None:
    """Remember the words of events. words: place in WORD_KINDS from 1, and the word."""
    listed = sorted(set(words))
    await connection.execute(
        QUERIES["insert_words"],
        {
            "administration_id": administration_id,
            "party_id": party_id,
            "kinds": smallints([kind for kind, _ in listed]),
            "words": texts([word for _, word in listed]),
        },
    )


async def insert_capture(
    connection: Connection, row: CaptureRow, *, digests: bytes, administration_id: int, party_id: int
) -> None:
    """Write a capture; what came of it is added by `set_outcome`."""
    parameters = {
        **msgspec.structs.asdict(row),
        "digests": digests,
        "administration_id": administration_id,
        "party_id": party_id,
    }
    await connection.execute(QUERIES["insert_capture"], parameters)


async def set_outcome(connection: Connection, capture_id: int, *, arrivals: str, refused: str) -> None:
    """Add to a capture what became of the arrivals its events reported, and which count nowhere."""
    await connection.execute(
        QUERIES["set_outcome"], {"capture_id": capture_id, "arrivals": arrivals, "refused": refused}
    )


# ---- out ----


async def select_captures(
    connection: Connection, *, administration_id: int, party_id: int, before_id: int, limit: int
) -> list[CaptureRow]:
    """Return a party's captures, newest first."""
    parameters = {
        "administration_id": administration_id,
        "party_id": party_id,
        "before_id": before_id,
        "limit": limit,
    }
    cursor = await connection.execute(QUERIES["select_captures"], parameters)
    return [CaptureRow(*row) for row in await cursor.fetchall()]


async def select_capture(
    connection: Connection, capture_id: int, *, administration_id: int, party_id: int | None
) -> CaptureRow | None:
    """Return one capture. party_id: whose it must be; None: anybody's."""
    parameters = {
        "administration_id": administration_id,
        "party_id": party_id,
        "capture_id": capture_id,
    }
    cursor = await connection.execute(QUERIES["select_capture"], parameters)
    row = await cursor.fetchone()
    return None if row is None else CaptureRow(*row)


async def select_window(connection: Connection, query: str, parameters: Mapping[str, Any]) -> list[EventRow]:
    """Return the next rows in one of the four orders (`recorded_up` ... `happened_down`)."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return [EventRow(*row) for row in await cursor.fetchall()]


async def select_events(
    connection: Connection, event_ids: Sequence[int], *, administration_id: int
) -> list[EventRow]:
    """Return events by id, in the order of record."""
    if not event_ids:
        return []
    parameters = {"event_ids": bigints(event_ids), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_events"], parameters)
    return [EventRow(*row) for row in await cursor.fetchall()]


async def find_ids(connection: Connection, query: str, parameters: Mapping[str, Any]) -> set[int]:
    """Return ids of events by one of the queries `find_by_...`."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return {event_id for (event_id,) in await cursor.fetchall()}


async def find_by_key(
    connection: Connection, parameters: Mapping[str, Any], *, of_sender: int, limit: int
) -> tuple[list[tuple[HashedKey, int]], bool]:
    """Return keys with the ids of the first events that senders sent about them, and whether that is all.

    of_sender: most of one sender for one key. limit: most of all; then the first ones of each come first.
    """
    cursor = await connection.execute(
        QUERIES["find_by_key"], {**parameters, "of_sender": of_sender, "limit": limit}
    )
    rows = await cursor.fetchall()
    found = [
        ((kind, bytes(key_hash)), event_id)
        for kind, key_hash, event_id, place in rows[:limit]
        if place <= of_sender
    ]
    return found, len(found) == len(rows)


async def list_names(connection: Connection, query: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return names in order, by `list_words` or `list_things`."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return [name for (name,) in await cursor.fetchall()]


def stored_name(name: str) -> str:
    """Return a name as it stands in an index: itself, or where it is too long for one its hash."""
    if len(name) <= _NAME_LETTERS_MAX:
        return name
    return f"urn:x-serai:sha-256:{hashlib.sha256(name.encode()).hexdigest()}"


def key_parameters(keys: Sequence[HashedKey]) -> dict[str, Any]:
    """Return keys as the parameters of a query."""
    return {
        "kinds": smallints([kind for kind, _ in keys]),
        "key_hashes": blobs([key_hash for _, key_hash in keys]),
    }


def _milliseconds(at: dt.datetime) -> int:
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)
