"""Erasing one person: no backup brings the name back, everybody else stays readable, a crash anywhere is
taken up again.
"""

import asyncio
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from serai.foundation.vault import erasure as erasure_module
from serai.foundation.vault.epochs import hold_epoch
from serai.foundation.vault.erasure import erase, resume_erasures
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.layout import BLOCK_COUNT
from serai.foundation.vault.reading import list_reads
from serai.foundation.vault.restored import repair_after_restore
from serai.foundation.vault.sealing import Kind
from serai.foundation.vault.wrapping import KEY_SIZE_BYTES, unwrap_keys
from tests.foundation_vault.people import Vault, erasure, expected, message, put_rows, unsealed_of

RECORDS = [(person, record) for person in range(1, 11) for record in (100, 101)]
OTHERS = [record for record in RECORDS if record[0] != 3]


async def test_erased_person_is_gone_and_the_others_open(vault: Vault) -> None:
    await vault.put(RECORDS)

    await vault.erase(3)

    assert await vault.names(RECORDS) == expected(OTHERS)


async def test_yesterdays_backup_does_not_bring_the_name_back_and_the_others_open_from_it(
    vault: Vault,
) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()
    await vault.erase(3)

    vault.restore(yesterday)

    assert await vault.names(RECORDS) == expected(OTHERS)


async def test_backups_of_every_age_open_after_several_erasures(vault: Vault) -> None:
    await vault.put(RECORDS)
    backups = [vault.dump()]
    for person in (3, 5, 7):
        await vault.erase(person)
        backups.append(vault.dump())
    left = [record for record in RECORDS if record[0] not in (3, 5, 7)]

    for backup in backups:
        vault.restore(backup)
        assert await vault.names(RECORDS) == expected(left)


async def test_no_key_on_the_disk_opens_the_erased_row(vault: Vault) -> None:
    epoch = await vault.put(RECORDS)
    before = {path.name for path in vault.keyring.folder.rglob("*.key")}

    await vault.erase(3)

    after = {path.name for path in vault.keyring.folder.rglob("*.key")}
    journal = vault.keyring.read_journal(epoch.epoch_id)
    assert before == {"00001.key"}
    assert after == {"00002.key"}
    assert journal is not None
    newest = vault.keyring.find(1, epoch.epoch_id, 2)
    assert newest is not None
    kept = journal.rows[100]
    keys = unwrap_keys(kept.wrapped_keys, newest, 100, kept.format)
    slots = [keys[place : place + KEY_SIZE_BYTES] for place in range(0, len(keys), KEY_SIZE_BYTES)]
    assert [any(key) for key in slots] == [record[0] != 3 for record in sorted(RECORDS, key=by_document)] + [
        True
    ]


async def test_erasure_after_a_restore_still_hides_everybody_erased_before(vault: Vault) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()
    await vault.erase(3)
    newer = vault.dump()
    vault.restore(yesterday)

    await vault.erase(5)

    left = [record for record in RECORDS if record[0] not in (3, 5)]
    assert await vault.names(RECORDS) == expected(left)
    for backup in (yesterday, newer):
        vault.restore(backup)
        assert await vault.names(RECORDS) == expected(left)


async def test_person_in_many_epochs_is_erased_from_all(vault: Vault) -> None:
    records = [(person, record) for record in range(4) for person in range(1, 31)]
    for record in range(4):
        await vault.put([one for one in records if one[1] == record])
    yesterday = vault.dump()

    done = await vault.erase(9)
    vault.restore(yesterday)

    assert len(done.epoch_ids) == 4
    assert await vault.names(records) == expected([one for one in records if one[0] != 9])


async def test_restored_database_is_mended_for_good(vault: Vault) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()
    await vault.erase(3)
    vault.restore(yesterday)

    gone = await repair_after_restore(vault.write, vault.keyring)
    for path in vault.keyring.folder.glob("*/journal"):
        path.unlink()

    assert gone == 2
    assert await vault.names(RECORDS) == expected(OTHERS)


async def test_writer_that_sealed_before_a_rotation_is_told_to_seal_again(vault: Vault) -> None:
    epoch = await vault.put(RECORDS)
    await vault.erase(3)

    with pytest.raises(VaultError, match="vault-epoch-rotated"):
        await vault.put_under(epoch, [(77, 1)])
    vault.source.forget(epoch)
    await vault.put([(77, 1)])

    assert await vault.names([(77, 1)]) == expected([(77, 1)])


async def test_person_may_come_again_after_an_erasure(vault: Vault) -> None:
    epoch = await vault.put(RECORDS)
    await vault.erase(3)
    vault.source.forget(epoch)

    await vault.put([(3, 500)])

    assert await vault.names([(3, 100), (3, 500)]) == expected([(3, 500)])


async def test_ledger_and_erasure_record_outlive_the_person(vault: Vault) -> None:
    await vault.put(RECORDS)
    await vault.names([(3, 100)])
    await vault.erase(3)

    async with vault.write() as connection:
        cursor = await connection.execute("SELECT subject_id, ground, actor FROM vault_erasure")
        assert await cursor.fetchall() == [(3, "subject-request", "privacy-officer")]
        assert len(await list_reads(connection, 3, administration_id=1)) == 1


async def test_erasing_nobody_is_no_error_and_leaves_no_intent(vault: Vault) -> None:
    await vault.put(RECORDS)

    assert (await vault.erase(999)).epoch_ids == ()
    assert await resume_erasures(vault.write, vault.keyring) == 0


async def test_messages_are_erased_the_same_way_though_they_are_sealed_in_blocks(vault: Vault) -> None:
    ids = range(1, 2 * BLOCK_COUNT)
    await vault.put_messages(ids)
    oldest = vault.dump()
    await vault.erase(4, Kind.MESSAGE)
    yesterday = vault.dump()

    await vault.erase(5, Kind.MESSAGE)

    left = {one: message(one) for one in ids if one not in (4, 5)}
    assert await vault.messages(ids) == left
    for backup in (yesterday, oldest):
        vault.restore(backup)
        assert await vault.messages(ids) == left
    assert await repair_after_restore(vault.write, vault.keyring) == 1
    assert await vault.messages(ids) == left


def by_document(record: tuple[int, int]) -> int:
    return record[1]


class CrashError(Exception):
    pass


def crash(*_: Any, **__: Any) -> None:
    raise CrashError


STEPS: dict[str, tuple[object, str]] = {
    "before the intent is written": (erasure_module, "write_durably"),
    "before the new key": (Keyring, "create"),
    "after the new key": (erasure_module, "_strike_subject"),
    "before the journal": (Keyring, "write_journal"),
    "after the journal, before the rows": (erasure_module, "overwrite"),
    "after the bytes, before the keys": (erasure_module, "update_keys"),
    "after the commit, before the old key is destroyed": (Keyring, "destroy_older"),
    "before the intent is removed": (erasure_module, "sync_folder"),
}


@pytest.mark.parametrize("step", STEPS)
async def test_crash_loses_nobody_and_is_taken_up_again(
    vault: Vault, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vault.put(RECORDS)
    oldest = vault.dump()
    await vault.erase(7)
    yesterday = vault.dump()
    left = [record for record in OTHERS if record[0] != 7]
    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], crash)
        with pytest.raises(CrashError):
            await erase(vault.write, vault.keyring, erasure(3))

    half_way = await vault.names(left)
    await resume_erasures(vault.write, vault.keyring)
    if step == "before the intent is written":
        await vault.erase(3)  # nothing was begun and nobody was told that it was done

    assert half_way == expected(left)
    assert await vault.names(RECORDS) == expected(left)
    assert await resume_erasures(vault.write, vault.keyring) == 0
    for backup in (yesterday, oldest):
        vault.restore(backup)
        assert await vault.names(RECORDS) == expected(left)


async def test_damaged_journal_is_an_error_and_not_a_forgotten_person(vault: Vault) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()
    await vault.erase(3)
    vault.restore(yesterday)
    (journal,) = vault.keyring.folder.glob("*/journal")
    journal.write_bytes(journal.read_bytes()[:-1] + b"x")

    with pytest.raises(VaultError, match="vault-journal-damaged"):
        await vault.names(RECORDS)


async def test_key_files_are_private(vault: Vault) -> None:
    await vault.put(RECORDS)
    await vault.erase(3)

    for path in vault.keyring.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


async def test_erasure_waits_for_a_batch_that_is_being_written(vault: Vault) -> None:
    epoch = await vault.put(RECORDS)

    async with vault.write() as connection:
        await hold_epoch(connection, epoch)
        erasing = asyncio.create_task(vault.erase(3))
        await asyncio.sleep(0.2)
        assert not erasing.done()
        await put_rows(connection, unsealed_of([(77, 1)]), epoch)
    await erasing

    assert await vault.names([(77, 1), (3, 100)]) == expected([(77, 1)])


async def test_two_erasures_in_one_epoch_at_once_both_hold(vault: Vault) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()

    await asyncio.gather(*(vault.erase(person) for person in (2, 3, 4, 5)))

    left = [record for record in RECORDS if record[0] not in (2, 3, 4, 5)]
    assert await vault.names(RECORDS) == expected(left)
    vault.restore(yesterday)
    assert await vault.names(RECORDS) == expected(left)


KILLED = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from serai.foundation.vault.erasure import erase
    from serai.foundation.vault.keyring import Keyring
    from tests.foundation_vault.conftest import writer
    from tests.foundation_vault.people import erasure

    setattr(Keyring, sys.argv[3], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    asyncio.run(erase(writer(sys.argv[1]), Keyring(Path(sys.argv[2])), erasure(3)))
"""


@pytest.mark.in_turn
@pytest.mark.parametrize("step", ["create", "write_journal", "destroy_older"])
async def test_process_killed_in_mid_erasure_is_taken_up_by_another(vault: Vault, step: str) -> None:
    await vault.put(RECORDS)
    yesterday = vault.dump()
    program = [sys.executable, "-c", textwrap.dedent(KILLED), vault.dsn, str(vault.keyring.folder), step]
    killed = subprocess.run(program, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL

    assert await vault.names(OTHERS) == expected(OTHERS)
    assert await resume_erasures(vault.write, vault.keyring) == 1

    vault.restore(yesterday)
    assert await vault.names(RECORDS) == expected(OTHERS)
