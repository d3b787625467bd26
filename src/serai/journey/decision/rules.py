"""Decide: lane and reasons of each goods item and consignment.

A parcel moves as a whole, in the strictest lane of its items and its own. Lanes come from rules that spoke
(reasons, requirements, exclusions of all layers) and from findings that hold under any law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from serai.journey.decision.reason_sets import COMMON, LANE_OF_FINDING
from serai.law.run import LawRun
from serai.law.small_arrays import any_true
from serai.model.columns import Frame, Int64s, encode_bits
from serai.model.frames import LANES

LANE_NUMBERS: dict[str, int] = {lane: number for number, lane in enumerate(LANES)}


class Governed(Protocol):
    """One law's run and the rows of the batch it governed."""

    @property
    def run(self) -> LawRun:
        """The run."""
        ...

    @property
    def consignment_rows(self) -> Int64s:
        """Its consignments."""
        ...

    @property
    def item_rows(self) -> Int64s:
        """Its goods items."""
        ...


@dataclass(slots=True)
class _Verdicts:
    """Lane numbers and reason bits while they gather."""

    lanes: Int64s
    bits: npt.NDArray[np.uint64]

    def add_reason(self, rows: Int64s, bit: int, lane: str) -> None:
        """Set a bit on rows, and make their lanes no lighter than the rule's. rows: each once."""
        self.bits[bit // 64, rows] |= np.uint64(1 << bit % 64)
        number = LANE_NUMBERS[lane]
        if number:
            self.lanes[rows] = np.maximum(self.lanes[rows], number)


def decide(
    consignments: Frame, items: Frame, first_items: Int64s, findings: Frame, runs: Sequence[Governed]
) -> tuple[Frame, Frame]:
    """Add lane_number and reason_bits to consignments and items.

    findings: of stage `assess` (consignment, item, code). A consignment has its own reasons and its items'.
    """
    rule_count = max((len(governed.run.program.rules) for governed in runs), default=0)
    whole = _verdicts(consignments.row_count, rule_count)
    single = _verdicts(items.row_count, rule_count)
    _hear_findings(findings, whole, single)
    for governed in runs:
        for number, flags in governed.run.applying:
            if not any_true(flags):
                continue
            rule = governed.run.program.rules[number]
            if rule.level == "item":
                rows = governed.item_rows[flags]
                single.add_reason(rows, len(COMMON) + number, rule.lane)
            else:
                whole.add_reason(governed.consignment_rows[flags], len(COMMON) + number, rule.lane)
    if items.row_count:
        whole.lanes = np.maximum(whole.lanes, np.maximum.reduceat(single.lanes, first_items))
        whole.bits = whole.bits | np.bitwise_or.reduceat(single.bits, first_items, axis=1)
    return (
        consignments.with_columns(lane_number=whole.lanes, reason_bits=encode_bits(whole.bits)),
        items.with_columns(lane_number=single.lanes, reason_bits=encode_bits(single.bits)),
    )


def _verdicts(count: int, rule_count: int) -> _Verdicts:
    """Return the lightest lanes and no reasons: words of 64 bits, as many as the rules need."""
    word_count = (len(COMMON) + rule_count + 63) // 64
    return _Verdicts(np.zeros(count, dtype=np.int64), np.zeros((word_count, count), dtype=np.uint64))


def _hear_findings(findings: Frame, whole: _Verdicts, single: _Verdicts) -> None:
    if not findings.row_count:
        return
    code, item = findings.words("code"), findings.numbers("item")
    consignment = findings.numbers("consignment")
    for number, word in enumerate(code.words):
        if word not in LANE_OF_FINDING:
            continue
        here = code.codes == number
        bit, lane = COMMON.index(word), LANE_OF_FINDING[word]
        single.add_reason(np.unique(item[here & (item >= 0)]), bit, lane)
        whole.add_reason(np.unique(consignment[here & (item < 0)]), bit, lane)
