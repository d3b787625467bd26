"""Recorded decisions against the same worked out again: equal, or the answer says which are not."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.batch import Batch
from serai.laboratory.what_if.outcome import Outcome, sum_charges_by_kind
from serai.laboratory.what_if.result import StoredCheck
from serai.law.program import Program

_NAMES_MAX: Final = 20
Sums = dict[tuple[str, str], int]


@dataclass(slots=True)
class RecordedCheck:
    """Counts as parcels come."""

    parcels: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)

    def add(self, batch: Batch, outcome: Outcome) -> None:
        """Hold a batch's outcome under the law it was decided by against what was recorded."""
        recorded = batch.recorded
        assert recorded is not None
        before: dict[int, Sums] = defaultdict(dict)
        for row, kind, currency, amount in zip(
            recorded.consignments.tolist(),
            recorded.kinds,
            recorded.currencies,
            recorded.amounts_minor.tolist(),
            strict=True,
        ):
            if amount:
                before[row][kind, currency] = amount
        now = _sums(outcome)
        lanes = outcome.consignments.numbers("lane_number")
        for row in range(batch.count):
            program = outcome.program(row)
            cause = _first_difference(
                recorded.law_codes[row] == (program.code if program else ""),
                before.get(row, {}) == now.get(row, {}),
                recorded.lane_numbers[row] == lanes[row],
                program,
            )
            if cause is not None:
                self.differing[cause] += 1
                self.names += [batch.names[row]] if len(self.names) < _NAMES_MAX else []
        self.parcels += batch.count

    def result(self) -> StoredCheck:
        """Return what was found."""
        differing = dict(self.differing.most_common())
        return StoredCheck(self.parcels, self.parcels - sum(differing.values()), differing, self.names)


def _first_difference(
    same_law: bool, same_sums: bool, same_lane: bool, program: Program | None
) -> str | None:
    """Name what differs; what may have been drawn on an allowance since is told apart."""
    if not same_law:
        return "law"
    if same_sums and same_lane:
        return None
    if program is not None and any(pack.allowance or pack.aggregation for pack in program.packs):
        return "allowance"
    return "lane" if same_sums else "charges"


def _sums(outcome: Outcome) -> dict[int, Sums]:
    currencies = list(dict.fromkeys(outcome.assessed.charges.words("currency_code").words))
    found: dict[int, Sums] = defaultdict(dict)
    if not currencies:
        return found
    by_kind = sum_charges_by_kind(outcome, currencies)
    for kind in KINDS:
        rows, columns = np.nonzero(by_kind[kind])
        amounts = by_kind[kind][rows, columns]
        for row, column, amount in zip(rows.tolist(), columns.tolist(), amounts.tolist(), strict=True):
            found[row][kind, currencies[column]] = amount
    return found
