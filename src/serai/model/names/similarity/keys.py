"""Keys under which words meet: a word, the word without one letter, and its consonants as they sound.

Two words with a letter left out, added, changed or exchanged have a key in common (deletion neighbourhood).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from serai.model.columns import Flags, Int64s
from serai.model.names.similarity.words import fold_words, skeletons_of

UInt64s = npt.NDArray[np.uint64]

LETTERS_COUNT_MAX: Final = 16
"""Letters of a word that its keys are made of."""
_SHORT: Final = 4
"""Words of fewer letters have no key without one of them: too many would meet."""
_BASE: Final = 0x9E3779B97F4A7C15 | 1
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_POWERS: Final = np.array([pow(_BASE, place, 1 << 64) for place in range(LETTERS_COUNT_MAX)], np.uint64)
_SKELETON_MARK: Final = np.uint64(0x5BD1E9955BD1E995)
_OF_CONSONANTS: Final = np.uint64(0x2545F4914F6CDD1D)
_OF_LETTERS: Final = np.uint64(0xD6E8FEB86659FD93)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_BITS: Final = np.zeros(256, np.uint64)
"""By letter and digit: its bit, and beside it one for having it twice."""
_BITS[list(b"abcdefghijklmnopqrstuvwxyz")] = np.uint64(1) << np.arange(0, 52, 2, dtype=np.uint64)
_BITS[list(b"0123456789")] = np.uint64(1) << np.arange(52, 62, dtype=np.uint64)
SIGN_WORDS: Final = 4
"""Numbers of 64 bits that a name's pairs of letters are marked in."""


def word_keys(
    words: Sequence[str], skeletons: Sequence[str], is_vowelless: Flags, *, is_listed: bool
) -> tuple[UInt64s, Int64s]:
    """Return the keys of words, and for each key the place of its word. skeletons: of the words.

    Words of one consonant would meet too many: they meet by it only where one of them has nothing else, so
    that listed words and words asked for have another key each. is_listed: which of the two these are.
    """
    if not words:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    letters, lengths = _letters_of(words)
    products = letters.astype(np.uint64) * _POWERS
    before = np.cumsum(products, axis=1, dtype=np.uint64)
    whole = before[:, -1]
    # Without letter i: what stands before it, and what stands after it one place earlier.
    without = (before - products) + (whole[:, None] - before) * np.uint64(_INVERSE)
    is_left_out = (np.arange(LETTERS_COUNT_MAX) < lengths[:, None]) & (lengths >= _SHORT)[:, None]
    owners, _ = np.nonzero(is_left_out)
    bones = skeleton_keys(skeletons)
    places = np.arange(len(words))
    is_long = np.array([len(one) > 1 for one in skeletons], np.bool_)
    of_few = bones ^ np.where(is_vowelless, _OF_CONSONANTS, _OF_LETTERS)
    # In scripts without vowels `w` is a consonant or stands for one of them: both ways are tried.
    other = [place for place in np.flatnonzero(is_vowelless).tolist() if "w" in words[place]]
    said = fold_words([words[place].replace("w", "") for place in other])
    without_w = skeleton_keys(skeletons_of(said)) if other else bones[:0]
    parts = [
        (without_w, np.array(other, np.int64)),
        (_mixed(whole), places),
        (_mixed(without[is_left_out]), owners),
        (bones[is_long], places[is_long]),
    ]
    if is_listed:
        parts.append((of_few[~is_long], places[~is_long]))
    else:
        parts.append((bones[~is_long] ^ _OF_CONSONANTS, places[~is_long]))
        is_asked = ~is_long & is_vowelless
        parts.append((bones[is_asked] ^ _OF_LETTERS, places[is_asked]))
    return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


def skeleton_keys(skeletons: Sequence[str]) -> UInt64s:
    """Return a key of each skeleton of a word."""
    letters, _ = _letters_of(skeletons)
    return _mixed((letters.astype(np.uint64) * _POWERS).sum(axis=1, dtype=np.uint64) ^ _SKELETON_MARK)


def letter_pairs(folded: Sequence[str]) -> UInt64s:
    """Return which pairs of letters each folded word has: SIGN_WORDS columns of 64 bits."""
    letters, _ = _letters_of(folded)
    wide = letters.astype(np.uint64)
    first = np.concatenate([np.zeros((len(folded), 1), np.uint64), wide[:, :-1]], axis=1)
    bits = _mixed((first * np.uint64(257) + wide + np.uint64(1)) * np.uint64(_BASE)) >> np.uint64(56)
    marked = np.zeros((len(folded), SIGN_WORDS), np.uint64)
    is_there = wide > 0
    for column in range(LETTERS_COUNT_MAX):
        rows = np.flatnonzero(is_there[:, column])
        bit = bits[rows, column]
        marked[rows, (bit >> np.uint64(6)).astype(np.int64)] |= np.uint64(1) << (bit & np.uint64(63))
    return marked


def letters_held(folded: Sequence[str]) -> UInt64s:
    """Return which letters and digits each folded word has, and which it has twice: a bit each."""
    letters, _ = _letters_of(folded)
    held = np.zeros(len(folded), np.uint64)
    for column in range(LETTERS_COUNT_MAX):
        bit = _BITS[letters[:, column]]
        held |= np.where(held & bit, bit << np.uint64(1), bit)
    return held


def pair_keys(first: UInt64s, second: UInt64s) -> UInt64s:
    """Return a key of two keys in any order."""
    return _mixed(np.minimum(first, second) * np.uint64(_BASE) + np.maximum(first, second))


def _letters_of(words: Sequence[str]) -> tuple[npt.NDArray[np.uint8], Int64s]:
    table = np.array([word[:LETTERS_COUNT_MAX] for word in words], dtype=f"S{LETTERS_COUNT_MAX}")
    letters = table.view(np.uint8).reshape(len(words), LETTERS_COUNT_MAX)
    return letters, np.count_nonzero(letters, axis=1)


def _mixed(values: UInt64s) -> UInt64s:
    mixed = (values ^ (values >> np.uint64(31))) * _MIX
    return mixed ^ (mixed >> np.uint64(29))
