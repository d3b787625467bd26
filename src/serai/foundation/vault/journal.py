"""The journal of an epoch: the re-wrapped keys of everybody who was not erased, kept outside the database.

A row restored from an older backup is wrapped under a key that was destroyed. Its re-wrapped key is here,
unless the person was erased. Layout, big endian: magic, generation u16, then per record subject i64, record
i64, wrapped key; SHA-256 at the end.
"""

from hashlib import sha256
from pathlib import Path

import numpy as np

from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.files import write_durably
from serai.foundation.vault.sealing import WRAPPED_KEY_SIZE_BYTES, RecordKey

_MAGIC = b"serai-vault-journal\x01"
_ENTRY = np.dtype([("subject", ">i8"), ("record", ">i8"), ("wrapped", f"V{WRAPPED_KEY_SIZE_BYTES}")])


class Journal:
    """The wrapped keys of one epoch under its newest key. generation: which key that is."""

    def __init__(self, generation: int, entries: np.ndarray) -> None:
        self.generation = generation
        self._entries = entries

    def find(self, record: RecordKey) -> bytes | None:
        """The wrapped key of a record; None if it was erased."""
        subject_id, record_id = record
        place = int(np.searchsorted(self._entries["subject"], subject_id))
        for entry in self._entries[place:]:
            if entry["subject"] != subject_id:
                break
            if entry["record"] == record_id:
                return bytes(entry["wrapped"])
        return None

    def all_wrapped(self) -> dict[RecordKey, bytes]:
        """Every record with its wrapped key."""
        return {(subject, record): bytes(wrapped) for subject, record, wrapped in self._entries.tolist()}


def read_journal(path: Path) -> Journal | None:
    """The journal in this file; None if there is no file. Errors: `vault-journal-damaged`."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    body, seal = data[:-32], data[-32:]
    start = len(_MAGIC) + 2
    if not body.startswith(_MAGIC) or sha256(body).digest() != seal:
        raise VaultError(
            "vault-journal-damaged",
            f"The journal {path} is damaged.",
            "Restore the key folder from its mirror; restored database rows of this epoch need the journal.",
        )
    return Journal(int.from_bytes(body[start - 2 : start], "big"), np.frombuffer(body[start:], dtype=_ENTRY))


def write_journal(path: Path, generation: int, wrapped: dict[RecordKey, bytes]) -> None:
    """Replace the journal in one step."""
    entries = np.array([(*record, key) for record, key in sorted(wrapped.items())], dtype=_ENTRY)
    body = _MAGIC + generation.to_bytes(2, "big") + entries.tobytes()
    write_durably(path, body + sha256(body).digest())
