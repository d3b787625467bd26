"""Expiry: what is kept no longer leaves the vault, and no restored database backup brings it back.

What is still wanted of a row that goes is copied out: a person's part as it is, with its key; messages into
blocks of their own, under fresh keys. Then, as with an erasure, each step durable before the next:

1. An intent file names the epochs whose rows are to go.
2. The caller's transaction takes the rows away, and commits.
3. Each epoch is rotated: the rows left are wrapped under a new key, the older ones are destroyed; an epoch
   with nothing left loses all its keys.
4. The intent file is removed.

A crash after any of them is taken up by `resume_expiries`: what is still there stays readable.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Rows
from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import QUERIES, Write
from serai.foundation.vault.erasure import Kept, rotate_epoch
from serai.foundation.vault.files import sync_folder, write_durably
from serai.foundation.vault.key_finder import KeyFinder
from serai.foundation.vault.keyring import EXPIRIES, Keyring
from serai.foundation.vault.layout import (
    BLOCK_COUNT,
    FORMAT,
    Directory,
    block_count_of,
    read_directory,
    write_directory,
)
from serai.foundation.vault.records import MessageCodec, open_block, seal_block, write_block
from serai.foundation.vault.restored import EpochRow, mend_rows
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.wrapping import KEY_SIZE_BYTES, Epoch, key_at, unwrap_keys, wrap_keys
from serai.model.columns import Int64s

Connection = AsyncConnection[Any]

_READ_COUNT: Final = 500


class Sorted(msgspec.Struct):
    """Old rows of the vault, sorted by what becomes of them.

    whole: rows that stay as they are; parts: rows of which something is copied out, which takes so many keys;
    gone_count: rows that go. epochs: administration by epoch of rows that lose something.
    """

    whole: list[int] = []
    parts: list[int] = []
    gone_count: int = 0
    gone_message_count: int = 0
    epochs: dict[int, int] = {}
    keys_count: int = 0


class Expiry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which epochs lose rows: administration by epoch. before_id: rows older than this that the database does
    not hold are gone for good."""

    at: datetime
    before_id: int
    epochs: dict[int, int]


async def hold_epochs(connection: Connection, *, before_id: int) -> None:
    """Let no erasure change rows older than an id until the transaction ends."""
    await connection.execute(QUERIES["hold_old_epochs"], {"before_id": before_id})


async def sort_rows(connection: Connection, kept_ids: Int64s, *, before_id: int) -> Sorted:
    """Sort rows older than an id by what is wanted of them; those of events are kept for a time of their own.
    kept_ids: of messages."""
    found = Sorted()
    after_id = -1
    while True:
        cursor = await connection.execute(
            QUERIES["select_old_rows"],
            {"after_id": after_id, "before_id": before_id, "limit": _READ_COUNT},
            binary=True,
        )
        rows = await cursor.fetchall()
        for batch_id, administration_id, epoch_id, number, retention_class, content in rows:
            directory = read_directory(number, content)
            wanted = np.isin(directory.document_ids, kept_ids)
            if retention_class == RetentionClass.EVENT or wanted.all():
                found.whole.append(batch_id)
                continue
            found.gone_message_count += int((~wanted).sum())
            found.epochs[epoch_id] = administration_id
            if not wanted.any():
                found.gone_count += 1
                continue
            found.parts.append(batch_id)
            found.keys_count += int(directory.person_counts[wanted].sum())
            found.keys_count += block_count_of(int(wanted.sum()))
        if len(rows) < _READ_COUNT:
            return found
        after_id = rows[-1][0]


async def delete_events(connection: Connection, *, before_id: int) -> dict[int, int]:
    """Delete rows of events older than an id; returns the administration of each epoch that lost some."""
    cursor = await connection.execute(
        QUERIES["delete_old_events"],
        {"before_id": before_id, "retention_class": RetentionClass.EVENT.value},
    )
    return dict(await cursor.fetchall())


def begin_expiry(keyring: Keyring, expiry: Expiry) -> None:
    """Write down which epochs are about to lose rows. Before the transaction that takes them commits."""
    write_durably(_intent(keyring, expiry), msgspec.json.encode(expiry))


def _intent(keyring: Keyring, expiry: Expiry) -> Path:
    at_ms = int(expiry.at.timestamp() * 1000)
    return keyring.folder / EXPIRIES / f"{expiry.before_id:016x}-{at_ms:x}.json"


async def copy_parts(
    connection: Connection,
    keyring: Keyring,
    codec: MessageCodec,
    batch_ids: Sequence[int],
    kept_ids: Int64s,
    *,
    epochs: Mapping[int, Epoch],
    table: str,
) -> None:
    """Copy what is wanted of rows out of them, into rows of another table; their epochs are held.

    epochs: to seal under, by administration.
    """
    mended: set[int] = set()
    for batch_id in batch_ids:
        key = {"batch_id": batch_id}
        cursor = await connection.execute(QUERIES["select_whole_row"], key, binary=True)
        row = await cursor.fetchone()
        assert row is not None, "the old rows are locked"
        administration_id, epoch_id = row[0], row[1]
        finder = KeyFinder(keyring, administration_id)
        if epoch_id not in mended:
            if await mend_rows(connection, finder, epoch_id):
                cursor = await connection.execute(QUERIES["select_whole_row"], key, binary=True)
                row = await cursor.fetchone()
                assert row is not None
            mended.add(epoch_id)
        part = _cut_out(batch_id, row, finder, codec, kept_ids, epoch=epochs[administration_id])
        if part is not None:
            await copy_table(connection, table, part)


def _cut_out(
    batch_id: int,
    row: Sequence[Any],
    finder: KeyFinder,
    codec: MessageCodec,
    kept_ids: Int64s,
    *,
    epoch: Epoch,
) -> Rows | None:
    """Return what is wanted of a row as a row of its own; None: its keys are gone, so it opens for nobody."""
    administration_id, epoch_id, generation, number, retention_class, content, wrapped_keys, sealed = row
    old_epoch = finder.epoch(epoch_id, generation)
    if old_epoch is None:
        return None
    keys = unwrap_keys(wrapped_keys, old_epoch, batch_id, number)
    old = read_directory(number, content)
    wanted = np.isin(old.document_ids, kept_ids)
    slots = np.flatnonzero(np.repeat(wanted, old.person_counts))
    places = old.person_places(slots)
    people = [sealed[one.begin : one.begin + one.size] for one in places]
    person_keys = [key_at(keys, one.slot) for one in places]
    messages, salts = _open_wanted(
        old, wanted, keys, sealed, codec=codec, administration_id=administration_id
    )
    document_ids = old.document_ids[wanted]
    blocks, block_keys = [], []
    for begin in range(0, len(messages), BLOCK_COUNT):
        some = slice(begin, begin + BLOCK_COUNT)
        block_keys.append(os.urandom(KEY_SIZE_BYTES))
        blocks.append(
            seal_block(
                block_keys[-1],
                write_block(messages[some], salts[some] if any(salts) else None, codec),
                administration_id=administration_id,
                document_ids=document_ids[some],
            )
        )
    directory = Directory(
        document_ids,
        old.person_counts[wanted],
        old.person_ids[slots],
        old.person_sizes[slots],
        np.array([len(one) for one in blocks], dtype=np.int64),
    )
    own_id = int(document_ids[0])
    ids = np.concatenate((document_ids, directory.person_ids))
    return arrow.table(
        batch_id=arrow.int64([own_id]),
        administration_id=arrow.int16([administration_id]),
        retention_class=arrow.texts([retention_class]),
        format=arrow.int16([FORMAT]),
        epoch_id=arrow.int64([epoch.epoch_id]),
        generation=arrow.int16([epoch.generation]),
        first_id=arrow.int64([int(ids.min())]),
        last_id=arrow.int64([int(ids.max())]),
        directory=arrow.blobs([write_directory(directory)]),
        wrapped_keys=arrow.blobs([wrap_keys(b"".join(person_keys + block_keys), epoch, own_id, FORMAT)]),
        sealed=arrow.blobs([b"".join(people + blocks)]),
    )


def _open_wanted(
    directory: Directory,
    wanted: Any,
    keys: bytes,
    sealed: bytes,
    *,
    codec: MessageCodec,
    administration_id: int,
) -> tuple[list[bytes], list[bytes]]:
    """Open the messages wanted of a row, and their salts; both empty for one that was erased."""
    messages: list[bytes] = []
    salts: list[bytes] = []
    for block in range(len(directory.block_sizes)):
        here = wanted[block * BLOCK_COUNT : (block + 1) * BLOCK_COUNT]
        if not here.any():
            continue
        place = directory.block_place(block)
        opened = open_block(
            key_at(keys, place.slot),
            sealed[place.begin : place.begin + place.size],
            codec,
            administration_id=administration_id,
            document_ids=directory.ids_of_block(block),
        )
        for one, is_wanted in zip(opened, here.tolist(), strict=True):
            if is_wanted:
                messages.append(b"" if one is None else one.value)
                salts.append(b"" if one is None else one.salt)
    size = max(map(len, salts), default=0)
    return messages, [salt or bytes(size) for salt in salts]


async def end_expiry(write: Write, keyring: Keyring, expiry: Expiry) -> int:
    """Destroy the keys of what is gone; returns the number of epochs that lost all theirs."""

    async def drop_gone(
        _: Connection, rows: Sequence[EpochRow], kept: dict[int, Kept]
    ) -> list[tuple[int, int, bytes]]:
        held = {row.batch_id for row in rows}
        for batch_id in [one for one in kept if one < expiry.before_id and one not in held]:
            del kept[batch_id]
        return []

    emptied_count = 0
    for epoch_id, administration_id in sorted(expiry.epochs.items()):
        is_left = await rotate_epoch(
            write, keyring, administration_id, epoch_id, at=expiry.at, change=drop_gone
        )
        if not is_left:
            keyring.destroy_epoch(epoch_id)
            emptied_count += 1
    intent = _intent(keyring, expiry)
    intent.unlink(missing_ok=True)
    sync_folder(intent.parent)
    return emptied_count


async def resume_expiries(write: Write, keyring: Keyring) -> int:
    """Complete the expiries that a crash interrupted; returns how many. Call it at every start."""
    intents = sorted((keyring.folder / EXPIRIES).glob("*.json"))
    for intent in intents:
        await end_expiry(write, keyring, msgspec.json.decode(intent.read_bytes(), type=Expiry))
    return len(intents)
