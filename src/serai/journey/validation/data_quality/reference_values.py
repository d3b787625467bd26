"""What is usual for a heading: running sketches of price and mass by the unit, medians, what lies far off.

A sketch counts logarithms in bins of an eighth of a doubling, so that a median is right to 5 % and any number
of items costs the same. Median and median absolute deviation are robust: a few wild prices move neither.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from serai.journey.validation.data_quality.formula import Plausible
from serai.journey.validation.data_quality.level import Level
from serai.model.columns import Flags, Frame, Int64s, encode_words
from serai.model.frames import ABSENT

BINS_PER_DOUBLING: Final = 8
BIN_MAX: Final = 800
"""Bins run from minus this to this; a hundred doublings are more than any sound price."""
PRICE, MASS = "price", "mass"
CHECK_OF: Final = {PRICE: "unit-price-unusual", MASS: "unit-weight-unusual"}
_MAD_TO_DEVIATION: Final = 1.4826
"""A median absolute deviation times this is the standard deviation, where numbers are normally spread."""


class Key(NamedTuple):
    """Of what a sketch is: price (millionths of the currency's unit) or mass (grams) by the unit of quantity.

    heading: four digits. currency_code: empty for masses.
    """

    measure: str
    heading: str
    unit_code: str
    currency_code: str


class Spread(NamedTuple):
    """What a sketch comes to, in bins. item_count: seen."""

    item_count: int
    median: float
    deviation: float


@dataclass(frozen=True, slots=True)
class ReferenceValues:
    """What was seen so far, by key."""

    spreads: Mapping[Key, Spread] = field(default_factory=dict)

    @staticmethod
    def none() -> "ReferenceValues":
        """Return what is known before anything was seen."""
        return ReferenceValues()


Sketches = dict[tuple[Key, int], int]
"""Items by key and bin."""


def spreads_of(rows: Iterable[tuple[Key, int, int]]) -> ReferenceValues:
    """Compute median and deviation of each key. rows: key, bin and count."""
    by_key: dict[Key, list[tuple[int, int]]] = {}
    for key, place, count in rows:
        by_key.setdefault(key, []).append((place, count))
    return ReferenceValues({key: _spread(counts) for key, counts in by_key.items()})


def keep_counted(items: Frame) -> Frame:
    """Return what of accepted goods items the sketches count."""
    return Frame(items.row_count, {name: items.columns[name] for name in (*_WORDS, *_NUMBERS)})


def join_counted(frames: Sequence[Frame]) -> Frame:
    """Join items of several batches, as `keep_counted` returns them."""
    if len(frames) == 1:
        return frames[0]
    words = {
        name: encode_words(chain.from_iterable(f.words(name).texts() for f in frames)) for name in _WORDS
    }
    numbers = {name: np.concatenate([frame.numbers(name) for frame in frames]) for name in _NUMBERS}
    return Frame(sum(frame.row_count for frame in frames), {**words, **numbers})


_WORDS: Final = ("commodity_code", "quantity_unit_code", "invoice_currency_code")
_NUMBERS: Final = ("invoice_amount_micro", "gross_mass_g", "quantity_micro")


def sketch_items(frame: Frame) -> Sketches:
    """Count accepted goods items for the sketches."""
    sketches: Sketches = {}
    for measure in (PRICE, MASS):
        keys, numbers = _number_keys(frame, measure)
        places, is_known = _bins(frame, measure)
        known = np.flatnonzero(is_known & (numbers >= 0))
        width = 2 * BIN_MAX + 1
        joined, counts = np.unique(numbers[known] * width + places[known] + BIN_MAX, return_counts=True)
        for one, count in zip(joined.tolist(), counts.tolist(), strict=True):
            number, place = divmod(one, width)
            sketches[keys[number], place - BIN_MAX] = count
    return sketches


def mark_unusual(frame: Frame, reference_values: ReferenceValues, rule: Plausible, level: Level) -> None:
    """Mark prices and masses by the unit that lie far from their heading's median.

    Not asked where too few items of the heading were seen.
    """
    for measure, code in CHECK_OF.items():
        if not reference_values.spreads:
            level.skip(code)
            continue
        keys, numbers = _number_keys(frame, measure)
        found = [reference_values.spreads.get(key) for key in keys]
        is_enough = [one is not None and one.item_count >= rule.seen_min for one in found]
        median = np.array([*(one.median if one else 0.0 for one in found), 0.0])
        reach = np.array([*(_reach(one, rule) if one else 0.0 for one in found), 0.0])
        places, is_known = _bins(frame, measure)
        is_asked = np.array([*is_enough, False], dtype=np.bool_)[numbers] & is_known
        level.mark(code, np.abs(places - median[numbers]) > reach[numbers], is_asked)


def describe_reference_values(
    frame: Frame, rows: Sequence[int], measure: str, reference_values: ReferenceValues
) -> list[dict[str, str]]:
    """Return for some items what a finding names: heading, own number by the unit, and what is usual."""
    keys, numbers = _number_keys(frame, measure)
    places, _ = _bins(frame, measure)
    described = []
    for row in rows:
        key = keys[numbers[row]]
        own, middle = (
            _render(key, place) for place in (int(places[row]), reference_values.spreads[key].median)
        )
        described.append({"value": key.heading, "own": own, "usual": middle})
    return described


class Usual(NamedTuple):
    """A number by the unit beside what is usual for its heading, as text with its unit. lowest, highest: what
    lies outside is called unusual. item_count: goods items seen."""

    heading: str
    own: str
    middle: str
    lowest: str
    highest: str
    is_unusual: bool
    item_count: int


def compare_with_usual(
    key: Key, amount: Decimal, quantity: Decimal, reference_values: ReferenceValues, rule: Plausible
) -> Usual | None:
    """Return a price, or a mass in grams, of some goods beside what is usual; None where too few of the
    heading were seen, or a number is not above zero."""
    spread = reference_values.spreads.get(key)
    if spread is None or spread.item_count < rule.seen_min or amount <= 0 or quantity <= 0:
        return None
    by_unit = float(amount / quantity) * (1e6 if key.measure == PRICE else 1.0)
    place, reach = math.floor(math.log2(by_unit) * BINS_PER_DOUBLING), _reach(spread, rule)
    return Usual(
        key.heading,
        _text(key, by_unit),
        _render(key, spread.median),
        _render(key, spread.median - reach),
        _render(key, spread.median + reach),
        abs(place - spread.median) > reach,
        spread.item_count,
    )


def _render(key: Key, place: float) -> str:
    """Say the middle of a bin to two digits, in units of the currency or in kilograms."""
    return _text(key, 2.0 ** ((place + 0.5) / BINS_PER_DOUBLING))


def _text(key: Key, by_unit: float) -> str:
    rounded = float(f"{by_unit / (1e6 if key.measure == PRICE else 1e3):.2g}")
    unit = key.currency_code if key.measure == PRICE else "kg"
    return f"{rounded:.10f}".rstrip("0").rstrip(".") + f" {unit}"


def _reach(spread: Spread, rule: Plausible) -> float:
    least = BINS_PER_DOUBLING * float(np.log2(rule.factor_min))
    return max(rule.deviations_max * _MAD_TO_DEVIATION * spread.deviation, least)


def _spread(counts: list[tuple[int, int]]) -> Spread:
    total = sum(count for _, count in counts)
    middle = _median(counts, total)
    apart = [(abs(place - middle), count) for place, count in counts]
    return Spread(total, middle, _median(apart, total))


def _median(counts: list[tuple[float, int]] | list[tuple[int, int]], total: int) -> float:
    """Return the lower median of counted numbers."""
    reached, half = 0, (total + 1) // 2
    for place, count in sorted(counts):
        reached += count
        if reached >= half:
            return float(place)
    return 0.0


def _number_keys(frame: Frame, measure: str) -> tuple[list[Key], Int64s]:
    """Return the distinct keys of a batch, and for each item the number of its own, -1 without one."""
    commodity, unit = frame.words("commodity_code"), frame.words("quantity_unit_code")
    currency = frame.words("invoice_currency_code")
    headings = list(dict.fromkeys(word[:4] for word in commodity.words))
    place = {heading: number for number, heading in enumerate(headings)}
    heading = np.array([*(place[word[:4]] for word in commodity.words), 0], np.int64)[commodity.codes]
    units, currencies = max(1, len(unit.words)), max(1, len(currency.words))
    joined = heading * units + unit.codes
    is_there: Flags = (commodity.codes >= 0) & (unit.codes >= 0)
    if measure == PRICE:
        joined = joined * currencies + currency.codes
        is_there &= currency.codes >= 0
    size = len(headings) * units * (currencies if measure == PRICE else 1)
    numbers = np.full(size + 1, -1, dtype=np.int64)
    joined = np.where(is_there, joined, size)
    numbers[joined] = 0
    distinct = np.flatnonzero(numbers[:-1] == 0)
    numbers[-1] = -1
    numbers[distinct] = np.arange(len(distinct))
    keys = []
    for one in distinct.tolist():
        rest, money = divmod(one, currencies) if measure == PRICE else (one, -1)
        number, unit_number = divmod(rest, units)
        code = currency.words[money] if money >= 0 else ""
        keys.append(Key(measure, headings[number], unit.words[unit_number], code))
    return keys, numbers[joined]


def _bins(frame: Frame, measure: str) -> tuple[Int64s, Flags]:
    """Return the bin of each item's number by the unit, and where it has one."""
    amount = frame.numbers("invoice_amount_micro" if measure == PRICE else "gross_mass_g")
    quantity = frame.numbers("quantity_micro")
    is_known: Flags = (amount > 0) & (quantity > 0) & (amount != ABSENT) & (quantity != ABSENT)
    by_unit = np.where(is_known, amount, 1) / (np.where(is_known, quantity, 1) / 1e6)
    places = np.floor(np.log2(by_unit) * BINS_PER_DOUBLING)
    return np.clip(places, -BIN_MAX, BIN_MAX).astype(np.int64), is_known
