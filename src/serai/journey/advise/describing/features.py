"""Hashed features of texts: words, pairs of words and parts of words, each a number below FEATURES_COUNT.

No word is stored anywhere: a feature is a number that many words share, and the model holds weights of
numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from serai.journey.advise.describing.texts import Texts
from serai.model.columns import Int64s

FEATURE_BITS: Final = 16
FEATURES_COUNT: Final = 1 << FEATURE_BITS
_Hashes = npt.NDArray[np.uint64]
_PART_LENGTHS = (3, 4, 5)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_BASE = np.uint64(0x100000001B3)
_SMALL_S = ord("s")
_PLURAL_LENGTH_MIN = 4
_EDGE = 1
_POWERS = np.cumprod(np.concatenate((np.ones(1, np.uint64), np.full(511, _BASE, np.uint64))))


@dataclass(frozen=True, slots=True)
class Features:
    """Features of a batch, by text.

    owners: text of each, ascending. numbers: below FEATURES_COUNT. words: the word each came from (of a pair
    the first). count: of texts.
    """

    owners: Int64s
    numbers: Int64s
    words: Int64s
    count: int


def hash_features(texts: Texts) -> Features:
    """Hash the words, pairs and parts of each text."""
    marked = _mix(texts.characters.astype(np.uint64) + np.uint64(_EDGE + 1))
    words = _hash_words(texts, marked)
    firsts = np.flatnonzero(texts.owners[1:] == texts.owners[:-1])
    pairs = _mix(words[firsts] * _BASE + words[firsts + 1])
    part_words, parts = _hash_parts(texts, marked)
    of_words = np.concatenate((np.arange(len(words)), firsts, part_words))
    hashes = np.concatenate((words, pairs, parts))
    owners = texts.owners[of_words]
    order = np.argsort(owners, kind="stable")
    numbers = (hashes[order] >> np.uint64(64 - FEATURE_BITS)).astype(np.int64)
    return Features(owners[order], numbers, of_words[order], texts.count)


def _hash_words(texts: Texts, marked: _Hashes) -> _Hashes:
    """Hash whole words; a plural in s is its singular."""
    if not len(texts.starts):
        return np.zeros(0, dtype=np.uint64)
    lengths = texts.ends - texts.starts
    last = texts.characters[texts.ends - 1]
    before_last = texts.characters[np.maximum(texts.ends - 2, 0)]
    is_plural = (lengths >= _PLURAL_LENGTH_MIN) & (last == _SMALL_S) & (before_last != _SMALL_S)
    kept = lengths - is_plural
    word_of = np.repeat(np.arange(len(kept)), kept)
    offsets = np.arange(len(word_of)) - np.repeat(np.cumsum(kept) - kept, kept)
    terms = marked[texts.starts[word_of] + offsets] * _POWERS[offsets]
    return _mix(np.add.reduceat(terms, np.cumsum(kept) - kept))


def _hash_parts(texts: Texts, marked: _Hashes) -> tuple[Int64s, _Hashes]:
    """Hash runs of three to five characters within words, whose two edges count as characters.

    Returns the word of each part, and its hash.
    """
    rows = np.flatnonzero(texts.ends - texts.starts >= 2)
    if not len(rows):
        return rows, np.zeros(0, dtype=np.uint64)
    lengths = (texts.ends - texts.starts)[rows] + 2
    of_row = np.repeat(np.arange(len(rows)), lengths)
    place = np.arange(len(of_row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    left = lengths[of_row] - place
    source = np.clip(texts.starts[rows][of_row] + place - 1, 0, len(marked) - 1)
    edge = _mix(np.full(1, _EDGE, dtype=np.uint64))
    values = np.where((place == 0) | (left == 1), edge, marked[source])
    found_rows: list[Int64s] = []
    found: list[_Hashes] = []
    for length in _PART_LENGTHS:
        at = np.flatnonzero(left >= length)
        hashed = np.full(len(at), length, dtype=np.uint64)
        for offset in range(length):
            hashed = hashed * _BASE + values[at + offset]
        found_rows.append(rows[of_row[at]])
        found.append(_mix(hashed))
    return np.concatenate(found_rows), np.concatenate(found)


def _mix(values: _Hashes) -> _Hashes:
    """Scatter numbers over all 64 bits."""
    mixed = (values ^ (values >> np.uint64(32))) * _FACTOR
    return np.asarray((mixed ^ (mixed >> np.uint64(29))) * _FACTOR)
