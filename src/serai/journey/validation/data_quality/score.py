"""The score of a document, 0 to 100, with what it lost by each check: docs/explanation/data-quality.md."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serai.journey.validation.data_quality.formula import BITS_MAX, NOT_ASKED, PART_BITS, Formula
from serai.journey.validation.data_quality.level import Level, count_by_owner
from serai.journey.validation.data_quality.marks import Marks
from serai.model.columns import Flags, Int64s

_WHOLE = 1_000
"""Shares are counted in thousandths and cut down, so that a declarant reckons the same."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The score of each document of a batch.

    score: 0 to 100, cut down. bits: of the checks that failed, by their place in the formula, and above
    them the scores of its four parts. lost: check (by
    place) by document, thousandths of a point. failed_items: likewise, how many goods items fail; of a check
    of consignments 0 or 1. round_counts: goods items with a round price. asked_points: of each document, the
    points the score is a share of.
    """

    marks: Marks
    score: Int64s
    bits: Int64s
    lost: npt.NDArray[np.int64]
    failed_items: npt.NDArray[np.int64]
    round_counts: Int64s
    asked_points: Int64s

    def stored(self) -> "StoredScores":
        """Return what the store keeps of each document."""
        return StoredScores(self.score, self.bits, self.marks.formula.version)

    def failed_codes(self, row: int) -> list[str]:
        """Return the checks that one document fails, what cost it most first."""
        formula = self.marks.formula
        places = np.flatnonzero(self.failed_items[:, row])
        order = sorted(places.tolist(), key=lambda place: (-int(self.lost[place, row]), place))
        return [formula.checks[place].code for place in order]


class StoredScores(NamedTuple):
    """What is kept of the score of each document: number, failed checks, and the formula's version."""

    score: Int64s
    bits: Int64s
    version: int

    def take(self, rows: Int64s) -> "StoredScores":
        """Return the documents asked for."""
        return StoredScores(self.score[rows], self.bits[rows], self.version)


def score_quality(marks: Marks, is_description_vague: Flags, first_items: Int64s) -> Quality:
    """Score documents. is_description_vague: of stage `screen`, one a goods item."""
    formula = marks.formula
    items = Level(marks.items.codes, marks.items.asked, marks.items.failed.copy())
    items.mark("description-vague", is_description_vague)
    item_places = np.array([formula.bit_of[code] for code in formula.items])
    own_places = np.array([formula.bit_of[code] for code in formula.consignments])
    count, checks = len(first_items), len(formula.checks)
    failed, asked = np.zeros((checks, count), np.int64), np.zeros((checks, count), np.int64)
    failed[item_places] = count_by_owner(items.failed, first_items)
    asked[item_places] = count_by_owner(items.asked, first_items)
    failed[own_places], asked[own_places] = marks.consignments.failed, marks.consignments.asked
    points = formula.points[:, np.newaxis]
    kept = (asked - failed) * _WHOLE // np.maximum(asked, 1)
    is_asked = asked > 0
    lost = np.where(is_asked, _WHOLE - kept, 0) * points
    asked_points = (is_asked * points).sum(axis=0)
    earned = asked_points * _WHOLE - lost.sum(axis=0)
    return Quality(
        marks,
        earned * 100 // (np.maximum(asked_points, 1) * _WHOLE),
        ((failed > 0) << np.arange(checks)[:, np.newaxis]).sum(axis=0)
        | _bits_of_parts(formula, is_asked * points, lost),
        lost,
        failed,
        count_by_owner(marks.round_items[np.newaxis], first_items)[0],
        asked_points,
    )


def _bits_of_parts(formula: Formula, asked_points: Int64s, lost: npt.NDArray[np.int64]) -> Int64s:
    """Return the scores of the four parts, packed above the bits of the checks. All check by document."""
    asked = formula.is_of_part @ asked_points
    earned = asked * _WHOLE - formula.is_of_part @ lost
    scores = np.where(asked > 0, earned * 100 // (np.maximum(asked, 1) * _WHOLE), NOT_ASKED)
    places = BITS_MAX + PART_BITS * np.arange(len(scores))
    packed: Int64s = (scores << places[:, np.newaxis]).sum(axis=0)
    return packed
