"""Finding the keys of sealed rows, also of rows restored from a backup older than their epoch's rotation."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from serai.foundation.vault.journal import Journal, JournalRow
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.wrapping import (
    CHUNK_KEYS_COUNT,
    DESTROYED,
    Epoch,
    chunk_place,
    key_at,
    unwrap_chunk,
)


class RowName(NamedTuple):
    """Which row, and under which key it says it is wrapped. slot_count: how many keys it has."""

    batch_id: int
    format: int
    epoch_id: int
    generation: int
    slot_count: int


class FoundKeys(NamedTuple):
    """Keys by slot, those that were destroyed left out. blocks: those that are not as the row holds them."""

    keys: dict[int, bytes]
    blocks: Mapping[int, bytes]


class KeyFinder:
    """Finds keys for one administration. For one task: it remembers what it read of the key folder."""

    def __init__(self, keyring: Keyring, administration_id: int) -> None:
        self._keyring = keyring
        self._administration_id = administration_id
        self._epochs: dict[tuple[int, int], Epoch | None] = {}
        self._journals: dict[int, Journal | None] = {}

    def find(self, row: RowName, chunks: Mapping[int, bytes], slots: Iterable[int]) -> FoundKeys:
        """Find the keys of some slots. chunks: the wrapped chunks they lie in, as the row holds them.

        Raises VaultError `vault-row-changed`, `vault-journal-damaged`.
        """
        blocks: Mapping[int, bytes] = {}
        epoch = self.epoch(row.epoch_id, row.generation)
        if epoch is None:
            journal = self.journal(row.epoch_id)
            kept = None if journal is None else journal.rows.get(row.batch_id)
            epoch = None if journal is None else self.epoch(row.epoch_id, journal.generation)
            if kept is None or epoch is None:
                return FoundKeys({}, {})
            chunks = {chunk: _chunk_of(kept, chunk, row.slot_count) for chunk in chunks}
            blocks = kept.blocks
        opened = {
            number: unwrap_chunk(chunk, epoch, row.batch_id, row.format, number)
            for number, chunk in chunks.items()
        }
        keys = {
            slot: key_at(opened[slot // CHUNK_KEYS_COUNT], slot % CHUNK_KEYS_COUNT) for slot in set(slots)
        }
        return FoundKeys({slot: key for slot, key in keys.items() if key != DESTROYED}, blocks)

    def epoch(self, epoch_id: int, generation: int) -> Epoch | None:
        """Return the key of an epoch; None: it was destroyed."""
        place = (epoch_id, generation)
        if place not in self._epochs:
            self._epochs[place] = self._keyring.find(self._administration_id, epoch_id, generation)
        return self._epochs[place]

    def journal(self, epoch_id: int) -> Journal | None:
        """Return the journal of an epoch; None: nobody of it was erased."""
        if epoch_id not in self._journals:
            self._journals[epoch_id] = self._keyring.read_journal(epoch_id)
        return self._journals[epoch_id]


def _chunk_of(kept: JournalRow, chunk: int, slot_count: int) -> bytes:
    begin, size = chunk_place(chunk, slot_count)
    return kept.wrapped_keys[begin : begin + size]
