"""Has the world moved from what the model was trained on? Which feature says so, by week."""

from typing import Final

import msgspec
import numpy as np

from serai.journey.risk_model.features import matrix_of
from serai.journey.risk_model.figures import bin_shares, population_stability
from serai.journey.risk_model.model import RiskModel
from serai.journey.risk_model.plan import NAMES
from serai.journey.risk_model.rows import RiskRows
from serai.model.columns import Int64s

DRIFTED: Final = 0.25
"""From this index on it is another population (Siddiqi 2006)."""
ROWS_MIN: Final = 200
"""A week with fewer goods items says nothing: chance alone moves their shares."""
_DAYS_OF_WEEK: Final = 7


class Drift(msgspec.Struct, frozen=True):
    """A feature, or `score`, that lies otherwise than in training. week: counted from 1970-01-01."""

    week: int
    feature: str
    stability: float


def find_drift(model: RiskModel, rows: RiskRows, day: Int64s) -> list[Drift]:
    """Return what has drifted in each week that has enough goods, the furthest first. day: since 1970."""
    matrix = matrix_of(rows, model.learned)
    values = dict(zip(NAMES, matrix.T, strict=True)) | {"score": model.probabilities_of(matrix)}
    week = day // _DAYS_OF_WEEK
    found = []
    for number in np.unique(week).tolist():
        inside = np.flatnonzero(week == number)
        if len(inside) < ROWS_MIN:
            continue
        for name, column in values.items():
            usual = model.spreads[name]
            index = population_stability(usual.shares, bin_shares(column[inside], usual.edges))
            if index >= DRIFTED:
                found.append(Drift(number, name, index))
    return sorted(found, key=lambda one: (one.week, -one.stability, one.feature))
