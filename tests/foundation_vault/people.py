"""Invented people in a vault, and a database backup as pg_dump makes it: the rows, without the key folder."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import psycopg

from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import EpochSource, Write, hold_epochs
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.foundation.vault.sealing import Epoch, Kind, RecordKey, seal_messages, seal_people

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
REACH = Reach(administration_id=1, purpose="examination", actor="officer-7", at=AT)
TABLES = ("vault_epoch", "vault_person", "vault_message", "vault_read", "vault_erasure")


class Vault:
    def __init__(self, dsn: str, keyring: Keyring, write: Write) -> None:
        self.dsn = dsn
        self.keyring = keyring
        self.write = write
        numbers = count(1000)
        self.people_source = EpochSource(keyring, Kind.PERSON, 1, lambda: next(numbers), records_count_max=50)
        self.message_source = EpochSource(
            keyring, Kind.MESSAGE, 1, lambda: next(numbers), records_count_max=50
        )

    async def put(self, records: Sequence[RecordKey]) -> Epoch:
        epoch = await self.people_source.reserve(self.write, len(records), AT)
        await self.put_under(epoch, records)
        return epoch

    async def put_under(self, epoch: Epoch, records: Sequence[RecordKey]) -> None:
        rows = seal_people(
            [name(*record) for record in records],
            person_ids=[person for person, _ in records],
            record_ids=[record for _, record in records],
            salts=[b"salt" * 4] * len(records),
            epoch=epoch,
        )
        async with self.write() as connection:
            await hold_epochs(connection, [epoch])
            await copy_table(connection, "vault_person", rows)

    async def put_messages(self, message_ids: Sequence[int]) -> None:
        epoch = await self.message_source.reserve(self.write, len(message_ids), AT)
        rows = seal_messages([b"<%d>" % one for one in message_ids], message_ids=message_ids, epoch=epoch)
        async with self.write() as connection:
            await hold_epochs(connection, [epoch])
            await copy_table(connection, "vault_message", rows)

    async def names(self, records: Sequence[RecordKey]) -> dict[RecordKey, bytes]:
        found = await open_people(self.write, self.keyring, records, REACH)
        return {record: opened.value for record, opened in found.items()}

    async def messages(self, message_ids: Sequence[int]) -> dict[int, bytes]:
        found = await open_messages(self.write, self.keyring, message_ids, REACH)
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


def erasure(subject_id: int, kind: Kind = Kind.PERSON) -> Erasure:
    return Erasure(kind, 1, subject_id, "subject-request", "privacy-officer", AT)


def name(person_id: int, record_id: int) -> bytes:
    return b'{"name":"Person %d of %d"}' % (person_id, record_id)


def expected(records: Sequence[RecordKey]) -> dict[RecordKey, bytes]:
    return {record: name(*record) for record in records}


def _copy_out(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(piece) for piece in copy)
