"""What was asked of the documents of a batch and of their goods items, and what of it fails."""

from dataclasses import dataclass

from serai.journey.advise.quality.formula import Formula
from serai.journey.advise.quality.level import Level
from serai.journey.advise.quality.usual import Usual
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class Marks:
    """Both levels of a batch. round_items: which prices are round. usual: what prices were held against."""

    formula: Formula
    usual: Usual
    consignments: Level
    items: Level
    round_items: Flags

    def take(self, rows: Int64s, item_rows: Int64s) -> "Marks":
        """Return some consignments with their goods items."""
        return Marks(
            self.formula,
            self.usual,
            self.consignments.take(rows),
            self.items.take(item_rows),
            self.round_items[item_rows],
        )
