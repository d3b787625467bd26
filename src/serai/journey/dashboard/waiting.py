"""What waits for a party: questions of officers, hearings, sums to pay, missing documents, measures that it
may appeal against. Bounded, by indexes: the same cost however many parcels there are."""

from datetime import datetime
from typing import Final, Literal, NamedTuple

from serai.foundation.id_text import format_id
from serai.journey.dashboard.appeal_periods import AppealPeriod, select_appeal_periods
from serai.journey.processing.transaction import Processor
from serai.journey.statistics.store import Connection, DashboardReader
from serai.journey.tasks.rules import HEARING, INFORMATION, TASK_KINDS, queue_of
from serai.model.frames import STATUSES

SHOWN_MAX: Final = 50
_TASKS_LOOK_MAX, _PARCELS_LOOK_MAX = 20_000, 500
Step = Literal["answer", "be-heard", "pay", "complete", "appeal", "appealed", "appeal-late"]
_STEP_OF_TASK: Final[dict[int, Step]] = {INFORMATION: "answer", HEARING: "be-heard"}
_STEP_OF_STATUS: Final[dict[int, Step]] = {
    STATUSES.index("payment-due"): "pay",
    STATUSES.index("document-missing"): "complete",
    **{
        STATUSES.index(state): "appeal"
        for state in ("not-released", "suspended", "detained", "seized", "confiscated")
    },
}


class WaitingParcel(NamedTuple):
    """One thing to do. due_at: by when; None: no day is set, or no period runs yet. href: where to do it."""

    reference: str
    step: Step
    due_at: datetime | None
    href: str


class Waiting(NamedTuple):
    """What waits, what has a day first. has_more: there is more than is shown. looked_at_count: of the newest
    parcels, for what is no question of an officer."""

    parcels: list[WaitingParcel]
    has_more: bool
    looked_at_count: int


async def read_waiting(
    reader: DashboardReader, processor: Processor, connection: Connection, party_id: int
) -> Waiting:
    """Return what a party's parcels wait for, of it, each with its last day."""
    at = processor.services.clock.now()
    asked = await reader.asked_of_party(
        party_id=party_id,
        queues=[queue_of(TASK_KINDS[kind]) for kind in _STEP_OF_TASK],
        look_max=_TASKS_LOOK_MAX,
        count_max=SHOWN_MAX + 1,
    )
    # Of a hearing whose period has ended, or that was answered, nothing is awaited any more.
    found = [
        _parcel(case_id, reference, _STEP_OF_TASK[kind], due_at)
        for case_id, reference, kind, due_at in asked
        if kind != HEARING or due_at is None or due_at > at
    ]
    standing = await reader.waiting_of_party(
        party_id=party_id,
        statuses=list(_STEP_OF_STATUS),
        look_max=_PARCELS_LOOK_MAX,
        count_max=SHOWN_MAX + 1,
    )
    periods = await select_appeal_periods(
        processor,
        connection,
        [consignment for consignment, *_, status in standing if _STEP_OF_STATUS[status] == "appeal"],
        party_id=party_id,
    )
    found += [
        _parcel(case_id, reference, *_step(status, periods.get(consignment_id), at))
        for consignment_id, case_id, reference, status in standing
    ]
    found.sort(key=lambda one: (one.due_at is None or one.step == "appeal-late", one.due_at or at))
    return Waiting(found[:SHOWN_MAX], len(found) > SHOWN_MAX, _PARCELS_LOOK_MAX)


def _step(status: int, period: AppealPeriod | None, at: datetime) -> tuple[Step, datetime | None]:
    """Return what is to be done about a parcel that stands still, and by when."""
    step = _STEP_OF_STATUS[status]
    if step != "appeal" or period is None:
        return step, None
    if period.is_open:
        return "appealed", None
    is_late = period.ends_at is not None and period.ends_at <= at
    return "appeal-late" if is_late else "appeal", period.ends_at


def _parcel(case_id: int, reference: str, step: Step, due_at: datetime | None) -> WaitingParcel:
    places = {"pay": "#bill", "complete": "#reasons", "appealed": "/appeals", "appeal-late": "#office"}
    return WaitingParcel(
        reference, step, due_at, f"/parcels/{format_id(case_id)}{places.get(step, '/reply')}"
    )
