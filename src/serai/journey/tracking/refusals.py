"""Events that custody leaves out: their sender is told, and an officer is asked."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import CUSTODY
from serai.journey.tasks.store import CaseTask
from serai.journey.tracking.capture import Captured
from serai.journey.tracking.custody import judge_cases, read_candidates
from serai.journey.tracking.rules import COUNTS
from serai.journey.tracking.service import Connection, TrackingService
from serai.journey.tracking.status import find_cases
from serai.journey.visibility.table import Viewer

_CASES_COUNT_MAX: Final = 500


class Refused(msgspec.Struct, frozen=True):
    """An event that does not count in cases, and why. counts_nowhere: nor in any other that it names."""

    event_id: int
    event_uri: str
    code: str
    case_ids: list[int]
    counts_nowhere: bool


async def find_refused(service: TrackingService, captured: Captured, viewer: Viewer) -> list[Refused]:
    """Return which events of a capture do not count in cases in which their sender has a part or held the
    goods; whoever has neither does not learn that there is a case. Of a flight's cases the first so many.

    viewer: their sender, who is told of an end only if that is shown to it.
    """
    uris = {one.event_id: one.event_uri for one in captured.taken}
    if not uris:
        return []
    async with service.database.read(service.administration_id) as connection:
        candidates = await read_candidates(service, connection, uris)
        named = await find_cases(service, connection, list(candidates.values()))
        cases = sorted({one for of_event in named.values() for found in of_event.values() for one in found})
        judged = await judge_cases(service, connection, cases[:_CASES_COUNT_MAX], viewer=viewer)
    refused: dict[tuple[int, str], list[int]] = defaultdict(list)
    counting = set()
    for case_id, one in judged.items():
        for event_id, candidate in candidates.items():
            verdict = one.verdict_of(event_id)
            if verdict == COUNTS:
                counting.add(event_id)
            elif verdict is not None and candidate.row.party_id in one.members | one.custody.holder_ids:
                refused[event_id, one.told_verdict(event_id)].append(case_id)
    return [
        Refused(event_id, uris[event_id], code, case_ids, counts_nowhere=event_id not in counting)
        for (event_id, code), case_ids in sorted(refused.items())
    ]


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
