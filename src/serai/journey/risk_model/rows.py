"""What a row is to the risk model: keys that name groups, and measures. Text never enters, only its hash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from serai.model.columns import Coded, Int64s

Float64s = npt.NDArray[np.float64]
UInt64s = npt.NDArray[np.uint64]

NOT_STATED: Final = np.uint64(0)
_WORDS_KEPT_MAX: Final = 32_768
_TURN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class RiskRows:
    """Goods items as the model sees them, one a row.

    keys: by role of `plan.ROLES`, a hash of what was stated, NOT_STATED where nothing was. measures: by name
    of `plan.MEASURES`, NaN where unknown. A role or measure that the source does not have is left out.
    """

    row_count: int
    keys: Mapping[str, UInt64s]
    measures: Mapping[str, Float64s]

    def take(self, rows: Int64s) -> "RiskRows":
        """Return the rows asked for."""
        return RiskRows(
            len(rows),
            {role: one[rows] for role, one in self.keys.items()},
            {name: one[rows] for name, one in self.measures.items()},
        )


def hash_words(role: str, words: Iterable[str]) -> UInt64s:
    """Return a hash of each word, never NOT_STATED. The same word in another role is another hash."""
    return np.fromiter(map(partial(_hash_word, role), words), np.uint64)


@lru_cache(maxsize=_WORDS_KEPT_MAX)
def _hash_word(role: str, word: str) -> int:
    # Batch after batch states the same codes and sellers: most hashes are known from the batch before.
    digest = blake2b(f"{role}\0{word}".encode(), digest_size=8).digest()
    return max(int.from_bytes(digest, "little"), 1)


def hash_column(role: str, column: Coded) -> UInt64s:
    """Return the key of each row of a column; each distinct word is hashed once."""
    keys: UInt64s = np.append(hash_words(role, column.words), NOT_STATED)[column.codes]
    return keys


def hash_prefixes(role: str, column: Coded, digits: int) -> UInt64s:
    """Return the key of each row's first digits; a code that is shorter states nothing."""
    hashes = hash_words(role, (word[:digits] for word in column.words))
    is_short = np.array([len(word) < digits for word in column.words], dtype=np.bool_)
    hashes[is_short] = NOT_STATED
    keys: UInt64s = np.append(hashes, NOT_STATED)[column.codes]
    return keys


def state_absent(column: Coded) -> Coded:
    """Return the column with a word of its own where nothing is stated: that says something, too."""
    if (column.codes >= 0).all():
        return column
    codes = np.where(column.codes < 0, len(column.words), column.codes).astype(np.int32)
    return Coded((*column.words, ""), codes)


def join_keys(keys: Iterable[UInt64s]) -> UInt64s:
    """Return one key of several; NOT_STATED where one of them is. The order counts."""
    first, *others = keys
    joined, is_stated = first, first != NOT_STATED
    for key in others:
        joined = _mix(joined * _TURN + key)
        is_stated = is_stated & (key != NOT_STATED)
    return np.where(is_stated, np.maximum(joined, np.uint64(1)), NOT_STATED)


def _mix(values: UInt64s) -> UInt64s:
    """Spread every bit over the word (the finisher of splitmix64; products wrap by design)."""
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
