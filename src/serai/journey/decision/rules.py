"""Decide: lane and reasons of each goods item and consignment; which rule each bit of the reasons stands for.

A parcel moves as a whole, in the strictest lane of its items and its own. Lanes come from rules that spoke
(reasons, requirements, exclusions of all layers) and from findings that hold under any law. Reason sets are
stored by hash, read for ever.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from serai.law.program import Program
from serai.law.run import LawRun
from serai.law.small_arrays import any_true
from serai.model.columns import BitSets, Frame, Int64s, encode_bits
from serai.model.findings import Finding
from serai.model.frames import LANES

LANE_OF_FINDING: dict[str, str] = {
    "no-law": "review",
    "territory-unresolved": "review",
    "no-tariff-line": "review",
    "commodity-code-too-short": "review",
    "no-exchange-rate": "review",
    "parameter-not-known": "review",
    "data-needed": "await",
    "amount-out-of-range": "review",
    "outside-scope": "review",
    "additional-procedure-not-known": "review",
}
"""What is true under any law, and the lane that follows. New ones come last: places are bits."""

COMMON: tuple[str, ...] = tuple(LANE_OF_FINDING)
ACCEPTANCE_LAW_UNREADABLE = Finding("acceptance-law-unreadable", "", "advice")
"""Goods were accepted under a law that cannot be read any more, and are decided by the one in force."""
WAITS_FOR_LAW = frozenset(COMMON) - {"data-needed"}
"""What is said of goods whose law or rates were not all there: they wait for those that come."""


class ReasonSet(msgspec.Struct, frozen=True):
    """rule_ids: by place of the bit. law_references: act and article of each, empty where it has none.
    set_hash: SHA-256 over the ids, hexadecimal."""

    rule_ids: tuple[str, ...]
    law_references: tuple[str, ...]
    set_hash: str


def reason_set_of(program: Program | None) -> ReasonSet:
    """Return the reason set of a program: what is common, then its rules; without a law the former alone."""
    if program is None:
        return _COMMON_SET
    known: ReasonSet | None = program.kept.get("reason set")
    if known is None:
        known = program.kept["reason set"] = build_reason_set(
            (*COMMON, *(one.rule_id for one in program.rules)),
            (*("" for _ in COMMON), *(one.rule.law_ref or "" for one in program.rules)),
        )
    return known


def build_reason_set(rule_ids: Sequence[str], law_references: Sequence[str]) -> ReasonSet:
    """Name a set by its hash. Rule ids hold no line break, so joining them is unambiguous."""
    assert len(rule_ids) == len(law_references)
    set_hash = hashlib.sha256("\n".join(rule_ids).encode()).hexdigest()
    return ReasonSet(tuple(rule_ids), tuple(law_references), set_hash)


_COMMON_SET = build_reason_set(COMMON, ("",) * len(COMMON))
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


SHOWN_LANES: Final = (*LANES, "no-law-yet")
NO_LAW: Final = len(LANES)
NO_LAW_BIT: Final = 1
"""Of the finding `no-law` in the reasons of every law; `test_no_law_apart.py` holds it against `decide`.

The column `consignment.shown_lane` says the same of what is stored.
"""
PERSON_LANES: Final = range(LANES.index("review"), NO_LAW)
"""Places of the lanes in which somebody must look."""
_REVIEW: Final = LANES.index("review")


def shown_lanes(lanes: Int64s, reasons: BitSets) -> Int64s:
    """Return places in SHOWN_LANES. lanes: places in LANES."""
    return np.where((lanes == _REVIEW) & reasons.has(NO_LAW_BIT.bit_length() - 1), NO_LAW, lanes)


def shown_lane(lane: int, reason_bits: int) -> int:
    """Return the place in SHOWN_LANES of one parcel."""
    return NO_LAW if lane == _REVIEW and reason_bits & NO_LAW_BIT else lane
