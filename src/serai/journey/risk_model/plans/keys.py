"""The group of each row that a feature speaks of."""

from serai.journey.risk_model.plans.feature import Feature
from serai.journey.risk_model.rows import RiskRows, UInt64s, join_keys


def key_of(feature: Feature, rows: RiskRows) -> UInt64s:
    """Return the group's key of each row."""
    return join_keys(rows.keys[role] for role in feature.keys)


def is_given(feature: Feature, rows: RiskRows) -> bool:
    """Say whether rows have what a feature is made of."""
    has_measure = feature.measure is None or feature.measure in rows.measures
    return has_measure and all(role in rows.keys for role in feature.keys)
