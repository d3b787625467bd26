"""Rows of one epoch, and bringing those of an older backup up to date with the key folder."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from serai.foundation.binary_arrays import bigints, blobs
from serai.foundation.vault.epochs import QUERIES, Connection, Write
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.journal import JournalRow
from serai.foundation.vault.key_finder import KeyFinder
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.layout import Place, read_directory
from serai.foundation.vault.rows import Located, select_pieces
from serai.foundation.vault.wrapping import DESTROYED, Epoch, key_at, unwrap_keys


class EpochRow(NamedTuple):
    """A row of an epoch, without what is sealed in it."""

    batch_id: int
    format: int
    generation: int
    wrapped_keys: bytes


async def repair_after_restore(write: Write, keyring: Keyring) -> int:
    """Bring restored rows up to date with the key folder; returns how many persons, and blocks of messages,
    were erased again.

    Reading works without it. It removes the sealed remains of what was erased and makes the database whole by
    itself.
    """
    gone_count = 0
    for epoch_id in keyring.epochs_with_journal():
        async with write() as connection:
            cursor = await connection.execute(
                QUERIES["select_administration_of_epoch"], {"epoch_id": epoch_id}
            )
            row = await cursor.fetchone()
            if row is not None:
                await lock_epoch(connection, epoch_id)
                gone_count += await mend_rows(connection, KeyFinder(keyring, row[0]), epoch_id)
    return gone_count


async def mend_rows(connection: Connection, finder: KeyFinder, epoch_id: int) -> int:
    """Bring the rows of an epoch up to date; returns as `repair_after_restore`. The epoch is locked."""
    journal = finder.journal(epoch_id)
    epoch = None if journal is None else finder.epoch(epoch_id, journal.generation)
    if journal is None or epoch is None:
        return 0
    stale = {
        row.batch_id: journal.rows[row.batch_id]
        for row in await select_rows(connection, epoch_id)
        if row.generation < journal.generation and row.batch_id in journal.rows
    }
    changed = await _select_changed(connection, stale, epoch)
    pieces = await select_pieces(connection, [row for row, _ in changed])
    gone_count = 0
    for row, contents in changed:
        for place, content in contents.items():
            if pieces.cut(row.batch_id, place.begin, place.size) != content:
                await overwrite(connection, row.batch_id, place.begin, content)
                gone_count += 1
    wrapped = {batch_id: kept.wrapped_keys for batch_id, kept in stale.items()}
    await update_keys(connection, wrapped, journal.generation)
    return gone_count


async def lock_epoch(connection: Connection, epoch_id: int) -> int:
    """Lock an epoch against writers and other erasures; returns its generation. Errors:
    `vault-epoch-unknown`.
    """
    cursor = await connection.execute(QUERIES["lock_epoch"], {"epoch_id": epoch_id})
    row = await cursor.fetchone()
    if row is None:
        raise VaultError(
            "vault-epoch-unknown",
            f"Epoch {epoch_id} is not in this database.",
            "A backup older than the epoch was restored: restore a newer one, then start again.",
        )
    generation: int = row[0]
    return generation


async def select_rows(connection: Connection, epoch_id: int) -> list[EpochRow]:
    """Return the rows sealed under an epoch."""
    cursor = await connection.execute(QUERIES["select_rows_of_epoch"], {"epoch_id": epoch_id}, binary=True)
    return [EpochRow(*row) for row in await cursor.fetchall()]


async def overwrite(connection: Connection, batch_id: int, begin: int, content: bytes) -> None:
    """Put bytes over what is sealed in a row."""
    await connection.execute(QUERIES["overwrite"], {"batch_id": batch_id, "begin": begin, "content": content})


async def update_keys(connection: Connection, wrapped: Mapping[int, bytes], generation: int) -> None:
    """Give rows their re-wrapped keys."""
    await connection.execute(
        QUERIES["update_keys"],
        {
            "batch_ids": bigints(list(wrapped)),
            "wrapped_keys": blobs(list(wrapped.values())),
            "generation": generation,
        },
    )


async def _select_changed(
    connection: Connection, stale: Mapping[int, JournalRow], epoch: Epoch
) -> list[tuple[Located, dict[Place, bytes]]]:
    """Return the places that the journal says were overwritten, with what they hold since."""
    cursor = await connection.execute(
        QUERIES["select_row_directories"], {"batch_ids": bigints(list(stale))}, binary=True
    )
    changed = []
    for batch_id, epoch_id, number, content in await cursor.fetchall():
        kept, directory = stale[batch_id], read_directory(number, content)
        keys = unwrap_keys(kept.wrapped_keys, epoch, batch_id, number)
        persons = range(len(directory.person_ids))
        slots = np.array([slot for slot in persons if key_at(keys, slot) == DESTROYED], dtype=np.int64)
        contents = {place: bytes(place.size) for place in directory.person_places(slots)}
        contents |= {directory.block_place(block): sealed for block, sealed in kept.blocks.items()}
        if contents:
            parts = dict(enumerate(contents))
            changed.append((Located(batch_id, epoch_id, number, directory, parts, {}), contents))
    return changed
