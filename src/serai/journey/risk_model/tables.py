"""What the model has learned of groups: sorted keys with a few figures each, looked up by whole columns."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s, join_keys
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Figures by key. keys: ascending, each once. figures: one row a key, columns as the feature's kind
    says."""

    keys: UInt64s
    figures: Float64s

    def find(self, keys: UInt64s) -> tuple[Int64s, Flags]:
        """Return the place of each key, and whether it is known; the place of an unknown one says nothing."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return places, self.keys[places] == keys


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of groups. base_rate: share of rows with a find. tables: by feature; of `outcomes`,
    `seen` and `share` finds and rows, of `distance` mean and standard deviation; of what parties did
    before as `history.tables` says."""

    base_rate: float
    tables: Mapping[str, KeyTable]


def with_shared_keys(tables: Mapping[str, KeyTable]) -> dict[str, KeyTable]:
    """Return tables of which those of equal keys hold the same array: who looks a row up in one knows its
    place in the others."""
    held: dict[bytes, UInt64s] = {}
    return {
        name: KeyTable(held.setdefault(one.keys.tobytes(), one.keys), one.figures)
        for name, one in tables.items()
    }


class RowGroups:
    """The groups of rows. Features share them: each key is joined once, and found once in tables of the same
    keys (`with_shared_keys`)."""

    def __init__(self, rows: RiskRows) -> None:
        self.rows = rows
        self._keys: dict[tuple[str, ...], UInt64s] = {}
        self._found: dict[tuple[tuple[str, ...], int], tuple[Int64s, Flags]] = {}

    def key(self, roles: tuple[str, ...]) -> UInt64s:
        """Return each row's key of the group of some roles."""
        if roles not in self._keys:
            self._keys[roles] = join_keys(self.rows.keys[role] for role in roles)
        return self._keys[roles]

    def find(self, roles: tuple[str, ...], table: KeyTable) -> tuple[Int64s, Flags]:
        """Return the place of each row's group in a table, and whether it is known there. The table must
        outlive this."""
        asked = roles, id(table.keys)
        if asked not in self._found:
            self._found[asked] = table.find(self.key(roles))
        return self._found[asked]


@dataclass(frozen=True, slots=True)
class Groups:
    """The distinct stated keys of a column. places: of each row among them, -1: not stated."""

    keys: UInt64s
    places: Int64s

    def sums(self, values: Float64s) -> Float64s:
        """Return the sum of values of each group."""
        is_in = self.places >= 0
        return np.bincount(self.places[is_in], values[is_in], len(self.keys)).astype(np.float64)


def group_keys(keys: UInt64s) -> Groups:
    """Return the groups of a column."""
    distinct, places = np.unique(keys, return_inverse=True)
    if len(distinct) and distinct[0] == NOT_STATED:
        return Groups(distinct[1:], places.astype(np.int64) - 1)
    return Groups(distinct, places.astype(np.int64))
