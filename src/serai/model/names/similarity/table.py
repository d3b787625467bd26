"""Many numbers under one key, in two arrays: what a key leads to is looked up for many keys at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from serai.model.columns import Flags, Int64s
from serai.model.names.similarity.keys import UInt64s

_ROOM: Final = 8
"""So many beginnings for each key."""


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Values by key. keys: sorted, each once; values of key i: `values[starts[i]:starts[i + 1]]`. is_begun:
    by the first bits of a key, whether any begins so."""

    keys: UInt64s
    starts: Int64s
    values: Int64s
    is_begun: Flags

    def find(self, wanted: UInt64s) -> tuple[Int64s, Int64s]:
        """Return places in `wanted` and the values found for them, one row for each value."""
        # Most keys lead nowhere: one look tells so of nearly all, where a search takes twenty.
        likely = np.flatnonzero(self.is_begun[_beginnings(wanted, len(self.is_begun))])
        rows = np.searchsorted(self.keys, wanted[likely])
        rows[rows == len(self.keys)] = 0
        is_known = self.keys[rows] == wanted[likely] if len(self.keys) else np.zeros(len(likely), np.bool_)
        asked, rows = likely[is_known], rows[is_known]
        return spread(asked, self.starts[rows], self.starts[rows + 1], self.values)


def make_table(keys: UInt64s, values: Int64s) -> KeyTable:
    """Make a table of pairs of key and value; a pair that is there twice counts once."""
    order = np.lexsort((values, keys))
    keys, values = keys[order], values[order]
    if len(keys):
        is_first = np.ones(len(keys), np.bool_)
        is_first[1:] = (keys[1:] != keys[:-1]) | (values[1:] != values[:-1])
        keys, values = keys[is_first], values[is_first]
    distinct, starts = np.unique(keys, return_index=True)
    is_begun = np.zeros(1 << (max(len(distinct), 1) * _ROOM).bit_length(), np.bool_)
    is_begun[_beginnings(distinct, len(is_begun))] = True
    return KeyTable(distinct, np.append(starts, len(keys)).astype(np.int64), values, is_begun)


def _beginnings(keys: UInt64s, count: int) -> Int64s:
    """Return the first bits of keys, of which there are `count`, a power of two."""
    return (keys >> np.uint64(65 - count.bit_length())).astype(np.int64)


def spread(owners: Int64s, begins: Int64s, ends: Int64s, values: Int64s) -> tuple[Int64s, Int64s]:
    """Return each owner once for each value of its stretch of `values`, and the values."""
    counts = ends - begins
    total = int(counts.sum())
    if not total:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    offsets = np.repeat(np.cumsum(counts) - counts, counts)
    places = np.arange(total) - offsets + np.repeat(begins, counts)
    return np.repeat(owners, counts), values[places]
