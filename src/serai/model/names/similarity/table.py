"""Many numbers under one key, in two arrays: what a key leads to is looked up for many keys at once."""

from dataclasses import dataclass

import numpy as np

from serai.model.columns import Int64s
from serai.model.names.similarity.keys import UInt64s


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Values by key. keys: sorted, each once; values of key i: `values[starts[i]:starts[i + 1]]`."""

    keys: UInt64s
    starts: Int64s
    values: Int64s

    def find(self, wanted: UInt64s) -> tuple[Int64s, Int64s]:
        """Return places in `wanted` and the values found for them, one row for each value."""
        places = np.searchsorted(self.keys, wanted)
        places[places == len(self.keys)] = 0
        is_known = self.keys[places] == wanted if len(self.keys) else np.zeros(len(wanted), np.bool_)
        asked = np.flatnonzero(is_known)
        rows = places[asked]
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
    return KeyTable(distinct, np.append(starts, len(keys)).astype(np.int64), values)


def spread(owners: Int64s, begins: Int64s, ends: Int64s, values: Int64s) -> tuple[Int64s, Int64s]:
    """Return each owner once for each value of its stretch of `values`, and the values."""
    counts = ends - begins
    total = int(counts.sum())
    if not total:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    offsets = np.repeat(np.cumsum(counts) - counts, counts)
    places = np.arange(total) - offsets + np.repeat(begins, counts)
    return np.repeat(owners, counts), values[places]
