"""The keys of a row, wrapped by the key of its epoch: CHUNK_KEYS_COUNT at a time, in the order of their
slots.

A chunk is nonce (12 bytes), keys of 32 bytes, tag; it is bound to administration, row, format and its number,
so that a chunk copied elsewhere does not open. A key of zeros is one that was destroyed.
"""

import os
from collections.abc import Iterable
from struct import Struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation.vault.layout import row_changed

KEY_SIZE_BYTES: Final = 32
NONCE_SIZE_BYTES: Final = 12
CHUNK_KEYS_COUNT: Final = 64
DESTROYED: Final = bytes(KEY_SIZE_BYTES)

_TAG_SIZE_BYTES = 16
_CHUNK_PLAIN = CHUNK_KEYS_COUNT * KEY_SIZE_BYTES
_CHUNK_SEALED = NONCE_SIZE_BYTES + _CHUNK_PLAIN + _TAG_SIZE_BYTES
_BINDING = Struct(">shqhI")


class Epoch:
    """The key under which the keys of rows are wrapped now. Holds a secret: it prints without it."""

    def __init__(self, administration_id: int, epoch_id: int, generation: int, key: bytes) -> None:
        self.administration_id = administration_id
        self.epoch_id = epoch_id
        self.generation = generation
        self.cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"Epoch({self.epoch_id}, generation {self.generation})"


def wrap_keys(keys: bytes, epoch: Epoch, batch_id: int, format_number: int) -> bytes:
    """Wrap the keys of a row (joined, by slot)."""
    chunks = range(0, len(keys), _CHUNK_PLAIN)
    nonces = os.urandom(NONCE_SIZE_BYTES * len(chunks))
    parts: list[bytes] = []
    for number, place in enumerate(chunks):
        nonce = nonces[number * NONCE_SIZE_BYTES : (number + 1) * NONCE_SIZE_BYTES]
        binding = _bind(epoch, batch_id, format_number, number)
        parts += (nonce, epoch.cipher.encrypt(nonce, keys[place : place + _CHUNK_PLAIN], binding))
    return b"".join(parts)


def unwrap_keys(wrapped_keys: bytes, epoch: Epoch, batch_id: int, format_number: int) -> bytes:
    """Return all keys of a row, joined. Raises VaultError `vault-row-changed`."""
    parts = [
        unwrap_chunk(wrapped_keys[place : place + _CHUNK_SEALED], epoch, batch_id, format_number, number)
        for number, place in enumerate(range(0, len(wrapped_keys), _CHUNK_SEALED))
    ]
    return b"".join(parts)


def unwrap_chunk(chunk: bytes, epoch: Epoch, batch_id: int, format_number: int, number: int) -> bytes:
    """Return the keys of one chunk, joined. Raises VaultError `vault-row-changed`."""
    nonce, sealed = chunk[:NONCE_SIZE_BYTES], chunk[NONCE_SIZE_BYTES:]
    try:
        return epoch.cipher.decrypt(nonce, sealed, _bind(epoch, batch_id, format_number, number))
    except (InvalidTag, ValueError) as fault:
        raise row_changed() from fault


def chunks_of(slots: Iterable[int]) -> list[int]:
    """Return the chunks in which keys lie, ascending."""
    return sorted({slot // CHUNK_KEYS_COUNT for slot in slots})


def chunk_place(chunk: int, slot_count: int) -> tuple[int, int]:
    """Return where a chunk lies in the wrapped keys of a row with so many slots: begin and size."""
    count = min(CHUNK_KEYS_COUNT, slot_count - chunk * CHUNK_KEYS_COUNT)
    return chunk * _CHUNK_SEALED, NONCE_SIZE_BYTES + count * KEY_SIZE_BYTES + _TAG_SIZE_BYTES


def key_at(keys: bytes, slot: int) -> bytes:
    """Return one of joined keys."""
    return keys[slot * KEY_SIZE_BYTES : (slot + 1) * KEY_SIZE_BYTES]


def _bind(epoch: Epoch, batch_id: int, format_number: int, chunk: int) -> bytes:
    return _BINDING.pack(b"k", epoch.administration_id, batch_id, format_number, chunk)
