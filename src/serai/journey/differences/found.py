"""Differences of cases as they are found, and the limits within which none is told."""

from typing import NamedTuple

import numpy as np

from serai.journey.differences.codes import NUMBER_OF
from serai.model.columns import Int64s
from serai.model.frames import ABSENT


class Limits(NamedTuple):
    """Limits of matching, an entry a case."""

    rounding_minor: Int64s
    amount_tolerance_ppm: Int64s
    exchange_drift_ppm: Int64s
    late_days: Int64s
    mass_tolerance_ppm: Int64s
    mass_tolerance_g: Int64s


class Rows(NamedTuple):
    """Differences: an entry each, of columns as in MATCH_DIFFERENCES; currency: code of the documents'
    words."""

    case: Int64s
    code: Int64s
    document: Int64s
    amount_minor: Int64s
    has_minor: Int64s
    expected_minor: Int64s
    currency: Int64s
    counted: Int64s
    counted_expected: Int64s


class Found:
    """Differences as they are found."""

    def __init__(self) -> None:
        self._parts: list[Rows] = []

    def add(
        self,
        code: str,
        cases: Int64s,
        *,
        documents: Int64s | None = None,
        amount: Int64s | None = None,
        has: Int64s | None = None,
        expected: Int64s | None = None,
        currency: Int64s | None = None,
        counted: Int64s | None = None,
        counted_expected: Int64s | None = None,
    ) -> None:
        """Add one kind of difference of some cases; the columns have an entry for each."""
        if not len(cases):
            return

        def filled(values: Int64s | None, absent: int) -> Int64s:
            return np.full(len(cases), absent, dtype=np.int64) if values is None else values

        self._parts.append(
            Rows(
                cases,
                np.full(len(cases), NUMBER_OF[code], dtype=np.int64),
                filled(documents, -1),
                filled(amount, ABSENT),
                filled(has, ABSENT),
                filled(expected, ABSENT),
                filled(currency, -1),
                filled(counted, ABSENT),
                filled(counted_expected, ABSENT),
            )
        )

    def rows(self) -> Rows:
        """Return all, sorted by case, in the order they were added."""
        if not self._parts:
            return Rows(*(np.zeros(0, dtype=np.int64) for _ in Rows._fields))
        joined = [np.concatenate(columns) for columns in zip(*self._parts, strict=True)]
        order = np.argsort(joined[0], kind="stable")
        return Rows(*(column[order] for column in joined))
