"""Erasure: a person (or message) leaves the vault, and no restored database backup brings it back (decision
0011).

Order, each step durable before the next; a crash after any of them is taken up by `resume_erasures`:

1. The rows are deleted. Before that commits, an intent file names the subject and the epochs it was in.
2. For each epoch, under a lock that waits for writers: a new key is made; every other record's key is
re-wrapped under it; the
   journal with all re-wrapped keys replaces the old one; the rows are updated; commit.
3. The older keys of the epoch are destroyed. From here on backups of the database do not open the subject.
4. The intent file is removed.
"""

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec

from serai.foundation.vault.epochs import QUERIES, Connection, Write
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.files import sync_folder, write_durably
from serai.foundation.vault.keyring import ERASURES, Keyring
from serai.foundation.vault.reading import KeyFinder
from serai.foundation.vault.sealing import Epoch, Kind, RecordKey, generation_of, wrap_keys


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
    intent = (
        keyring.folder
        / ERASURES
        / f"{erasure.kind}-{erasure.administration_id}-{erasure.subject_id:016x}.json"
    )
    erasure = await _delete_rows(write, erasure, intent)
    for epoch_id in erasure.epoch_ids:
        await _rotate(write, keyring, erasure, epoch_id)
    intent.unlink(missing_ok=True)
    sync_folder(intent.parent)
    return erasure


async def resume_erasures(write: Write, keyring: Keyring) -> int:
    """Complete the erasures that a crash interrupted, each with its own time; returns how many. Call it at
    every start.
    """
    intents = sorted((keyring.folder / ERASURES).glob("*.json"))
    for intent in intents:
        await erase(write, keyring, msgspec.json.decode(intent.read_bytes(), type=Erasure))
    return len(intents)


async def mend_after_restore(write: Write, keyring: Keyring) -> int:
    """Bring restored rows up to date with the key folder; returns how many were erased again.

    Reading works without it. It removes the sealed remains of erased people and makes the database whole by
    itself.
    """
    gone_count = 0
    for epoch_id in keyring.epochs_with_journal():
        gone_count += await _mend(write, keyring, epoch_id)
    return gone_count


async def _delete_rows(write: Write, erasure: Erasure, intent: Path) -> Erasure:
    async with write() as connection:
        parameters = {
            "kind": erasure.kind.value,
            "administration_id": erasure.administration_id,
            "subject_id": erasure.subject_id,
            "ground": erasure.ground,
            "actor": erasure.actor,
            "at": erasure.at,
        }
        cursor = await connection.execute(QUERIES[f"delete_{erasure.kind.value}"], parameters)
        found = {epoch_id for (epoch_id,) in await cursor.fetchall()}
        if intent.is_file():
            earlier = msgspec.json.decode(intent.read_bytes(), type=Erasure)
            found |= set(earlier.epoch_ids)
        erasure = msgspec.structs.replace(erasure, epoch_ids=tuple(sorted(found | set(erasure.epoch_ids))))
        await connection.execute(QUERIES["insert_erasure"], parameters)
        # Before the commit: once the rows are gone, only the intent knows which epochs are still to be
        # rotated.
        write_durably(intent, msgspec.json.encode(erasure))
    return erasure


async def _rotate(write: Write, keyring: Keyring, erasure: Erasure, epoch_id: int) -> None:
    """Step 2 and 3 for one epoch."""
    async with write() as connection:
        generation = await _lock_epoch(connection, epoch_id)
        cursor = await connection.execute(
            QUERIES[f"select_wrapped_{erasure.kind.value}"], {"epoch_id": epoch_id}, binary=True
        )
        rows = {(subject, record): wrapped for subject, record, wrapped in await cursor.fetchall()}
        generation = max(generation, keyring.newest_generation(epoch_id)) + 1
        epoch = keyring.create(erasure.kind, erasure.administration_id, epoch_id, generation)
        # A thread: 65,536 keys take a tenth of a second, and the process answers others meanwhile.
        made = await asyncio.to_thread(_rewrap, keyring, epoch, rows, erasure.subject_id)
        keyring.write_journal(epoch_id, generation, made)
        await _update_rows(
            connection, erasure.kind, {record: made[record] for record in rows if record in made}
        )
        await _delete_records(connection, erasure.kind, [record for record in rows if record not in made])
        await connection.execute(
            QUERIES["update_epoch"], {"epoch_id": epoch_id, "generation": generation, "at": erasure.at}
        )
    keyring.destroy_older(epoch_id, generation)


async def _mend(write: Write, keyring: Keyring, epoch_id: int) -> int:
    async with write() as connection:
        cursor = await connection.execute(QUERIES["select_epoch_kind"], {"epoch_id": epoch_id})
        row = await cursor.fetchone()
        journal = keyring.read_journal(epoch_id)
        if row is None or journal is None:
            return 0
        kind = Kind(row[0])
        await _lock_epoch(connection, epoch_id)
        cursor = await connection.execute(
            QUERIES[f"select_wrapped_{kind.value}"], {"epoch_id": epoch_id}, binary=True
        )
        current = journal.all_wrapped()
        stale = [
            (subject, record)
            for subject, record, wrapped in await cursor.fetchall()
            if generation_of(wrapped) < journal.generation
        ]
        gone = [record for record in stale if record not in current]
        await _update_rows(
            connection, kind, {record: current[record] for record in stale if record in current}
        )
        await _delete_records(connection, kind, gone)
    return len(gone)


async def _lock_epoch(connection: Connection, epoch_id: int) -> int:
    cursor = await connection.execute(QUERIES["lock_epoch"], {"epoch_id": epoch_id})
    row = await cursor.fetchone()
    if row is None:
        raise VaultError(
            "vault-epoch-unknown",
            f"Epoch {epoch_id} is not in this database.",
            "A backup older than the epoch was restored: restore a newer one, then start again.",
        )
    generation: int = row[1]
    return generation


def _rewrap(
    keyring: Keyring, epoch: Epoch, rows: dict[RecordKey, bytes], subject_id: int
) -> dict[RecordKey, bytes]:
    """Wrap the keys of all records but the subject's under the new key.

    The journal's records are taken along: a newer backup may hold rows that this database, restored from an
    older one, does not know.
    """
    journal = keyring.read_journal(epoch.epoch_id)
    known = {} if journal is None else journal.all_wrapped()
    finder = KeyFinder(keyring, epoch.kind, epoch.administration_id)
    keys: dict[RecordKey, bytes] = {}
    for record, wrapped in (known | rows).items():
        key = None if record[0] == subject_id else finder.find(epoch.epoch_id, record, wrapped)
        if key is not None:
            keys[record] = key
    return wrap_keys(keys, epoch)


async def _update_rows(connection: Connection, kind: Kind, wrapped: dict[RecordKey, bytes]) -> None:
    parameters = _columns(list(wrapped)) | {"wrapped_keys": list(wrapped.values())}
    await connection.execute(QUERIES[f"update_wrapped_{kind.value}"], parameters)


async def _delete_records(connection: Connection, kind: Kind, records: list[RecordKey]) -> None:
    await connection.execute(QUERIES[f"delete_records_{kind.value}"], _columns(records))


def _columns(records: list[RecordKey]) -> dict[str, list[int] | list[bytes]]:
    return {
        "subject_ids": [subject for subject, _ in records],
        "record_ids": [record for _, record in records],
    }
