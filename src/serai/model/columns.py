"""Columns of a batch: NumPy arrays, and coded text whose few distinct words are tested once instead of once
a row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """Text by number: row i says `words[codes[i]]`; code -1 says nothing (absent)."""

    words: tuple[str, ...]
    codes: Int32s

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Int64s) -> "Coded":
        """Return the rows asked for, with the same words."""
        return Coded(self.words, self.codes[rows])

    def map_flags(self, is_true: Sequence[bool]) -> Flags:
        """Return for each row the answer given for its word; an absent word gives False."""
        answers = np.zeros(len(self.words) + 1, dtype=np.bool_)
        answers[:-1] = is_true
        return answers[self.codes]

    def texts(self) -> list[str | None]:
        """Return the text of each row."""
        words: tuple[str | None, ...] = (*self.words, None)
        return [words[code] for code in self.codes.tolist()]


def encode_words(values: Iterable[str | None]) -> Coded:
    """Number the distinct words of a column in the order they turn up."""
    rows = values if isinstance(values, list | tuple) else list(values)
    found = dict.fromkeys(rows)
    if len(found) == 1:
        return fill_word(rows[0], len(rows))
    numbers: dict[str | None, int] = {None: -1}
    words = tuple(word for word in found if word is not None)
    numbers.update(zip(words, range(len(words)), strict=True))
    return Coded(words, np.fromiter(map(numbers.__getitem__, rows), np.int32, len(rows)))


def fill_word(word: str | None, count: int) -> Coded:
    """Say the same word in every row."""
    if word is None:
        return Coded((), np.full(count, -1, dtype=np.int32))
    return Coded((word,), np.zeros(count, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class BitSets:
    """Sets of bits of any size, by number: row i has the bits of `sets[codes[i]]` (bit 0 the lowest)."""

    sets: tuple[int, ...]
    codes: Int64s

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> int:
        return self.sets[int(self.codes[row])]

    def take(self, rows: Int64s) -> "BitSets":
        """Return the rows asked for."""
        return BitSets(self.sets, self.codes[rows])

    def tolist(self) -> list[int]:
        """Return the set of each row."""
        return [self.sets[code] for code in self.codes.tolist()]

    def has(self, bit: int) -> Flags:
        """Say for each row whether a bit is in its set."""
        return np.array([one >> bit & 1 for one in self.sets], dtype=np.bool_)[self.codes]


def encode_bits(words: npt.NDArray[np.uint64]) -> BitSets:
    """Number the distinct sets of a column. words: 64 bits each, the lowest first; one row of words for all
    rows' first 64 bits, one for the next, and so on."""
    if not words.any():
        return BitSets((0,), np.zeros(words.shape[1], dtype=np.int64))
    if len(words) == 1:
        distinct, codes = np.unique(words[0], return_inverse=True)
        return BitSets(tuple(distinct.tolist()), codes)
    wide, codes = np.unique(words, axis=1, return_inverse=True)
    packed = np.ascontiguousarray(wide.T).astype("<u8")
    return BitSets(tuple(int.from_bytes(one.tobytes(), "little") for one in packed), codes.reshape(-1))


Column = Int64s | Flags | Coded | BitSets


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns of equal length under the names of `model/frames.py`.

    Stages add columns; none is ever changed.
    """

    row_count: int
    columns: Mapping[str, Column]

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def numbers(self, name: str) -> Int64s:
        """Return a column of integers."""
        column = self.columns[name]
        assert isinstance(column, np.ndarray)
        return column  # type: ignore[return-value]

    def flags(self, name: str) -> Flags:
        """Return a column of true and false."""
        column = self.columns[name]
        assert isinstance(column, np.ndarray)
        assert column.dtype == np.bool_
        return column  # type: ignore[return-value]

    def words(self, name: str) -> Coded:
        """Return a column of codes or text."""
        column = self.columns[name]
        assert isinstance(column, Coded)
        return column

    def bit_sets(self, name: str) -> BitSets:
        """Return a column of sets of bits."""
        column = self.columns[name]
        assert isinstance(column, BitSets)
        return column

    def with_columns(self, **columns: Column) -> "Frame":
        """Return the frame with more columns; a name in use is a mistake of ours."""
        assert not columns.keys() & self.columns.keys(), columns.keys() & self.columns.keys()
        assert all(len(column) == self.row_count for column in columns.values())
        return Frame(self.row_count, {**self.columns, **columns})

    def view(self, rows: Int64s) -> "Frame":
        """Return the rows asked for, in that order; each column is taken when it is first read."""
        return Frame(len(rows), TakenColumns(self.columns, rows))

    def take(self, rows: Int64s) -> "Frame":
        """Return the rows asked for, in that order."""
        return Frame(len(rows), {name: column.take(rows) for name, column in self.columns.items()})


class TakenColumns(Mapping[str, Any]):
    """Some rows of columns of which few are read: of NumPy or Arrow, rows as their `take` asks for them."""

    __slots__ = ("_columns", "_rows", "_taken")

    def __init__(self, columns: Mapping[str, Any], rows: Any) -> None:
        self._columns, self._rows = columns, rows
        self._taken: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        column = self._taken.get(name)
        if column is None:
            column = self._taken[name] = self._columns[name].take(self._rows)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
