"""Reading from the vault: only with a purpose, and written down before anything is handed out."""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from serai.foundation.binary_arrays import bigints
from serai.foundation.vault.epochs import QUERIES, Connection, Write
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.journal import Journal
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.sealing import (
    Epoch,
    Kind,
    Opened,
    RecordKey,
    generation_of,
    open_sealed,
    unwrap_key,
)

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
    """Open the fields of persons, found by person and record. What is not in the answer was erased or never
    there.

    Errors: `vault-purpose-missing`, `vault-row-changed`.
    """
    return await _open(write, keyring, Kind.PERSON, records, reach)


async def open_messages(
    write: Write, keyring: Keyring, message_ids: Sequence[int], reach: Reach
) -> dict[int, Opened]:
    """Open messages, still compressed (`MessageCodec.decompress`). Missing ones and errors as with
    `open_people`.
    """
    records = [(message_id, message_id) for message_id in message_ids]
    found = await _open(write, keyring, Kind.MESSAGE, records, reach)
    return {message_id: opened for (message_id, _), opened in found.items()}


async def select_records(
    connection: Connection, person_id: int, *, administration_id: int
) -> list[RecordKey]:
    """What the vault holds of a person, by name only: nothing is opened."""
    cursor = await connection.execute(
        QUERIES["select_records_of_person"], {"person_id": person_id, "administration_id": administration_id}
    )
    return [(person_id, record_id) for (record_id,) in await cursor.fetchall()]


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


class KeyFinder:
    """Finds the key of a record, also of one that was restored from a backup older than its
    epoch's rotation.
    """

    def __init__(self, keyring: Keyring, kind: Kind, administration_id: int) -> None:
        self._keyring = keyring
        self._kind = kind
        self._administration_id = administration_id
        self._epochs: dict[tuple[int, int], Epoch | None] = {}
        self._journals: dict[int, Journal | None] = {}

    def find(self, epoch_id: int, record: RecordKey, wrapped_key: bytes) -> bytes | None:
        """The record's own key; None if it was erased."""
        epoch = self._epoch(epoch_id, generation_of(wrapped_key))
        if epoch is None:
            journal = self._journal(epoch_id)
            found = None if journal is None else journal.find(record)
            if found is None:
                return None
            wrapped_key = found
            epoch = self._epoch(epoch_id, generation_of(found))
        return None if epoch is None else unwrap_key(wrapped_key, record, epoch)

    def _epoch(self, epoch_id: int, generation: int) -> Epoch | None:
        place = (epoch_id, generation)
        if place not in self._epochs:
            self._epochs[place] = self._keyring.find(
                self._kind, self._administration_id, epoch_id, generation
            )
        return self._epochs[place]

    def _journal(self, epoch_id: int) -> Journal | None:
        if epoch_id not in self._journals:
            self._journals[epoch_id] = self._keyring.read_journal(epoch_id)
        return self._journals[epoch_id]


async def _open(
    write: Write, keyring: Keyring, kind: Kind, records: Sequence[RecordKey], reach: Reach
) -> dict[RecordKey, Opened]:
    if not _PURPOSE.fullmatch(reach.purpose) or not reach.actor:
        raise VaultError(
            "vault-purpose-missing",
            "The vault is read for a named purpose and by a named actor only.",
            "Say why, as a word such as examination or subject-request, and for whom.",
        )
    wanted = {
        "subject_ids": bigints([subject for subject, _ in records]),
        "record_ids": bigints([record for _, record in records]),
    }
    # Its own transaction, committed before anything is decrypted: a read cannot be rolled back out of the
    # ledger.
    async with write() as connection:
        written = wanted | msgspec.structs.asdict(reach) | {"kind": kind.value}
        await connection.execute(QUERIES["insert_reads"], written)
        cursor = await connection.execute(
            QUERIES[f"select_{kind.value}"],
            wanted | {"administration_id": reach.administration_id},
            binary=True,
        )
        rows = await cursor.fetchall()
    finder = KeyFinder(keyring, kind, reach.administration_id)
    opened: dict[RecordKey, Opened] = {}
    for subject_id, record_id, epoch_id, wrapped_key, sealed in rows:
        record = (subject_id, record_id)
        key = finder.find(epoch_id, record, wrapped_key)
        if key is not None:
            opened[record] = open_sealed(key, sealed)
    return opened
