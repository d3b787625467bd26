"""Select within a budget: officers' rules, the score of the learned model, and an unbiased random share.

Pure: draws, what was looked at before on that day, and what an earlier decision selected are arguments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from serai.journey.selection.compiled import CompiledRisk
from serai.journey.selection.risk_file import RiskFile
from serai.law.run import LawRun
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT

SOURCES: Final = ("none", "random", "rule", "model")
"""Why a row is looked at, by number. What is selected at random is so whatever else speaks of it."""
NONE, RANDOM, RULE, MODEL = range(len(SOURCES))
PPM: Final = 1_000_000
LANES: Final = ("review", "examine")
FIRST_OF_DAY: Final = 10
"""So many a day may be selected before a share of the flow says anything: a day begins with few parcels."""
NOT_DECIDED: Final = -1
"""Stands in `before` for what has no earlier decision."""


class DaySums(NamedTuple):
    """What was decided on this day before this batch: all that came, of which rules or the model selected,
    and what was drawn at random (some of it both)."""

    seen_count: int
    targeted_count: int
    random_count: int


@dataclass(frozen=True, slots=True)
class SelectionContext:
    """What selection is made of beside the columns.

    file, file_hash: rules and budget in force. draws: one for each row, evenly spread over all whole numbers
    from 0, from a keyed hash. before: for each row what an earlier decision selected: NOT_DECIDED, 0
    nothing, 1 review, 2 examine. day: sums before this batch. is_exploring: the model drifts.
    """

    file: RiskFile
    file_hash: bytes
    draws: Int64s
    before: Int64s
    day: DaySums
    is_exploring: bool = False


class GovernedRisk(Protocol):
    """The rules on the rows that one law governs."""

    @property
    def run(self) -> LawRun:
        """A run of the program with the rules' own values."""
        ...

    @property
    def consignment_rows(self) -> Int64s:
        """Its consignments."""
        ...


@dataclass(frozen=True, slots=True)
class Hits:
    """Which rule spoke of which consignment. flags: a row for each rule of the file, a column for each
    consignment."""

    flags: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selected:
    """What is looked at, and why; for officers alone. A row for each consignment.

    source: place in SOURCES. rule_number: of the rule that selected, -1. lane: 0 none, 1 review, 2 examine.
    propensity_ppm: how likely the row was selected by its source, given what was known; 0 where it was not.
    is_targeted: rules or the model would have selected it, whether it was drawn at random or not. hits: of
    all rules. is_new: selected now and not by an earlier decision.
    """

    source: Int64s
    rule_number: Int64s
    lane: Int64s
    propensity_ppm: Int64s
    is_targeted: Flags
    is_new: Flags
    hits: Hits
    candidates_count: int


def find_hits(
    governed: Sequence[tuple[GovernedRisk, CompiledRisk]], rules_count: int, consignments_count: int
) -> Hits:
    """Ask every rule about every consignment. A condition over something unknown does not hold."""
    flags = np.zeros((rules_count, consignments_count), dtype=np.bool_)
    for one, compiled in governed:
        for number, (rule, holds) in enumerate(compiled.rules):
            spoke = one.run.whole(holds, rule.level).holds()
            if rule.level == "item" and len(spoke):
                spoke = np.logical_or.reduceat(spoke, one.run.first_items)
            flags[number, one.consignment_rows] = spoke
    return Hits(flags)


def select(hits: Hits, scores_ppm: Int64s | None, context: SelectionContext) -> Selected:
    """Select rows within what is left of the day's budget.

    scores_ppm: of the learned model, ABSENT where there is none; None: no model is in force. Random first: it
    falls on every row alike. Then what rules and model ask for, most promising first, the drawn order
    deciding among equals, up to what is left. What an earlier decision selected stays selected and takes
    nothing.
    """
    budget, count = context.file.budget, len(context.draws)
    is_new = context.before == NOT_DECIDED
    random_ppm = budget.random_ppm(is_exploring=context.is_exploring)
    is_random = is_new & (context.draws % PPM < random_ppm)
    promise, rule_number, is_model = _candidates(hits, scores_ppm, context)
    is_candidate = promise >= 0
    left = _left(context, is_new, is_random)
    chosen, taken_ppm = _take(
        np.flatnonzero(is_candidate & (is_new | (context.before == 0))), promise, context, left
    )
    is_targeted = np.zeros(count, dtype=np.bool_)
    is_targeted[chosen] = True
    source = np.zeros(count, dtype=np.int64)
    source[is_targeted] = np.where(is_model[is_targeted], MODEL, RULE)
    source[is_random] = RANDOM
    lane = np.zeros(count, dtype=np.int64)
    rule_lanes = np.array([LANES.index(one.lane) + 1 for one in context.file.rules] or [0], dtype=np.int64)
    own_lane = LANES.index(budget.random_lane) + 1
    lane[source > 0] = own_lane
    by_rule = source == RULE
    lane[by_rule] = rule_lanes[rule_number[by_rule]]
    propensity = np.zeros(count, dtype=np.int64)
    propensity[source > RANDOM] = taken_ppm[source > RANDOM]
    propensity[is_random] = random_ppm
    # What stands is never looked at less than it was.
    is_now = source > 0
    lane = np.maximum(lane, np.maximum(context.before, 0))
    rule_number = np.where(by_rule, rule_number, -1)
    return Selected(source, rule_number, lane, propensity, is_targeted, is_now, hits, int(is_candidate.sum()))


def _candidates(
    hits: Hits, scores_ppm: Int64s | None, context: SelectionContext
) -> tuple[Int64s, Int64s, Flags]:
    """Return how promising each row is (-1: nothing asks for it), the rule that promises most, and whether
    the model does."""
    count = len(context.draws)
    promise, rule_number = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    for number, rule in enumerate(context.file.rules):
        better = hits.flags[number] & (rule.expected_hit_ppm > promise)
        promise[better], rule_number[better] = rule.expected_hit_ppm, number
    is_model = np.zeros(count, dtype=np.bool_)
    if scores_ppm is not None:
        is_high = (scores_ppm != ABSENT) & (scores_ppm >= context.file.budget.model_score_min_ppm)
        is_model = is_high & (scores_ppm > promise)
        promise = np.where(is_model, scores_ppm, promise)
    return promise, rule_number, is_model


def _left(context: SelectionContext, is_new: Flags, is_random: Flags) -> int:
    """Return how many more rows rules and model may select on this day."""
    budget, day = context.file.budget, context.day
    seen = day.seen_count + int(is_new.sum())
    share = seen * budget.targeted_ppm(is_exploring=context.is_exploring) // PPM
    of_flow = max(share, FIRST_OF_DAY) - day.targeted_count
    looked_at = day.targeted_count + day.random_count + int(is_random.sum())
    return max(min(of_flow, budget.inspections_per_day_count - looked_at), 0)


def _take(rows: Int64s, promise: Int64s, context: SelectionContext, left: int) -> tuple[Int64s, Int64s]:
    """Take the most promising rows, up to `left`; return them, and with which propensity each row was, in
    parts per million: below the last promise that is taken all are, of the last as many as there was room
    for."""
    propensity = np.zeros(len(context.draws), dtype=np.int64)
    if not len(rows) or not left:
        return rows[:0], propensity
    order = rows[np.lexsort((context.draws[rows], -promise[rows]))]
    taken = order[:left]
    last = promise[taken[-1]]
    propensity[rows[promise[rows] > last]] = PPM
    of_last = rows[promise[rows] == last]
    propensity[of_last] = int((promise[taken] == last).sum()) * PPM // len(of_last)
    return taken, propensity


def with_selected(frame: Frame, lane: Int64s) -> Frame:
    """Put what is selected into the columns that the law reads."""
    columns = {
        **frame.columns,
        "is_selected_for_review": lane == LANES.index("review") + 1,
        "is_selected_for_examination": lane == LANES.index("examine") + 1,
    }
    return Frame(frame.row_count, columns)


def with_recorded(frame: Frame, for_review: Flags, for_examination: Flags) -> Frame:
    """Put what an earlier decision recorded there."""
    columns = {
        **frame.columns,
        "is_selected_for_review": for_review,
        "is_selected_for_examination": for_examination,
    }
    return Frame(frame.row_count, columns)
