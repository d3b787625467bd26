"""The most that two names can be alike, from the letters of their words: for many pairs of names at once.

`comparison` says how alike two names are, word by word, and takes some hundred times as long. What cannot
reach the similarity that is asked for need not be held side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from serai.model.columns import Flags, Int64s
from serai.model.names.similarity.comparison import ALONE, BOTH_SIDES, LONG_NAME, WEIGHT_ALONE, WEIGHT_ASIDE
from serai.model.names.similarity.keys import UInt64s, letters_held
from serai.model.names.similarity.prepared import PreparedName
from serai.model.names.similarity.table import spread
from serai.model.names.similarity.words import fold_words, weight_of

Floats = npt.NDArray[np.float64]

_SHARED_MIN: Final = np.uint8(2)
_LONGER: Final = np.uint8(3)
"""Of three letters of a word two have to be those of the other: see `word_similarity`."""
_ROUNDING: Final = 1e-9
_LETTERS_OF_EDIT: Final = 2
"""An edit takes one letter and puts another."""


@dataclass(frozen=True, slots=True)
class WordLetters:
    """Words of names by their letters. starts: by name, where its words begin, and one place more. By word:
    letters, sounds, which letters it has as written and as it sounds; weights, what it says of who is meant.
    By name: totals, what all of its words say; lengths, the letters of all of them."""

    starts: Int64s
    letters: UInt64s
    sounds: UInt64s
    weights: Floats
    totals: Floats
    lengths: Int64s


def letters_of_words(names: Sequence[PreparedName]) -> WordLetters:
    """Return the letters of the words of names, a word that is there twice once."""
    words_of_names = [tuple(dict.fromkeys(name.words)) for name in names]
    flat = list(chain.from_iterable(words_of_names))
    numbers = {word: number for number, word in enumerate(dict.fromkeys(flat))}
    rows = np.fromiter(map(numbers.__getitem__, flat), np.int64, len(flat))
    words = tuple(numbers)
    letters, sounds = letters_held(words), letters_held(fold_words(words))
    weights = np.fromiter(map(weight_of, words), np.float64, len(words))[rows]
    lengths = np.fromiter((sum(map(len, name.words)) for name in names), np.int64, len(names))
    starts = np.zeros(len(names) + 1, np.int64)
    np.cumsum(list(map(len, words_of_names)), out=starts[1:])
    of_names = np.repeat(np.arange(len(names)), np.diff(starts))
    totals = _sums(of_names, weights, len(names))
    return WordLetters(starts, letters[rows], sounds[rows], weights, totals, lengths)


def similarity_bounds(asked: WordLetters, queries: Int64s, listed: WordLetters, names: Int64s) -> Floats:
    """Return for each pair of a query and a listed name what their similarity does not exceed.

    That holds for names whose vowels are written. Each name has a word.
    """
    one, other = _Side(asked, queries), _Side(listed, names)
    # A row for each word of the one name and each of the other.
    rows, other_rows = spread(
        np.arange(len(one.places)),
        other.begins[:-1][one.pairs],
        other.begins[1:][one.pairs],
        np.arange(len(other.places)),
    )
    is_like = _is_like(one.letters[rows], other.letters[other_rows])
    rest = np.flatnonzero(~is_like)
    is_like[rest] = _is_like(
        asked.sounds[one.places[rows[rest]]], listed.sounds[other.places[other_rows[rest]]]
    )
    is_agreed, is_other_agreed = one.marked(rows[is_like]), other.marked(other_rows[is_like])
    agreed, other_agreed = one.said(is_agreed), other.said(is_other_agreed)
    alone, other_alone = asked.totals[queries] - agreed, listed.totals[names] - other_agreed
    agreed = np.minimum(agreed, other_agreed)
    bounds: Floats = agreed / np.maximum(agreed + BOTH_SIDES * np.minimum(alone, other_alone), _ROUNDING)
    is_alone = (agreed < WEIGHT_ALONE - _ROUNDING) & (
        np.maximum(alone, other_alone) > WEIGHT_ASIDE + _ROUNDING
    )
    bounds[is_alone] = np.minimum(bounds[is_alone], ALONE)
    # Words may be cut otherwise, or not at all: what is left of both names has nearly the same letters then.
    left, other_left = one.letters_without(is_agreed), other.letters_without(is_other_agreed)
    bounds[_is_like(left, other_left)] = 1.0
    lengths, other_lengths = asked.lengths[queries], listed.lengths[names]
    is_long = np.maximum(lengths, other_lengths) >= LONG_NAME
    is_edited = np.bitwise_count(left ^ other_left) <= _LETTERS_OF_EDIT
    bounds[is_long & is_edited & (np.abs(lengths - other_lengths) <= 1)] = 1.0
    return bounds


class _Side:
    """The words of one name of each pair: a row for each. begins: by pair, its first row, and one more."""

    def __init__(self, words: WordLetters, names: Int64s) -> None:
        counts = words.starts[names + 1] - words.starts[names]
        self.begins = np.zeros(len(names) + 1, np.int64)
        np.cumsum(counts, out=self.begins[1:])
        self.pairs = np.repeat(np.arange(len(names)), counts)
        self.places = np.arange(len(self.pairs)) + (words.starts[names] - self.begins[:-1])[self.pairs]
        self.letters = words.letters[self.places]
        self._weights = words.weights

    def marked(self, rows: Int64s) -> Flags:
        """Return by row whether it is one of these."""
        found: Flags = np.zeros(len(self.places), np.bool_)
        found[rows] = True
        return found

    def said(self, is_agreed: Flags) -> Floats:
        """Return by pair what its words that agree say of who is meant."""
        return _sums(self.pairs[is_agreed], self._weights[self.places[is_agreed]], len(self.begins) - 1)

    def letters_without(self, is_agreed: Flags) -> UInt64s:
        """Return by pair the letters of its words that do not agree."""
        return np.bitwise_or.reduceat(np.where(is_agreed, np.uint64(0), self.letters), self.begins[:-1])


def _is_like(letters: UInt64s, others: UInt64s) -> Flags:
    """Say where words have nearly the same letters, or one has a single letter that is among the other's."""
    shared = np.bitwise_count(letters & others)
    longer = np.maximum(np.bitwise_count(letters), np.bitwise_count(others))
    is_like: Flags = shared * _LONGER >= longer * _SHARED_MIN
    # One letter is like every word that begins with it.
    few = np.flatnonzero((shared == 1) & ~is_like)
    is_like[few] = np.minimum(np.bitwise_count(letters[few]), np.bitwise_count(others[few])) == 1
    return is_like


def _sums(places: Int64s, weights: Floats, count: int) -> Floats:
    """Return for each of so many places the sum of the weights that lie there."""
    return np.bincount(places, weights, count).astype(np.float64, copy=False)
