"""The vault opens with a purpose only, writes each reach down, and keeps what it seals."""

from datetime import UTC, datetime

import psycopg
import pytest
import zstandard
from msgspec.structs import replace

from serai.foundation.ids import first_id_at
from serai.foundation.partitions import add_partitions
from serai.foundation.vault.dictionaries import insert_dictionary, select_dictionaries
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.reading import Reach, list_reads, open_people, select_records
from serai.foundation.vault.records import MessageCodec
from tests.foundation_vault.people import AT, REACH, Vault, expected

RECORDS = [(1, 100), (1, 101), (2, 100), (3, 102)]


async def test_what_was_sealed_opens_with_its_salt(vault: Vault) -> None:
    await vault.put(RECORDS)

    found = await open_people(vault.write, vault.keyring, RECORDS[:2], REACH)

    assert {record: opened.value for record, opened in found.items()} == expected(RECORDS[:2])
    assert {opened.salt for opened in found.values()} == {b"salt" * 4}
    assert "Person" not in repr(found)


async def test_nothing_readable_lies_in_the_database(vault: Vault) -> None:
    await vault.put(RECORDS)
    await vault.put_messages([1])

    assert not any(b"Person" in rows or b"<1>" in rows for rows in vault.dump().values())


@pytest.mark.parametrize(
    "reach", [replace(REACH, purpose=""), replace(REACH, purpose="Why?"), replace(REACH, actor="")]
)
async def test_without_purpose_or_actor_nothing_opens(vault: Vault, reach: Reach) -> None:
    await vault.put(RECORDS)

    with pytest.raises(VaultError, match="vault-purpose-missing"):
        await open_people(vault.write, vault.keyring, RECORDS, reach)


async def test_each_reach_is_in_the_persons_ledger(vault: Vault) -> None:
    await vault.put(RECORDS)
    await vault.names([(1, 100), (2, 100)])
    await vault.names([(1, 101)])

    async with vault.write() as connection:
        ledger = await list_reads(connection, 1, administration_id=1)
        of_other = await list_reads(connection, 1, administration_id=2)

    assert [(one.record_id, one.purpose, one.actor, one.read_at) for one in ledger] == [
        (100, "examination", "officer-7", AT),
        (101, "examination", "officer-7", AT),
    ]
    assert of_other == []


async def test_reach_is_written_down_before_anything_is_decrypted(vault: Vault) -> None:
    await vault.put(RECORDS)
    async with vault.write() as connection:
        await connection.execute(
            "UPDATE vault_batch SET sealed = set_byte(sealed, 3, 77 - get_byte(sealed, 3) % 64)"
        )

    with pytest.raises(VaultError, match="vault-row-changed"):
        await vault.names([(1, 100)])

    async with vault.write() as connection:
        assert len(await list_reads(connection, 1, administration_id=1)) == 1


@pytest.mark.parametrize("columns", ["sealed", "wrapped_keys", "wrapped_keys, sealed"])
async def test_columns_of_another_batch_do_not_open(vault: Vault, columns: str) -> None:
    await vault.put([(1, 100), (2, 101)])
    await vault.put([(3, 102), (4, 103)])
    async with vault.write() as connection:
        await connection.execute(
            "UPDATE vault_batch SET "
            + ", ".join(f"{one} = other.{one}" for one in columns.split(", "))
            + " FROM vault_batch other WHERE vault_batch.batch_id = 100 AND other.batch_id = 102"
        )

    with pytest.raises(VaultError, match="vault-row-changed"):
        await vault.names([(2, 101)])
    with pytest.raises(VaultError, match="vault-row-changed"):
        await vault.messages([101])


async def test_other_administration_opens_nothing(vault: Vault) -> None:
    await vault.put(RECORDS)

    assert await open_people(vault.write, vault.keyring, RECORDS, replace(REACH, administration_id=2)) == {}


async def test_records_of_a_person_are_listed_without_opening(vault: Vault) -> None:
    await vault.put(RECORDS)

    async with vault.write() as connection:
        assert await select_records(connection, 1, administration_id=1) == [(1, 100), (1, 101)]
        assert await list_reads(connection, 1, administration_id=1) == []


async def test_reader_role_sees_no_sealed_row(vault: Vault) -> None:
    await vault.put(RECORDS)

    async with vault.write() as connection:
        await connection.execute("SET LOCAL ROLE serai_reader")
        await connection.execute("SELECT set_config('serai.administration_id', '1', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("SELECT * FROM vault_batch")


async def test_messages_come_back_through_the_dictionary_they_were_compressed_with(vault: Vault) -> None:
    samples = [
        b'{"ucr":"%d","description":"cotton shirt","currency":"EUR"}' % (n * 7919) for n in range(2000)
    ]
    first = zstandard.train_dictionary(4096, [*samples[:1000]]).as_bytes()
    second = zstandard.train_dictionary(2048, [*samples[1000:]]).as_bytes()
    async with vault.write() as connection:
        await insert_dictionary(connection, first, at=AT)
    old = [MessageCodec([first]).compress(one) for one in samples[:3]]
    async with vault.write() as connection:
        await insert_dictionary(connection, second, at=AT.replace(hour=13))
        codec = MessageCodec(await select_dictionaries(connection))

    assert [
        codec.decompress(one)
        for one in [*old, codec.compress(samples[5]), codec.compress_harder(samples[6], 9)]
    ] == [*samples[:3], *samples[5:7]]


async def test_epochs_are_bounded(vault: Vault) -> None:
    epochs = {
        (await vault.put([(person, 100 + start) for person in range(start, start + 20)])).epoch_id
        for start in (0, 20, 40, 60)
    }

    assert len(epochs) == 2


@pytest.mark.parametrize(("month", "partition"), [(1, "2029_04"), (3, "2029_04"), (12, "2030_01")])
async def test_messages_lie_in_the_partition_of_their_quarter(
    vault: Vault, month: int, partition: str
) -> None:
    at = datetime(2029, month, 1, 0, 0, 1, tzinfo=UTC)
    message_id = first_id_at(at)
    async with vault.write() as connection:
        await add_partitions(connection, at)

    await vault.put_messages([message_id])

    async with vault.write() as connection:
        cursor = await connection.execute("SELECT tableoid::regclass::text FROM vault_batch")
        assert await cursor.fetchall() == [(f"vault_batch_before_{partition}",)]
    assert await vault.messages([message_id]) == {message_id: b"<%d>" % message_id}
