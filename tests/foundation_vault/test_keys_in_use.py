"""Keys of all epochs are missed, and a request looks at few folders however many there are."""

from pathlib import Path

import pytest

from serai.foundation.vault.epochs import KeysInUse
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.keyring import Keyring
from tests.foundation_vault.people import Vault


class Counting(Keyring):
    """A key folder that counts how often it is asked."""

    asked_count = 0

    def has_key(self, epoch_id: int, generation: int) -> bool:
        self.asked_count += 1
        return super().has_key(epoch_id, generation)


async def epochs_of(vault: Vault, count: int) -> list[Path]:
    """Seal something under each of so many epochs; their folders, the oldest first."""
    for number in range(count):
        epoch = await vault.put([(number + 1, number + 100)])
        vault.source.forget(epoch)
    return sorted(path.parent for path in vault.keyring.folder.glob("*/*.key"))


async def test_a_request_looks_at_the_newest_epoch_alone(vault: Vault) -> None:
    folders = await epochs_of(vault, 12)
    keyring = Counting(vault.keyring.folder)
    keys = KeysInUse(keyring, 1)

    async with vault.write() as connection:
        await keys.require(connection)
        of_a_request = keyring.asked_count
        await keys.look(connection)
        folders[-1].rename(vault.keyring.folder / "away")
        with pytest.raises(VaultError, match="lost-epoch-keys"):
            await keys.require(connection)

    assert of_a_request == 1
    assert keyring.asked_count == 1 + 12 + 1


async def test_an_older_epoch_is_missed_from_the_next_look_until_it_is_back(vault: Vault) -> None:
    oldest, second, *_ = await epochs_of(vault, 4)
    away = vault.keyring.folder.parent
    keys = KeysInUse(vault.keyring, 1)

    async with vault.write() as connection:
        for folder in (oldest, second):
            folder.rename(away / folder.name)
        with pytest.raises(VaultError, match="Keys of 2 of 4 epochs"):
            await keys.look(connection)
        with pytest.raises(VaultError, match="Keys of 2 of 4 epochs"):
            await keys.require(connection)
        (away / oldest.name).rename(oldest)
        with pytest.raises(VaultError, match=f"Keys of 1 of 4 epochs .*{second.name}"):
            await keys.require(connection)
        (away / second.name).rename(second)
        await keys.require(connection)


async def test_of_many_that_came_back_the_one_that_did_not_is_missed_by_all_who_ask(vault: Vault) -> None:
    folders = await epochs_of(vault, 5)
    away = vault.keyring.folder.parent
    keyring = Counting(vault.keyring.folder)
    keys = KeysInUse(keyring, 1)

    async with vault.write() as connection:
        for folder in folders:
            folder.rename(away / folder.name)
        with pytest.raises(VaultError, match="Keys of 5 of 5 epochs"):
            await keys.look(connection)
        for folder in folders[:3]:
            (away / folder.name).rename(folder)
        keyring.asked_count = 0
        for _ in range(3):
            with pytest.raises(VaultError, match=f"Keys of 2 of 5 epochs .*{folders[3].name}"):
                await keys.require(connection)

    assert keyring.asked_count == 4 + 1 + 1, "what is back is looked at once"
