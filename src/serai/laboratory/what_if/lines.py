"""Both laws' charges side by side: a line for each compared parcel and currency in which it is charged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.outcome import Outcome, sum_charges_by_kind
from serai.model.columns import Flags, Int64s


@dataclass(frozen=True, slots=True)
class Lines:
    """compared: rows of the batch. parcel: of each line, likewise. currency: place in currencies.

    current_minor, draft_minor: by kind. Currencies never link_documents: what changes in two has two lines.
    """

    count: int
    compared: Int64s
    currencies: Sequence[str]
    parcel: Int64s
    currency: Int64s
    current_minor: Mapping[str, Int64s]
    draft_minor: Mapping[str, Int64s]

    @property
    def current(self) -> Int64s:
        """Return all that the current law charges on each line."""
        return _total(self.current_minor)

    @property
    def draft(self) -> Int64s:
        """Return all that the draft charges on each line."""
        return _total(self.draft_minor)

    @property
    def change_minor(self) -> Int64s:
        """Return by how much each line changes."""
        return self.draft - self.current

    def any_of_parcel(self, holds: Flags) -> Flags:
        """Say of which parcels of the batch something holds on any line."""
        found = np.zeros(self.count, dtype=np.bool_)
        found[self.parcel[holds]] = True
        return found


def lines_of(current: Outcome, draft: Outcome, compared: Int64s) -> Lines:
    """Lay two outcomes of one batch side by side. compared: rows to be compared."""
    currencies = _currencies(current, draft)
    sums = [sum_charges_by_kind(one, currencies) for one in (current, draft)]
    is_line = np.zeros((current.consignments.row_count, max(len(currencies), 1)), dtype=np.bool_)
    for outcome, by_kind in zip((current, draft), sums, strict=True):
        for amounts in by_kind.values():
            is_line[:, : len(currencies)] |= amounts != 0
        home = np.array([*map(currencies.index, outcome.currencies()), -1], dtype=np.int64)[
            outcome.law_numbers
        ]
        governed = np.flatnonzero(home >= 0)
        is_line[governed, home[governed]] = True
    is_compared = np.zeros(len(is_line), dtype=np.bool_)
    is_compared[compared] = True
    parcel, currency = np.nonzero(is_line & is_compared[:, None])
    by_line = [{kind: by_kind[kind][parcel, currency] for kind in KINDS} for by_kind in sums]
    return Lines(len(is_line), compared, currencies, parcel, currency, by_line[0], by_line[1])


def _currencies(*outcomes: Outcome) -> list[str]:
    found = [word for one in outcomes for word in one.assessed.charges.words("currency_code").words]
    return sorted({*found, *(word for one in outcomes for word in one.currencies())})


def _total(by_kind: Mapping[str, Int64s]) -> Int64s:
    total: Int64s = np.sum([by_kind[kind] for kind in KINDS], axis=0, dtype=np.int64)
    return total
