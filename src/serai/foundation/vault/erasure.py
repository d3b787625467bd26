"""Erasure: a person (or message) leaves the vault, and no restored database backup brings it back (decision
0055).

Order, each step durable before the next; a crash after any of them is taken up by `resume_erasures`:

1. An intent file names the subject and the epochs whose rows hold it.
2. For each epoch, under a lock that waits for writers: a new key is made; all keys but the subject's are
   wrapped under it; the journal with these keys replaces the old one; the rows get them, and zeros in the
   place of the subject's bytes; commit.
3. The older keys of the epoch are destroyed. From here on no backup of the database opens the subject.
4. The intent file is removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from serai.foundation.vault.dictionaries import select_dictionaries
from serai.foundation.vault.epochs import QUERIES, Connection, Write
from serai.foundation.vault.files import sync_folder, write_durably
from serai.foundation.vault.journal import Journal, JournalRow
from serai.foundation.vault.key_finder import KeyFinder
from serai.foundation.vault.keyring import ERASURES, Keyring
from serai.foundation.vault.records import MessageCodec, rewrite_block
from serai.foundation.vault.restored import (
    EpochRow,
    lock_epoch,
    mend_rows,
    overwrite,
    select_rows,
    update_keys,
)
from serai.foundation.vault.rows import Located, locate_messages, locate_person, select_pieces
from serai.foundation.vault.sealing import Kind
from serai.foundation.vault.wrapping import DESTROYED, KEY_SIZE_BYTES, Epoch, key_at, unwrap_keys, wrap_keys


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is erased, why (ground: a word), on whose word. epoch_ids: where the subject was."""

    kind: Kind
    administration_id: int
    subject_id: int
    ground: str
    actor: str
    at: datetime
    epoch_ids: tuple[int, ...] = ()


async def erase(write: Write, keyring: Keyring, erasure: Erasure) -> Erasure:
    """Erase a subject; returns the erasure with the epochs that were rotated.

    Nothing to erase is no error. Errors: `vault-epoch-unknown`; then the intent
    stays, and `resume_erasures` tries again.
    """
    return await _carry_out(write, keyring, erasure, {})


async def erase_words(write: Write, keyring: Keyring, erasure: Erasure, left: Mapping[int, bytes]) -> Erasure:
    """Erase words out of messages; returns the erasure with the epochs that were rotated.

    erasure: of kind WORDS; its subject is the person whom they name. left: by message, what stays of it.
    """
    assert erasure.kind is Kind.WORDS
    return await _carry_out(write, keyring, erasure, left) if left else erasure


async def _carry_out(write: Write, keyring: Keyring, erasure: Erasure, left: Mapping[int, bytes]) -> Erasure:
    intent = (
        keyring.folder
        / ERASURES
        / f"{erasure.kind}-{erasure.administration_id}-{erasure.subject_id:016x}.json"
    )
    wanted = list(left) if erasure.kind is Kind.WORDS else [erasure.subject_id]
    erasure = await _begin(write, erasure, wanted, intent)
    for epoch_id in erasure.epoch_ids:
        await rotate_epoch(
            write,
            keyring,
            erasure.administration_id,
            epoch_id,
            at=erasure.at,
            change=partial(_strike_subject, erasure=erasure, wanted=wanted, left=left, epoch_id=epoch_id),
        )
    intent.unlink(missing_ok=True)
    sync_folder(intent.parent)
    return erasure


async def resume_erasures(write: Write, keyring: Keyring) -> int:
    """Complete the erasures that a crash interrupted, each with its own time; returns how many. Call it at
    every start. Where words were to go, the keys of before are destroyed: whoever asked asks once more.
    """
    intents = sorted((keyring.folder / ERASURES).glob("*.json"))
    for intent in intents:
        await erase(write, keyring, msgspec.json.decode(intent.read_bytes(), type=Erasure))
    return len(intents)


async def _begin(write: Write, erasure: Erasure, wanted: Sequence[int], intent: Path) -> Erasure:
    """Step 1: find the epochs, record the erasure."""
    async with write() as connection:
        rows = await _locate(connection, erasure, wanted)
        pieces = await select_pieces(connection, rows)
        # Bytes of zeros were erased before: their key is gone.
        found = {
            row.epoch_id
            for row in rows
            if any(any(pieces.cut(row.batch_id, one.begin, one.size)) for one in row.parts.values())
        }
        if intent.is_file():
            found |= set(msgspec.json.decode(intent.read_bytes(), type=Erasure).epoch_ids)
        erasure = msgspec.structs.replace(erasure, epoch_ids=tuple(sorted(found | set(erasure.epoch_ids))))
        parameters = msgspec.structs.asdict(erasure) | {"kind": erasure.kind.value}
        del parameters["epoch_ids"]
        await connection.execute(QUERIES["insert_erasure"], parameters)
        # Before anything is changed: what a crash leaves behind, only the intent knows.
        write_durably(intent, msgspec.json.encode(erasure))
    return erasure


Change = Callable[
    [Connection, Sequence[EpochRow], dict[int, "Kept"]], Awaitable[list[tuple[int, int, bytes]]]
]
"""Takes keys out of those kept of an epoch's rows; returns batch, begin and bytes to overwrite."""


async def rotate_epoch(
    write: Write,
    keyring: Keyring,
    administration_id: int,
    epoch_id: int,
    *,
    at: datetime,
    change: Change,
) -> bool:
    """Wrap what is left of an epoch under a new key, and destroy the older ones; says whether anything is
    left. Errors: `vault-epoch-unknown`."""
    async with write() as connection:
        generation = await lock_epoch(connection, epoch_id)
        finder = KeyFinder(keyring, administration_id)
        await mend_rows(connection, finder, epoch_id)
        rows = await select_rows(connection, epoch_id)
        generation = max(generation, keyring.newest_generation(epoch_id)) + 1
        epoch = keyring.create(administration_id, epoch_id, generation)
        kept = _unwrap_rows(finder, epoch_id, rows)
        struck = await change(connection, rows, kept)
        # A thread: it may be megabytes, and the process answers others meanwhile.
        journal = await asyncio.to_thread(_wrap_rows, kept, epoch)
        keyring.write_journal(epoch_id, journal)
        for batch_id, begin, content in struck:
            await overwrite(connection, batch_id, begin, content)
        wrapped = {
            one.batch_id: journal.rows[one.batch_id].wrapped_keys for one in rows if one.batch_id in kept
        }
        await update_keys(connection, wrapped, generation)
        await connection.execute(
            QUERIES["update_epoch"], {"epoch_id": epoch_id, "generation": generation, "at": at}
        )
    keyring.destroy_older(epoch_id, generation)
    return bool(kept)


async def _locate(connection: Connection, erasure: Erasure, wanted: Sequence[int]) -> list[Located]:
    administration_id = erasure.administration_id
    if erasure.kind is Kind.PERSON:
        return await locate_person(connection, erasure.subject_id, administration_id=administration_id)
    return await locate_messages(connection, wanted, administration_id=administration_id)


@dataclass(slots=True)
class Kept:
    """The keys of a row in the open, joined, and the blocks that are not as they were first sealed."""

    format: int
    keys: bytes
    blocks: dict[int, bytes]


def _unwrap_rows(finder: KeyFinder, epoch_id: int, rows: Sequence[EpochRow]) -> dict[int, Kept]:
    """Open the keys of all rows of an epoch, by batch. Rows whose key is gone open for nobody and are left
    out.

    The journal's rows are taken along: a newer backup may hold rows that this database, restored from an
    older one, does not know.
    """
    journal = finder.journal(epoch_id)
    known = {} if journal is None else journal.rows
    wrapped = {
        batch_id: EpochRow(batch_id, one.format, journal.generation, one.wrapped_keys)
        for batch_id, one in known.items()
        if journal is not None
    } | {row.batch_id: row for row in rows}
    kept = {}
    for batch_id, row in wrapped.items():
        epoch = finder.epoch(epoch_id, row.generation)
        if epoch is not None:
            keys = unwrap_keys(row.wrapped_keys, epoch, batch_id, row.format)
            blocks = dict(known[batch_id].blocks) if batch_id in known else {}
            kept[batch_id] = Kept(row.format, keys, blocks)
    return kept


async def _strike_subject(
    connection: Connection,
    _rows: Sequence[EpochRow],
    kept: dict[int, "Kept"],
    *,
    erasure: Erasure,
    wanted: Sequence[int],
    left: Mapping[int, bytes],
    epoch_id: int,
) -> list[tuple[int, int, bytes]]:
    """Take the subject's keys out of those kept; returns batch, begin and bytes to overwrite."""
    located = [one for one in await _locate(connection, erasure, wanted) if one.epoch_id == epoch_id]
    struck: list[tuple[int, int, bytes]] = []
    pieces = await select_pieces(connection, located)
    codec = None if erasure.kind is Kind.PERSON else MessageCodec(await select_dictionaries(connection))
    for row in located:
        own = kept.get(row.batch_id)
        if own is None:
            continue
        blocks = {row.directory.block_place(block): block for block, _ in row.blocks.values()}
        for place in set(row.parts.values()):
            key, content = DESTROYED, bytes(place.size)
            if codec is not None:
                block = blocks[place]
                content, key = rewrite_block(
                    key_at(own.keys, place.slot),
                    pieces.cut(row.batch_id, place.begin, place.size),
                    codec,
                    administration_id=erasure.administration_id,
                    document_ids=row.directory.ids_of_block(block),
                    left={one: left.get(one, b"") for one, its in row.blocks.items() if its[0] == block},
                )
                own.blocks[block] = content
            begin = place.slot * KEY_SIZE_BYTES
            own.keys = own.keys[:begin] + key + own.keys[begin + KEY_SIZE_BYTES :]
            struck.append((row.batch_id, place.begin, content))
    return struck


def _wrap_rows(kept: Mapping[int, Kept], epoch: Epoch) -> Journal:
    rows = {
        batch_id: JournalRow(one.format, wrap_keys(one.keys, epoch, batch_id, one.format), one.blocks)
        for batch_id, one in kept.items()
    }
    return Journal(epoch.generation, rows)
