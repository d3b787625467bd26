"""What is learned of groups of examined goods, but for what parties did before."""

from typing import Final

import numpy as np

from serai.journey.risk_model.plan import FEATURES
from serai.journey.risk_model.plans.feature import GOODS_SUPPORT_MIN, Feature
from serai.journey.risk_model.plans.keys import is_given, key_of
from serai.journey.risk_model.rows import Float64s, RiskRows
from serai.journey.risk_model.tables import Groups, KeyTable, Learned, group_keys, with_shared_keys
from serai.model.columns import Flags

_VARIANCE_MIN: Final = 0.25
"""Of a logarithm: two prices that differ by a factor of 1.6 are nothing unusual, however alike the rest."""


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
