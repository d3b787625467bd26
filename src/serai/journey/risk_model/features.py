"""Features of rows out of what was learned of their groups, and that learning: whole columns, no loop over
rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from serai.journey.risk_model.plan import FEATURES, NAMES
from serai.journey.risk_model.plans.feature import GOODS_SUPPORT_MIN, Feature
from serai.journey.risk_model.plans.keys import is_given, key_of
from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s, join_keys
from serai.journey.risk_model.tables import Groups, KeyTable, RowGroups, group_keys, with_shared_keys
from serai.model.columns import Flags, Int64s

PRIOR_ROWS: Final = 30.0
"""So many rows of the parent group are counted to each group's own: a group of few says little."""
_VARIANCE_MIN: Final = 0.25
"""Of a logarithm: two prices that differ by a factor of 1.6 are nothing unusual, however alike the rest."""
EXAMINED_PRIOR: Final = 3.0
"""So many rows with the share of the parent are counted to what examinations of a party found."""
SEEN_PRIOR: Final = 5.0
"""So many rows that are as those of all others are counted to a party's own."""
FOLDS: Final = 10
_BY_NAME: Final = {one.name: one for one in FEATURES}


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of groups. base_rate: share of rows with a find. tables: by feature; of `outcomes`,
    `seen` and `share` finds and rows, of `distance` mean and standard deviation; of what parties did
    before as `history.tables` says."""

    base_rate: float
    tables: Mapping[str, KeyTable]


def learn(rows: RiskRows, is_found: Float64s, weight: Float64s) -> Learned:
    """Learn from examined rows, but for what parties did before. is_found: 1 or 0. weight: of each row, fresh
    ones more."""
    base = float(np.average(is_found, weights=weight)) if rows.row_count else 0.0
    tables = {}
    for feature in FEATURES:
        if feature.is_history or feature.kind in ("measure", "same") or not is_given(feature, rows):
            continue
        groups = group_keys(key_of(feature, rows))
        tables[feature.name] = _table(feature, groups, rows, is_found, weight)
    return Learned(base, with_shared_keys(tables))


def columns_of(rows: RiskRows, learned: Learned, names: Collection[str] = NAMES) -> dict[str, Float64s]:
    """Return features of rows by name, and those that they lean on; NaN where the declaration does not
    say."""
    needed = set(names)
    for feature in reversed(FEATURES):
        if feature.name in needed:
            needed |= {one for one in (feature.parent, feature.of) if one is not None}
    columns: dict[str, Float64s] = {}
    groups = RowGroups(rows)
    for feature in FEATURES:
        if feature.name in needed:
            columns[feature.name] = _column(feature, groups, learned, columns)
    return columns


def matrix_of(rows: RiskRows, learned: Learned) -> Float64s:
    """Return the features of rows, one column each as in NAMES; NaN where the declaration does not say."""
    return stacked(FEATURES, columns_of(rows, learned), learned.base_rate)


def stacked(features: Sequence[Feature], columns: Mapping[str, Float64s], base_rate: float) -> Float64s:
    """Return the columns of features beside each other."""
    # Held against the base rate of what was learned from: else the column would tell one fold from another.
    return np.column_stack(
        [columns[one.name] - base_rate if one.kind == "outcomes" else columns[one.name] for one in features]
    )


def out_of_fold(rows: RiskRows, is_found: Float64s, weight: Float64s, fold: Int64s) -> Float64s:
    """Return features for training: each row's from the rows of other folds alone, so that no row, nor one
    of its own group of likes, tells its outcome to itself. fold: 0 to FOLDS - 1."""
    matrix = np.empty((rows.row_count, len(NAMES)))
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        learned = learn(rows.take(outside), is_found[outside], weight[outside])
        matrix[inside] = matrix_of(rows.take(inside), learned)
    return matrix


def folds_of(group: UInt64s, folds_count: int, salt: int) -> Int64s:
    """Return a fold for each row; rows of one group are in one fold, whatever the order of rows."""
    salted = np.full(len(group), salt + 1, dtype=np.uint64)
    mixed = join_keys((salted, np.maximum(group, np.uint64(1))))
    return (mixed % np.uint64(folds_count)).astype(np.int64)


def _table(
    feature: Feature, groups: Groups, rows: RiskRows, is_found: Float64s, weight: Float64s
) -> KeyTable:
    kept = groups.sums(np.ones(rows.row_count)) >= GOODS_SUPPORT_MIN
    if feature.kind == "distance":
        assert feature.measure is not None
        figures, is_known = _spread(groups, rows.measures[feature.measure], weight)
        kept &= is_known
    else:
        total = groups.sums(weight)
        figures = np.column_stack([groups.sums(weight * is_found), total])
    return KeyTable(groups.keys[kept], figures[kept])


def _spread(groups: Groups, values: Float64s, weight: Float64s) -> tuple[Float64s, Flags]:
    is_known = np.isfinite(values)
    share, value = np.where(is_known, weight, 0.0), np.where(is_known, values, 0.0)
    total = groups.sums(share)
    safe = np.maximum(total, 1e-12)
    mean = groups.sums(share * value) / safe
    variance = np.maximum(groups.sums(share * value**2) / safe - mean**2, 0.0)
    return np.column_stack([mean, np.sqrt(variance + _VARIANCE_MIN)]), total > 0


def _column(
    feature: Feature, groups: RowGroups, learned: Learned, before: Mapping[str, Float64s]
) -> Float64s:
    rows = groups.rows
    if is_given(feature, rows):
        if feature.is_history:
            return history_column(feature, groups, learned.tables, before, learned.base_rate)
        if feature.kind == "measure" and feature.measure is not None:
            return rows.measures[feature.measure]
        if feature.kind == "same":
            return _agreement(*(rows.keys[role] for role in feature.keys))
        if feature.name in learned.tables:
            return _of_group(feature, groups, learned, before)
    return np.full(rows.row_count, np.nan)


def _agreement(first: UInt64s, second: UInt64s) -> Float64s:
    is_stated = (first != NOT_STATED) & (second != NOT_STATED)
    return np.where(is_stated, (first == second).astype(np.float64), np.nan)


def _of_group(
    feature: Feature, groups: RowGroups, learned: Learned, before: Mapping[str, Float64s]
) -> Float64s:
    if feature.kind == "share":
        return _share_among_parent(feature, groups, learned)
    table = learned.tables[feature.name]
    is_stated = groups.key(feature.keys) != NOT_STATED
    otherwise = _without_group(feature, learned, before, is_stated)
    if not len(table.keys):
        return otherwise
    places, is_known = groups.find(feature.keys, table)
    first, second = table.figures[places].T
    if feature.kind == "outcomes":
        prior = np.where(np.isnan(otherwise), learned.base_rate, otherwise)
        return np.where(is_known, (first + PRIOR_ROWS * prior) / (second + PRIOR_ROWS), otherwise)
    if feature.kind == "seen":
        return np.where(is_known, np.log1p(second), otherwise)
    assert feature.measure is not None
    return np.where(is_known, (groups.rows.measures[feature.measure] - first) / second, otherwise)


def _share_among_parent(feature: Feature, groups: RowGroups, learned: Learned) -> Float64s:
    """Return the logarithm of how large a part of its parent group the group is."""
    assert feature.parent is not None
    parent = _BY_NAME[feature.parent]
    own = _total(groups, feature.keys, learned.tables[feature.name])
    among = _total(groups, parent.keys, learned.tables[parent.name])
    is_stated = groups.key(feature.keys) != NOT_STATED
    return np.where(is_stated, np.log((own + 0.1) / (among + 1.0)), np.nan)


def _total(groups: RowGroups, roles: tuple[str, ...], table: KeyTable) -> Float64s:
    if not len(table.keys):
        return np.zeros(groups.rows.row_count)
    places, is_known = groups.find(roles, table)
    return np.where(is_known, table.figures[places, 1], 0.0)


def _without_group(
    feature: Feature, learned: Learned, before: Mapping[str, Float64s], is_stated: Flags
) -> Float64s:
    """Return what stands in for a group that is not known: the parent's figure, else the base rate."""
    if feature.parent is not None:
        return before[feature.parent]
    by_kind = {"outcomes": learned.base_rate, "seen": 0.0, "distance": np.nan}
    return np.where(is_stated, by_kind[feature.kind], np.nan)


def history_column(
    feature: Feature,
    groups: RowGroups,
    tables: Mapping[str, KeyTable],
    before: Mapping[str, Float64s],
    base_rate: float,
) -> Float64s:
    """Return a feature of rows. before: the columns of features that come earlier; base_rate: what stands in
    for a party of which nothing was examined."""
    is_stated = groups.key(feature.keys) != NOT_STATED
    if feature.kind == "apart":
        assert feature.of is not None
        assert feature.parent is not None
        return before[feature.of] - before[feature.parent]
    value, weight = _sums_of(groups, feature.keys, tables.get(feature.name))
    if feature.kind == "outcomes":
        prior = base_rate if feature.parent is None else before[feature.parent]
        found = (value + EXAMINED_PRIOR * prior) / (weight + EXAMINED_PRIOR)
        return np.where(is_stated, found, np.nan)
    if feature.kind == "habit":
        return np.where(is_stated, value / (weight + SEEN_PRIOR), np.nan)
    assert feature.parent is not None
    among = _sums_of(groups, _BY_NAME[feature.parent].keys, tables.get(feature.parent))[1]
    part = np.log((weight + SEEN_PRIOR) / (np.maximum(among, weight) + SEEN_PRIOR))
    return np.where(is_stated, part, np.nan)


def _sums_of(groups: RowGroups, roles: tuple[str, ...], table: KeyTable | None) -> tuple[Float64s, Float64s]:
    if table is None or not len(table.keys):
        nothing = np.zeros(groups.rows.row_count)
        return nothing, nothing
    places, is_known = groups.find(roles, table)
    first, second = table.figures[places].T
    return np.where(is_known, first, 0.0), np.where(is_known, second, 0.0)
