"""Sealing in bulk: AES-256-GCM under a fresh key per record, that key wrapped by the epoch's key.

A fresh key encrypts once, so its nonce is zero. Wrapping binds kind, administration, subject and record, so
that a row copied over another does not open. A salt is sealed with the value: whoever erases the value
erases the salt of its commitment.

wrapped key: generation u16, nonce 12 bytes, key and tag 48 bytes. sealed: length of salt u8, salt, value;
then the tag.
"""

import os
from collections.abc import Sequence
from enum import StrEnum
from itertools import repeat
from struct import Struct

import msgspec
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation.vault.errors import VaultError

KEY_SIZE_BYTES = 32
NONCE_SIZE_BYTES = 12
WRAPPED_KEY_SIZE_BYTES = 2 + NONCE_SIZE_BYTES + KEY_SIZE_BYTES + 16

RecordKey = tuple[int, int]
"""Subject and record: what a sealed row is found by."""

_RANDOM_SIZE_BYTES = KEY_SIZE_BYTES + NONCE_SIZE_BYTES
_NONCE_OF_FRESH_KEY = bytes(NONCE_SIZE_BYTES)
_BINDING = Struct(">shqq")


class Kind(StrEnum):
    """What is sealed."""

    PERSON = "person"
    MESSAGE = "message"


class Epoch:
    """The key under which record keys are wrapped now. Holds a secret: it prints without it."""

    def __init__(
        self, kind: Kind, administration_id: int, epoch_id: int, generation: int, key: bytes
    ) -> None:
        self.kind = kind
        self.administration_id = administration_id
        self.epoch_id = epoch_id
        self.generation = generation
        self.cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"Epoch({self.kind}, {self.epoch_id}, generation {self.generation})"


class Opened(msgspec.Struct, frozen=True):
    """A value and the salt that was sealed with it."""

    salt: bytes
    value: bytes

    def __repr__(self) -> str:
        return "Opened(...)"


def seal_people(
    values: Sequence[bytes],
    *,
    person_ids: Sequence[int],
    record_ids: Sequence[int],
    epoch: Epoch,
    salts: Sequence[bytes] | None = None,
) -> pa.RecordBatch:
    """Seal the fields of persons; returns rows for table vault_person, same order.

    values: one opaque byte string each. record_ids: what the value belongs to, unique for each person.
    salts: at most 255 bytes each.
    """
    assert epoch.kind is Kind.PERSON, "an epoch for people"
    wrapped, sealed = _seal(values, person_ids, record_ids, salts, epoch)
    return pa.RecordBatch.from_arrays(
        [
            pa.repeat(pa.scalar(epoch.administration_id, pa.int16()), len(values)),
            pa.array(person_ids, pa.int64()),
            pa.array(record_ids, pa.int64()),
            pa.repeat(pa.scalar(epoch.epoch_id, pa.int64()), len(values)),
            pa.array(wrapped, pa.binary()),
            pa.array(sealed, pa.binary()),
        ],
        names=["administration_id", "person_id", "record_id", "epoch_id", "wrapped_key", "sealed"],
    )


def seal_messages(
    compressed: Sequence[bytes],
    *,
    message_ids: Sequence[int],
    epoch: Epoch,
    salts: Sequence[bytes] | None = None,
) -> pa.RecordBatch:
    """Seal messages that `MessageCodec.compress` made small; returns rows for table vault_message, same
    order.
    """
    assert epoch.kind is Kind.MESSAGE, "an epoch for messages"
    wrapped, sealed = _seal(compressed, message_ids, message_ids, salts, epoch)
    return pa.RecordBatch.from_arrays(
        [
            pa.repeat(pa.scalar(epoch.administration_id, pa.int16()), len(compressed)),
            pa.array(message_ids, pa.int64()),
            pa.repeat(pa.scalar(epoch.epoch_id, pa.int64()), len(compressed)),
            pa.array(wrapped, pa.binary()),
            pa.array(sealed, pa.binary()),
        ],
        names=["administration_id", "message_id", "epoch_id", "wrapped_key", "sealed"],
    )


def open_sealed(key: bytes, sealed: bytes) -> Opened:
    """Open a sealed value with its own key. Errors: `vault-row-changed`."""
    try:
        plain = AESGCM(key).decrypt(_NONCE_OF_FRESH_KEY, sealed, None)
    except InvalidTag as fault:
        raise _changed() from fault
    end = 1 + plain[0]
    return Opened(plain[1:end], plain[end:])


def wrap_keys(keys: dict[RecordKey, bytes], epoch: Epoch) -> dict[RecordKey, bytes]:
    """Wrap the keys of many records under an epoch's key."""
    nonces = os.urandom(NONCE_SIZE_BYTES * len(keys))
    generation, encrypt = epoch.generation.to_bytes(2, "big"), epoch.cipher.encrypt
    wrapped = {}
    for place, (record, key) in zip(range(0, len(nonces), NONCE_SIZE_BYTES), keys.items(), strict=True):
        nonce = nonces[place : place + NONCE_SIZE_BYTES]
        wrapped[record] = generation + nonce + encrypt(nonce, key, _bind(epoch, record))
    return wrapped


def generation_of(wrapped_key: bytes) -> int:
    """Which generation of its epoch's key wraps it."""
    return int.from_bytes(wrapped_key[:2], "big")


def unwrap_key(wrapped_key: bytes, record: RecordKey, epoch: Epoch) -> bytes:
    """The key of a record. Errors: `vault-row-changed` if the row is not the one that was wrapped."""
    end = 2 + NONCE_SIZE_BYTES
    try:
        return epoch.cipher.decrypt(wrapped_key[2:end], wrapped_key[end:], _bind(epoch, record))
    except InvalidTag as fault:
        raise _changed() from fault


def _seal(
    values: Sequence[bytes],
    subject_ids: Sequence[int],
    record_ids: Sequence[int],
    salts: Sequence[bytes] | None,
    epoch: Epoch,
) -> tuple[list[bytes], list[bytes]]:
    count = len(values)
    assert len(subject_ids) == len(record_ids) == count, "columns of equal length"
    assert salts is None or len(salts) == count, "one salt for each value"
    random_bytes = os.urandom(_RANDOM_SIZE_BYTES * count)
    bindings = map(
        _BINDING.pack, repeat(_kind_code(epoch)), repeat(epoch.administration_id), subject_ids, record_ids
    )
    generation, wrap, cipher, zero = (
        epoch.generation.to_bytes(2, "big"),
        epoch.cipher.encrypt,
        AESGCM,
        _NONCE_OF_FRESH_KEY,
    )
    headed = repeat(b"\x00") if salts is None else [bytes((len(salt),)) + salt for salt in salts]
    wrapped: list[bytes] = []
    sealed: list[bytes] = []
    add_wrapped, add_sealed = wrapped.append, sealed.append
    places = range(0, len(random_bytes), _RANDOM_SIZE_BYTES)
    # headed may be endless, so the lengths were checked above.
    for place, value, head, binding in zip(places, values, headed, bindings, strict=False):
        middle = place + KEY_SIZE_BYTES
        key = random_bytes[place:middle]
        nonce = random_bytes[middle : place + _RANDOM_SIZE_BYTES]
        add_wrapped(generation + nonce + wrap(nonce, key, binding))
        add_sealed(cipher(key).encrypt(zero, head + value, None))
    return wrapped, sealed


def _bind(epoch: Epoch, record: RecordKey) -> bytes:
    return _BINDING.pack(_kind_code(epoch), epoch.administration_id, *record)


def _kind_code(epoch: Epoch) -> bytes:
    return b"p" if epoch.kind is Kind.PERSON else b"m"


def _changed() -> VaultError:
    return VaultError(
        "vault-row-changed",
        "A sealed row is not as it was written.",
        "Somebody changed or moved rows of the vault: restore them from a backup and look into it.",
    )
