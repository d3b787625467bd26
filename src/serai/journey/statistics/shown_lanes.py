"""The lane in which lists and sums show a parcel: its own, but apart where no law is loaded for it.

Such a parcel is in review, yet no officer can do anything about it before the law is loaded.
"""

from typing import Final

import numpy as np

from serai.model.columns import BitSets, Int64s
from serai.model.frames import LANES

SHOWN_LANES: Final = (*LANES, "no-law-yet")
NO_LAW: Final = len(LANES)
NO_LAW_BIT: Final = 1
"""Of the finding `no-law` in the reasons of every law; `test_no_law_apart.py` holds it against `decide`.

The column `consignment.shown_lane` says the same of what is stored.
"""
PERSON_LANES: Final = range(LANES.index("review"), NO_LAW)
"""Places of the lanes in which somebody must look."""
_REVIEW: Final = LANES.index("review")


def shown_lanes(lanes: Int64s, reasons: BitSets) -> Int64s:
    """Return places in SHOWN_LANES. lanes: places in LANES."""
    return np.where((lanes == _REVIEW) & reasons.has(NO_LAW_BIT.bit_length() - 1), NO_LAW, lanes)


def shown_lane(lane: int, reason_bits: int) -> int:
    """Return the place in SHOWN_LANES of one parcel."""
    return NO_LAW if lane == _REVIEW and reason_bits & NO_LAW_BIT else lane
