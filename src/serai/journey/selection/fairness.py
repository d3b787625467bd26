"""The fairness meter: rates of selection and of findings by group, from the random share, with intervals; and
which measure departs from what was found.

Interval: Wilson's score interval of 95 % (E. B. Wilson, 1927), which holds for small groups and rates near
zero.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Any, Final, Literal, NamedTuple

import msgspec

DIMENSIONS: Final = ("origin", "channel", "seller-size", "declarant-kind")
SELLER_SIZES: Final = ("unknown", "small", "medium", "large")
GROUP_MIN: Final = 10
"""Groups of fewer are withheld, and the figures of one group that alone is withheld could not be told
either.
"""
_Z: Final = 1.959963984540054
_PPM: Final = 1_000_000
DEPARTS_TIMES: Final = 2
"""A measure departs that speaks of a group twice as often as of the others, beyond chance."""
EVERYTHING_PPM: Final = 200_000
"""A measure that speaks of a fifth of the flow selects nothing in particular."""
HITS_MIN: Final = 20
CONFORMS: Final = "conforms"


class Interval(msgspec.Struct, frozen=True):
    """A rate in parts per million with Wilson's interval of 95 %."""

    rate_ppm: int
    low_ppm: int
    high_ppm: int


def wilson(found_count: int, all_count: int) -> Interval:
    """Return a rate with its interval. all_count > 0."""
    assert all_count > 0, "nothing is no rate"
    share, square = found_count / all_count, _Z * _Z
    middle = share + square / (2 * all_count)
    half = _Z * sqrt(share * (1 - share) / all_count + square / (4 * all_count * all_count))
    whole = 1 + square / all_count
    low, high = max((middle - half) / whole, 0.0), min((middle + half) / whole, 1.0)
    return Interval(round(share * _PPM), round(low * _PPM), round(high * _PPM))


class RandomRow(NamedTuple):
    """One parcel of the random share. seller_key: 0: none is named. result_code: None: not examined yet."""

    origin: str
    channel: str
    declarant_kind: str
    seller_key: int
    is_targeted: bool
    hit_rules: list[str]
    result_code: str | None


class GroupRates(msgspec.Struct, frozen=True):
    """Rates of one group. group: a code, or the size class. parcels_count: of the random share, rounded down
    to tens. selection: how often rules and model select it; findings: how often an examination found
    something, None while fewer than ten were examined."""

    dimension: str
    group: str
    parcels_count: int
    examined_count: int
    selection: Interval
    findings: Interval | None


class Counts(NamedTuple):
    """All that came in a while: seen by (dimension, group), hits by (measure, dimension, group)."""

    flow_count: int
    seen: Mapping[tuple[str, str], int]
    hits: Mapping[Any, int]


class Departure(NamedTuple):
    """A measure that departs. kind: `departs` from the others in a group, speaks of `everything`, or is a
    model that drifts. Counts: of the group, and of all others, what came and of what the measure spoke."""

    kind: Literal["departs", "everything", "drift"]
    measure: str
    dimension: str
    group: str
    group_seen: int
    group_hits: int
    other_seen: int
    other_hits: int


def sizes_of(rows: Iterable[RandomRow]) -> dict[int, str]:
    """Return the size class of each seller, by how often it stands in the random share: 1, up to 9, more."""
    counted = Counter(row.seller_key for row in rows if row.seller_key)
    return {
        key: SELLER_SIZES[1] if count == 1 else SELLER_SIZES[2] if count < 10 else SELLER_SIZES[3]
        for key, count in counted.items()
    }


def measure_fairness(rows: list[RandomRow]) -> list[GroupRates]:
    """Return the rates of every group of ten or more, by dimension, then group. What the random share shows
    is unbiased: chance alone put a parcel there."""
    sizes = sizes_of(rows)
    groups: dict[tuple[str, str], list[RandomRow]] = {}
    for row in rows:
        size = sizes.get(row.seller_key, SELLER_SIZES[0])
        own = (row.origin or "unknown", row.channel or "unknown", size, row.declarant_kind or "unknown")
        for dimension, group in zip(DIMENSIONS, own, strict=True):
            groups.setdefault((dimension, group), []).append(row)
    shown = {key: its for key, its in groups.items() if len(its) >= GROUP_MIN}
    return [
        _rates(dimension, group, shown[dimension, group])
        for dimension, group in sorted(shown, key=lambda one: (DIMENSIONS.index(one[0]), one[1]))
    ]


def _rates(dimension: str, group: str, rows: list[RandomRow]) -> GroupRates:
    examined = [row for row in rows if row.result_code is not None]
    found = sum(row.result_code != CONFORMS for row in examined)
    return GroupRates(
        dimension,
        group,
        len(rows) // 10 * 10,
        len(examined) // 10 * 10,
        wilson(sum(row.is_targeted for row in rows), len(rows)),
        wilson(found, len(examined)) if len(examined) >= GROUP_MIN else None,
    )


def find_departures(counts: Counts, rates: Iterable[GroupRates] = ()) -> list[Departure]:
    """Return which measure departs where.

    It departs where it speaks of a group more than twice as often as of all others, beyond what chance
    explains (Wilson's intervals do not meet), unless the random share shows that more is found in that
    group. Whole flow, not the random share, is what it is asked of: so a slipped-in rule shows within some
    hundred parcels.
    """
    justified = _justified(rates)
    found = [*_everything(counts)]
    totals: Counter[str] = Counter()
    for (dimension, _), count in counts.seen.items():
        totals[dimension] += count
    totals_of: Counter[tuple[str, str]] = Counter()
    for (measure, dimension, _), count in counts.hits.items():
        totals_of[measure, dimension] += count
    for (measure, dimension, group), hits in counts.hits.items():
        seen = counts.seen.get((dimension, group), 0)
        other_seen, other_hits = totals[dimension] - seen, totals_of[measure, dimension] - hits
        if hits < HITS_MIN or seen < hits or other_seen < GROUP_MIN or (dimension, group) in justified:
            continue
        if wilson(hits, seen).low_ppm > DEPARTS_TIMES * wilson(other_hits, other_seen).high_ppm:
            found.append(Departure("departs", measure, dimension, group, seen, hits, other_seen, other_hits))
    return found


def _everything(counts: Counts) -> list[Departure]:
    """Return measures that speak of a fifth of all that came."""
    totals_of: Counter[str] = Counter()
    for (measure, dimension, _), count in counts.hits.items():
        totals_of[measure] += count if dimension == DIMENSIONS[0] else 0
    return [
        Departure("everything", measure, "", "", counts.flow_count, hits, 0, 0)
        for measure, hits in sorted(totals_of.items())
        if counts.flow_count >= HITS_MIN
        and hits >= HITS_MIN
        and wilson(min(hits, counts.flow_count), counts.flow_count).low_ppm > EVERYTHING_PPM
    ]


def _justified(rates: Iterable[GroupRates]) -> set[tuple[str, str]]:
    """Return groups in which more is found than in any other of their dimension, beyond chance."""
    by_dimension: dict[str, list[GroupRates]] = {}
    for one in rates:
        if one.findings is not None:
            by_dimension.setdefault(one.dimension, []).append(one)
    return {
        (dimension, one.group)
        for dimension, its in by_dimension.items()
        for one in its
        if one.findings is not None
        and len(its) > 1
        and all(
            one.findings.low_ppm > other.findings.high_ppm
            for other in its
            if other is not one and other.findings is not None
        )
    }
