"""Folds of examined rows, and features for training that no row's own outcome has entered."""

from typing import Final

import numpy as np

from serai.journey.risk_model.feature_columns.learning import learn
from serai.journey.risk_model.feature_columns.matrix import matrix_of
from serai.journey.risk_model.plan import NAMES
from serai.journey.risk_model.rows import Float64s, RiskRows, UInt64s, join_keys
from serai.model.columns import Int64s

FOLDS: Final = 10


def out_of_fold(rows: RiskRows, is_found: Float64s, weight: Float64s, fold: Int64s) -> Float64s:
    """Return features for training: each row's from the rows of other folds alone, so that no row, nor one
    of its own group of likes, tells its outcome to itself. fold: 0 to FOLDS - 1."""
    matrix = np.empty((rows.row_count, len(NAMES)))
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        learned = learn(rows.take(outside), is_found[outside], weight[outside])
        matrix[inside] = matrix_of(rows.take(inside), learned)
    return matrix


def folds_of(group: UInt64s, folds_count: int, salt: int) -> Int64s:
    """Return a fold for each row; rows of one group are in one fold, whatever the order of rows."""
    salted = np.full(len(group), salt + 1, dtype=np.uint64)
    mixed = join_keys((salted, np.maximum(group, np.uint64(1))))
    return (mixed % np.uint64(folds_count)).astype(np.int64)
