"""Why a score is high, in sentences for an officer: never computed but for rows that were selected, and never
shown to anybody else."""

from typing import Final

import numpy as np

from serai.journey.risk_model.feature_columns.matrix import matrix_of
from serai.journey.risk_model.model import RiskModel
from serai.journey.risk_model.plan import FEATURES
from serai.journey.risk_model.rows import RiskRows
from serai.model.message_text import MessageText

SENTENCES_MAX: Final = 3
_ADDED_MIN: Final = 0.02
"""Of the log-odds: less is no reason."""


def reasons_of(model: RiskModel, rows: RiskRows) -> list[list[MessageText]]:
    """Return for each row the sentences of the features that raised its score most, the strongest first."""
    if not rows.row_count:
        return []
    matrix = matrix_of(rows, model.learned)
    added = model.contributions(matrix)
    usual = np.array([_middle(model, feature.name) for feature in FEATURES])
    is_high = matrix > usual
    return [_sentences(added[row], is_high[row], np.isfinite(matrix[row])) for row in range(rows.row_count)]


def _middle(model: RiskModel, name: str) -> float:
    edges = model.spreads[name].edges
    return float(edges[len(edges) // 2]) if len(edges) else 0.0


def _sentences(
    added: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    is_high: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    is_known: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> list[MessageText]:
    """Several features may share a sentence: it is said once, where they are strongest together."""
    weight: dict[MessageText, float] = {}
    for place in np.flatnonzero((added > 0) & is_known).tolist():
        sentences = FEATURES[place].sentences
        sentence = sentences.high if is_high[place] else sentences.low
        if sentence is not None:
            weight[sentence] = weight.get(sentence, 0.0) + float(added[place])
    strongest = sorted(weight, key=lambda one: (-weight[one], one))
    return [one for one in strongest if weight[one] >= _ADDED_MIN][:SENTENCES_MAX]
