"""Release: customs status of each consignment, the answer before loading, time limits before they end."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np

from serai.law.program import Program
from serai.law.small_arrays import among
from serai.model.acts import ACT_KINDS, DISPOSED_STATES, FREE, GOODS_STATES
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import ABSENT, LANES, STATUSES, WITHDRAWN
from serai.model.owed_charges import border_due_rows

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


LIMIT_FINDINGS = frozenset(
    f"{name}-{end}" for name in ("prelodged", "storage") for end in ("ended", "ends-soon")
)
"""What is said of time limits."""


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


class ActedOn(NamedTuple):
    """What acts bear on: a batch decided, before its status.

    consignments: with lane_number. charges: of stage `assess`. rule_ids: of each law by its number, in the
    order of the bits of reasons. state_number: place in GOODS_STATES, where officers' measures have brought
    the goods.
    """

    consignments: Frame
    charges: Frame
    is_paid_or_secured: Flags
    is_invalidated: Flags
    is_held: Flags
    state_number: Int64s
    rule_ids: Mapping[int, Sequence[str]]


def before_acts(
    consignments: Frame, charges: Frame, is_paid_or_secured: Flags, rule_ids: Mapping[int, Sequence[str]]
) -> ActedOn:
    """Return a batch decided on which no act bears yet. Arguments as in `ActedOn`."""
    no = np.zeros(consignments.row_count, dtype=np.bool_)
    states = np.full(consignments.row_count, _FREE, dtype=np.int64)
    return ActedOn(consignments, charges, is_paid_or_secured, no, no, states, rule_ids)


def apply_acts(decided: ActedOn, acts: Frame | None) -> ActedOn:
    """Let acts bear on a batch, by the rule of each kind's effect. acts: frame ACTS; None: there are none."""
    if acts is None:
        return decided
    for effect, rule in ACT_RULES.items():
        rows = with_effect(acts, effect)
        if len(rows):
            decided = rule(decided, acts.take(rows))
    return decided


def with_effect(acts: Frame, effect: str) -> Int64s:
    """Return the places of the acts that bear on decisions by one rule."""
    return np.flatnonzero([effect in ACT_EFFECTS[kind] for kind in acts.numbers("kind_number").tolist()])


def _settle(decided: ActedOn, payments: Frame) -> ActedOn:
    """A case is settled when its payments cover, in each currency, what all its consignments owe."""
    consignments, cases = payments.numbers("consignment").tolist(), payments.numbers("case").tolist()
    case_of = dict(zip(consignments, cases, strict=True))
    left: dict[tuple[int, str | None], int] = defaultdict(int)
    seen = set()
    for case, act, currency, amount in zip(
        cases,
        payments.numbers("act").tolist(),
        payments.words("currency_code").texts(),
        payments.numbers("amount_minor").tolist(),
        strict=True,
    ):
        if act not in seen:
            seen.add(act)
            left[case, currency] += amount
    for consignment, owed in enumerate(border_dues(decided.charges, decided.consignments.row_count)):
        if consignment in case_of:
            for currency, amount in owed.items():
                left[case_of[consignment], currency] -= amount
    short = {case for (case, _), amount in left.items() if amount < 0}
    is_paid = decided.is_paid_or_secured.copy()
    for consignment, case in case_of.items():
        is_paid[consignment] = case not in short
    return decided._replace(is_paid_or_secured=is_paid)


def _invalidate(decided: ActedOn, invalidations: Frame) -> ActedOn:
    """What is invalidated owes nothing; lane and reasons stay as they were."""
    is_invalidated = decided.is_invalidated.copy()
    is_invalidated[invalidations.numbers("consignment")] = True
    kept = np.flatnonzero(~is_invalidated[decided.charges.numbers("consignment")])
    return decided._replace(charges=decided.charges.take(kept), is_invalidated=is_invalidated)


def _hold(decided: ActedOn, holds: Frame) -> ActedOn:
    """What is held is not released, whatever else is said of it."""
    is_held = decided.is_held.copy()
    is_held[holds.numbers("consignment")] = True
    return decided._replace(is_held=is_held)


def _set_aside(decided: ActedOn, reviews: Frame) -> ActedOn:
    """What an officer says was refused in error is examined; lanes but that stay as they are."""
    lanes = decided.consignments.numbers("lane_number").copy()
    rows = reviews.numbers("consignment")
    lanes[rows[lanes[rows] == LANES.index("refuse")]] = LANES.index("examine")
    columns = {**decided.consignments.columns, "lane_number": lanes}
    return decided._replace(consignments=Frame(decided.consignments.row_count, columns))


def _take_measures(decided: ActedOn, measures: Frame) -> ActedOn:
    """The newest measure of an officer says where the goods are. What stands in their way is never in a
    lighter lane than a look needs; a release ends controls whose reasons were all there when it was done, and
    no other; on goods that are disposed of nothing is owed (UCC 124(1)(e) and (f))."""
    states = decided.state_number.copy()
    ended: dict[int, frozenset[str]] = {}
    rows = measures.numbers("consignment").tolist()
    kinds = measures.numbers("kind_number").tolist()
    for row, kind, said in zip(rows, kinds, measures.words("ended_rules").texts(), strict=True):
        states[row] = _STATE_OF_KIND[kind]
        ended.pop(row, None)
        if states[row] == _FREE:
            ended[row] = frozenset((said or "").split())
    lanes = np.maximum(decided.consignments.numbers("lane_number"), _LANE_OF_STATE[states])
    for row, rules in ended.items():
        if lanes[row] in _CONTROLS and _rules_that_apply(decided, row) <= rules:
            lanes[row] = LANES.index("proceed")
    columns = {**decided.consignments.columns, "lane_number": lanes}
    owes = ~np.isin(states, _DISPOSED)[decided.charges.numbers("consignment")]
    return decided._replace(
        consignments=Frame(decided.consignments.row_count, columns),
        charges=decided.charges.take(np.flatnonzero(owes)),
        state_number=states,
    )


def _heed_agencies(decided: ActedOn, words: Frame) -> ActedOn:
    """What an agency keeps or refuses is so until the same agency says otherwise of the same rules, or an
    appeal is allowed; what it has cleared, the column of documents says."""
    newest: dict[tuple[int, str], int] = {}
    for row, kind, rules in zip(
        words.numbers("consignment").tolist(),
        words.numbers("kind_number").tolist(),
        words.words("agency_rules").texts(),
        strict=True,
    ):
        for rule_id in (rules or "").split():
            newest[row, rule_id] = kind
    lanes = decided.consignments.numbers("lane_number").copy()
    for (row, _), kind in newest.items():
        lanes[row] = max(lanes[row], _LANE_OF_AGENCY.get(kind, 0))
    columns = {**decided.consignments.columns, "lane_number": lanes}
    return decided._replace(consignments=Frame(decided.consignments.row_count, columns))


def _rules_that_apply(decided: ActedOn, row: int) -> set[str]:
    """Return the ids of the rules that speak of a consignment."""
    law = int(decided.consignments.numbers("law_number")[row])
    bits = decided.consignments.bit_sets("reason_bits")[row]
    return {rule_id for bit, rule_id in enumerate(decided.rule_ids[law]) if bits >> bit & 1}


_FREE: Final = GOODS_STATES.index(FREE)
_DISPOSED: Final = [GOODS_STATES.index(state) for state in GOODS_STATES if state in DISPOSED_STATES]
_CONTROLS: Final = (LANES.index("review"), LANES.index("examine"))
_WITH_AN_OFFICER: Final = dict.fromkeys(("in-examination", "suspended", "detained", "seized"), "examine")
_LANE_OF_STATE: Final = np.array(
    [
        LANES.index({FREE: "proceed", "held": "review", **_WITH_AN_OFFICER}.get(state, "refuse"))
        for state in GOODS_STATES
    ],
    dtype=np.int64,
)
_STATUS_OF_STATE: Final = np.array(
    [STATUSES.index(state) if state in STATUSES else -1 for state in GOODS_STATES],
    dtype=np.int64,
)
"""Of goods that an officer has put out of reach of the usual course, their status; -1: as their lane says."""
_AGENCY_LANES: Final = {
    "agency-maintained": "examine",
    "agency-examination-wanted": "examine",
    "agency-refused": "refuse",
}
_LANE_OF_AGENCY: Final = {
    place: LANES.index(lane) for place, kind in enumerate(ACT_KINDS) if (lane := _AGENCY_LANES.get(kind))
}
"""By the kind of what an agency said last."""
_STATE_OF_KIND: Final = [GOODS_STATES.index(one.state) if one.state else _FREE for one in ACT_KINDS.values()]


def _leave(decided: ActedOn, determined: Frame) -> ActedOn:
    """What an officer has determined was used where the charges were worked out, and what is freed of a
    security was taken off it: nothing is left."""
    del determined
    return decided


ActRule = Callable[[ActedOn, Frame], ActedOn]
ACT_RULES: Final[dict[str, ActRule]] = {
    "payment": _settle,
    "invalidation": _invalidate,
    "hold": _hold,
    # What an agency refuses may be set aside on appeal; what it keeps customs does not release.
    "agency": _heed_agencies,
    "review": _set_aside,
    "measure": _take_measures,
    "determination": _leave,
    "security": _leave,
}
"""By the effect of a kind of act; in this order."""
ACT_EFFECTS: Final = [one.effects for one in ACT_KINDS.values()]


def border_dues(charges: Frame, consignment_count: int) -> list[Counter[str]]:
    """Return for each consignment what it owes at the border, by currency, minor units."""
    owed: list[Counter[str]] = [Counter() for _ in range(consignment_count)]
    currencies = charges.words("currency_code")
    for row in np.flatnonzero(border_due_rows(charges)).tolist():
        currency = currencies.words[currencies.codes[row]]
        owed[int(charges.numbers("consignment")[row])][currency] += int(charges.numbers("amount_minor")[row])
    return owed


def add_release(decided: ActedOn, has_arrived: Flags, is_disputed: Flags, at_ms: int) -> Frame:
    """Add status_number and preloading_code to the consignments.

    has_arrived: arrival or presentation is reported. is_disputed: two parties say that they carry it; until
    an officer knows which does, it is held as one in review is, and so is what an act holds. at_ms: now.
    """
    consignments = decided.consignments
    lane = consignments.numbers("lane_number")
    is_held = is_disputed | decided.is_held
    if is_held.any():
        lane = np.where(is_held & (lane == LANES.index("proceed")), LANES.index("review"), lane)
    is_outstanding = find_outstanding(decided.charges, consignments.row_count) & ~decided.is_paid_or_secured
    status = _status(lane, has_arrived, is_outstanding)
    return consignments.with_columns(
        status_number=np.where(decided.is_invalidated, WITHDRAWN, _out_of_course(decided, status)),
        preloading_code=_preloading(lane, consignments.numbers("exported_at"), has_arrived, at_ms),
    )


def _out_of_course(decided: ActedOn, status: Int64s) -> Int64s:
    """Put the status of goods that were suspended, detained, seized or disposed of in the usual one's
    place."""
    of_state = _STATUS_OF_STATE[decided.state_number]
    return np.where(of_state >= 0, of_state, status)


def find_outstanding(charges: Frame, consignment_count: int) -> Flags:
    """Say which consignments owe anything at the border; claims and waived charges are not owed."""
    owes = np.zeros(consignment_count, dtype=np.bool_)
    is_owed = border_due_rows(charges) & (charges.numbers("amount_minor") > 0)
    owes[charges.numbers("consignment")[is_owed]] = True
    return owes


def status_on_arrival(lane: int, status: int) -> int | None:
    """Return the status that follows when a consignment arrives and all else stays; None: the same.

    lane, status: places in LANES and STATUSES.
    """
    if LANES[lane] != "proceed":
        return None
    following = {"assessed": "released", "arrival-expected": "payment-due"}.get(STATUSES[status])
    return None if following is None else STATUSES.index(following)


def storage_warning_at(program: Program, arrived_at: dt.datetime) -> dt.datetime | None:
    """Return from when on the end of temporary storage is warned of; None: the law sets no end."""
    limits = program.base.time_limits
    if limits is None or limits.temporary_storage_days is None:
        return None
    return arrived_at + dt.timedelta(days=limits.temporary_storage_days - limits.warn_days)


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


_SHUT = [
    STATUSES.index(name) for name in ("released", "not-released", "invalidated", *sorted(DISPOSED_STATES))
]


def find_time_limits(
    consignments: Frame, has_arrived: Flags, runs: Sequence[Governed], at_ms: int
) -> list[TimeLimit]:
    """Return limits that end within the pack's days of warning, or have ended; none once released or refused.

    consignments: with status_number, lodged_at, and arrived_at (a reported one where has_arrived says so).
    """
    status = consignments.numbers("status_number")
    is_open = ~among(status, _SHUT)
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
