"""The fairness meter: intervals, small groups withheld, and an alarm soon after a biased rule slips in."""

from collections import Counter

import numpy as np
import pytest

from serai.journey.selection.fairness import (
    Counts,
    RandomRow,
    find_departures,
    measure_fairness,
    wilson,
)


@pytest.mark.parametrize(
    ("found", "count", "low", "high"),
    # Published: Newcombe (1998), table I, method 3.
    [(81, 263, 255_300, 366_200), (15, 148, 62_400, 160_500), (0, 20, 0, 161_100), (1, 29, 6_100, 171_800)],
)
def test_an_interval_is_that_of_wilson(found: int, count: int, low: int, high: int) -> None:
    interval = wilson(found, count)

    assert interval.low_ppm == pytest.approx(low, abs=60)
    assert interval.high_ppm == pytest.approx(high, abs=60)


def row(origin: str, *, is_targeted: bool = False, result: str | None = None, seller: int = 0) -> RandomRow:
    return RandomRow(origin, "post", "declarant", seller, is_targeted, [], result)


def test_groups_of_fewer_than_ten_are_withheld_and_rates_are_of_the_random_share() -> None:
    rows = [row("CN", is_targeted=place < 4, result="conforms") for place in range(20)]
    rows += [row("VN", is_targeted=True) for _ in range(9)]
    rows += [row("US", result="value-differs" if place < 5 else "conforms") for place in range(10)]

    groups = {(one.dimension, one.group): one for one in measure_fairness(rows)}

    assert ("origin", "VN") not in groups
    china = groups["origin", "CN"]
    assert (china.selection.rate_ppm, china.parcels_count) == (200_000, 20)
    assert china.findings is not None
    assert china.findings.rate_ppm == 0
    assert groups["origin", "US"].findings == wilson(5, 10)
    assert groups["channel", "post"].parcels_count == 30


def test_findings_of_fewer_than_ten_examined_are_withheld() -> None:
    (group,) = [
        one
        for one in measure_fairness([row("CN", result="conforms" if n < 9 else None) for n in range(30)])
        if one.dimension == "origin"
    ]

    assert group.findings is None
    assert group.examined_count == 0


def test_the_size_of_a_seller_is_how_often_it_stands_in_the_random_share() -> None:
    rows = [row("CN", seller=1) for _ in range(12)] + [row("CN", seller=100 + n) for n in range(11)]

    sizes = {one.group: one.parcels_count for one in measure_fairness(rows) if one.dimension == "seller-size"}

    assert sizes == {"large": 10, "small": 10}


ORIGINS = ("CN", "VN", "TR", "US")
SHARES = (0.6, 0.2, 0.1, 0.1)


def stream(count: int, rates: dict[str, float], seed: int) -> Counts:
    """Parcels of four origins, and how often a rule speaks of each."""
    rng = np.random.default_rng(seed)
    origins = rng.choice(ORIGINS, count, p=SHARES)
    hits = rng.random(count) < np.array([rates[one] for one in origins])
    seen = Counter(("origin", str(one)) for one in origins)
    totals_of = Counter(("the-rule", "origin", str(one)) for one in origins[hits])
    return Counts(count, seen, totals_of)


@pytest.mark.parametrize("seed", range(20))
def test_a_biased_rule_alarms_within_five_thousand_parcels(seed: int) -> None:
    biased = stream(5_000, {"CN": 0.02, "VN": 0.02, "TR": 0.15, "US": 0.02}, seed)

    assert [(one.measure, one.group) for one in find_departures(biased)] == [("the-rule", "TR")]


@pytest.mark.parametrize("seed", range(20))
def test_a_rule_that_speaks_of_all_groups_alike_alarms_nobody(seed: int) -> None:
    assert find_departures(stream(5_000, dict.fromkeys(ORIGINS, 0.05), seed)) == []


def test_a_rule_that_speaks_of_everything_alarms_as_such() -> None:
    (alarm,) = find_departures(stream(1_000, dict.fromkeys(ORIGINS, 1.0), 1))

    assert (alarm.kind, alarm.measure, alarm.group_hits) == ("everything", "the-rule", 1_000)


def test_what_is_found_more_often_in_a_group_explains_that_it_is_selected_more_often() -> None:
    biased = stream(5_000, {"CN": 0.02, "VN": 0.02, "TR": 0.15, "US": 0.02}, 3)
    rows = [row("TR", result="value-differs" if n < 40 else "conforms") for n in range(60)]
    rows += [row("CN", result="value-differs" if n < 3 else "conforms") for n in range(200)]

    assert find_departures(biased, measure_fairness(rows)) == []
