"""Training: from examined rows to a model, the same rows and settings to the same bytes.

Rows that are alike in all that was declared of the goods (one group) often share their outcome because they
are the same goods, or copies. They count as one together and never stand on both sides of a split: the model
learns what speaks for risk, not which goods it has seen.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from serai.journey.risk_model.calibration import calibrate
from serai.journey.risk_model.features import FOLDS, folds_of, learn, matrix_of, out_of_fold
from serai.journey.risk_model.figures import Quality, bin_edges, bin_shares, quality_of
from serai.journey.risk_model.model import RiskModel, Spread
from serai.journey.risk_model.plan import NAMES, plan_hash
from serai.journey.risk_model.rows import Float64s, RiskRows, UInt64s
from serai.model.columns import Int64s
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CROSS_FOLDS: Final = 5
_DAYS_OF_WEEK: Final = 7.0
ROWS_MIN: Final = 200
FINDS_MIN: Final = 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a model is trained. half_life_weeks: after so many a row counts half. The rest is LightGBM's."""

    half_life_weeks: float = 52.0
    rounds: int = 150
    learning_rate: float = 0.03
    num_leaves: int = 7
    min_data_in_leaf: int = 150
    feature_fraction: float = 0.3
    bagging_fraction: float = 0.7
    lambda_l2: float = 20.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows with what an examination found. is_found: 1 or 0. group: alike in all that was declared of the
    goods. day: of the examination, since 1970."""

    rows: RiskRows
    is_found: Float64s
    group: UInt64s
    day: Int64s

    def take(self, rows: Int64s) -> "Examined":
        """Return the rows asked for."""
        return Examined(self.rows.take(rows), self.is_found[rows], self.group[rows], self.day[rows])


class Trained(msgspec.Struct, frozen=True):
    """A model and how it did on rows of groups that were kept from it (cross-validation by groups)."""

    model: RiskModel
    cross_validated: Quality


def train(examined: Examined, settings: Settings) -> Trained:
    """Train a model, calibrated on scores of rows that it had not seen. Raises SeraiError
    `risk-training-small`; ImportError where the extra `risk` is missing."""
    _require_enough(examined.is_found)
    weight = weight_of(examined, settings)
    seen = np.empty(len(weight))
    cross = folds_of(examined.group, CROSS_FOLDS, salt=settings.seed)
    for number in range(CROSS_FOLDS):
        inside, outside = np.flatnonzero(cross == number), np.flatnonzero(cross != number)
        if not len(inside):
            continue
        part, part_weight = examined.take(outside), weight[outside]
        booster = _grow(_features(part, part_weight, settings), part.is_found, part_weight, settings)
        learned = learn(part.rows, part.is_found, part_weight)
        matrix = matrix_of(examined.rows.take(inside), learned)
        seen[inside] = booster.predict(matrix, raw_score=True, num_threads=1)
    calibration = calibrate(seen, examined.is_found)
    features = _features(examined, weight, settings)
    booster = _grow(features, examined.is_found, weight, settings)
    probability = calibration.probabilities(seen)
    learned = learn(examined.rows, examined.is_found, weight)
    # Goods to come are scored with all that was learned: what drifts is held against features of that kind.
    as_scored = matrix_of(examined.rows, learned)
    log_odds = np.asarray(booster.predict(as_scored, raw_score=True, num_threads=1), dtype=np.float64)
    model = RiskModel(
        learned=learned,
        trees=booster.model_to_string(num_iteration=-1),
        calibration=calibration,
        spreads=_spreads(as_scored, calibration.probabilities(log_odds)),
        training_hash=hash_of(examined),
        settings_hash=_settings_hash(settings),
        trained_rows=len(weight),
    )
    return Trained(model, quality_of(probability, examined.is_found))


def weight_of(examined: Examined, settings: Settings) -> Float64s:
    """Return what each row counts: half as much after the half-life, by whole weeks; a group as one row."""
    _, places, counts = np.unique(examined.group, return_inverse=True, return_counts=True)
    weeks = np.floor((examined.day.max() - examined.day) / _DAYS_OF_WEEK)
    weight: Float64s = np.power(0.5, weeks / settings.half_life_weeks) / counts[places]
    return weight


def hash_of(examined: Examined) -> str:
    """Return the SHA-256 of training rows: keys, measures, outcomes, days, in their order."""
    digest = hashlib.sha256()
    for name, column in (*_sorted(examined.rows.keys), *_sorted(examined.rows.measures)):
        digest.update(name.encode() + b"\0" + np.ascontiguousarray(column).tobytes())
    for column in (examined.is_found, examined.group, examined.day):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _sorted(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(columns.items())


def _features(examined: Examined, weight: Float64s, settings: Settings) -> Float64s:
    fold = folds_of(examined.group, FOLDS, salt=settings.seed + 1)
    return out_of_fold(examined.rows, examined.is_found, weight, fold)


def _grow(matrix: Float64s, is_found: Float64s, weight: Float64s, settings: Settings) -> Any:
    import lightgbm  # noqa: PLC0415  an extra: only who trains or scores needs it

    # A group's rows share one vote: weights are scaled so that LightGBM's own limits keep their meaning.
    data = lightgbm.Dataset(
        matrix,
        is_found,
        weight=weight / weight.mean(),
        feature_name=list(NAMES),
        params={"verbosity": -1, "num_threads": 1, "feature_pre_filter": False},
        free_raw_data=False,
    )
    parameters = {
        "objective": "binary",
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
        "bagging_freq": 1,
        **{
            name: value
            for name, value in msgspec.to_builtins(settings).items()
            if name not in ("rounds", "half_life_weeks")
        },
    }
    return lightgbm.train(parameters, data, num_boost_round=settings.rounds)


def _spreads(matrix: Float64s, probability: Float64s) -> dict[str, Spread]:
    columns = {name: matrix[:, place] for place, name in enumerate(NAMES)} | {"score": probability}
    spreads = {}
    for name, values in columns.items():
        edges = bin_edges(values)
        spreads[name] = Spread(edges, bin_shares(values, edges))
    return spreads


def _settings_hash(settings: Settings) -> str:
    return hashlib.sha256(msgspec.json.encode(settings) + plan_hash().encode()).hexdigest()


def _require_enough(is_found: Float64s) -> None:
    finds = int(is_found.sum())
    if len(is_found) >= ROWS_MIN and FINDS_MIN <= finds <= len(is_found) - FINDS_MIN:
        return
    raise SeraiError(
        "risk-training-small",
        MessageText(
            "{rows} examined goods items with {finds} finds are too few to learn from.",
            rows=len(is_found),
            finds=finds,
        ),
        MessageText(
            "Examine more, a random share among them: {rows} items, {finds} of each outcome.",
            rows=ROWS_MIN,
            finds=FINDS_MIN,
        ),
    )
