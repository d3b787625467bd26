"""The group of each row that a feature speaks of."""

from collections.abc import Iterable

from serai.journey.risk_model.plans.feature import Feature
from serai.journey.risk_model.rows import RiskRows, UInt64s, join_keys
from serai.journey.risk_model.tables import KeyTable
from serai.model.columns import Flags, Int64s

Roles = tuple[str, ...]


class RowGroups:
    """The groups of rows. Features share them: each key is joined once, and found once in tables of the same
    keys (`tables.with_shared_keys`)."""

    def __init__(self, rows: RiskRows) -> None:
        self.rows = rows
        self._keys: dict[Roles, UInt64s] = {}
        self._found: dict[tuple[Roles, int], tuple[Int64s, Flags]] = {}

    def key(self, roles: Roles) -> UInt64s:
        """Return each row's key of the group of some roles."""
        if roles not in self._keys:
            self._keys[roles] = _join(self.rows, roles)
        return self._keys[roles]

    def find(self, roles: Roles, table: KeyTable) -> tuple[Int64s, Flags]:
        """Return the place of each row's group in a table, and whether it is known there. The table must
        outlive this."""
        asked = roles, id(table.keys)
        if asked not in self._found:
            self._found[asked] = table.find(self.key(roles))
        return self._found[asked]


def key_of(feature: Feature, rows: RiskRows) -> UInt64s:
    """Return the group's key of each row."""
    return _join(rows, feature.keys)


def is_given(feature: Feature, rows: RiskRows) -> bool:
    """Say whether rows have what a feature is made of."""
    has_measure = feature.measure is None or feature.measure in rows.measures
    return has_measure and all(role in rows.keys for role in feature.keys)


def _join(rows: RiskRows, roles: Iterable[str]) -> UInt64s:
    return join_keys(rows.keys[role] for role in roles)
