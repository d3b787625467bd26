"""The journal of an epoch: the re-wrapped keys of everybody who was not erased, kept outside the database.

A row restored from an older backup is wrapped under a key that was destroyed. Its re-wrapped keys are here,
but for those of whoever was erased; and the blocks from which a message was erased, as they are without it. A
file is magic, the journal in MessagePack, SHA-256.
"""

from hashlib import sha256
from pathlib import Path

import msgspec

from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.files import write_durably

_MAGIC = b"serai-vault-journal\x01"
_HASH_SIZE_BYTES = 32


class JournalRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a row of `vault_batch` would hold now. blocks: those that changed, by number."""

    format: int
    wrapped_keys: bytes
    blocks: dict[int, bytes] = {}


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of one epoch, by batch, under its newest key. generation: which key that is."""

    generation: int
    rows: dict[int, JournalRow]


_DECODER = msgspec.msgpack.Decoder(Journal)


def read_journal(path: Path) -> Journal | None:
    """The journal in this file; None if there is no file. Errors: `vault-journal-damaged`."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    body, seal = data[:-_HASH_SIZE_BYTES], data[-_HASH_SIZE_BYTES:]
    if not body.startswith(_MAGIC) or sha256(body).digest() != seal:
        raise VaultError(
            "vault-journal-damaged",
            f"The journal {path} is damaged.",
            "Restore the key folder from its mirror; restored database rows of this epoch need the journal.",
        )
    return _DECODER.decode(body[len(_MAGIC) :])


def write_journal(path: Path, journal: Journal) -> None:
    """Replace the journal in one step."""
    body = _MAGIC + msgspec.msgpack.encode(journal)
    write_durably(path, body + sha256(body).digest())
