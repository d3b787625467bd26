"""The keys of the epochs: files in a folder outside the database and outside its backups.

<folder>/<epoch id, hex>/<generation>.key   32 bytes; an epoch has one key, for moments during an erasure two
<folder>/<epoch id, hex>/journal            see journal.py; there once somebody of the epoch was erased
<folder>/erasures/<name>.json               erasures that have begun and are not complete
<folder>/expiries/<name>.json               the same, of rows that are kept no longer
"""

import os
from collections.abc import Iterator
from pathlib import Path

from serai.foundation.key_files import open_key_folder, write_once
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.files import destroy, make_private_folder
from serai.foundation.vault.journal import Journal, read_journal, write_journal
from serai.foundation.vault.wrapping import KEY_SIZE_BYTES, Epoch

ERASURES = "erasures"
EXPIRIES = "expiries"


class Keyring:
    """The key folder. Keys are read when used and not cached, so that a destroyed key is gone at once
    everywhere.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder, made when missing. Raises SeraiError `key-folder-open` if others can reach it."""
        self.folder = folder
        open_key_folder(folder)
        make_private_folder(folder / ERASURES)
        make_private_folder(folder / EXPIRIES)

    def create(self, administration_id: int, epoch_id: int, generation: int) -> Epoch:
        """Make a key; it is on the disk before this returns."""
        path = self._key_path(epoch_id, generation)
        make_private_folder(path.parent)
        key = os.urandom(KEY_SIZE_BYTES)
        is_new = write_once(path, key)
        assert is_new, "a generation has one key"
        return Epoch(administration_id, epoch_id, generation, key)

    def find(self, administration_id: int, epoch_id: int, generation: int) -> Epoch | None:
        """A key; None if it was destroyed. Errors: `vault-key-damaged`."""
        path = self._key_path(epoch_id, generation)
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return None
        if len(key) != KEY_SIZE_BYTES:
            raise VaultError(
                "vault-key-damaged",
                f"The key file {path} is damaged.",
                "Restore the key folder from its mirror; without it the epoch cannot be read.",
            )
        return Epoch(administration_id, epoch_id, generation, key)

    def has_key(self, epoch_id: int, generation: int) -> bool:
        """Whether a key of this generation or a newer one is there."""
        return any(one >= generation for one in self._generations(epoch_id))

    def newest_generation(self, epoch_id: int) -> int:
        """The highest generation that ever left a trace here; 0 if none."""
        journal = self.read_journal(epoch_id)
        return max([*self._generations(epoch_id), 0 if journal is None else journal.generation], default=0)

    def destroy_older(self, epoch_id: int, generation: int) -> None:
        """Destroy all keys of an epoch before this generation."""
        for older in self._generations(epoch_id):
            if older < generation:
                destroy(self._key_path(epoch_id, older))

    def destroy_epoch(self, epoch_id: int) -> None:
        """Destroy all keys of an epoch of which nothing is left, and its journal."""
        for generation in list(self._generations(epoch_id)):
            destroy(self._key_path(epoch_id, generation))
        journal = self._epoch_folder(epoch_id) / "journal"
        if journal.is_file():
            destroy(journal)

    def read_journal(self, epoch_id: int) -> Journal | None:
        """The journal of an epoch; None if nobody of it was erased."""
        return read_journal(self._epoch_folder(epoch_id) / "journal")

    def write_journal(self, epoch_id: int, journal: Journal) -> None:
        """Replace the journal of an epoch in one step."""
        write_journal(self._epoch_folder(epoch_id) / "journal", journal)

    def epochs_with_journal(self) -> list[int]:
        """The epochs of which somebody was erased."""
        return sorted(int(path.parent.name, 16) for path in self.folder.glob("*/journal"))

    def _generations(self, epoch_id: int) -> Iterator[int]:
        return (int(path.stem) for path in sorted(self._epoch_folder(epoch_id).glob("[0-9]*.key")))

    def _key_path(self, epoch_id: int, generation: int) -> Path:
        return self._epoch_folder(epoch_id) / f"{generation:05}.key"

    def _epoch_folder(self, epoch_id: int) -> Path:
        return self.folder / f"{epoch_id:016x}"
