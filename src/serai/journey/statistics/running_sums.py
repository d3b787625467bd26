"""What a batch adds to the running sums of the flow: pure counting, in whole numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from serai.journey.decision.rules import SHOWN_LANES, shown_lanes
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import STATUSES
from serai.model.owed_charges import border_due_rows, owed_rows
from serai.model.packed_detail import DUES, PackedCharge

NO_PLACE = -1


@dataclass(frozen=True, slots=True)
class HourSums:
    """Rows of `statistics_hour` to be added, one a key.

    Hours are milliseconds of UTC; lanes, here and below, places in SHOWN_LANES.
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
    """Rows of `statistics_movement` to be added. movements: places in what the caller counted by."""

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
    brought them elsewhere. charges: of the decisions that stood.
    """

    rows: Int64s
    hours_ms: Int64s
    lanes: Int64s
    statuses: Int64s
    destinations: Sequence[str]
    movements: Int64s
    charges: Sequence[Sequence[PackedCharge]]

    @staticmethod
    def none() -> "Replaced":
        """Return no consignments."""
        empty = np.zeros(0, dtype=np.int64)
        return Replaced(empty, empty, empty, empty, (), empty, ())


def sum_hours(consignments: Frame, charges: Frame, replaced: Replaced, hour_ms: int) -> HourSums:
    """Count a batch for `statistics_hour`.

    consignments, charges: of the pipeline.
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
        list(zip(whole_keys, (len(hours), len(SHOWN_LANES), len(STATUSES), len(words)), strict=True)),
        weights,
        None,
    )
    rows = np.flatnonzero(owed_rows(charges))
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
    owed = {
        (hour_ms, words[place], due, tax_type.words[tax], currency.words[unit]): (counted, amount)
        for place, due, tax, unit, counted, amount in zip(
            *(column.tolist() for column in (*single, single_counts, sums)), strict=True
        )
    }
    for hour, country_code, charges_before in zip(
        replaced.hours_ms.tolist(), replaced.destinations, replaced.charges, strict=True
    ):
        for charge in charges_before:
            if charge.is_owed:
                key = (hour, country_code, charge.due, charge.tax_type_code, charge.currency_code)
                _take_back(owed, key, charge)
    left, right = len(whole_counts), len(owed)
    return HourSums(
        hours_ms=[*(hours[place] for place in whole[0].tolist()), *(key[0] for key in owed)],
        lanes=[*whole[1].tolist(), *[NO_PLACE] * right],
        statuses=[*whole[2].tolist(), *[NO_PLACE] * right],
        destinations=[*(words[place] for place in whole[3].tolist()), *(key[1] for key in owed)],
        dues=[*[NO_PLACE] * left, *(key[2] for key in owed)],
        tax_types=[*[""] * left, *(key[3] for key in owed)],
        currencies=[*[""] * left, *(key[4] for key in owed)],
        counts=[*whole_counts.tolist(), *(counted for counted, _ in owed.values())],
        amounts=[*[0] * left, *(amount for _, amount in owed.values())],
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
    """Count a batch for `statistics_movement`.

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
        list(zip(whole_keys, (size, len(SHOWN_LANES), len(STATUSES)), strict=True)), weights, None
    )
    dispatch = consignments.words("dispatch_country_code")
    told = np.flatnonzero((movements >= 0) & is_new & (dispatch.codes >= 0))
    origin, origin_counts, _ = _group(
        [(movements[told], size), (dispatch.codes[told].astype(np.int64), max(1, len(dispatch.words)))],
        None,
        None,
    )
    owner = charges.numbers("consignment")
    rows = np.flatnonzero(border_due_rows(charges) & (movements[owner] >= 0))
    currency = charges.words("currency_code")
    due_on, due_counts, sums = _group(
        [
            (movements[owner[rows]], size),
            (currency.codes[rows].astype(np.int64), max(1, len(currency.words))),
        ],
        None,
        charges.numbers("amount_minor")[rows],
    )
    owed = {
        (place, currency.words[unit]): (counted, amount)
        for place, unit, counted, amount in zip(
            *(column.tolist() for column in (*due_on, due_counts, sums)), strict=True
        )
    }
    for place, charges_before in zip(replaced.movements.tolist(), replaced.charges, strict=True):
        for charge in charges_before:
            if place >= 0 and charge.is_border_due:
                _take_back(owed, (place, charge.currency_code), charge)
    left, middle, right = len(whole_counts), len(origin_counts), len(owed)
    return MovementSums(
        movements=[*whole[0].tolist(), *origin[0].tolist(), *(key[0] for key in owed)],
        lanes=[*whole[1].tolist(), *[NO_PLACE] * (middle + right)],
        statuses=[*whole[2].tolist(), *[NO_PLACE] * (middle + right)],
        dispatches=[*[""] * left, *(dispatch.words[place] for place in origin[1].tolist()), *[""] * right],
        currencies=[*[""] * (left + middle), *(key[1] for key in owed)],
        counts=[
            *whole_counts.tolist(),
            *origin_counts.tolist(),
            *(counted for counted, _ in owed.values()),
        ],
        amounts=[*[0] * (left + middle), *(amount for _, amount in owed.values())],
    )


def sum_placed(placed: Sequence[tuple[int, int, int, Sequence[PackedCharge]]]) -> MovementSums:
    """Count consignments that came to a movement after they were decided.

    placed: the place of the movement, lane, status, charges. Where they come from is told by first decisions.
    """
    counted: Counter[tuple[int, int, int, str]] = Counter()
    amounts: Counter[tuple[int, int, int, str]] = Counter()
    for movement, lane, status, charges in placed:
        counted[movement, lane, status, ""] += 1
        for charge in charges:
            if charge.is_border_due:
                counted[movement, NO_PLACE, NO_PLACE, charge.currency_code] += 1
                amounts[movement, NO_PLACE, NO_PLACE, charge.currency_code] += charge.amount_minor
    keys = list(counted)
    return MovementSums(
        movements=[key[0] for key in keys],
        lanes=[key[1] for key in keys],
        statuses=[key[2] for key in keys],
        dispatches=[""] * len(keys),
        currencies=[key[3] for key in keys],
        counts=[counted[key] for key in keys],
        amounts=[amounts[key] for key in keys],
    )


class Landed(NamedTuple):
    """A consignment whose decision an arrival took on, all but its status as it was.

    before, after: places in STATUSES. hour_ms: in which it was counted. movement: the place of its movement,
    -1 without one.
    """

    lane: int
    before: int
    after: int
    destination: str
    hour_ms: int
    movement: int
    charges: Sequence[PackedCharge]


def sum_landed(landed: Sequence[Landed], hour_ms: int) -> tuple[HourSums, MovementSums]:
    """Count consignments in their new status and hour, and no more where they were."""
    hours: Counter[tuple[int, int, int, str, int, str, str]] = Counter()
    amounts: Counter[tuple[int, int, int, str, int, str, str]] = Counter()
    movements: Counter[tuple[int, int, int]] = Counter()
    for one in landed:
        hours[one.hour_ms, one.lane, one.before, one.destination, NO_PLACE, "", ""] -= 1
        hours[hour_ms, one.lane, one.after, one.destination, NO_PLACE, "", ""] += 1
        if one.movement >= 0:
            movements[one.movement, one.lane, one.before] -= 1
            movements[one.movement, one.lane, one.after] += 1
        if one.hour_ms == hour_ms:
            continue
        for charge in one.charges:
            if charge.is_owed:
                for hour, sign in ((one.hour_ms, -1), (hour_ms, 1)):
                    key = (
                        hour,
                        NO_PLACE,
                        NO_PLACE,
                        one.destination,
                        charge.due,
                        charge.tax_type_code,
                        charge.currency_code,
                    )
                    hours[key] += sign
                    amounts[key] += sign * charge.amount_minor
    keys = [key for key, count in hours.items() if count or amounts[key]]
    moved = [key for key, count in movements.items() if count]
    return HourSums(
        hours_ms=[key[0] for key in keys],
        lanes=[key[1] for key in keys],
        statuses=[key[2] for key in keys],
        destinations=[key[3] for key in keys],
        dues=[key[4] for key in keys],
        tax_types=[key[5] for key in keys],
        currencies=[key[6] for key in keys],
        counts=[hours[key] for key in keys],
        amounts=[amounts[key] for key in keys],
    ), MovementSums(
        movements=[key[0] for key in moved],
        lanes=[key[1] for key in moved],
        statuses=[key[2] for key in moved],
        dispatches=[""] * len(moved),
        currencies=[""] * len(moved),
        counts=[movements[key] for key in moved],
        amounts=[0] * len(moved),
    )


_Key = TypeVar("_Key")


def _take_back(owed: dict[_Key, tuple[int, int]], key: _Key, charge: PackedCharge) -> None:
    """Take a charge out of sums of count and amount."""
    counted, amount = owed.get(key, (0, 0))
    owed[key] = counted - 1, amount - charge.amount_minor


def _lanes(consignments: Frame) -> Int64s:
    return shown_lanes(consignments.numbers("lane_number"), consignments.bit_sets("reason_bits"))


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
