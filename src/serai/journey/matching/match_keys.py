"""By what documents are found: match keys as columns, each in two halves of a keyed hash (the first finds
rows, both say who meets), and what documents have in common that share no number as it is written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from serai.journey.matching.document_frames import Matchable, numbers_of
from serai.journey.matching.numbers import number_forms
from serai.journey.matching.rules import HOUSE_DOCUMENT, ORDER, UCR, Keyed, keys_of
from serai.model.columns import Flags, Int64s
from serai.model.documents import Declaration

FEATURE_DOCUMENTS_COUNT_MAX: Final = 24
"""What more documents than this are like says nothing of any of them."""

_PREFIXES: Final = {UCR: "ucr||", HOUSE_DOCUMENT: "house||", ORDER: "order||"}


def linkage_features_of(document: Matchable) -> dict[str, str]:
    """Return the texts that documents like this one have in common: its numbers without case and punctuation,
    with their signs in order, so that two that were swapped make no difference. Of each also the number with
    its signs as they are: who has that, too, has the same number."""
    forms = [number_forms(text) for _, text in numbers_of(document)]
    return {f"signs|{digits or ''.join(sorted(plain))}": plain for _, plain, digits, *_ in forms if plain}


def keys_in_other_fields(document: Matchable) -> list[tuple[int, str]]:
    """Return kind and text of the match keys that a document would have if each of its numbers stood in any
    field, as written or plainly; the text is as in `rules.keys_of`."""
    texts: Iterable[str] = dict.fromkeys(
        form for _, text in numbers_of(document) for form in number_forms(text)[:2] if form
    )
    return [(kind, prefix + text) for text in texts for kind, prefix in _PREFIXES.items()]


def lacks(document: Declaration, kinds_there: int, kinds_needed: int) -> bool:
    """Say whether a declaration waits for a document: by law, or for the order that it names.

    kinds_there, kinds_needed: bit by kind number.
    """
    return bool(kinds_needed & ~kinds_there) or (bool(document.order_references) and not kinds_there >> 2 & 1)


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
    together = list(chain.from_iterable(found))
    return MatchKeys(
        np.repeat(np.arange(len(found)), list(map(len, found))),
        np.array([kind for kind, _ in together], dtype=np.int64),
        *hash_texts([text.encode() for _, text in together]),
    )


def hash_keys(keys: Sequence[tuple[int, str]], hash_texts: KeyHasher) -> list[Key]:
    """Return keys (kind and text, as of `keys_of`) as they are stored."""
    key_hashes, check_hashes = hash_texts([text.encode() for _, text in keys])
    return list(zip([kind for kind, _ in keys], key_hashes.tolist(), check_hashes.tolist(), strict=True))
