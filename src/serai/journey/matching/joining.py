"""Documents into cases: over exact numbers first, then, where something is missing or contradicts, over the
likeliest candidates."""

from typing import Final, NamedTuple

import numpy as np

from serai.journey.matching import number_relation, people
from serai.journey.matching.candidates import find_candidates, keep_linked_kinds, mix
from serai.journey.matching.evidence import AMOUNT_DIFFERS, PairLimits, Weighed, score_ppm_of, weigh_pairs
from serai.journey.matching.grouping import components, components_of_pairs, distinct_pairs, pairs_within
from serai.journey.matching.number_relation import number_table
from serai.journey.reconciliation.case_sums import KINDS_COUNT, Factor
from serai.law.pack import Matching
from serai.model.columns import Flags, Frame, Int64s

EXACT_DOCUMENTS_COUNT_MAX: Final = 100
"""More documents than this under one number: it is no number of one sale any more."""
_EXACT_BITS_MIN: Final = 0
"""Below, everything else that two documents say speaks against the number they share."""
_NON_MATCH_BITS: Final = 8
"""By so much a better document under the same number shows that a stranger's is there by mistake."""
_MARGIN_BITS: Final = 3
"""By so much the best candidate must be ahead of the next: two alike are left to a person."""
_ROUNDS_COUNT: Final = 4


class Joined(NamedTuple):
    """label: lowest document of the case, by document. score_ppm: of the join that brought each document in.

    possible: pairs that a person may put together, with their scores.
    """

    label: Int64s
    score_ppm: Int64s
    possible: Weighed


def join_exactly(documents: Frame, numbers: Frame) -> Int64s:
    """Return the lowest document of each case over exact numbers of the same field."""
    owners, values = _exact_values(numbers)
    return components(documents.row_count, owners, values, count_max=EXACT_DOCUMENTS_COUNT_MAX)


def join_doubtful(
    documents: Frame,
    numbers: Frame,
    label: Int64s,
    *,
    is_doubtful: Flags,
    limits: "DocumentLimits",
    factor: Factor,
) -> Joined:
    """Take doubtful cases apart where a number is all that holds them, and put together what belongs so.

    is_doubtful: by document, of whole cases.
    """
    score = np.full(documents.row_count, 1_000_000, dtype=np.int64)
    rows = np.flatnonzero(is_doubtful)
    table = number_table(numbers, rows, documents.row_count)
    place = np.full(documents.row_count, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))

    def weigh(first: Int64s, second: Int64s, is_exact: Flags) -> Weighed:
        return weigh_pairs(
            documents,
            table,
            place,
            first=first,
            second=second,
            limits=limits.of_pairs(first, second),
            is_exact=is_exact,
            factor=factor,
        )

    first, second = _exact_pairs(numbers, is_doubtful, documents.row_count)
    exact = weigh(first, second, np.ones(len(first), dtype=np.bool_))
    exact = exact.where(_holds(exact, documents.numbers("kind_number")))
    new = label.copy()
    new[rows] = components_of_pairs(documents.row_count, exact.first, exact.second)[rows]
    first, second = find_candidates(documents, numbers, is_doubtful)
    apart = new[first] != new[second]
    first, second = first[apart], second[apart]
    found = weigh(first, second, np.zeros(len(first), dtype=np.bool_))
    joined_min, possible_min = limits.of_scores(found.first, found.second)
    found_score = score_ppm_of(found.bits)
    likely = found.where(found_score >= joined_min)
    kinds = documents.numbers("kind_number")
    for _ in range(_ROUNDS_COUNT):
        one, other, bits = _best_joins(likely, new, kinds)
        if not len(one):
            break
        _merge(new, score, one, other, bits)
    open_pairs = (found_score >= possible_min) & (new[found.first] != new[found.second])
    open_pairs &= _are_of_other_kinds(new, kinds, new[found.first], new[found.second])
    return Joined(new, score, found.where(open_pairs))


def join_likely(
    documents: Frame,
    numbers: Frame,
    label: Int64s,
    *,
    pairs: tuple[Int64s, Int64s],
    is_held: Flags,
    limits: "DocumentLimits",
    factor: Factor,
) -> Joined:
    """Put groups together that are each other's likeliest: nothing is taken apart, and of two groups with
    documents that are held none joins the other. pairs: rows of documents that are compared.

    Not all documents are here, and one that is still to come may fit better: the next order of the same buyer
    has a number like this one's. So only an equal number joins, in another field or written otherwise; that
    makes the outcome the same in whatever order documents come.
    """
    score = np.full(documents.row_count, 1_000_000, dtype=np.int64)
    new = label.copy()
    rows = np.arange(documents.row_count)
    first, second = keep_linked_kinds(documents, *pairs)
    apart = new[first] != new[second]
    first, second = first[apart], second[apart]
    found = weigh_pairs(
        documents,
        number_table(numbers, rows, documents.row_count),
        rows,
        first=first,
        second=second,
        limits=limits.of_pairs(first, second),
        is_exact=np.zeros(len(first), dtype=np.bool_),
        factor=factor,
    )
    joined_min, possible_min = limits.of_scores(first, second)
    found_score = score_ppm_of(found.bits)
    kinds = documents.numbers("kind_number")
    for _ in range(_ROUNDS_COUNT):
        has_held = np.zeros(documents.row_count, dtype=np.bool_)
        has_held[new[is_held]] = True
        is_free = ~(has_held[new[first]] & has_held[new[second]]) & (
            found.numbers >= number_relation.OTHER_FIELD
        )
        one, other, bits = _best_joins(found.where(is_free & (found_score >= joined_min)), new, kinds)
        if not len(one):
            break
        _merge(new, score, one, other, bits)
    open_pairs = (found_score >= possible_min) & (new[first] != new[second])
    open_pairs &= found.numbers >= number_relation.SWAPPED_SIGNS
    open_pairs &= _are_of_other_kinds(new, kinds, new[first], new[second])
    return Joined(new, score, found.where(open_pairs))


class DocumentLimits(NamedTuple):
    """Limits of matching and, by document, the place of its own; -1: the other document's say."""

    limits: tuple[Matching, ...]
    place: Int64s

    def of_pairs(self, first: Int64s, second: Int64s) -> PairLimits:
        """Return the limits of pairs of documents."""
        place = self._place(first, second)
        return PairLimits(*(self.column(name)[place] for name in PairLimits._fields))

    def of_scores(self, first: Int64s, second: Int64s) -> tuple[Int64s, Int64s]:
        """Return by pair the score to be joined, and to be offered to a person."""
        place = self._place(first, second)
        return self.column("joined_score_ppm")[place], self.column("possible_score_ppm")[place]

    def column(self, name: str) -> Int64s:
        """Return one limit by place."""
        return np.array([getattr(one, name) for one in self.limits], dtype=np.int64)

    def _place(self, first: Int64s, second: Int64s) -> Int64s:
        return np.maximum(np.maximum(self.place[first], self.place[second]), 0)


def _exact_values(numbers: Frame) -> tuple[Int64s, Int64s]:
    return numbers.numbers("document"), mix(numbers.numbers("exact"), numbers.numbers("field_number"))


def _exact_pairs(numbers: Frame, is_wanted: Flags, row_count: int) -> tuple[Int64s, Int64s]:
    owners, values = _exact_values(numbers)
    wanted = is_wanted[owners]
    first, second = pairs_within(owners[wanted], values[wanted], count_max=EXACT_DOCUMENTS_COUNT_MAX)
    return distinct_pairs(first, second, row_count)


def _holds(exact: Weighed, kinds: Int64s) -> Flags:
    """Say of pairs that share a number whether it holds them together: not where all else speaks against it,
    nor where strangers stand under a number that fits another document of the same kind far better."""
    is_held = exact.bits >= _EXACT_BITS_MIN
    is_stranger = exact.names == people.STRANGERS
    # Two payments of strangers under one number have nothing else that could tell which is right.
    is_held &= ~(is_stranger & (kinds[exact.first] == kinds[exact.second]))
    for one, other in ((exact.first, exact.second), (exact.second, exact.first)):
        _, slot = np.unique(one * (KINDS_COUNT + 1) + kinds[other], return_inverse=True)
        best = np.full(len(one), np.iinfo(np.int64).min, dtype=np.int64)
        np.maximum.at(best, slot, exact.bits)
        is_held &= ~(is_stranger & (exact.bits <= best[slot] - _NON_MATCH_BITS))
    flags: Flags = is_held
    return flags


# ---- candidates ----


def _best_joins(likely: Weighed, label: Int64s, kinds: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Return pairs of groups (labels) that are each other's best by a margin, with the bits of the best."""
    one, other = label[likely.first], label[likely.second]
    is_open = one != other
    one, other, bits = one[is_open], other[is_open], likely.bits[is_open]
    has_number = likely.numbers[is_open] >= number_relation.SWAPPED_SIGNS
    fits = likely.amounts[is_open] != AMOUNT_DIFFERS
    may_join = _are_of_other_kinds(label, kinds, one, other) | (has_number & fits)
    one, other, bits = one[may_join], other[may_join], bits[may_join]
    if not len(one):
        return one, other, bits
    one, other, bits = _by_groups(np.append(one, other), np.append(other, one), np.append(bits, bits))
    # Sorted by group, best first; each pair of groups once.
    is_first = np.append(True, one[1:] != one[:-1])
    starts = np.flatnonzero(is_first)
    best, best_bits = other[starts], bits[starts]
    has_second = np.append(~is_first[1:], False)[starts]
    second_bits = np.where(has_second, bits[np.minimum(starts + 1, len(bits) - 1)], best_bits - _MARGIN_BITS)
    is_clear = best_bits - second_bits >= _MARGIN_BITS
    groups = one[starts]
    place_of_best = np.searchsorted(groups, best)
    is_mutual = (best[place_of_best] == groups) & is_clear & is_clear[place_of_best] & (groups < best)
    return groups[is_mutual], best[is_mutual], best_bits[is_mutual]


def _by_groups(one: Int64s, other: Int64s, bits: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Keep the best of each pair of groups; sort by group, best first."""
    order = np.lexsort((-bits, other, one))
    one, other, bits = one[order], other[order], bits[order]
    is_new = np.append(True, (one[1:] != one[:-1]) | (other[1:] != other[:-1]))
    one, other, bits = one[is_new], other[is_new], bits[is_new]
    order = np.lexsort((other, -bits, one))
    return one[order], other[order], bits[order]


def _are_of_other_kinds(label: Int64s, kinds: Int64s, one: Int64s, other: Int64s) -> Flags:
    """Say of pairs of groups whether no kind of document is in both."""
    bits = np.zeros(len(label), dtype=np.int64)
    for kind in range(1, KINDS_COUNT + 1):
        bits[label[kinds == kind]] |= 1 << kind
    flags: Flags = (bits[one] & bits[other]) == 0
    return flags


def _merge(label: Int64s, score: Int64s, one: Int64s, other: Int64s, bits: Int64s) -> None:
    """Put groups together, in place: mutual bests meet in pairs only, so that one pass is enough."""
    target = np.arange(len(label), dtype=np.int64)
    target[other] = one
    arriving = np.zeros(len(label), dtype=np.int64)
    arriving[other] = score_ppm_of(bits)
    moved = np.flatnonzero(target[label] != label)
    score[moved] = np.minimum(score[moved], arriving[label[moved]])
    label[moved] = target[label[moved]]
