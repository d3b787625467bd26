"""Has the world moved from what the model was trained on? Which feature says so, by week."""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from serai.journey.risk_model.calibration import PPM
from serai.journey.risk_model.feature_columns.matrix import matrix_of
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


class ScoreGroups(NamedTuple):
    """How the scores of a batch lay. key: of the groups, the same as long as the training is. counts: by
    group."""

    key: int
    counts: list[int]


class Drift(msgspec.Struct, frozen=True):
    """A feature, or `score`, that lies otherwise than in training. week: counted from 1970-01-01."""

    week: int
    feature: str
    stability: float


def group_scores(model: RiskModel, scores_ppm: Int64s) -> ScoreGroups:
    """Count scores by the groups that the training had."""
    edges = np.rint(model.spreads["score"].edges * PPM).astype(np.int64)
    groups = np.bincount(np.searchsorted(edges, scores_ppm, side="left"), minlength=len(edges) + 1)
    return ScoreGroups(score_key_of(model), groups.tolist())


def score_key_of(model: RiskModel) -> int:
    """Return the key of the groups of scores: another training has another."""
    digest = hashlib.sha256(model.training_hash.encode() + model.spreads["score"].edges.tobytes()).digest()
    return int.from_bytes(digest[:8], signed=True)


def drift_of_counts(first: Sequence[int], last: Sequence[int]) -> float | None:
    """Return the stability index of the scores of two whiles; None: one of them is too short to say.

    What came in the first week under a model is the measure, not the training: examined goods were selected,
    and never lay as all goods do.
    """
    if sum(first) < ROWS_MIN or sum(last) < ROWS_MIN or len(first) != len(last):
        return None
    before, now = (np.array(one, dtype=np.float64) / sum(one) for one in (first, last))
    return population_stability(before, now)


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
