"""The words of many names in columns: what leads from one name to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import numpy as np

from serai.model.columns import Flags, Int64s
from serai.model.names.similarity.keys import SIGN_WORDS, UInt64s, letter_pairs
from serai.model.names.similarity.prepared import PreparedName
from serai.model.names.similarity.words import fold_words, is_light

_JOINED_LENGTH_MAX: Final = 24
_ALL_ONES: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Terms:
    """Words of names, listed or asked for.

    queries, numbers, is_joined: a row for each word of each name: whose, which of `words`, and whether it is
    two words written as one. folded: words as they sound. is_vowelless: by word. signs, is_without: by name;
    is_without: some word has no vowels.
    """

    queries: Int64s
    numbers: Int64s
    is_joined: Flags
    words: tuple[str, ...]
    folded: Sequence[str]
    is_vowelless: Flags
    signs: UInt64s
    sign_counts: Int64s
    is_without: Flags


def terms_of(names: Sequence[PreparedName]) -> Terms:
    """Return what leads to each of these names."""
    leading = [_leading_words(name.words) for name in names]
    of_names = [[*plain, *joined] for plain, joined in leading]
    flat = list(chain.from_iterable(of_names))
    numbers = {word: number for number, word in enumerate(dict.fromkeys(flat))}
    words = tuple(numbers)
    folded = fold_words(words)
    counts = np.array(list(map(len, of_names)), np.int64)
    rows = np.repeat(np.arange(len(names)), counts)
    of_rows = np.fromiter(map(numbers.__getitem__, flat), np.int64, len(flat))
    places = np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_joined_row = places >= np.repeat(np.array([len(plain) for plain, _ in leading], np.int64), counts)
    is_without = np.array([bool(name.vowelless) for name in names], np.bool_)
    signs = np.zeros((len(names), SIGN_WORDS), np.uint64)
    plain_rows = np.flatnonzero(~is_joined_row)
    if len(plain_rows):
        of_words = letter_pairs(folded)[of_rows[plain_rows]]
        begins = np.flatnonzero(np.append(True, np.diff(rows[plain_rows]) > 0))
        signs[rows[plain_rows][begins]] = np.bitwise_or.reduceat(of_words, begins, axis=0)
    signs[is_without] = _ALL_ONES
    sign_counts = np.bitwise_count(signs).sum(axis=1, dtype=np.int64)
    is_vowelless = np.zeros(len(words), np.bool_)
    # Words are numbered in turn: each has its number from the first row that is above all before.
    first = np.flatnonzero(of_rows > np.maximum.accumulate(np.append(-1, of_rows))[:-1])
    for number in np.flatnonzero(is_without[rows[first]]).tolist():
        row = first[number]
        is_vowelless[number] = is_joined_row[row] or words[number] in names[rows[row]].vowelless
    return Terms(rows, of_rows, is_joined_row, words, folded, is_vowelless, signs, sign_counts, is_without)


def _leading_words(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the words that lead to a name, and those that two or more in a row make when written as one."""
    plain = list(dict.fromkeys(word for word in words if not is_light(word))) or list(dict.fromkeys(words))
    joined = [one + other for one, other in pairwise(words) if len(one) + len(other) <= _JOINED_LENGTH_MAX]
    if 2 < len(words) <= 4 and sum(map(len, words)) <= _JOINED_LENGTH_MAX:
        joined.append("".join(words))
    return plain, joined
