"""What earlier weeks say of parties, and the features of rows out of it: whole columns, no loop over rows.

Of `outcomes` finds and examined rows are kept, of `habit` the sum of a feature and rows, of `usual` rows
alone. A party counts from PARTY_SUPPORT_MIN rows on, examined or not: nobody who sends a parcel now and then
is in a model. One that is not known is as all others.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from serai.journey.risk_model.feature_columns.matrix import history_column
from serai.journey.risk_model.plans.feature import (
    HISTORY_FEATURES,
    PARTY_ROLES,
    PARTY_SUPPORT_MIN,
    Feature,
)
from serai.journey.risk_model.plans.keys import is_given, key_of
from serai.journey.risk_model.rows import NOT_STATED, Float64s, RiskRows, UInt64s
from serai.journey.risk_model.tables import KeyTable, RowGroups, group_keys, with_shared_keys
from serai.model.columns import Flags, Int64s

Columns = Mapping[str, Float64s]


class Past(NamedTuple):
    """Rows that came before, with what is known of them. columns: of features that habits are made of.
    is_found: 1 or 0, of rows that were examined. weight: of each row, fresh ones more. week: since 1970."""

    rows: RiskRows
    columns: Columns
    is_found: Float64s
    is_examined: Flags
    weight: Float64s
    week: Int64s

    def take(self, rows: Int64s) -> "Past":
        """Return the rows asked for."""
        return Past(
            self.rows.take(rows),
            {name: one[rows] for name, one in self.columns.items()},
            self.is_found[rows],
            self.is_examined[rows],
            self.weight[rows],
            self.week[rows],
        )


def learn_history(past: Past) -> dict[str, KeyTable]:
    """Return what rows that came before say of each party, by feature."""
    is_counted = {
        role: _is_counted(past.rows.keys[role], past.weight) for role in PARTY_ROLES if role in past.rows.keys
    }
    return with_shared_keys(
        {
            feature.name: _table(feature, past, is_counted[feature.keys[0]])
            for feature in HISTORY_FEATURES
            if feature.kind != "apart" and is_given(feature, past.rows)
        }
    )


def _is_counted(party: UInt64s, weight: Float64s) -> Flags:
    groups = group_keys(np.where(weight > 0, party, NOT_STATED))
    is_frequent = groups.sums(np.ones(len(party))) >= PARTY_SUPPORT_MIN
    found: Flags = np.append(is_frequent, False)[groups.places]
    return found


def _table(feature: Feature, past: Past, is_counted: Flags) -> KeyTable:
    weight = past.weight * is_counted
    if feature.kind == "outcomes":
        weight = weight * past.is_examined
        value = weight * past.is_found
    elif feature.of is not None:
        known = np.isfinite(past.columns[feature.of])
        weight = weight * known
        value = weight * np.where(known, past.columns[feature.of], 0.0)
    else:
        value = np.zeros(len(weight))
    groups = group_keys(np.where(weight > 0, key_of(feature, past.rows), NOT_STATED))
    return KeyTable(groups.keys, np.column_stack([groups.sums(value), groups.sums(weight)]))


def week_by_week(past: Past, wanted: Int64s, base_rate: float, half_life_weeks: float) -> dict[str, Float64s]:
    """Return the features of wanted rows, each made of the weeks before its own: as it was scored then."""
    columns = {one.name: np.full(len(wanted), np.nan) for one in HISTORY_FEATURES}
    week, last = past.week[wanted], int(past.week.max(initial=0))
    for number in np.unique(week).tolist():
        inside = np.flatnonzero(week == number)
        before = past.take(np.flatnonzero((past.week < number) & (past.weight > 0)))
        # A row's weight is as of the last week of all; as of this one it was more.
        fresher = 2.0 ** ((last - number) / half_life_weeks)
        tables = learn_history(before._replace(weight=before.weight * fresher))
        rows = past.rows.take(wanted[inside])
        groups = RowGroups(rows)
        made = {name: one[wanted[inside]] for name, one in past.columns.items()}
        for feature in HISTORY_FEATURES:
            if is_given(feature, rows):
                made[feature.name] = history_column(feature, groups, tables, made, base_rate)
                columns[feature.name][inside] = made[feature.name]
    return columns
