"""Rows that a model learns from: what was declared, and what examinations have said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serai.journey.risk_model.rows import Float64s, RiskRows, UInt64s
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows with what an examination found. is_found: 1 or 0. group: alike in all that was declared of the
    goods. day: of the examination, since 1970. is_examined: None: all were; the others say only what is usual
    for whom, day: when they were lodged. side: rows of one never stand on both sides of a split; None: likes
    do not."""

    rows: RiskRows
    is_found: Float64s
    group: UInt64s
    day: Int64s
    is_examined: Flags | None = None
    side: UInt64s | None = None

    def take(self, rows: Int64s) -> "Examined":
        """Return the rows asked for."""
        return Examined(
            self.rows.take(rows),
            self.is_found[rows],
            self.group[rows],
            self.day[rows],
            None if self.is_examined is None else self.is_examined[rows],
            None if self.side is None else self.side[rows],
        )

    @property
    def flags(self) -> Flags:
        """Whether each row was examined."""
        return np.ones(len(self.day), dtype=np.bool_) if self.is_examined is None else self.is_examined

    @property
    def sides(self) -> UInt64s:
        """What each row stands on one side with."""
        return self.group if self.side is None else self.side

    @property
    def examined_rows(self) -> Int64s:
        """The places of rows that were examined."""
        return np.flatnonzero(self.flags)


def join_examined(parts: Sequence[Examined]) -> Examined:
    """Return the rows of several, of the same roles and measures, one after the other."""
    first = parts[0].rows
    rows = RiskRows(
        sum(one.rows.row_count for one in parts),
        {role: np.concatenate([one.rows.keys[role] for one in parts]) for role in first.keys},
        {name: np.concatenate([one.rows.measures[name] for one in parts]) for name in first.measures},
    )
    return Examined(
        rows,
        np.concatenate([one.is_found for one in parts]),
        np.concatenate([one.group for one in parts]),
        np.concatenate([one.day for one in parts]),
        np.concatenate([one.flags for one in parts]),
        np.concatenate([one.sides for one in parts]),
    )
