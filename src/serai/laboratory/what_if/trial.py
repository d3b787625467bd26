"""A what-if on its way: batches come, both laws are asked, sums run; at the end the answer.

The function behind the command `serai law try`; a page or a route asks the same.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from serai.laboratory.compare.measuring import count_missing, invented_lines, rests_on_invented_tariff
from serai.laboratory.what_if.batch import Batch
from serai.laboratory.what_if.compared import Compared
from serai.laboratory.what_if.differences import Pairs, render_differences
from serai.laboratory.what_if.examples import Examples
from serai.laboratory.what_if.features import BY, features_of
from serai.laboratory.what_if.laws import TriedLaw
from serai.laboratory.what_if.lines import lines_of
from serai.laboratory.what_if.outcome import Outcome, outcome_under, values_minor
from serai.laboratory.what_if.recorded import RecordedCheck
from serai.laboratory.what_if.result import Counts, Group, Lanes, Side, WhatIf
from serai.laboratory.what_if.running_sums import RunningSums
from serai.law.book import LawBook
from serai.model.columns import Coded, Flags, Int64s
from serai.model.errors import SeraiError
from serai.model.frames import LANES
from serai.model.message_text import MessageText


@dataclass(slots=True)
class Trial:
    """One what-if. see: is handed each batch. is_assumed: rates and tariff lines are invented."""

    draft: TriedLaw
    current: TriedLaw
    examples: Examples
    see: Callable[[Compared], object] = lambda _: None
    is_assumed: bool = False
    read: int = 0
    refused: int = 0
    erased: int = 0
    withdrawn: int = 0
    _untouched: int = 0
    _undecided: Counter[str] = field(default_factory=Counter)
    _lanes: Counter[tuple[int, int]] = field(default_factory=Counter)
    _missing: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    _cumulative_allowance: RunningSums = field(default_factory=RunningSums)
    _pairs: Pairs = field(default_factory=Pairs)
    _recorded: RecordedCheck = field(default_factory=RecordedCheck)

    def add(
        self, batch: Batch, current_book: LawBook, draft_book: LawBook, draft_batch: Batch | None = None
    ) -> None:
        """Ask both laws about a batch. draft_batch: the same parcels where the draft reads them otherwise."""
        current = outcome_under(batch, current_book)
        draft = outcome_under(draft_batch or batch, draft_book)
        if batch.recorded is not None:
            self._recorded.add(batch, current)
        is_touched = self._touched(current, draft)
        touched = np.flatnonzero(is_touched)
        self.read += batch.count
        self._untouched += batch.count - len(touched)
        self._count_lanes(current, draft, touched)
        is_compared = self._count_undecided(current, draft, is_touched)
        compared = np.flatnonzero(is_compared)
        lines = lines_of(current, draft, compared)
        values = values_minor(current, batch.items)
        features = features_of(batch, values, _homes(current))
        found = Compared(batch, touched, current, draft, lines, features, values)
        self._cumulative_allowance.add(found)
        if self.is_assumed:
            rests = _rests_on_invented(current) | _rests_on_invented(draft)
            self._cumulative_allowance.invented_tariff += int(rests[compared].sum())
        self._count_laws(current, draft, compared)
        self.examples.add(found)
        self.see(found)

    def _touched(self, current: Outcome, draft: Outcome) -> Flags:
        marked = [side.marked for side in (self.current, self.draft) if side.marked is not None]
        if not marked:
            return np.ones(current.consignments.row_count, dtype=np.bool_)
        codes = frozenset().union(*marked)
        return current.is_governed_by(codes) | draft.is_governed_by(codes)

    def _count_lanes(self, current: Outcome, draft: Outcome, touched: Int64s) -> None:
        lanes = [one.consignments.numbers("lane_number")[touched] for one in (current, draft)]
        pairs, counts = np.unique(np.stack(lanes), axis=1, return_counts=True)
        for one, other, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
            self._lanes[one, other] += count

    def _count_undecided(self, current: Outcome, draft: Outcome, is_touched: Flags) -> Flags:
        """Count what one law or both do not decide; return the parcels that are compared."""
        for name, flags in (
            ("current", ~current.is_decided & draft.is_decided),
            ("draft", current.is_decided & ~draft.is_decided),
            ("both", ~current.is_decided & ~draft.is_decided),
        ):
            self._undecided[name] += int((flags & is_touched).sum())
        for missing, outcome in zip(self._missing, (current, draft), strict=True):
            missing.update(count_missing(outcome.assessed, is_touched))
        return is_touched & current.is_decided & draft.is_decided

    def _count_laws(self, current: Outcome, draft: Outcome, compared: Int64s) -> None:
        numbers = np.stack([one.law_numbers[compared] for one in (current, draft)])
        pairs, counts = np.unique(numbers, axis=1, return_counts=True)
        for one, other, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
            self._pairs.add(current.book.programs[one], draft.book.programs[other], count)

    # ---- the answer ----

    def result(self, sample: str, assumed: list[str]) -> WhatIf:
        """Return the answer. sample: what the parcels are. Raises SeraiError `no-parcels`,
        `draft-governs-nothing`.
        """
        if not self.read:
            raise SeraiError(
                "no-parcels",
                MessageText("There is no parcel to try a law on: {sample}.", sample=sample),
                "See what `serai check` says of the file, or send parcels first.",
            )
        if self._untouched == self.read:
            raise SeraiError(
                "draft-governs-nothing",
                MessageText(
                    "None of the {read} parcels is governed by {name}.", read=self.read, name=self.draft.name
                ),
                "Try it on parcels to its territory, in its channels and on its days.",
            )
        sums, undecided = self._cumulative_allowance, self._undecided
        changed = sums.more + sums.less + sums.mixed
        return WhatIf(
            sample=sample,
            current=Side(self.current.name, self._pairs.laws(0)),
            draft=Side(self.draft.name, self._pairs.laws(1)),
            differences=render_differences(self._pairs, self.current, self.draft),
            assumed=assumed,
            counts=Counts(
                read=self.read + self.refused + self.erased + self.withdrawn,
                refused=self.refused,
                erased=self.erased,
                withdrawn=self.withdrawn,
                untouched=self._untouched,
                undecided_current=undecided["current"],
                undecided_draft=undecided["draft"],
                undecided_both=undecided["both"],
                compared=sums.compared,
                more=sums.more,
                less=sums.less,
                same=sums.compared - changed,
                mixed=sums.mixed,
            ),
            free=sums.free_rows(),
            revenue=sums.revenue_rows(),
            lanes=[Lanes(LANES[one], LANES[other], n) for (one, other), n in sorted(self._lanes.items())],
            groups=self._groups(),
            examples=self.examples.rows(),
            missing_current=dict(self._missing[0].most_common()),
            missing_draft=dict(self._missing[1].most_common()),
            invented_tariff=sums.invented_tariff if self.is_assumed else None,
            stored=self._recorded.result() if self._recorded.parcels else None,
        )

    def _groups(self) -> list[Group]:
        return sorted(self._cumulative_allowance.group_rows(), key=lambda group: BY.index(group.by))


def _rests_on_invented(outcome: Outcome) -> Flags:
    count = outcome.consignments.row_count
    return rests_on_invented_tariff(outcome.assessed, invented_lines(outcome.book), count)


def _homes(outcome: Outcome) -> Coded:
    """Return the currency of each parcel's law, absent where there is none."""
    words = tuple(dict.fromkeys(outcome.currencies()))
    table = np.array([*map(words.index, outcome.currencies()), -1], dtype=np.int32)
    return Coded(words, table[outcome.law_numbers])
