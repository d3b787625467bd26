"""Features of rows out of what was learned of their groups: whole columns, no loop over rows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from serai.journey.risk_model.goods_features import GoodsFeatures
from serai.journey.risk_model.history.columns import history_column
from serai.journey.risk_model.learned import Learned
from serai.journey.risk_model.plan import FEATURES, NAMES
from serai.journey.risk_model.plans.feature import Feature
from serai.journey.risk_model.plans.keys import is_given
from serai.journey.risk_model.rows import Float64s, RiskRows
from serai.journey.risk_model.tables import RowGroups

_OF_ROWS: Final = ("measure", "distance")
"""Kinds that a measure of the row itself enters."""


def columns_of(rows: RiskRows, learned: Learned, names: Collection[str] = NAMES) -> dict[str, Float64s]:
    """Return features of rows by name, and those that they lean on; NaN where the declaration does not
    say."""
    columns: dict[str, Float64s] = {}
    groups, goods = RowGroups(rows), GoodsFeatures(rows, learned)
    for feature in _with_sources(names):
        columns[feature.name] = _column(feature, groups, goods, learned, columns)
    return columns


def matrix_of(rows: RiskRows, learned: Learned, names: Collection[str] = NAMES) -> Float64s:
    """Return the features of rows, one column each as in NAMES; NaN where the declaration does not say, and
    in features that are not asked for."""
    columns = columns_of(rows, learned, names)
    nothing = np.full(rows.row_count, np.nan)
    return stacked(FEATURES, {name: columns.get(name, nothing) for name in NAMES}, learned.base_rate)


def stacked(features: Sequence[Feature], columns: Mapping[str, Float64s], base_rate: float) -> Float64s:
    """Return the columns of features beside each other."""
    # Held against the base rate of what was learned from: else the column would tell one fold from another.
    return np.column_stack(
        [columns[one.name] - base_rate if one.kind == "outcomes" else columns[one.name] for one in features]
    )


def _with_sources(names: Collection[str]) -> list[Feature]:
    """Return features by name with those that they lean on, each after what it leans on."""
    needed = set(names)
    for feature in reversed(FEATURES):
        if feature.name in needed:
            needed |= {one for one in (feature.parent, feature.of) if one is not None}
    return [feature for feature in FEATURES if feature.name in needed]


def _column(
    feature: Feature,
    groups: RowGroups,
    goods: GoodsFeatures,
    learned: Learned,
    before: Mapping[str, Float64s],
) -> Float64s:
    rows = groups.rows
    if not is_given(feature, rows):
        return np.full(rows.row_count, np.nan)
    if feature.is_history:
        return history_column(feature, groups, learned.tables, before, learned.base_rate)
    if feature.kind not in _OF_ROWS:
        return goods.column(feature)
    assert feature.measure is not None
    measure = rows.measures[feature.measure]
    if feature.kind == "measure":
        return measure
    usual, deviation = goods.usual(feature)
    return (measure - usual) / deviation
