"""Reading from the vault: only with a purpose, and written down before anything is opened."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from serai.foundation.binary_arrays import bigints
from serai.foundation.vault.epochs import QUERIES, Connection, Write
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.key_finder import FoundKeys, KeyFinder, RowName
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.records import MessageCodec, Opened, open_block, open_person
from serai.foundation.vault.restriction import PURPOSES_LEFT, select_restrictions
from serai.foundation.vault.rows import (
    Located,
    Pieces,
    locate_messages,
    locate_people,
    locate_person,
    piece_columns,
    pieces_of,
    read_pieces,
    select_pieces,
)
from serai.foundation.vault.sealing import Kind, RecordKey
from serai.foundation.vault.wrapping import chunk_place, chunks_of

_PURPOSE = re.compile(r"[a-z][a-z0-9-]{2,39}")


class Reach(msgspec.Struct, frozen=True):
    """On whose behalf the vault is read. purpose: a kebab-case word; actor: who is signed in."""

    administration_id: int
    purpose: str
    actor: str
    at: datetime


class Read(msgspec.Struct, frozen=True):
    """One line of a person's ledger."""

    kind: Kind
    subject_id: int
    record_id: int
    purpose: str
    actor: str
    read_at: datetime


async def open_people(
    write: Write, keyring: Keyring, records: Sequence[RecordKey], reach: Reach
) -> dict[RecordKey, Opened]:
    """Open the fields of persons, found by person and document. What is not in the answer was erased, is
    restricted to other purposes (`restriction.py`), or never was there.

    Errors: `vault-purpose-missing`, `vault-row-changed`, `vault-format-unknown`.
    """
    _require_purpose(reach)
    async with write() as connection:
        if reach.purpose not in PURPOSES_LEFT:
            restricted = await select_restrictions(
                connection,
                [person_id for person_id, _ in records],
                administration_id=reach.administration_id,
            )
            records = [one for one in records if one[0] not in restricted]
        rows = await locate_people(connection, records, administration_id=reach.administration_id)
        pieces = await _fetch(connection, rows, Kind.PERSON, records, reach)
    finder = KeyFinder(keyring, reach.administration_id)
    opened: dict[RecordKey, Opened] = {}
    for row in rows:
        keys = find_keys(finder, row, pieces).keys
        for (person_id, document_id), place in row.parts.items():
            if place.slot in keys:
                opened[person_id, document_id] = open_person(
                    keys[place.slot],
                    pieces.cut(row.batch_id, place.begin, place.size),
                    format_number=row.format,
                    administration_id=reach.administration_id,
                    document_id=document_id,
                    person_id=person_id,
                )
    return opened


async def open_messages(
    write: Write, keyring: Keyring, codec: MessageCodec, message_ids: Sequence[int], reach: Reach
) -> dict[int, Opened]:
    """Open messages. Missing ones and errors as with `open_people`."""
    _require_purpose(reach)
    records = [(message_id, message_id) for message_id in message_ids]
    async with write() as connection:
        rows = await locate_messages(connection, message_ids, administration_id=reach.administration_id)
        pieces = await _fetch(connection, rows, Kind.MESSAGE, records, reach)
    finder = KeyFinder(keyring, reach.administration_id)
    opened: dict[int, Opened] = {}
    for row in rows:
        found = find_keys(finder, row, pieces)
        blocks = {
            block: open_block_of(
                row, block, found, pieces, codec=codec, administration_id=reach.administration_id
            )
            for block in {block for block, _ in row.blocks.values()}
        }
        for message_id, (block, within) in row.blocks.items():
            message = blocks[block][within] if blocks[block] else None
            if message is not None:
                opened[message_id] = message
    return opened


async def select_records(
    connection: Connection, person_id: int, *, administration_id: int
) -> list[RecordKey]:
    """What the vault holds of a person, by name only: nothing is opened. What was erased is not among it."""
    rows = await locate_person(connection, person_id, administration_id=administration_id)
    pieces = await select_pieces(connection, rows)
    return sorted(
        record
        for row in rows
        for record, place in row.parts.items()
        if any(pieces.cut(row.batch_id, place.begin, place.size))
    )


async def list_reads(
    connection: Connection, subject_id: int, *, administration_id: int, kind: Kind = Kind.PERSON
) -> list[Read]:
    """The ledger of a person (or message): who read it, when and why, oldest first. It outlives an
    erasure.
    """
    cursor = await connection.execute(
        QUERIES["select_reads"],
        {"subject_id": subject_id, "administration_id": administration_id, "kind": kind.value},
    )
    return [Read(Kind(kind_name), *rest) for kind_name, *rest in await cursor.fetchall()]


def find_keys(finder: KeyFinder, row: Located, pieces: Pieces) -> FoundKeys:
    """Return the keys of what was located in a row, as far as they are there."""
    chunks = {
        chunk: pieces.cut(row.batch_id, *chunk_place(chunk, row.slot_count), is_key=True)
        for chunk in chunks_of(place.slot for place in row.parts.values())
    }
    generation = pieces.generations[row.batch_id]
    name = RowName(row.batch_id, row.format, row.epoch_id, generation, row.slot_count)
    return finder.find(name, chunks, (place.slot for place in row.parts.values()))


def open_block_of(
    row: Located,
    block: int,
    found: FoundKeys,
    pieces: Pieces,
    *,
    codec: MessageCodec,
    administration_id: int,
) -> list[Opened | None]:
    """Open a block of a row's messages; empty: its key is gone."""
    place = row.directory.block_place(block)
    if place.slot not in found.keys:
        return []
    return open_block(
        found.keys[place.slot],
        found.blocks.get(block) or pieces.cut(row.batch_id, place.begin, place.size),
        codec,
        administration_id=administration_id,
        document_ids=row.directory.ids_of_block(block),
    )


async def _fetch(
    connection: Connection, rows: Sequence[Located], kind: Kind, records: Sequence[RecordKey], reach: Reach
) -> Pieces:
    """Write the reads into the ledger, one line a row of the vault, and fetch the sealed bytes.

    The caller's transaction commits before anything is opened: a read cannot be rolled back out of the
    ledger.
    """
    batch_of: dict[Any, int] = defaultdict(int)
    for row in rows:
        for part in row.parts:
            batch_of[part if kind is Kind.PERSON else (part, part)] = row.batch_id
    wanted = {
        "subject_ids": bigints([subject for subject, _ in records]),
        "record_ids": bigints([record for _, record in records]),
        "read_batch_ids": bigints([batch_of[record] for record in records]),
        "kind": kind.value,
    }
    parameters = wanted | msgspec.structs.asdict(reach) | piece_columns(pieces_of(rows))
    cursor = await connection.execute(QUERIES["insert_reads"], parameters, binary=True)
    return read_pieces(await cursor.fetchall())


def _require_purpose(reach: Reach) -> None:
    if not _PURPOSE.fullmatch(reach.purpose) or not reach.actor:
        raise VaultError(
            "vault-purpose-missing",
            "The vault is read for a named purpose and by a named actor only.",
            "Say why, as a word such as examination or subject-request, and for whom.",
        )
