"""Whether the clock tells what is not yours from what is not there: pairs in turn, and their medians."""

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from tools.campaign.wrong_parties.outcome import Timing

WARM_COUNT: Final = 20
_RESAMPLES_COUNT: Final = 1_000


def time_pairs(
    route: str, known: Callable[[int], object], absent: Callable[[int], object], count: int, seed: int
) -> Timing:
    """Time pairs of requests, the first of each pair now the one, now the other."""
    for number in range(WARM_COUNT):
        known(number)
        absent(number)
    spent = np.empty((2, count))
    for number in range(count):
        sides = ((0, known), (1, absent))
        for place, ask in sides if number % 2 else sides[::-1]:
            begun_s = time.perf_counter()
            ask(WARM_COUNT + number)
            spent[place, number] = time.perf_counter() - begun_s
    medians = np.median(spent, axis=1) * 1000
    random = np.random.default_rng(seed)
    drawn = random.integers(0, count, (_RESAMPLES_COUNT, count))
    # Pairs are drawn whole: what else the machine does falls on both.
    ratios = np.median(spent[0][drawn], axis=1) / np.median(spent[1][drawn], axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Timing(
        route, count, *(round(float(one), 3) for one in (*medians, medians[0] / medians[1], low, high))
    )
