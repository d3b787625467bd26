"""What a batch adds to the running sums of the flow: pure counting, in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serai.journey.follow.flow_lanes import FLOW_LANES, flow_lanes
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import STATUSES

DUES = ("border", "sale", "buyer_return", "none")
"""Places of a charge's due as stored; `tests/journey/follow/test_flow.py` holds them against `assess`."""
NO_PLACE = -1


@dataclass(frozen=True, slots=True)
class HourSums:
    """Rows of `flow_hour` to be added, one a key.

    Hours are milliseconds of UTC; lanes, here and below, places in FLOW_LANES.
    """

    hours_ms: list[int]
    lanes: list[int]
    statuses: list[int]
    destinations: list[str]
    dues: list[int]
    tax_types: list[str]
    currencies: list[str]
    counts: list[int]
    amounts: list[int]


@dataclass(frozen=True, slots=True)
class MovementSums:
    """Rows of `flow_movement` to be added. movements: places in what the caller counted by."""

    movements: list[int]
    lanes: list[int]
    statuses: list[int]
    dispatches: list[str]
    currencies: list[str]
    counts: list[int]
    amounts: list[int]


@dataclass(frozen=True, slots=True)
class Replaced:
    """Consignments that had a decision before, one row each: what stood is taken out of the sums.

    rows: their places in the batch. destinations, movements: where they were counted; an amendment may have
    brought them elsewhere.
    """

    rows: Int64s
    hours_ms: Int64s
    lanes: Int64s
    statuses: Int64s
    destinations: Sequence[str]
    movements: Int64s

    @staticmethod
    def none() -> "Replaced":
        """Return no consignments."""
        empty = np.zeros(0, dtype=np.int64)
        return Replaced(empty, empty, empty, empty, (), empty)


def sum_hours(consignments: Frame, charges: Frame, replaced: Replaced, hour_ms: int) -> HourSums:
    """Count a batch for `flow_hour`.

    consignments, charges: of the pipeline. Charges of replaced decisions are not here: their reversals are in
    the store.
    """
    destination = consignments.words("consignee_country_code")
    words = [*dict.fromkeys((*destination.words, *replaced.destinations)), ""]
    codes = np.where(destination.codes < 0, len(words) - 1, destination.codes).astype(np.int64)
    lanes, statuses = _lanes(consignments), consignments.numbers("status_number")
    hours = [hour_ms]
    whole_keys, weights = [np.zeros(len(codes), dtype=np.int64), lanes, statuses, codes], None
    if len(replaced.rows):
        places = {word: place for place, word in enumerate(words)}
        old = np.array([places[code] for code in replaced.destinations], dtype=np.int64)
        distinct, hour_places = np.unique(np.append(replaced.hours_ms, hour_ms), return_inverse=True)
        hours = distinct.tolist()
        whole_keys[0] = np.full(len(codes), hour_places[-1])
        gone = (hour_places[:-1], replaced.lanes, replaced.statuses, old)
        whole_keys = [np.concatenate(pair) for pair in zip(whole_keys, gone, strict=True)]
        weights = _signs(len(codes), len(old))
    whole, whole_counts, _ = _group(
        list(zip(whole_keys, (len(hours), len(FLOW_LANES), len(STATUSES), len(words)), strict=True)),
        weights,
        None,
    )
    rows = np.flatnonzero(_counted(charges))
    tax_type, currency = charges.words("tax_type_code"), charges.words("currency_code")
    single, single_counts, sums = _group(
        [
            (codes[charges.numbers("consignment")[rows]], len(words)),
            (_dues(charges.words("due_code"))[rows], len(DUES)),
            (tax_type.codes[rows].astype(np.int64), max(1, len(tax_type.words))),
            (currency.codes[rows].astype(np.int64), max(1, len(currency.words))),
        ],
        None,
        charges.numbers("amount_minor")[rows],
    )
    left, right = len(whole_counts), len(single_counts)
    return HourSums(
        hours_ms=[*(hours[place] for place in whole[0].tolist()), *[hour_ms] * right],
        lanes=[*whole[1].tolist(), *[NO_PLACE] * right],
        statuses=[*whole[2].tolist(), *[NO_PLACE] * right],
        destinations=[words[place] for place in (*whole[3].tolist(), *single[0].tolist())],
        dues=[*[NO_PLACE] * left, *single[1].tolist()],
        tax_types=[*[""] * left, *(tax_type.words[place] for place in single[2].tolist())],
        currencies=[*[""] * left, *(currency.words[place] for place in single[3].tolist())],
        counts=[*whole_counts.tolist(), *single_counts.tolist()],
        amounts=[*[0] * left, *sums.tolist()],
    )


def sum_movements(
    consignments: Frame,
    charges: Frame,
    movements: Int64s,
    *,
    movement_count: int,
    is_new: Flags,
    replaced: Replaced,
) -> MovementSums:
    """Count a batch for `flow_movement`.

    movements: the place of each consignment's movement among `movement_count`, -1 without one. is_new: only
    first decisions tell where parcels come from.
    """
    size = max(1, movement_count)
    on_one = np.flatnonzero(movements >= 0)
    on = movements[on_one]
    whole_keys = [
        on,
        _lanes(consignments)[on_one],
        consignments.numbers("status_number")[on_one],
    ]
    weights = None
    gone = np.flatnonzero(replaced.movements >= 0)
    if len(gone):
        old = (replaced.movements[gone], replaced.lanes[gone], replaced.statuses[gone])
        whole_keys = [np.concatenate(pair) for pair in zip(whole_keys, old, strict=True)]
        weights = _signs(len(on_one), len(gone))
    whole, whole_counts, _ = _group(
        list(zip(whole_keys, (size, len(FLOW_LANES), len(STATUSES)), strict=True)), weights, None
    )
    dispatch = consignments.words("dispatch_country_code")
    told = np.flatnonzero((movements >= 0) & is_new & (dispatch.codes >= 0))
    origin, origin_counts, _ = _group(
        [(movements[told], size), (dispatch.codes[told].astype(np.int64), max(1, len(dispatch.words)))],
        None,
        None,
    )
    owner = charges.numbers("consignment")
    due = charges.words("due_code")
    rows = np.flatnonzero(
        _counted(charges) & due.map_flags([word == "border" for word in due.words]) & (movements[owner] >= 0)
    )
    currency = charges.words("currency_code")
    owed, owed_counts, sums = _group(
        [
            (movements[owner[rows]], size),
            (currency.codes[rows].astype(np.int64), max(1, len(currency.words))),
        ],
        None,
        charges.numbers("amount_minor")[rows],
    )
    left, middle, right = len(whole_counts), len(origin_counts), len(owed_counts)
    return MovementSums(
        movements=[*whole[0].tolist(), *origin[0].tolist(), *owed[0].tolist()],
        lanes=[*whole[1].tolist(), *[NO_PLACE] * (middle + right)],
        statuses=[*whole[2].tolist(), *[NO_PLACE] * (middle + right)],
        dispatches=[*[""] * left, *(dispatch.words[place] for place in origin[1].tolist()), *[""] * right],
        currencies=[*[""] * (left + middle), *(currency.words[place] for place in owed[1].tolist())],
        counts=[*whole_counts.tolist(), *origin_counts.tolist(), *owed_counts.tolist()],
        amounts=[*[0] * (left + middle), *sums.tolist()],
    )


def _lanes(consignments: Frame) -> Int64s:
    return flow_lanes(consignments.numbers("lane_number"), consignments.numbers("reason_bits"))


def _counted(charges: Frame) -> Flags:
    kind = charges.words("kind_code")
    return ~charges.flags("is_waived") & ~kind.map_flags([word == "claim" for word in kind.words])


def _signs(come: int, gone: int) -> Int64s:
    signs = np.ones(come + gone, dtype=np.int64)
    signs[come:] = -1
    return signs


def _dues(due: Coded) -> Int64s:
    places = np.array([*(DUES.index(word) for word in due.words), DUES.index("none")], dtype=np.int64)
    return places[due.codes]


def _group(
    keys: Sequence[tuple[Int64s, int]], weights: Int64s | None, amounts: Int64s | None
) -> tuple[list[Int64s], Int64s, Int64s]:
    """Sum weights (None: one each) and amounts by key, in integers: floats are for no money.

    Keys of which nothing is left go. keys: numbers from 0, and how many there can be; the product of these
    is small, so that no row is sorted.
    """
    joined, size = np.zeros(len(keys[0][0]), dtype=np.int64), 1
    for numbers, count in keys:
        joined = joined * count + numbers
        size *= count
    if weights is None:
        counts = np.bincount(joined, minlength=size).astype(np.int64)
    else:
        counts = np.zeros(size, dtype=np.int64)
        np.add.at(counts, joined, weights)
    sums = np.zeros(size if amounts is not None else 0, dtype=np.int64)
    if amounts is not None:
        np.add.at(sums, joined, amounts)
        found = np.flatnonzero((counts != 0) | (sums != 0))
        sums = sums[found]
    else:
        found = np.flatnonzero(counts)
    parts, rest = [], found
    for _, count in reversed(keys):
        rest, part = np.divmod(rest, count)
        parts.append(part)
    return parts[::-1], counts[found], sums
