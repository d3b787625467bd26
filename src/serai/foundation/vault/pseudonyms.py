"""Pseudonyms: keyed hashes that let records be matched and counted without the name.

Each purpose has its own key, so that the pseudonyms of two purposes cannot be joined; nor can those of two
administrations. The first byte is the version of the key. Without the key a pseudonym tells nothing; with it,
names can be tried one by one, so the keys lie outside the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b

import numpy as np

from serai.foundation.keyed_hash import sip_hash
from serai.foundation.keys import Secret
from serai.foundation.vault.errors import VaultError
from serai.model.columns import Int64s

PSEUDONYM_SIZE_BYTES = 16
_NUMBER_SIZE_BYTES = 8

# The version of the key goes with the half that is compared, so that the other has 64 bits of hash.
_HALVES = np.array([*range(1, 9), 0, *range(9, PSEUDONYM_SIZE_BYTES)])

Hasher = Callable[[Int64s], Int64s]
"""Makes the numbers that an index proposes rows by from 64 bits of a keyed hash each."""


def whole(numbers: Int64s) -> Int64s:
    """Return all 64 bits: what every process uses. A test puts one in its place that keeps few, so that keys
    collide."""
    return numbers


class Purpose(StrEnum):
    """What a pseudonym is for."""

    QUOTA = "quota"
    SPLIT = "split"
    SCREENING = "screening"
    MATCH = "match"
    SELECTION = "selection"


class Pseudonymiser:
    """Makes an administration's pseudonyms under the present key of each purpose."""

    def __init__(
        self, keys: Mapping[Purpose, Secret], *, administration_id: int, shorten: Hasher = whole
    ) -> None:
        self._shorten = shorten
        assert all(0 < key.version < 256 and len(key.value) == 32 for key in keys.values()), "whole keys"
        self._started = {
            purpose: (key.version, _start(purpose, key, administration_id)) for purpose, key in keys.items()
        }

    def pseudonyms(self, purpose: Purpose, values: Iterable[bytes]) -> list[bytes]:
        """Pseudonyms of 16 bytes, same order. values: already normalised; equal bytes give equal pseudonyms.

        Errors: `pseudonym-key-missing`.
        """
        found = self._started.get(purpose)
        if found is None:
            raise VaultError(
                "pseudonym-key-missing",
                f"There is no pseudonym key for purpose {purpose}.",
                "Create it in the key folder, or restore the key folder from its mirror.",
            )
        version, start = bytes([found[0]]), found[1].copy
        made: list[bytes] = []
        add = made.append
        for value in values:
            hasher = start()
            hasher.update(value)
            add(version + hasher.digest())
        return made

    def numbers(self, purpose: Purpose, values: Iterable[bytes]) -> Int64s:
        """Pseudonyms as whole numbers, for columns: eight of their bytes, without the version; never 0.

        Two values in some billions may share one: for comparing, not for counting. Errors as above.
        """
        joined = b"".join(one[1 : 1 + _NUMBER_SIZE_BYTES] for one in self.pseudonyms(purpose, values))
        numbers = np.frombuffer(joined, dtype="<i8").astype(np.int64)
        numbers[numbers == 0] = 1
        return numbers

    def draws(self, purpose: Purpose, columns: Sequence[Int64s]) -> Int64s:
        """Draws of rows: 62 bits of a keyed hash of their numbers, the same for the same numbers. Whoever
        lacks the key foresees none. Errors as above."""
        key = self.pseudonyms(purpose, [b"draws"])[0]
        words = [column.astype(np.uint64) for column in columns]
        hashes = sip_hash(key, words, 8 * len(words) << 56)
        return (hashes >> np.uint64(2)).astype(np.int64)

    def key_hashes(self, values: Iterable[bytes]) -> tuple[Int64s, Int64s]:
        """Pseudonyms for matching in two halves of 64 bits, each a column: the first is what an index finds
        rows by, the second what is compared with the row that was found. The first alone proves nothing.
        Errors as above.
        """
        joined = b"".join(self.pseudonyms(Purpose.MATCH, values))
        halves = np.frombuffer(joined, dtype=np.uint8).reshape(-1, PSEUDONYM_SIZE_BYTES)[:, _HALVES]
        pairs = np.ascontiguousarray(halves).view(">i8").astype(np.int64)
        return self._shorten(pairs[:, 0]), pairs[:, 1]


def _start(purpose: Purpose, key: Secret, administration_id: int) -> "blake2b":
    return blake2b(
        digest_size=PSEUDONYM_SIZE_BYTES - 1,
        key=key.value,
        salt=administration_id.to_bytes(2),
        person=purpose.value.encode(),
    )
