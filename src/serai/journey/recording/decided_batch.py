"""A decided batch on its way into the store: its rows, what became of them, and the columns every table
needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from serai.evidence.promise import BatchPromise
from serai.journey.consignments.rows import Row
from serai.journey.documents.sealing import Sealed
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.validation.data_quality.score import Quality
from serai.model.columns import Flags, Int64s
from serai.model.frames import ABSENT


@dataclass(frozen=True)
class Decided:
    """Rows and their outcome. kind: of the decision. One entry a row in `mrns`, `decisions`, `details`
    (packed, pyarrow), `salts`. quality: the score of what came in; None where documents are decided again."""

    administration_id: int
    rows: Sequence[Row]
    processed: Processed
    law: LawState
    at: datetime
    kind: str
    mrns: list[str]
    decisions: list[bytes]
    details: Any
    salts: list[bytes]
    sealed: Sealed
    promise: BatchPromise
    quality: Quality | None = None

    @cached_property
    def at_ms(self) -> int:
        """Return the instant of decision, milliseconds of UTC."""
        return int(self.at.timestamp() * 1000)

    @cached_property
    def decision_ids(self) -> Int64s:
        """Return the decision of each row."""
        return ids_of(self.rows, "decision_id")

    @cached_property
    def consignment_ids(self) -> Int64s:
        """Return the consignment of each row."""
        return ids_of(self.rows, "consignment_id")

    @cached_property
    def is_new(self) -> Flags:
        """Say which consignments were not there before."""
        return np.array([row.previous is None for row in self.rows], dtype=np.bool_)

    @cached_property
    def basis_ids(self) -> Int64s:
        """Return what each decision rests on."""
        numbers = self.processed.consignments.numbers("law_number").tolist()
        return np.array([self.law.basis_ids[number] for number in numbers], dtype=np.int64)

    @cached_property
    def item_counts(self) -> Int64s:
        """Return the number of goods items of each row."""
        return np.diff(np.append(self.processed.first_items, self.processed.items.row_count))


def sequence_numbers(processed: Processed, items: Int64s) -> Int64s:
    """Return the sequence number of items by their row; 0 for -1, the consignment as a whole."""
    sequence = processed.items.numbers("sequence_number")
    return np.where(items >= 0, sequence[np.maximum(items, 0)], 0)


def ids_of(rows: Sequence[object], name: str) -> Int64s:
    """Return one id of each row."""
    return np.array([getattr(row, name) for row in rows], dtype=np.int64)


def absent_or(values: Sequence[int | None]) -> Int64s:
    """Return a column in which None is ABSENT."""
    return np.array([ABSENT if value is None else value for value in values], dtype=np.int64)


def instant_of(ms: int | None) -> datetime | None:
    """Return the instant of milliseconds of UTC."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
