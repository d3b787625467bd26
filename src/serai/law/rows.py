"""The rows one program governs in a batch, the shapes values take over them, and shares among them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np

from serai.law.exact import share_largest_remainder, share_last_takes_rest
from serai.law.exchange import Exchange
from serai.law.local_day import local_days
from serai.law.node import Compiled
from serai.law.pack import MomentName
from serai.law.program import Program
from serai.law.small_arrays import bounds
from serai.law.tariff import Tariff
from serai.law.values import Data, Value, both_known, spread
from serai.model.columns import Frame, Int64s
from serai.model.frames import ABSENT


@dataclass(frozen=True, slots=True)
class Reference:
    """The lists a law looks things up in, at one generation."""

    tariff: Tariff
    exchange: Exchange


@dataclass(slots=True)
class Rows(ABC):
    """A program's rows. consignments, items: frames of `model/frames.py`.

    owner: the consignment of each item, ascending. first_items: the first item of each consignment.
    law_days: local day whose law applies, of each consignment. values: what has been read or computed.
    parts: those of expressions that several expressions share.
    """

    program: Program
    reference: Reference
    consignments: Frame
    items: Frame
    owner: Int64s
    first_items: Int64s
    law_days: Int64s
    values: dict[str, Value] = field(default_factory=dict)
    parts: dict[int, Value] = field(default_factory=dict)
    _law_day_span: tuple[int, int] | None = None

    @abstractmethod
    def read(self, name: str) -> Value:
        """Return a word, parameter or definition."""

    @abstractmethod
    def tariff_duty(self, amount: Value, measure: str) -> Value:
        """Return the duty of each item's tariff line of a measure on an amount."""

    @abstractmethod
    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        """Return an amount of currency `source` in `target`."""

    @abstractmethod
    def share_out(self, total: Value, weight: Value) -> Value:
        """Return each item's share of a consignment's amount."""

    def count(self, level: str | None) -> int:
        """Return how many rows a level has."""
        return len(self.owner) if level == "item" else len(self.first_items)

    def law_day_span(self) -> tuple[int, int]:
        """Return the first and the last law day of the rows; twice 0 of none."""
        if self._law_day_span is None:
            self._law_day_span = bounds(self.law_days)
        return self._law_day_span

    def moment_days(self, moment: MomentName, fallback: MomentName | None = None) -> Value:
        """Return the local day of a moment of each consignment, in its tax territory."""
        name = f"__day_{moment}_{fallback}"
        if name not in self.values:
            instants = self.consignments.numbers(f"{moment}_at")
            if fallback is not None:
                later = self.consignments.numbers(f"{fallback}_at")
                instants = np.where(instants == ABSENT, later, instants)
            zones = self.consignments.words("time_zone")
            self.values[name] = Value(*local_days(instants, zones, self.program.base.time_zone))
        return self.values[name]

    def whole(self, compiled: Compiled, level: str) -> Value:
        """Evaluate an expression and give it one row for each item or consignment."""
        return self.stretch(compiled.evaluate(self), compiled.level, level)

    def stretch(self, value: Value, value_level: str | None, level: str) -> Value:
        """Give a value one row for each item or consignment."""
        if value_level == "consignment" and level == "item":
            return spread(self.stretch(value, value_level, "consignment"), self.owner)
        count = self.count(level)
        if len(value.data) == count and (value.known is None or len(value.known) == count):
            return value
        known = value.known if value.known is None or len(value.known) == count else value.known.repeat(count)
        data: Data = value.data if len(value.data) == count else value.data.repeat(count)
        return Value(data, known, value.denominator, value.words)


def share_out(rows: Rows, total: Value, weight: Value) -> Value:
    """Return each item's share by weight; the shares of a consignment always sum to its amount."""
    is_last_rest = rows.program.base.apportionment == "half_up_last_takes_rest"
    share = share_last_takes_rest if is_last_rest else share_largest_remainder
    totals = np.broadcast_to(total.numbers, rows.first_items.shape)
    weights = np.broadcast_to(weight.numbers, rows.owner.shape)
    shares = share(totals, weights, rows.owner, rows.first_items)
    weight_known = weight.known
    if weight_known is not None:
        # Nothing is to be shared where the total is nothing, whatever the weights are.
        weight_known = np.logical_and.reduceat(weight_known, rows.first_items) | (totals == 0)
        weight_known = weight_known[rows.owner]
    total_known = total.known
    if total_known is not None:
        total_known = np.broadcast_to(total_known, rows.first_items.shape)[rows.owner]
    return Value(shares, both_known(weight_known, total_known))
