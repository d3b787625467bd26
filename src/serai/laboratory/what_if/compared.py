"""A batch with what becomes of it under both laws."""

from dataclasses import dataclass

from serai.laboratory.what_if.batch import Batch
from serai.laboratory.what_if.lines import Lines
from serai.laboratory.what_if.outcome import Outcome
from serai.model.columns import Coded, Int64s


@dataclass(frozen=True, slots=True)
class Compared:
    """touched: rows in question, compared or undecided. features: what parcels have in common, a row each.

    values_minor: of the goods, in the currency of the current law.
    """

    batch: Batch
    touched: Int64s
    current: Outcome
    draft: Outcome
    lines: Lines
    features: dict[str, Coded]
    values_minor: Int64s
