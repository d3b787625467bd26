"""Events that custody leaves out: their sender is told, and an officer is asked."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import CUSTODY
from serai.journey.tasks.store import CaseTask
from serai.journey.tracking.capture import Captured
from serai.journey.tracking.custody import judge_in_turn, read_candidates
from serai.journey.tracking.rules import COUNTS
from serai.journey.tracking.service import Connection, TrackingService
from serai.journey.tracking.status import find_cases, find_own_cases
from serai.journey.visibility.table import Viewer

_OWN_CASES_COUNT_MAX: Final = 5_000
_OTHER_CASES_COUNT_MAX: Final = 500
"""Of cases in which the sender has no part: it may have held the goods, or just know a flight's number."""


class Refused(msgspec.Struct, frozen=True):
    """An event that does not count in cases, and why. counts_nowhere: nor in any other that it names."""

    event_id: int
    event_uri: str
    code: str
    case_ids: list[int]
    counts_nowhere: bool


class Refusals(msgspec.Struct, frozen=True):
    """Events that do not count. is_complete: whether all cases that the capture names were looked at, with
    all their events. Who has no part in any that was learns nothing of others, and is told that it is.
    """

    events: list[Refused] = []
    is_complete: bool = True


async def find_refused(service: TrackingService, captured: Captured, viewer: Viewer) -> Refusals:
    """Return which events of a capture do not count in cases in which their sender has a part or held the
    goods; whoever has neither does not learn that there is a case. Of a large flight's cases those in which
    the sender has a part come first.

    viewer: their sender, who is told of an end only if that is shown to it.
    """
    uris = {one.event_id: one.event_uri for one in captured.taken}
    if not uris:
        return Refusals()
    refused: dict[tuple[int, str], list[int]] = defaultdict(list)
    counting, is_whole, is_concerned = set[int](), True, False
    async with service.database.read(service.administration_id) as connection:
        candidates = await read_candidates(service, connection, uris)
        named = await find_cases(service, connection, list(candidates.values()))
        own = await find_own_cases(connection, viewer.party_id, named.ids())
        others = named.ids() - own
        cases = [*sorted(own)[:_OWN_CASES_COUNT_MAX], *sorted(others)[:_OTHER_CASES_COUNT_MAX]]
        async for case_id, one in judge_in_turn(service, connection, cases, viewer=viewer):
            verdicts = {event_id: one.verdict_of(event_id) for event_id in candidates}
            counting |= {event_id for event_id, verdict in verdicts.items() if verdict == COUNTS}
            is_whole = is_whole and one.is_whole
            if viewer.party_id not in one.members | one.custody.holder_ids:
                continue
            is_concerned = True
            for event_id, verdict in verdicts.items():
                if verdict not in (None, COUNTS):
                    refused[event_id, one.told_verdict(event_id)].append(case_id)
    is_complete = named.is_whole and is_whole and len(cases) == len(own) + len(others)
    return Refusals(
        [
            Refused(event_id, uris[event_id], code, sorted(case_ids), counts_nowhere=event_id not in counting)
            for (event_id, code), case_ids in sorted(refused.items())
        ],
        is_complete or not is_concerned,
    )


async def ask_officers(service: TrackingService, connection: Connection, refused: Sequence[Refused]) -> None:
    """Open a task on each case in which an event does not count; one that is open serves the next, too."""
    events = {case_id: one.event_id for one in reversed(refused) for case_id in one.case_ids}
    if not events:
        return
    await task_store.open_case_tasks(
        connection,
        [CaseTask(case_id, event_id) for case_id, event_id in sorted(events.items())],
        service.ids.take(len(events)).tolist(),
        CUSTODY,
        administration_id=service.administration_id,
        at=service.clock.now(),
    )
