"""Match keys as columns, each in two halves of a keyed hash: the first finds rows, both say who meets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from serai.journey.matching.document_frames import Matchable
from serai.journey.matching.linkage_features import keys_in_other_fields
from serai.journey.matching.rules import Keyed, keys_of
from serai.model.columns import Flags, Int64s

Key = tuple[int, int, int]
"""Kind of key (place in KEY_KINDS, from 1), and keyed hash of scheme, issuer and number: the 64 bits that an
index finds rows by, then the 64 that are compared with the row found."""

KeyHasher = Callable[[Sequence[bytes]], tuple[Int64s, Int64s]]
"""Gives both halves of the keyed hash of each text."""

Claims = set[tuple[int, int, int, int]]
"""Keys (kind, both halves), each with the case it was claimed for."""


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """Keys of documents, one row a key. places: of the document among those given."""

    places: Int64s
    kinds: Int64s
    key_hashes: Int64s
    check_hashes: Int64s

    def __len__(self) -> int:
        return len(self.places)

    def keys(self) -> list[Key]:
        """Return a key each, as the slower ways compare them."""
        return list(
            zip(self.kinds.tolist(), self.key_hashes.tolist(), self.check_hashes.tolist(), strict=True)
        )

    def take(self, rows: Int64s | Flags) -> "MatchKeys":
        """Return some of the rows."""
        return MatchKeys(self.places[rows], self.kinds[rows], self.key_hashes[rows], self.check_hashes[rows])

    def by_document(self, count: int) -> list[list[Key]]:
        """Return the keys of each of so many documents, in the order of `keys_of`."""
        found: list[list[Key]] = [[] for _ in range(count)]
        for place, key in zip(self.places.tolist(), self.keys(), strict=True):
            found[place].append(key)
        return found


def match_keys(documents: Sequence[Keyed], hash_texts: KeyHasher) -> MatchKeys:
    """Return the keys of documents, each document's in the order of `keys_of`."""
    return _hashed([keys_of(document) for document in documents], hash_texts)


def keys_elsewhere(documents: Sequence[Matchable], hash_texts: KeyHasher) -> MatchKeys:
    """Return the keys that documents have only if their numbers stand in other fields."""
    found = []
    for document in documents:
        own = set(keys_of(document))
        found.append([key for key in keys_in_other_fields(document) if key not in own])
    return _hashed(found, hash_texts)


def _hashed(found: Sequence[Sequence[tuple[int, str]]], hash_texts: KeyHasher) -> MatchKeys:
    return MatchKeys(
        np.repeat(np.arange(len(found)), [len(keys) for keys in found]),
        np.array([kind for keys in found for kind, _ in keys], dtype=np.int64),
        *hash_texts([text.encode() for keys in found for _, text in keys]),
    )


def hash_keys(keys: Sequence[tuple[int, str]], hash_texts: KeyHasher) -> list[Key]:
    """Return keys (kind and text, as of `keys_of`) as they are stored."""
    key_hashes, check_hashes = hash_texts([text.encode() for _, text in keys])
    return list(zip([kind for kind, _ in keys], key_hashes.tolist(), check_hashes.tolist(), strict=True))
