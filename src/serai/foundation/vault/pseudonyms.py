"""Pseudonyms: keyed hashes that let records be matched and counted without the name.

Each purpose has its own key, so that the pseudonyms of two purposes cannot be joined. The first byte is the
version of the key. Without the key a pseudonym tells nothing; with it, names can be tried one by one, so
the keys lie outside the database.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import blake2b

import numpy as np

from serai.foundation.keys import Secret
from serai.foundation.vault.errors import VaultError
from serai.model.columns import Int64s

PSEUDONYM_SIZE_BYTES = 16
_NUMBER_SIZE_BYTES = 8


class Purpose(StrEnum):
    """What a pseudonym is for."""

    QUOTA = "quota"
    SPLIT = "split"
    SCREENING = "screening"
    MATCH = "match"


class Pseudonymiser:
    """Makes pseudonyms under the present key of each purpose."""

    def __init__(self, keys: Mapping[Purpose, Secret]) -> None:
        assert all(0 < key.version < 256 and len(key.value) == 32 for key in keys.values()), "whole keys"
        self._started = {purpose: (key.version, _start(purpose, key)) for purpose, key in keys.items()}

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


def _start(purpose: Purpose, key: Secret) -> "blake2b":
    return blake2b(digest_size=PSEUDONYM_SIZE_BYTES - 1, key=key.value, person=purpose.value.encode())
