"""Features of rows out of what was learned of their groups: whole columns, no loop over rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from serai.journey.risk_model.plan import BY_NAME, FEATURES, NAMES
from serai.journey.risk_model.plans.feature import GOODS_ROLES, ROLES, ROUTE_ROLES, Feature
from serai.journey.risk_model.plans.keys import is_given
from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s, join_keys
from serai.journey.risk_model.tables import KeyTable, Learned, RowGroups
from serai.model.columns import Flags, Int64s

PRIOR_ROWS: Final = 30.0
"""So many rows of the parent group are counted to each group's own: a group of few says little."""
EXAMINED_PRIOR: Final = 3.0
"""So many rows with the share of the parent are counted to what examinations of a party found."""
SEEN_PRIOR: Final = 5.0
"""So many rows that are as those of all others are counted to a party's own."""
_OF_ROWS: Final = ("measure", "distance", "apart")
"""Kinds that a measure of the row itself enters; of all others rows that state the same have the same."""


def columns_of(rows: RiskRows, learned: Learned, names: Collection[str] = NAMES) -> dict[str, Float64s]:
    """Return features of rows by name, and those that they lean on; NaN where the declaration does not
    say."""
    distinct, places = _distinct(rows, ROLES)
    groups, goods = RowGroups(distinct), _GoodsFeatures(distinct, learned)
    of_distinct: dict[str, Float64s] = {}
    columns: dict[str, Float64s] = {}
    for feature in _with_sources(names):
        if not is_given(feature, rows):
            columns[feature.name] = np.full(rows.row_count, np.nan)
        elif feature.kind in _OF_ROWS:
            columns[feature.name] = _of_row(feature, rows, goods, places, columns)
        else:
            made = (
                history_column(feature, groups, learned.tables, of_distinct, learned.base_rate)
                if feature.is_history
                else goods.column(feature)
            )
            of_distinct[feature.name], columns[feature.name] = made, made[places]
    return columns


def matrix_of(rows: RiskRows, learned: Learned, names: Collection[str] = NAMES) -> Float64s:
    """Return the features of rows, one column each as in NAMES; NaN where the declaration does not say, and
    in features that are neither asked for nor leaned on."""
    columns = columns_of(rows, learned, names)
    nothing = np.full(rows.row_count, np.nan)
    return stacked(FEATURES, {name: columns.get(name, nothing) for name in NAMES}, learned.base_rate)


def stacked(features: Sequence[Feature], columns: Mapping[str, Float64s], base_rate: float) -> Float64s:
    """Return the columns of features beside each other."""
    # Held against the base rate of what was learned from: else the column would tell one fold from another.
    return np.column_stack(
        [columns[one.name] - base_rate if one.kind == "outcomes" else columns[one.name] for one in features]
    )


def history_column(
    feature: Feature,
    groups: RowGroups,
    tables: Mapping[str, KeyTable],
    before: Mapping[str, Float64s],
    base_rate: float,
) -> Float64s:
    """Return a feature of rows. before: the columns of features that come earlier; base_rate: what stands in
    for a party of which nothing was examined."""
    if feature.kind == "apart":
        return _apart(feature, before)
    is_stated = groups.key(feature.keys) != NOT_STATED
    value, weight = _sums_of(groups, feature.keys, tables.get(feature.name))
    if feature.kind == "outcomes":
        prior = base_rate if feature.parent is None else before[feature.parent]
        found = (value + EXAMINED_PRIOR * prior) / (weight + EXAMINED_PRIOR)
        return np.where(is_stated, found, np.nan)
    if feature.kind == "habit":
        return np.where(is_stated, value / (weight + SEEN_PRIOR), np.nan)
    assert feature.parent is not None
    among = _sums_of(groups, BY_NAME[feature.parent].keys, tables.get(feature.parent))[1]
    part = np.log((weight + SEEN_PRIOR) / (np.maximum(among, weight) + SEEN_PRIOR))
    return np.where(is_stated, part, np.nan)


def _with_sources(names: Collection[str]) -> list[Feature]:
    """Return features by name with those that they lean on, each after what it leans on."""
    needed = set(names)
    for feature in reversed(FEATURES):
        if feature.name in needed:
            needed |= {one for one in (feature.parent, feature.of) if one is not None}
    return [feature for feature in FEATURES if feature.name in needed]


class _GoodsFeatures:
    """Features that goods and route of a row alone say: whoever the parties are, they are looked up once."""

    def __init__(self, rows: RiskRows, learned: Learned) -> None:
        distinct, self._places = _distinct(rows, (*GOODS_ROLES, *ROUTE_ROLES))
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


def _of_row(
    feature: Feature,
    rows: RiskRows,
    goods: _GoodsFeatures,
    places: Int64s,
    before: Mapping[str, Float64s],
) -> Float64s:
    if feature.kind == "apart":
        return _apart(feature, before)
    assert feature.measure is not None
    measure = rows.measures[feature.measure]
    if feature.kind == "measure":
        return measure
    usual, deviation = goods.usual(feature)
    return (measure - usual[places]) / deviation[places]


def _apart(feature: Feature, before: Mapping[str, Float64s]) -> Float64s:
    assert feature.of is not None
    assert feature.parent is not None
    return before[feature.of] - before[feature.parent]


def _distinct(rows: RiskRows, roles: Collection[str]) -> tuple[RiskRows, Int64s]:
    """Return one row of all that state the same in some roles, without its measures, and each row's place
    among them."""
    keys = {role: rows.keys[role] for role in roles if role in rows.keys}
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


def _sums_of(groups: RowGroups, roles: tuple[str, ...], table: KeyTable | None) -> tuple[Float64s, Float64s]:
    if table is None or not len(table.keys):
        nothing = np.zeros(groups.rows.row_count)
        return nothing, nothing
    places, is_known = groups.find(roles, table)
    first, second = table.figures[places].T
    return np.where(is_known, first, 0.0), np.where(is_known, second, 0.0)
