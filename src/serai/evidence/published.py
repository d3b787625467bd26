"""The newest checkpoint as it is kept outside the database: no restored backup can take it back."""

import fcntl
from pathlib import Path
from typing import Final

from serai.evidence.errors import EvidenceError
from serai.evidence.notes import Checkpoint, open_checkpoint, read_checkpoint_text, read_note
from serai.evidence.store import Connection, StoredCheckpoint, read_checkpoint
from serai.foundation.vault.files import write_durably

_FILE: Final = "checkpoint"


class PublishedCheckpoint:
    """A file beside the keys. origin, public_key: of the log."""

    def __init__(self, folder: Path, *, origin: str, public_key: bytes) -> None:
        """Open the folder, made when missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / _FILE
        self._origin = origin
        self._public_key = public_key

    def read(self) -> Checkpoint | None:
        """Return it; None before the first. Errors: `note-unreadable`, `checkpoint-not-signed`."""
        try:
            note = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return open_checkpoint(note, self._origin, self._public_key)

    def write(self, note: str) -> None:
        """Keep a signed checkpoint in the place of a smaller one, through a power cut too.

        A process that stood still since it signed comes late, and takes nothing back.
        """
        with self._path.with_name(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self.read()
            if known is None or known.tree_size < read_checkpoint_text(read_note(note).text)[0].tree_size:
                write_durably(self._path, note.encode())

    async def require_all(self, connection: Connection) -> None:
        """Refuse a database that holds less than was signed. Errors: `log-went-back`, and those of `read`."""
        published, stored = self.read(), await read_checkpoint(connection)
        if published is not None and published.tree_size > _size_of(stored):
            raise went_back(published.tree_size, _size_of(stored))

    async def give_up(self, connection: Connection) -> tuple[int, int]:
        """Begin from what the database holds: how many leaves were signed, and how many are there.

        What lies between is lost: whoever keeps the later checkpoint can show that the log went back.
        """
        published, stored = self.read(), await read_checkpoint(connection)
        signed_count = 0 if published is None else published.tree_size
        if stored is None:
            self._path.unlink(missing_ok=True)
        else:
            write_durably(self._path, stored.note.encode())
        return signed_count, _size_of(stored)


def went_back(signed_count: int, stored_count: int) -> EvidenceError:
    """Say that a database is older than what was signed."""
    return EvidenceError(
        "log-went-back",
        f"The log holds {stored_count} leaves, but {signed_count} were signed: an older backup was restored.",
        "Restore a newer backup. If there is none: serai log recover, which records what was lost.",
    )


def _size_of(stored: StoredCheckpoint | None) -> int:
    return 0 if stored is None else stored.tree_size
