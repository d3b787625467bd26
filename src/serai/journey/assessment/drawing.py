"""What a law counts over several consignments, drawn in their order: the balance before each.

The store says how cumulative allowances stand; within a batch a consignment sees what those before it have
drawn. How much that is the law itself says, so it is asked again until nobody's balance moves: a consignment
depends on those before it alone, and so each round settles at least one more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import msgspec
import numpy as np

from serai.journey.assessment.rules import Batch, GovernedRun, govern
from serai.law.book import LawBook
from serai.law.counting import COUNTED_WORDS, DRAWN_OF, Counted, CountedWord, counted_by, period_begins
from serai.law.local_day import local_days
from serai.model.columns import Column, Flags, Frame, Int64s
from serai.model.frames import ABSENT

_MUTUAL_ROUNDS_MAX = 16
"""Where all see all, a law may have two that never agree: then those before count, as everywhere else."""


class CountedRow(NamedTuple):
    """A consignment that a cumulative allowance counts. period_on: first day of the period, days since
    1970."""

    row: int
    counted: Counted
    period_on: int


def find_counted(consignments: Frame, book: LawBook) -> list[CountedRow]:
    """Return which consignments their laws count, and in which period.

    consignments: with the columns of stage `advise`, their moments set. Left out: those whose moment is not
    known.
    """
    rows = np.flatnonzero(book.may_count(consignments))
    if not len(rows):
        return []
    here = consignments.view(rows)
    numbers, days = book.choose(here)
    found = []
    for number in np.unique(numbers[numbers >= 0]).tolist():
        program = book.programs[number]
        for counted in counted_by(program):
            on, known = _days_of(counted, here, days, program.base.time_zone)
            begins = period_begins(on, counted.per)
            governed = np.flatnonzero((numbers == number) & known)
            found += [
                CountedRow(row, counted, period_on)
                for row, period_on in zip(rows[governed].tolist(), begins[governed].tolist(), strict=True)
            ]
    return found


def _days_of(
    counted: Counted, consignments: Frame, law_days: Int64s, time_zone: str | None
) -> tuple[Int64s, Flags]:
    """Return the local day of the moment that picks the period, and where it is known."""
    if counted.moment is None:
        return law_days, np.ones(len(law_days), dtype=np.bool_)
    instants = consignments.numbers(f"{counted.moment}_at")
    if counted.fallback_moment is not None:
        later = consignments.numbers(f"{counted.fallback_moment}_at")
        instants = np.where(instants == ABSENT, later, instants)
    days, known = local_days(instants, consignments.words("time_zone"), time_zone)
    return days, np.ones(len(days), dtype=np.bool_) if known is None else known


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cumulative allowances behind one word stand before a batch; one entry a consignment.

    pools: consignments of one number add to one cumulative allowance; -1: none. balances: all that was added
    so far. own: by the consignment itself in its last decision. before: what stood on it when it was added,
    of a consignment that keeps its place; ABSENT: it comes after all others. is_mutual: later ones count as
    well.
    """

    pools: Int64s
    balances: Int64s
    own: Int64s
    before: Int64s
    is_mutual: Flags

    def used(self, drawn: Int64s, has_moved: Flags, *, may_be_mutual: bool) -> Int64s:
        """Return what stands on each one's cumulative allowance before it, given what each adds; ABSENT
        without one.

        has_moved: which of those that had a place draw more than they did, and so come after the others.
        """
        added = drawn - self.own
        order = np.argsort(self.pools, kind="stable")
        pools, sums = self.pools[order], np.cumsum(added[order])
        first = np.searchsorted(pools, pools)
        last = np.searchsorted(pools, pools, side="right") - 1
        start = sums[first] - added[order][first]
        earlier, others = np.empty_like(added), np.empty_like(added)
        earlier[order] = sums - added[order] - start
        others[order] = sums[last] - start - added[order]
        mutual = self.is_mutual & may_be_mutual
        used = self.balances - self.own + np.where(mutual, others, earlier)
        keeps_place = (self.before != ABSENT) & ~has_moved & ~self.is_mutual
        # Of those that came before it some may have been given back: it never sees more than there is.
        used = np.where(keeps_place, np.minimum(self.before, used), used)
        return np.where(self.pools < 0, ABSENT, used)

    def take(self, rows: Int64s) -> "Standing":
        """Return the rows asked for."""
        return Standing(*(getattr(self, one.name)[rows] for one in fields(self)))

    @property
    def is_alone(self) -> bool:
        """Say whether what each draws is of no matter to what any other sees."""
        pools = self.pools[self.pools >= 0]
        return len(np.unique(pools)) == len(pools) and not (self.before != ABSENT).any()


Standings = Mapping[CountedWord, Standing]


def add_balances(
    consignments: Frame, items: Frame, first_items: Int64s, book: LawBook, standings: Standings
) -> Frame:
    """Return the consignments with what stands on their cumulative allowances before them, in the order of
    the batch.

    consignments: with the columns of stages `advise` to `screen`; `allowance_used` and `same_day_value` stay
    as they are where a consignment is on no cumulative allowance.
    """
    if not standings:
        return consignments
    count = consignments.row_count
    moved = {word: np.zeros(count, dtype=np.bool_) for word in standings}
    frame = _with_used(consignments, standings, {word: one.own for word, one in standings.items()}, moved)
    if all(one.is_alone for one in standings.values()):
        return frame
    owner = items.numbers("owner")
    numbers, days = book.choose(frame)
    laws = [number for number in np.unique(numbers).tolist() if number >= 0]
    laws = [number for number in laws if counted_by(book.programs[number])]
    rounds_count = 0
    while True:
        batch = Batch(frame, items, owner, first_items, numbers, days)
        drawn = read_drawn([govern(number, book, batch) for number in laws], count)
        for word, standing in standings.items():
            moved[word] |= (standing.before != ABSENT) & (drawn[word] > standing.own)
        known = {word: np.where(drawn[word] == ABSENT, 0, drawn[word]) for word in standings}
        rounds_count += 1
        now = _with_used(
            consignments, standings, known, moved, may_be_mutual=rounds_count < _MUTUAL_ROUNDS_MAX
        )
        if all(np.array_equal(now.numbers(word), frame.numbers(word)) for word in standings):
            return now
        frame = now


def _with_used(
    consignments: Frame,
    standings: Standings,
    drawn: Mapping[CountedWord, Int64s],
    moved: Mapping[CountedWord, Flags],
    *,
    may_be_mutual: bool = True,
) -> Frame:
    """Put what stands before each consignment in the place of what was read."""
    columns: dict[str, Column] = {}
    for word, one in standings.items():
        used = one.used(drawn[word], moved[word], may_be_mutual=may_be_mutual)
        columns[word] = np.where(used == ABSENT, consignments.numbers(word), used)
    return Frame(consignments.row_count, {**consignments.columns, **columns})


def read_drawn(runs: Iterable[GovernedRun], count: int) -> dict[CountedWord, Int64s]:
    """Return what each consignment of a batch adds to the cumulative allowance behind each word; ABSENT where
    its law has none or does not know."""
    drawn = {word: np.full(count, ABSENT, dtype=np.int64) for word in COUNTED_WORDS}
    for governed in runs:
        for word, name in DRAWN_OF.items():
            if name in governed.run.program.definition_of:
                value = governed.run.read(name)
                drawn[word][governed.consignment_rows] = np.where(value.known_flags(), value.data, ABSENT)
    return drawn


class CumulativeAllowanceStands(msgspec.Struct, frozen=True, gc=False):
    """A cumulative allowance as one consignment finds it. key: which; the others: as in `Standing`."""

    word: CountedWord
    key: object
    balance: int
    own: int
    before: int | None
    is_mutual: bool


def stand(rows: Sequence[Sequence[CumulativeAllowanceStands]]) -> dict[CountedWord, Standing]:
    """Return the standings of a batch. rows: of each consignment the cumulative allowances that count it."""
    by_word: dict[CountedWord, dict[int, CumulativeAllowanceStands]] = {}
    for place, its in enumerate(rows):
        for one in its:
            by_word.setdefault(one.word, {}).setdefault(place, one)
    found: dict[CountedWord, Standing] = {}
    for word, counted in by_word.items():
        places = np.array(list(counted), dtype=np.int64)

        def column(absent: int, values: Iterable[int], places: Int64s = places) -> Int64s:
            made = np.full(len(rows), absent, dtype=np.int64)
            made[places] = list(values)
            return made

        numbers: dict[object, int] = {}
        is_mutual = np.zeros(len(rows), dtype=np.bool_)
        is_mutual[places] = [one.is_mutual for one in counted.values()]
        found[word] = Standing(
            column(-1, (numbers.setdefault(one.key, len(numbers)) for one in counted.values())),
            column(0, (one.balance for one in counted.values())),
            column(0, (one.own for one in counted.values())),
            column(ABSENT, (ABSENT if one.before is None else one.before for one in counted.values())),
            is_mutual,
        )
    return found
