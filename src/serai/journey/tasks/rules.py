"""Which consignments need a person, and what is at stake in them."""

from typing import Final

import numpy as np

from serai.journey.decision.rules import PERSON_LANES, shown_lanes
from serai.law.small_arrays import among
from serai.model.acts import DISPOSED_STATES
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import FINAL_STATUSES, STATUSES

TASK_KINDS: Final = (
    "decision",
    "two-carriers",
    "request",
    "possible-match",
    "recall",
    "custody",
    "record-changed",
    "two-declarants",
    "information",
    "hearing",
    "appeal",
    "buyer",
    "notice",
    "second-examination",
    "joint-inspection",
)
"""Why a person is needed: a decision sent the consignment to a lane in which somebody must look; two carriers
claim its number; a party asks for something that an officer alone may grant; a document that waits may belong
to it; it may hold goods that are recalled; somebody who does not hold the goods says where they are; what is
stored of it is not what the evidence log commits to; two declarants claim its number; what an officer has
asked for is awaited; a hearing has begun before what is adverse; somebody appeals; its
buyer states or asks for something; nothing proves that somebody knows that goods are kept; a second
examination is asked for; agencies want the goods examined together."""
(
    DECISION,
    TWO_CARRIERS,
    REQUEST,
    POSSIBLE_MATCH,
    RECALL,
    CUSTODY,
    RECORD_CHANGED,
    TWO_DECLARANTS,
    INFORMATION,
    HEARING,
    APPEAL,
    BUYER,
    NOTICE,
    SECOND_EXAMINATION,
    JOINT_INSPECTION,
) = range(len(TASK_KINDS))
NO_TASK: Final = -1
_NEEDS_NOBODY: Final = FINAL_STATUSES | {STATUSES.index(state) for state in DISPOSED_STATES}

KINDS_WITHOUT_LANE: Final = TASK_KINDS[1:]
"""Each has a queue of its own; a decision's task is in that of its lane."""


def queue_of(kind: str) -> int:
    """Return the queue of a kind of tasks that is in no lane."""
    assert kind in KINDS_WITHOUT_LANE, "a decision's task is in the queue of its lane"
    return 16 + TASK_KINDS.index(kind)


def find_task_kinds(consignments: Frame, has_two_carriers: Flags, has_two_declarants: Flags) -> Int64s:
    """Return for each decided consignment the place of its task in TASK_KINDS, NO_TASK for none.

    consignments: frame of `model/frames.py` with lane_number, reason_bits and status_number.
    has_two_carriers, has_two_declarants: one a row. One in a lane that needs a person is a decision's task
    whatever else is said of it; what is released, invalidated or disposed of needs nobody.
    """
    lanes = shown_lanes(consignments.numbers("lane_number"), consignments.bit_sets("reason_bits"))
    is_final = among(consignments.numbers("status_number"), _NEEDS_NOBODY)
    in_lane = among(lanes, PERSON_LANES)
    conditions = [is_final, in_lane, has_two_carriers, has_two_declarants]
    return np.select(conditions, [NO_TASK, DECISION, TWO_CARRIERS, TWO_DECLARANTS], NO_TASK).astype(np.int64)
