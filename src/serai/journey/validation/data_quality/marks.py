"""What was asked of the documents of a batch and of their goods items, and what of it fails."""

from dataclasses import dataclass

from serai.journey.validation.data_quality.formula import Formula
from serai.journey.validation.data_quality.level import Level
from serai.journey.validation.data_quality.reference_values import ReferenceValues
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class Marks:
    """Both levels of a batch. round_items: which prices are round. reference_values: what prices were held
    against."""

    formula: Formula
    reference_values: ReferenceValues
    consignments: Level
    items: Level
    round_items: Flags

    def take(self, rows: Int64s, item_rows: Int64s) -> "Marks":
        """Return some consignments with their goods items."""
        return Marks(
            self.formula,
            self.reference_values,
            self.consignments.take(rows),
            self.items.take(item_rows),
            self.round_items[item_rows],
        )
