"""The benchmark of customs declarations: a model and LightGBM of defaults, on goods that neither has seen.

Its generator drew goods and label as one, so most rows of another period repeat rows of training: a look-up
table would seem perfect there. Only rows whose signature is not in training say anything.
"""

from typing import Final

import msgspec
import numpy as np

from serai.journey.risk_model.figures import Quality, quality_of
from serai.journey.risk_model.model import RiskModel
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.rows import Float64s
from serai.journey.risk_model.training import Settings, train
from serai.laboratory.risk.customs_table import CustomsTable
from serai.model.columns import Coded, Int64s

BASELINE: Final = "LightGBM of defaults on raw columns"
_NUMBERS: Final = ("Tax Rate", "Net Mass", "Item Price")
_NO_FEATURES: Final = frozenset({"Declaration ID", "Date", "Fraud", "Critical Fraud"})
_SHUFFLE_SEED: Final = 20_261_201


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Model and baseline on the same rows. ratios: of the model's figure to the baseline's."""

    model: Quality
    baseline: Quality | None
    precision_ratio: float | None
    auc_ratio: float | None


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """What `serai risk evaluate` says. new_goods: rows whose signature is not in training: only these count.
    repeated_goods: the rest, without a goal. shuffled: a model of shuffled labels on the new goods."""

    baseline: str
    settings: Settings
    trained_rows: int
    cross_validated: Quality | None
    new_goods: Compared | None
    repeated_goods: Compared | None
    shuffled: Quality | None


def run_benchmark(
    training: Examined,
    other: Examined,
    settings: Settings,
    tables: tuple[CustomsTable, CustomsTable] | None = None,
) -> Benchmark:
    """Train on some goods, look at others. tables: both as tables, for the baseline in the same run."""
    trained = train(training, settings)
    baseline = None if tables is None else _raw_scores(*tables)
    new, repeated = _parts(training, other)
    shuffled = None
    if len(new):
        shuffled = _quality_at(_shuffled_model(training, settings), other, new)
    return Benchmark(
        baseline=BASELINE,
        settings=settings,
        trained_rows=trained.model.trained_rows,
        cross_validated=trained.cross_validated,
        new_goods=_compare(trained.model, baseline, other, new),
        repeated_goods=_compare(trained.model, baseline, other, repeated),
        shuffled=shuffled,
    )


def _parts(training: Examined, other: Examined) -> tuple[Int64s, Int64s]:
    is_repeated = np.isin(other.group, training.group)
    return np.flatnonzero(~is_repeated), np.flatnonzero(is_repeated)


def _compare(
    model: RiskModel, baseline: Float64s | None, examined: Examined, rows: Int64s
) -> Compared | None:
    if not len(rows):
        return None
    ours = _quality_at(model, examined, rows)
    if baseline is None:
        return Compared(model=ours, baseline=None, precision_ratio=None, auc_ratio=None)
    theirs = quality_of(baseline[rows], examined.is_found[rows])
    return Compared(
        model=ours,
        baseline=theirs,
        precision_ratio=_ratio(ours.precision_at_10_percent, theirs.precision_at_10_percent),
        auc_ratio=_ratio(ours.auc, theirs.auc),
    )


def _quality_at(model: RiskModel, examined: Examined, rows: Int64s) -> Quality:
    return quality_of(model.probabilities(examined.rows.take(rows)), examined.is_found[rows])


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return round(ours / theirs, 3) if ours is not None and theirs else None


def _shuffled_model(examined: Examined, settings: Settings) -> RiskModel:
    """Train on the same rows with outcomes dealt out anew among groups: nothing is left to learn."""
    distinct, first, places = np.unique(examined.group, return_index=True, return_inverse=True)
    dealt = np.random.default_rng(_SHUFFLE_SEED).permutation(len(distinct))
    is_found = examined.is_found[first][dealt][places]
    return train(Examined(examined.rows, is_found, examined.group, examined.day), settings).model


def _raw_scores(training: CustomsTable, other: CustomsTable) -> Float64s:
    """Return the baseline's scores of the other table: every column as it stands, text as categories."""
    import lightgbm  # noqa: PLC0415  an extra

    names = [name for name in training.raw if name not in _NO_FEATURES and name in other.raw]
    coded = [name for name in names if name not in _NUMBERS]
    own = np.column_stack([_as_numbers(name, training.raw[name], training.raw[name]) for name in names])
    asked = np.column_stack([_as_numbers(name, other.raw[name], training.raw[name]) for name in names])
    data = lightgbm.Dataset(
        own,
        training.examined.is_found,
        feature_name=[name.replace(" ", "_") for name in names],
        categorical_feature=[name.replace(" ", "_") for name in coded],
        params={"verbosity": -1},
    )
    parameters = {"objective": "binary", "num_threads": 1, "deterministic": True, "verbosity": -1}
    return np.asarray(lightgbm.train(parameters, data, num_boost_round=100).predict(asked, num_threads=1))


def _as_numbers(name: str, column: Coded, known: Coded) -> Float64s:
    if name in _NUMBERS:
        values = np.array([*map(float, column.words), np.nan])
    else:
        place = {word: number for number, word in enumerate(known.words)}
        values = np.array([*(place.get(word, np.nan) for word in column.words), np.nan], dtype=np.float64)
    return values[column.codes]
