"""Features of rows out of what earlier weeks say of parties: whole columns, no loop over rows."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from serai.journey.risk_model.plan import BY_NAME
from serai.journey.risk_model.plans.feature import Feature
from serai.journey.risk_model.rows import NOT_STATED, Float64s
from serai.journey.risk_model.tables import KeyTable, RowGroups

EXAMINED_PRIOR: Final = 3.0
"""So many rows with the share of the parent are counted to what examinations of a party found."""
SEEN_PRIOR: Final = 5.0
"""So many rows that are as those of all others are counted to a party's own."""


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
    among = _sums_of(groups, BY_NAME[feature.parent].keys, tables.get(feature.parent))[1]
    part = np.log((weight + SEEN_PRIOR) / (np.maximum(among, weight) + SEEN_PRIOR))
    return np.where(is_stated, part, np.nan)


def _sums_of(groups: RowGroups, roles: tuple[str, ...], table: KeyTable | None) -> tuple[Float64s, Float64s]:
    if table is None or not len(table.keys):
        nothing = np.zeros(groups.rows.row_count)
        return nothing, nothing
    places, is_known = groups.find(roles, table)
    first, second = table.figures[places].T
    return np.where(is_known, first, 0.0), np.where(is_known, second, 0.0)
