"""Sealing in bulk: the people and messages of a batch become few rows (mostly one) of table `vault_batch`."""

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import repeat
from typing import Final

import msgspec
import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Rows
from serai.foundation.vault.layout import BLOCK_COUNT, FORMAT, Directory, block_count_of, write_directory
from serai.foundation.vault.records import (
    PEOPLE,
    PERSON_BINDING,
    ZERO_NONCE,
    MessageCodec,
    seal_block,
    write_block,
)
from serai.foundation.vault.wrapping import KEY_SIZE_BYTES, Epoch, wrap_keys
from serai.model.columns import Int64s

RecordKey = tuple[int, int]
"""Person and document: what a person's part is found by."""

ROW_SIZE_BYTES_MAX: Final = 32 * 1024 * 1024
"""A batch of larger documents becomes several rows: PostgreSQL holds no value of a gibibyte."""


_SIZES: Final = [bytes((size,)) for size in range(256)]


class Kind(StrEnum):
    """What is read or erased. WORDS: those in messages that name a person."""

    PERSON = "person"
    MESSAGE = "message"
    WORDS = "words"


class RetentionClass(StrEnum):
    """What is kept for the same time, and so lies in rows of its own."""

    DECLARATION = "declaration"
    DOCUMENT = "document"
    EVENT = "event"


class Unsealed(msgspec.Struct, frozen=True):
    """The documents of a batch, in the open.

    document_ids: new ones, each with a message that is not empty. salts: one a message, of equal size; None:
    none. person_counts: of each document. person_ids, people, person_salts (each at most 255 bytes; None:
    none): document after document.
    """

    document_ids: Int64s
    messages: Sequence[bytes]
    salts: Sequence[bytes] | None
    person_counts: Int64s
    person_ids: Int64s
    people: Sequence[bytes]
    person_salts: Sequence[bytes] | None

    @property
    def keys_count(self) -> int:
        """Return how many keys its seals need, for `EpochSource.reserve`."""
        return len(self.people) + block_count_of(len(self.document_ids))

    def __repr__(self) -> str:
        return "Unsealed(...)"


def without_people(
    document_ids: Sequence[int], messages: Sequence[bytes], salts: Sequence[bytes] | None = None
) -> Unsealed:
    """Return documents that name nobody."""
    none = np.zeros(0, dtype=np.int64)
    counts = np.zeros(len(messages), dtype=np.int64)
    return Unsealed(np.array(document_ids, dtype=np.int64), messages, salts, counts, none, [], None)


def seal_batch(
    unsealed: Unsealed, epoch: Epoch, codec: MessageCodec, retention_class: RetentionClass
) -> Rows:
    """Seal documents; return rows for table `vault_batch`, each named after its first document."""
    rows = [_seal_row(part, epoch, codec) for part in _cut_to_size(unsealed)]
    return arrow.table(
        batch_id=arrow.int64([row.batch_id for row in rows]),
        administration_id=arrow.int16([epoch.administration_id] * len(rows)),
        retention_class=arrow.texts([retention_class.value] * len(rows)),
        format=arrow.int16([FORMAT] * len(rows)),
        epoch_id=arrow.int64([epoch.epoch_id] * len(rows)),
        generation=arrow.int16([epoch.generation] * len(rows)),
        first_id=arrow.int64([row.first_id for row in rows]),
        last_id=arrow.int64([row.last_id for row in rows]),
        directory=arrow.blobs([row.directory for row in rows]),
        wrapped_keys=arrow.blobs([row.wrapped_keys for row in rows]),
        sealed=arrow.blobs([row.sealed for row in rows]),
    )


class _Row(msgspec.Struct, frozen=True):
    batch_id: int
    first_id: int
    last_id: int
    directory: bytes
    wrapped_keys: bytes
    sealed: bytes


def _seal_row(part: Unsealed, epoch: Epoch, codec: MessageCodec) -> _Row:
    keys = os.urandom(part.keys_count * KEY_SIZE_BYTES)
    people = _seal_people(part, keys, epoch.administration_id)
    blocks = _seal_blocks(part, keys[len(people) * KEY_SIZE_BYTES :], epoch.administration_id, codec)
    directory = Directory(
        part.document_ids, part.person_counts, part.person_ids, _sizes(people), _sizes(blocks)
    )
    batch_id = int(part.document_ids[0])
    ids = np.concatenate((part.document_ids, part.person_ids))
    return _Row(
        batch_id,
        int(ids.min()),
        int(ids.max()),
        write_directory(directory),
        wrap_keys(keys, epoch, batch_id, FORMAT),
        b"".join(people + blocks),
    )


def _seal_people(part: Unsealed, keys: bytes, administration_id: int) -> list[bytes]:
    documents = np.repeat(part.document_ids, part.person_counts).tolist()
    bindings = map(
        PERSON_BINDING.pack, repeat(b"p"), repeat(administration_id), documents, part.person_ids.tolist()
    )
    salts = (
        repeat(b"\x00")
        if part.person_salts is None
        else [_SIZES[len(salt)] + salt for salt in part.person_salts]
    )
    cipher, zero, size = AESGCM, ZERO_NONCE, KEY_SIZE_BYTES
    places = range(0, size * len(part.people), size)
    # Salts may be endless; the other columns are of the documents' own count.
    return [
        cipher(keys[place : place + size]).encrypt(zero, salt + small, binding)
        for place, salt, small, binding in zip(
            places, salts, PEOPLE.compress_all(part.people), bindings, strict=False
        )
    ]


def _seal_blocks(part: Unsealed, keys: bytes, administration_id: int, codec: MessageCodec) -> list[bytes]:
    blocks = []
    for number, begin in enumerate(range(0, len(part.messages), BLOCK_COUNT)):
        some = slice(begin, begin + BLOCK_COUNT)
        plain = write_block(part.messages[some], part.salts[some] if part.salts is not None else None, codec)
        key = keys[number * KEY_SIZE_BYTES : (number + 1) * KEY_SIZE_BYTES]
        blocks.append(
            seal_block(key, plain, administration_id=administration_id, document_ids=part.document_ids[some])
        )
    return blocks


def _cut_to_size(unsealed: Unsealed) -> Iterator[Unsealed]:
    """Give parts of whole documents, none (but for a single document) above ROW_SIZE_BYTES_MAX."""
    person_ends = np.cumsum(unsealed.person_counts)
    people_sizes = np.concatenate(([0], np.cumsum(_sizes(unsealed.people))))
    ends = np.cumsum(_sizes(unsealed.messages)) + people_sizes[person_ends]
    begin, before = 0, 0
    while begin < len(ends):
        end = max(int(np.searchsorted(ends, before + ROW_SIZE_BYTES_MAX, side="right")), begin + 1)
        yield _part(unsealed, slice(begin, end), person_ends)
        begin, before = end, int(ends[end - 1])


def _part(unsealed: Unsealed, some: slice, person_ends: Int64s) -> Unsealed:
    if some == slice(0, len(unsealed.document_ids)):
        return unsealed
    people = slice(int(person_ends[some.start - 1]) if some.start else 0, int(person_ends[some.stop - 1]))
    salts, person_salts = unsealed.salts, unsealed.person_salts
    return Unsealed(
        unsealed.document_ids[some],
        unsealed.messages[some],
        None if salts is None else salts[some],
        unsealed.person_counts[some],
        unsealed.person_ids[people],
        unsealed.people[people],
        None if person_salts is None else person_salts[people],
    )


def _sizes(values: Sequence[bytes]) -> Int64s:
    return np.fromiter(map(len, values), dtype=np.int64, count=len(values))
