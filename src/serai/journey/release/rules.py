"""Release: customs status of each consignment, the answer before loading, time limits before they end."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from serai.law.program import Program
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import ABSENT, LANES, STATUSES

_DAY_MS = 86_400_000

MOVES: dict[str, frozenset[str]] = {
    state: frozenset(STATUSES) - {state} for state in STATUSES if state not in ("released", "invalidated")
} | {
    # What is free stays free: later doubts are post-clearance matters with acts of their own.
    "released": frozenset(),
    "invalidated": frozenset(),
}
"""From each status the ones a new decision, document, arrival or payment may lead to."""

_STATUS_OF_LANE = {
    "await": "document-missing",
    "review": "under-documentary-control",
    "examine": "under-physical-control",
    "refuse": "not-released",
}
_PRELOADING_OF_LANE = {
    "proceed": "assessment-complete",
    "await": "request-for-information",
    "examine": "request-for-screening",
    "refuse": "do-not-load",
}
"""In review the answer is still being found, so there is none yet."""
_PRELOADING_CODES = tuple(_PRELOADING_OF_LANE.values())


class Governed(Protocol):
    """Which consignments of the batch one law governed."""

    @property
    def program(self) -> Program:
        """The law."""
        ...

    @property
    def consignment_rows(self) -> Int64s:
        """Its consignments."""
        ...


class TimeLimit(NamedTuple):
    """A limit near its end or past it. code: of a finding; day: the last instant, milliseconds of UTC."""

    row: int
    code: str
    ends_at: int


def is_allowed(before: str, after: str) -> bool:
    """Say whether a status may follow another."""
    return before == after or after in MOVES[before]


def add_release(
    consignments: Frame, charges: Frame, has_arrived: Flags, is_paid_or_secured: Flags, at_ms: int
) -> Frame:
    """Add status_number and preloading_code.

    consignments: with lane_number. charges: of stage `assess`. has_arrived: arrival or presentation is
    reported. at_ms: now.
    """
    lane = consignments.numbers("lane_number")
    is_outstanding = find_outstanding(charges, consignments.row_count) & ~is_paid_or_secured
    return consignments.with_columns(
        status_number=_status(lane, has_arrived, is_outstanding),
        preloading_code=_preloading(lane, consignments.numbers("exported_at"), has_arrived, at_ms),
    )


def find_outstanding(charges: Frame, consignment_count: int) -> Flags:
    """Say which consignments owe anything at the border; claims and waived charges are not owed."""
    due, kind = charges.words("due_code"), charges.words("kind_code")
    is_owed = (
        due.map_flags([word == "border" for word in due.words])
        & ~kind.map_flags([word == "claim" for word in kind.words])
        & ~charges.flags("is_waived")
        & (charges.numbers("amount_minor") > 0)
    )
    owes = np.zeros(consignment_count, dtype=np.bool_)
    owes[charges.numbers("consignment")[is_owed]] = True
    return owes


def _status(lane: Int64s, has_arrived: Flags, is_outstanding: Flags) -> Int64s:
    """Return the status.

    A parcel free to go is *assessed* while nothing but its arrival is missing, *arrival-expected* while
    payment is missing too, *payment-due* when it is there and what is due at the border is neither paid, on
    account nor secured.
    """
    by_transaction_group = np.array(
        [STATUSES.index(_STATUS_OF_LANE.get(name, "assessed")) for name in LANES], np.int64
    )
    released, processed, await_payment, await_arrival = (
        STATUSES.index(name) for name in ("released", "assessed", "payment-due", "arrival-expected")
    )
    free = np.where(
        has_arrived,
        np.where(is_outstanding, await_payment, released),
        np.where(is_outstanding, await_arrival, processed),
    )
    return np.where(lane == LANES.index("proceed"), free, by_transaction_group[lane])


def _preloading(lane: Int64s, exported_at: Int64s, has_arrived: Flags, at_ms: int) -> Coded:
    """Return the answer before loading; none once the goods have left."""
    by_transaction_group = np.array(
        [
            _PRELOADING_CODES.index(_PRELOADING_OF_LANE[name]) if name in _PRELOADING_OF_LANE else -1
            for name in LANES
        ],
        dtype=np.int32,
    )
    has_left = has_arrived | ((exported_at != ABSENT) & (exported_at <= at_ms))
    return Coded(_PRELOADING_CODES, np.where(has_left, -1, by_transaction_group[lane]).astype(np.int32))


def find_time_limits(
    consignments: Frame, has_arrived: Flags, runs: Sequence[Governed], at_ms: int
) -> list[TimeLimit]:
    """Return limits that end within the pack's days of warning, or have ended; none once released or refused.

    consignments: with status_number, lodged_at, and arrived_at (a reported one where has_arrived says so).
    """
    status = consignments.numbers("status_number")
    is_open = ~np.isin(status, [STATUSES.index(name) for name in ("released", "not-released", "invalidated")])
    found: list[TimeLimit] = []
    for governed in runs:
        limits = governed.program.base.time_limits
        if limits is None:
            continue
        rows = governed.consignment_rows
        for days, begin, applies, name in (
            (limits.prelodged_valid_days, "lodged_at", is_open & ~has_arrived, "prelodged"),
            (limits.temporary_storage_days, "arrived_at", is_open & has_arrived, "storage"),
        ):
            if days is None:
                continue
            ends = consignments.numbers(begin)[rows] + days * _DAY_MS
            is_near = applies[rows] & (at_ms >= ends - limits.warn_days * _DAY_MS)
            for place in np.flatnonzero(is_near).tolist():
                code = f"{name}-{'ended' if at_ms >= ends[place] else 'ends-soon'}"
                found.append(TimeLimit(int(rows[place]), code, int(ends[place])))
    return sorted(found)
