"""Hashed features of texts: words, pairs of words, parts of words and their consonants, each a number below
FEATURES_COUNT.

No word is stored anywhere: a feature is a number that many words share, and the model holds weights of
numbers.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from serai.model.columns import Int64s
from serai.model.text_arrays import Texts

FEATURE_BITS: Final = 16
FEATURES_COUNT: Final = 1 << FEATURE_BITS
_Hashes = npt.NDArray[np.uint64]
_PART_LENGTH = 4
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_BASE = np.uint64(0x100000001B3)
_SMALL_S = ord("s")
_PLURAL_LENGTH_MIN = 4
_VOWELS = np.array([ord(one) for one in "aeiouy"])
_CONSONANTS_MIN, _CONSONANTS_FIRST = 3, 4
_OF_CONSONANTS, _OF_FIRST_CONSONANTS = np.uint64(2), np.uint64(3)
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
    """Hash the words, pairs, parts and consonants of each text."""
    if not len(texts.starts):
        return Features(texts.owners, texts.owners, texts.owners, texts.count)
    marked = _mix(texts.characters.astype(np.uint64) + np.uint64(_EDGE + 1))
    letters = _letters_of(texts)
    words = _mix(np.add.reduceat(marked[letters.places] * _POWERS[letters.offsets], letters.firsts))
    firsts = np.flatnonzero(texts.owners[1:] == texts.owners[:-1])
    pairs = _mix(words[firsts] * _BASE + words[firsts + 1])
    part_words, parts = _hash_parts(texts, marked)
    bone_words, bones = _hash_consonants(texts, letters, marked)
    of_words = np.concatenate((np.arange(len(words)), firsts, part_words, bone_words))
    hashes = np.concatenate((words, pairs, parts, bones))
    owners = texts.owners[of_words]
    order = np.argsort(owners, kind="stable")
    numbers = (hashes[order] >> np.uint64(64 - FEATURE_BITS)).astype(np.int64)
    return Features(owners[order], numbers, of_words[order], texts.count)


class _Letters(NamedTuple):
    """Letters of all words, a plural's s left out. places: among the characters. words: of each letter.
    offsets: in its word. firsts: of each word its first letter."""

    places: Int64s
    words: Int64s
    offsets: Int64s
    firsts: Int64s


def _letters_of(texts: Texts) -> _Letters:
    """Lay out the letters of words; a plural in s is its singular."""
    lengths = texts.ends - texts.starts
    last = texts.characters[texts.ends - 1]
    before_last = texts.characters[np.maximum(texts.ends - 2, 0)]
    is_plural = (lengths >= _PLURAL_LENGTH_MIN) & (last == _SMALL_S) & (before_last != _SMALL_S)
    kept = lengths - is_plural
    firsts = np.cumsum(kept) - kept
    words = np.repeat(np.arange(len(kept)), kept)
    offsets = np.arange(len(words)) - firsts[words]
    return _Letters(texts.starts[words] + offsets, words, offsets, firsts)


def _hash_consonants(texts: Texts, letters: _Letters, marked: _Hashes) -> tuple[Int64s, _Hashes]:
    """Hash the consonants of each word, and the first four: `cndtnr` is conditioner on a parcel's label, and
    a slip of the pen mostly leaves them. The first letter counts whatever it is, a double one once.

    Returns the word of each, and its hash.
    """
    characters = texts.characters[letters.places]
    is_double = characters == texts.characters[np.maximum(letters.places - 1, 0)]
    is_bone = (letters.offsets == 0) | ~(is_double | np.isin(characters, _VOWELS))
    places = np.flatnonzero(is_bone)
    counts = np.bincount(letters.words[places], minlength=len(letters.firsts))
    firsts = np.cumsum(counts) - counts
    ranks = np.arange(len(places)) - np.repeat(firsts, counts)
    terms = marked[letters.places[places]] * _POWERS[ranks]
    all_of_them = np.add.reduceat(terms, firsts) + _OF_CONSONANTS
    first_of_them = np.add.reduceat(np.where(ranks < _CONSONANTS_FIRST, terms, np.uint64(0)), firsts)
    enough = np.flatnonzero(counts >= _CONSONANTS_MIN)
    many = np.flatnonzero(counts >= _CONSONANTS_FIRST)
    hashes = (all_of_them[enough], first_of_them[many] + _OF_FIRST_CONSONANTS)
    return np.concatenate((enough, many)), _mix(np.concatenate(hashes))


def _hash_parts(texts: Texts, marked: _Hashes) -> tuple[Int64s, _Hashes]:
    """Hash runs of four characters within words, whose two edges count as characters.

    Returns the word of each part, and its hash.
    """
    rows = np.flatnonzero(texts.ends - texts.starts >= _PART_LENGTH - 2)
    lengths = (texts.ends - texts.starts)[rows] + 2
    of_row = np.repeat(np.arange(len(rows)), lengths)
    place = np.arange(len(of_row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    left = lengths[of_row] - place
    source = np.clip(texts.starts[rows][of_row] + place - 1, 0, len(marked) - 1)
    edge = _mix(np.full(1, _EDGE, dtype=np.uint64))
    values = np.where((place == 0) | (left == 1), edge, marked[source])
    at = np.flatnonzero(left >= _PART_LENGTH)
    hashed = np.full(len(at), _PART_LENGTH, dtype=np.uint64)
    for offset in range(_PART_LENGTH):
        hashed = hashed * _BASE + values[at + offset]
    return rows[of_row[at]], _mix(hashed)


def _mix(values: _Hashes) -> _Hashes:
    """Scatter numbers over all 64 bits."""
    mixed = (values ^ (values >> np.uint64(32))) * _FACTOR
    return np.asarray((mixed ^ (mixed >> np.uint64(29))) * _FACTOR)
