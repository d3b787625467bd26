"""Invented people in a vault, and a database backup as pg_dump makes it: the rows, without the key folder."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import numpy as np
import psycopg

from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import Connection, EpochSource, Write, hold_epoch
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.foundation.vault.records import MessageCodec
from serai.foundation.vault.sealing import (
    Kind,
    RecordKey,
    RetentionClass,
    Unsealed,
    seal_batch,
    without_people,
)
from serai.foundation.vault.wrapping import Epoch

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
REACH = Reach(administration_id=1, purpose="examination", actor="officer-7", at=AT)
SALT = b"salt" * 4
TABLES = ("vault_epoch", "vault_batch", "vault_read", "vault_erasure")


class Vault:
    """Batches of documents with people in them. A document's message says its number."""

    def __init__(self, dsn: str, keyring: Keyring, write: Write) -> None:
        self.dsn = dsn
        self.keyring = keyring
        self.write = write
        numbers = count(1000)
        self.source = EpochSource(keyring, 1, lambda: next(numbers), keys_count_max=50)

    async def put(self, records: Sequence[RecordKey]) -> Epoch:
        """Keep persons, by person and document, as one batch."""
        unsealed = unsealed_of(records)
        epoch = await self.source.reserve(self.write, unsealed.keys_count, AT)
        await self.put_under(epoch, records)
        return epoch

    async def put_under(self, epoch: Epoch, records: Sequence[RecordKey]) -> None:
        async with self.write() as connection:
            await hold_epoch(connection, epoch)
            await put_rows(connection, unsealed_of(records), epoch)

    async def put_messages(self, message_ids: Sequence[int]) -> Epoch:
        unsealed = without_people(message_ids, [message(one) for one in message_ids])
        epoch = await self.source.reserve(self.write, unsealed.keys_count, AT)
        async with self.write() as connection:
            await hold_epoch(connection, epoch)
            await put_rows(connection, unsealed, epoch)
        return epoch

    async def names(self, records: Sequence[RecordKey]) -> dict[RecordKey, bytes]:
        found = await open_people(self.write, self.keyring, records, REACH)
        return {record: opened.value for record, opened in found.items()}

    async def messages(self, message_ids: Sequence[int]) -> dict[int, bytes]:
        found = await open_messages(self.write, self.keyring, MessageCodec(), message_ids, REACH)
        return {one: opened.value for one, opened in found.items()}

    async def erase(self, subject_id: int, kind: Kind = Kind.PERSON) -> Erasure:
        return await erase(self.write, self.keyring, erasure(subject_id, kind))

    def dump(self) -> dict[str, bytes]:
        with psycopg.connect(self.dsn) as connection:
            return {table: _copy_out(connection, table) for table in TABLES}

    def restore(self, dump: dict[str, bytes]) -> None:
        with psycopg.connect(self.dsn) as connection:
            for table, rows in dump.items():
                connection.execute(f"TRUNCATE {table}")
                with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(rows)


def unsealed_of(records: Sequence[RecordKey]) -> Unsealed:
    """Persons as a batch of the documents they are on, each person and message with a salt."""
    counts = Counter(document_id for _, document_id in records)
    document_ids = sorted(counts)
    ordered = sorted(records, key=lambda record: record[1])
    return Unsealed(
        np.array(document_ids, dtype=np.int64),
        [message(one) for one in document_ids],
        [SALT] * len(document_ids),
        np.array([counts[one] for one in document_ids], dtype=np.int64),
        np.array([person_id for person_id, _ in ordered], dtype=np.int64),
        [name(*record) for record in ordered],
        [SALT] * len(ordered),
    )


async def put_rows(connection: Connection, unsealed: Unsealed, epoch: Epoch) -> None:
    rows = seal_batch(unsealed, epoch, MessageCodec(), RetentionClass.DECLARATION)
    await copy_table(connection, "vault_batch", rows)


def message(message_id: int) -> bytes:
    return b"<%d>" % message_id


def erasure(subject_id: int, kind: Kind = Kind.PERSON) -> Erasure:
    return Erasure(kind, 1, subject_id, "subject-request", "privacy-officer", AT)


def name(person_id: int, record_id: int) -> bytes:
    return b'{"name":"Person %d of %d"}' % (person_id, record_id)


def expected(records: Sequence[RecordKey]) -> dict[RecordKey, bytes]:
    return {record: name(*record) for record in records}


def _copy_out(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(piece) for piece in copy)
