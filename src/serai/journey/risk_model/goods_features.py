"""Features that goods and route of a row alone say. Many rows of a batch state the same of both: what was
learned of them is looked up once.
"""

from typing import Final

import numpy as np

from serai.journey.risk_model.learned import Learned
from serai.journey.risk_model.plan import BY_NAME
from serai.journey.risk_model.plans.feature import GOODS_ROLES, ROUTE_ROLES, Feature
from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s, join_keys
from serai.journey.risk_model.tables import KeyTable, RowGroups
from serai.model.columns import Flags, Int64s

PRIOR_ROWS: Final = 30.0
"""So many rows of the parent group are counted to each group's own: a group of few says little."""
_ROLES: Final = (*GOODS_ROLES, *ROUTE_ROLES)


class GoodsFeatures:
    """Features of rows, computed of the distinct goods and routes among them."""

    def __init__(self, rows: RiskRows, learned: Learned) -> None:
        distinct, self._places = _distinct(rows)
        self._groups, self._learned = RowGroups(distinct), learned
        self._kept: dict[str, Float64s] = {}

    def column(self, feature: Feature) -> Float64s:
        """Return a feature of rows; NaN where the declaration does not say. What it leans on must be asked
        for before."""
        self._kept[feature.name] = made = self._made(feature)
        return made[self._places]

    def usual(self, feature: Feature) -> tuple[Float64s, Float64s]:
        """Return what is usual of a measure among goods like each row, mean and standard deviation; NaN where
        nothing is known."""
        self._kept[feature.name] = made = self._usual(feature)
        mean, deviation = made[:, self._places]
        return mean, deviation

    def _made(self, feature: Feature) -> Float64s:
        rows = self._groups.rows
        if feature.kind == "same":
            return _agreement(*(rows.keys[role] for role in feature.keys))
        table = self._learned.tables.get(feature.name)
        if table is None:
            return np.full(rows.row_count, np.nan)
        is_stated = self._groups.key(feature.keys) != NOT_STATED
        if feature.kind == "share":
            return np.where(is_stated, self._share_of_parent(feature, table), np.nan)
        places, is_known = self._groups.find(feature.keys, table)
        if feature.kind == "seen":
            return np.where(is_stated, np.log1p(_figure(table, 1, places, is_known)), np.nan)
        base = self._learned.base_rate
        otherwise = (
            np.where(is_stated, base, np.nan) if feature.parent is None else self._kept[feature.parent]
        )
        prior = np.where(np.isnan(otherwise), base, otherwise)
        found, total = (_figure(table, number, places, is_known) for number in (0, 1))
        return np.where(is_known, (found + PRIOR_ROWS * prior) / (total + PRIOR_ROWS), otherwise)

    def _usual(self, feature: Feature) -> Float64s:
        nothing = np.full((2, self._groups.rows.row_count), np.nan)
        table = self._learned.tables.get(feature.name)
        if table is None:
            return nothing
        otherwise = nothing if feature.parent is None else self._kept[feature.parent]
        places, is_known = self._groups.find(feature.keys, table)
        own = np.stack([_figure(table, number, places, is_known) for number in (0, 1)])
        return np.where(is_known, own, otherwise)

    def _share_of_parent(self, feature: Feature, table: KeyTable) -> Float64s:
        """Return the logarithm of how large a part of its parent group the group is."""
        assert feature.parent is not None
        parent = BY_NAME[feature.parent]
        among_table = self._learned.tables[parent.name]
        own = _figure(table, 1, *self._groups.find(feature.keys, table))
        among = _figure(among_table, 1, *self._groups.find(parent.keys, among_table))
        return np.log((own + 0.1) / (among + 1.0))


def _distinct(rows: RiskRows) -> tuple[RiskRows, Int64s]:
    """Return one row of each goods and route, without its measures, and each row's place among them."""
    keys = {role: rows.keys[role] for role in _ROLES if role in rows.keys}
    # What is not stated is a word like others here.
    stated = [np.maximum(one, np.uint64(1)) for one in keys.values()]
    whole = join_keys([np.ones(rows.row_count, dtype=np.uint64), *stated])
    _, first, places = np.unique(whole, return_index=True, return_inverse=True)
    return RiskRows(rows.row_count, keys, {}).take(first), places


def _agreement(first: UInt64s, second: UInt64s) -> Float64s:
    is_stated = (first != NOT_STATED) & (second != NOT_STATED)
    return np.where(is_stated, (first == second).astype(np.float64), np.nan)


def _figure(table: KeyTable, number: int, places: Int64s, is_known: Flags) -> Float64s:
    """Return a figure of each row's group; 0 where the group is not known."""
    if not len(table.keys):
        return np.zeros(len(places))
    return np.where(is_known, table.figures[places, number], 0.0)
