"""Which epoch a writer seals under. Each process opens epochs of its own, so nobody has to count together."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.wrapping import Epoch

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

KEYS_COUNT_MAX = 65_536
"""An erasure re-wraps the keys of one epoch, two megabytes, so an epoch is bounded; one batch may exceed it.
"""

Connection = AsyncConnection[tuple[Any, ...]]

Write = Callable[[], AbstractAsyncContextManager[Connection]]
"""Gives a connection in a transaction of its own that commits at the end: `Database.write`."""


class EpochSource:
    """Hands out the epoch of this process for one administration, and opens a new one in time."""

    def __init__(
        self,
        keyring: Keyring,
        administration_id: int,
        take_id: Callable[[], int],
        *,
        keys_count_max: int = KEYS_COUNT_MAX,
    ) -> None:
        """take_id gives ids that are never used twice, also not after a backup was restored."""
        self._keyring = keyring
        self._administration_id = administration_id
        self._take_id = take_id
        self._keys_count_max = keys_count_max
        self._lock = asyncio.Lock()
        self._epoch: Epoch | None = None
        self._reserved_count = 0

    async def reserve(self, write: Write, keys_count: int, at: datetime) -> Epoch:
        """An epoch with room for so many keys; opened, when needed, in its own transaction."""
        async with self._lock:
            if self._epoch is None or self._reserved_count + keys_count > self._keys_count_max:
                self._epoch = await self._open(write, at)
                self._reserved_count = 0
            self._reserved_count += keys_count
            return self._epoch

    def drop(self) -> None:
        """Take a new epoch at the next reserve: the one in use was rotated."""
        self._epoch = None

    def forget(self, epoch: Epoch) -> None:
        """Do not hand out this epoch again: `hold_epoch` said that its key was rotated."""
        if self._epoch is epoch:
            self._epoch = None

    async def _open(
        self, write: Write, at: datetime
    ) -> Epoch:  # The key first: a row in the database must never name a key that is not on the disk.
        epoch = self._keyring.create(self._administration_id, self._take_id(), 1)
        async with write() as connection:
            await connection.execute(
                QUERIES["insert_epoch"],
                {
                    "epoch_id": epoch.epoch_id,
                    "administration_id": epoch.administration_id,
                    "generation": epoch.generation,
                    "at": at,
                },
            )
        return epoch


async def hold_epoch(connection: Connection, epoch: Epoch) -> None:
    """Say in the batch's transaction, before its rows are copied in, that they are sealed under this epoch.

    Errors: `vault-epoch-rotated`: an erasure came between; forget the epoch, reserve again, seal again.
    """
    cursor = await connection.execute(QUERIES["hold_epoch"], {"epoch_id": epoch.epoch_id})
    if await cursor.fetchone() != (epoch.generation,):
        raise VaultError(
            "vault-epoch-rotated",
            "The key of this epoch was rotated by an erasure.",
            "Reserve a new epoch and seal the batch again.",
        )


class KeysInUse:
    """Whether the keys are there under which something is sealed; without one people would look erased.

    Years make many epochs, and a folder is read for each: all are looked at now and then, and whoever asks
    between looks at the newest and at what the last look missed.
    """

    def __init__(self, keyring: Keyring, administration_id: int) -> None:
        self._keyring = keyring
        self._administration_id = administration_id
        self._used_count = 0
        self._lost: list[tuple[int, int]] = []

    async def look(self, connection: Connection) -> None:
        """Look at all, and refuse to go on where one is missing.

        Errors: `lost-epoch-keys`, which names how many and one of them.
        """
        used = await self._select(connection, "select_epochs_in_use")
        # Beside the loop, as each look is.
        lost = await asyncio.to_thread(lambda: [one for one in used if not self._keyring.has_key(*one)])
        self._used_count, self._lost = len(used), lost
        self._require_none(lost)

    async def require(self, connection: Connection) -> None:
        """Refuse to go on where the newest is missing, or one that the last look missed still is.

        Errors as in `look`.
        """
        newest = await self._select(connection, "select_newest_epoch_in_use")
        before = self._lost
        lost = await asyncio.to_thread(self._still_lost, before)
        if self._lost is before:  # nobody has looked at all meanwhile
            self._lost = lost
        if not lost:
            lost = await asyncio.to_thread(lambda: [one for one in newest if not self._keyring.has_key(*one)])
        self._require_none(lost)

    async def _select(self, connection: Connection, query: str) -> list[tuple[int, int]]:
        cursor = await connection.execute(QUERIES[query], {"administration_id": self._administration_id})
        return [(epoch_id, generation) for epoch_id, generation in await cursor.fetchall()]

    def _still_lost(self, lost: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return those from the first on that is still missing: what has come back is looked at once."""
        found = next((at for at, one in enumerate(lost) if not self._keyring.has_key(*one)), len(lost))
        return lost[found:] if found else lost

    def _require_none(self, lost: list[tuple[int, int]]) -> None:
        if lost:
            raise VaultError(
                "lost-epoch-keys",
                f"Keys of {len(lost)} of {max(self._used_count, len(lost))} epochs are missing in"
                f" {self._keyring.folder}: {lost[0][0]:016x} ...",
                "Put the key folder back from its newest backup; with an older one people would seem erased.",
            )
