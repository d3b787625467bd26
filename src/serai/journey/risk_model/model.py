"""A trained model in memory: what was learned of groups, the trees, the calibration, how the rows lay."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from serai.journey.risk_model.calibration import PPM, Calibration
from serai.journey.risk_model.feature_columns.matrix import matrix_of
from serai.journey.risk_model.plan import NAMES
from serai.journey.risk_model.rows import Float64s, RiskRows
from serai.journey.risk_model.tables import Learned
from serai.model.columns import Int64s


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of one feature, or of the score, lay in training: edges of groups, share of each."""

    edges: Float64s
    shares: Float64s


@dataclass(frozen=True, slots=True)
class RiskModel:
    """All that a score depends on. trees: of LightGBM, as its own text says them. spreads: by feature, and
    `score`. training_hash: SHA-256 of the rows it was made of. settings_hash: of how it was made."""

    learned: Learned
    trees: str
    calibration: Calibration
    spreads: dict[str, Spread]
    training_hash: str
    settings_hash: str
    trained_rows: int
    _read: list["_Trees"] = field(default_factory=list, compare=False, repr=False)

    def probabilities(self, rows: RiskRows) -> Float64s:
        """Return for each row the probability that an examination finds something."""
        return self.probabilities_of(matrix_of(rows, self.learned, self._trees.used))

    def probabilities_of(self, matrix: Float64s) -> Float64s:
        """Return the same of features that were computed before."""
        if not len(matrix):
            return np.zeros(0)
        log_odds = self.booster.predict(matrix, raw_score=True, num_threads=1)
        return self.calibration.probabilities(np.asarray(log_odds, dtype=np.float64))

    def contributions(self, matrix: Float64s) -> Float64s:
        """Return what each feature adds to the log-odds, one column each (Shapley values of the trees); the
        columns and the mean make the log-odds."""
        added = self.booster.predict(matrix, pred_contrib=True, num_threads=1)
        return np.asarray(added, dtype=np.float64)[:, :-1]

    @property
    def booster(self) -> Any:
        """The trees as LightGBM reads them."""
        return self._trees.booster

    @property
    def _trees(self) -> "_Trees":
        if not self._read:
            self._read.append(_read_trees(self.trees))
        return self._read[0]


class _Trees(NamedTuple):
    """booster: of LightGBM. used: names of the features that a tree asks for."""

    booster: Any
    used: frozenset[str]


def _read_trees(text: str) -> _Trees:
    """Raises ImportError where the extra `risk` is not installed."""
    from lightgbm import Booster  # noqa: PLC0415  an extra: only a node that scores needs it

    booster = Booster(model_str=text)
    asked = np.flatnonzero(booster.feature_importance("split")).tolist()
    return _Trees(booster, frozenset(NAMES[place] for place in asked))


def to_ppm(probability: Float64s) -> Int64s:
    """Return parts per million, as the pipeline carries a score."""
    return np.rint(probability * PPM).astype(np.int64)
