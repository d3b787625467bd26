"""Which epoch a writer seals under. Each process opens epochs of its own, so nobody has to count together."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.sealing import Epoch, Kind

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

RECORDS_COUNT_MAX = 65_536
"""An erasure re-wraps the keys of one epoch, so an epoch is bounded: about a second."""

Connection = AsyncConnection[tuple[Any, ...]]

Write = Callable[[], AbstractAsyncContextManager[Connection]]
"""Gives a connection in a transaction of its own that commits at the end: `Database.write`."""


class EpochSource:
    """Hands out the epoch of this process for one kind and administration, and opens a new one in time."""

    def __init__(
        self,
        keyring: Keyring,
        kind: Kind,
        administration_id: int,
        take_id: Callable[[], int],
        *,
        records_count_max: int = RECORDS_COUNT_MAX,
    ) -> None:
        """take_id gives ids that are never used twice, also not after a backup was restored."""
        self._keyring = keyring
        self._kind = kind
        self._administration_id = administration_id
        self._take_id = take_id
        self._records_count_max = records_count_max
        self._lock = asyncio.Lock()
        self._epoch: Epoch | None = None
        self._reserved_count = 0

    async def reserve(self, write: Write, records_count: int, at: datetime) -> Epoch:
        """An epoch with room for so many records; opened, when needed, in its own transaction."""
        assert records_count <= self._records_count_max, "a batch fits into an epoch"
        async with self._lock:
            if self._epoch is None or self._reserved_count + records_count > self._records_count_max:
                self._epoch = await self._open(write, at)
                self._reserved_count = 0
            self._reserved_count += records_count
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
        epoch = self._keyring.create(self._kind, self._administration_id, self._take_id(), 1)
        async with write() as connection:
            await connection.execute(
                QUERIES["insert_epoch"],
                {
                    "epoch_id": epoch.epoch_id,
                    "administration_id": epoch.administration_id,
                    "kind": epoch.kind.value,
                    "generation": epoch.generation,
                    "at": at,
                },
            )
        return epoch


async def hold_epochs(connection: Connection, epochs: Sequence[Epoch]) -> None:
    """Say in the batch's transaction, before its rows are copied in, that they are sealed under these epochs.

    Errors: `vault-epoch-rotated`: an erasure came between; forget the epoch, reserve again, seal again.
    """
    cursor = await connection.execute(
        QUERIES["hold_epochs"], {"epoch_ids": [epoch.epoch_id for epoch in epochs]}
    )
    generations: dict[int, int] = dict(await cursor.fetchall())
    if any(generations.get(epoch.epoch_id) != epoch.generation for epoch in epochs):
        raise VaultError(
            "vault-epoch-rotated",
            "The key of this epoch was rotated by an erasure.",
            "Reserve a new epoch and seal the batch again.",
        )
