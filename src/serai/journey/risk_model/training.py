"""Training: from examined rows to a model, the same rows and settings to the same bytes.

Rows that are alike in all that was declared of the goods (one group) often share their outcome because they
are the same goods, or copies. They count as one together and never stand on both sides of a split: the model
learns what speaks for risk, not which goods it has seen.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np

from serai.journey.risk_model.calibration import calibrate
from serai.journey.risk_model.feature_columns.folds import FOLDS, folds_of, out_of_fold
from serai.journey.risk_model.feature_columns.learning import learn
from serai.journey.risk_model.feature_columns.matrix import columns_of, matrix_of, stacked
from serai.journey.risk_model.figures import Quality, bin_edges, bin_shares, quality_of
from serai.journey.risk_model.history.tables import Past, learn_history, week_by_week
from serai.journey.risk_model.model import RiskModel, Spread
from serai.journey.risk_model.plan import HISTORY_PLACES, HISTORY_SOURCES, NAMES, plan_hash
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.plans.feature import HISTORY_FEATURES
from serai.journey.risk_model.rows import Float64s
from serai.journey.risk_model.tables import Learned
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

CROSS_FOLDS: Final = 5
_DAYS_OF_WEEK: Final = 7.0
_HISTORY_NAMES: Final = frozenset(one.name for one in HISTORY_FEATURES)
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


OF_DECLARATIONS: Final = Settings(
    rounds=40,
    learning_rate=0.2,
    num_leaves=15,
    min_data_in_leaf=40,
    feature_fraction=0.5,
    lambda_l2=10.0,
)
"""For declarations whose sellers and declarants have a history: more depends on more. Each tree costs every
parcel time, and few quick rounds learn here as much as more and slower ones: on seeds 1101 to 1104 of sown
fraud these find 2,626, and 75 rounds at 0.12, for nearly twice the time, 2,640."""


class Trained(msgspec.Struct, frozen=True):
    """A model and how it did on rows of sides that were kept from it (cross-validation); of their parties it
    knew the weeks before, as it does of goods to come."""

    model: RiskModel
    cross_validated: Quality


def train(known: Examined, settings: Settings) -> Trained:
    """Train a model, calibrated on scores of rows that it had not seen. Raises SeraiError
    `risk-training-small`; ImportError where the extra `risk` is missing."""
    places = known.examined_rows
    examined = known.take(places)
    _require_enough(examined.is_found)
    every = weight_of(known, settings)
    weight = every[places]
    learned = learn(examined.rows, examined.is_found, weight)
    history = _history(known, every, learned, settings)
    seen = np.empty(len(places))
    cross = folds_of(examined.sides, CROSS_FOLDS, salt=settings.seed)
    for number in range(CROSS_FOLDS):
        inside, outside = np.flatnonzero(cross == number), np.flatnonzero(cross != number)
        if not len(inside):
            continue
        part, own = examined.take(outside), weight[outside]
        matrix = _with_history(_of_goods(part, own, settings), history[outside])
        booster = _grow(matrix, part.is_found, own, settings)
        asked = matrix_of(examined.rows.take(inside), learn(part.rows, part.is_found, own))
        asked = _with_history(asked, history[inside])
        seen[inside] = booster.predict(asked, raw_score=True, num_threads=1)
    calibration = calibrate(seen, examined.is_found)
    matrix = _with_history(_of_goods(examined, weight, settings), history)
    booster = _grow(matrix, examined.is_found, weight, settings)
    probability = calibration.probabilities(seen)
    # Goods to come are scored with all that was learned: what drifts is held against features of that kind.
    learned = with_history(learned, known, every)
    as_scored = matrix_of(examined.rows, learned)
    log_odds = np.asarray(booster.predict(as_scored, raw_score=True, num_threads=1), dtype=np.float64)
    model = RiskModel(
        learned=learned,
        trees=booster.model_to_string(num_iteration=-1),
        calibration=calibration,
        spreads=_spreads(as_scored, calibration.probabilities(log_odds)),
        training_hash=hash_of(known),
        settings_hash=_settings_hash(settings),
        trained_rows=len(places),
    )
    return Trained(model, quality_of(probability, examined.is_found))


def with_history(learned: Learned, known: Examined, weight: Float64s) -> Learned:
    """Return what was learned with the history of parties made anew of rows."""
    tables = learn_history(_past(known, weight, learned))
    kept = {name: one for name, one in learned.tables.items() if name not in _HISTORY_NAMES}
    return Learned(learned.base_rate, kept | tables)


def refresh(model: RiskModel, known: Examined, settings: Settings) -> RiskModel:
    """Return the model with the history of parties made anew; trees, calibration and what goods are usually
    like stay. known: may be empty: nothing is known of anybody."""
    return replace(model, learned=with_history(model.learned, known, weight_of(known, settings)))


def weight_of(examined: Examined, settings: Settings) -> Float64s:
    """Return what each row counts: half as much after the half-life, by whole weeks; a group as one row."""
    _, places, counts = np.unique(examined.group, return_inverse=True, return_counts=True)
    weeks = np.floor((examined.day.max(initial=0) - examined.day) / _DAYS_OF_WEEK)
    weight: Float64s = np.power(0.5, weeks / settings.half_life_weeks) / counts[places]
    return weight


def hash_of(examined: Examined) -> str:
    """Return the SHA-256 of training rows: keys, measures, outcomes, days, in their order."""
    digest = hashlib.sha256()
    for name, column in (*_sorted(examined.rows.keys), *_sorted(examined.rows.measures)):
        digest.update(name.encode() + b"\0" + np.ascontiguousarray(column).tobytes())
    for column in (examined.is_found, examined.group, examined.day, examined.flags):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _sorted(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(columns.items())


def _of_goods(examined: Examined, weight: Float64s, settings: Settings) -> Float64s:
    """Return the features of goods and routes, each row's from the rows of other sides alone."""
    fold = folds_of(examined.sides, FOLDS, salt=settings.seed + 1)
    return out_of_fold(examined.rows, examined.is_found, weight, fold)


def _history(known: Examined, weight: Float64s, learned: Learned, settings: Settings) -> Float64s:
    """Return the history of parties for examined rows, each of the weeks before its own."""
    past, base = _past(known, weight, learned), learned.base_rate
    made = week_by_week(past, known.examined_rows, base, settings.half_life_weeks)
    return stacked(HISTORY_FEATURES, made, base)


def _with_history(matrix: Float64s, history: Float64s) -> Float64s:
    both = matrix.copy()
    both[:, HISTORY_PLACES] = history
    return both


def _past(known: Examined, weight: Float64s, learned: Learned) -> Past:
    columns = columns_of(known.rows, learned, HISTORY_SOURCES)
    sources = {name: columns[name] for name in sorted(HISTORY_SOURCES)}
    week = known.day // int(_DAYS_OF_WEEK)
    return Past(known.rows, sources, known.is_found, known.flags, weight, week)


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
