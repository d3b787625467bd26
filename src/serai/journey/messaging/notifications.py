"""Events of a party's feed with the declarations and decisions they are about, read in bulk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id, parse_id
from serai.journey.case_records.answers import EventOut
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.store import DECISION_KINDS, DecisionRow
from serai.journey.documents.preloading_words import open_words
from serai.journey.matching import store as matching_store
from serai.journey.messaging.message_exchange import Notification
from serai.journey.preloading import store as preloading_store
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.processing.preloading import number_of_submission
from serai.journey.recording.read_back import build_decisions_out
from serai.journey.services import Services

_RELEASE = DECISION_KINDS.index("release")
_Loading = dict[int, tuple[PreloadingAssessment, str]]


class _Turn(NamedTuple):
    """What a decision is among those on its declaration; fields as in Notification."""

    filed_at: datetime | None = None
    is_amended: bool = False
    is_presented: bool = False


async def read_notifications(
    services: Services, connection: AsyncConnection[Any], events: Sequence[EventOut], party_id: int
) -> list[Notification]:
    """Return what happened, in the order of events: one for each declaration of the party's that an event is
    about; one without a declaration where it is about none.

    An event with a decision is about the declaration decided upon, any other about all of the case.
    """
    roots, declared = await _read_declared(services, connection, events, party_id)
    by_id = {one.consignment_id: one for one in declared}
    decisions = await decision_store.select_decisions(
        connection, list(by_id), administration_id=services.administration_id
    )
    wanted = {event.decision_id for event in events if event.decision_id}
    wanted |= {format_id(one.decision_id) for one in declared}
    pairs = [
        (by_id[decision.consignment_id], decision)
        for decision in decisions
        if format_id(decision.decision_id) in wanted
    ]
    turns = _turns(decisions)
    rendered = await build_decisions_out(connection, pairs)
    loading = await _read_loading(services, connection, events)
    consignment_of = {decision.decision_id: consignment for consignment, decision in pairs}
    found: list[Notification] = []
    for event in events:
        case_id = parse_id(event.case_id)
        root = roots.get(case_id, case_id)
        if event.kind == "pre-loading-assessed":
            found.append(_of_loading(event, root, loading, party_id))
            continue
        about: list[tuple[ConsignmentRow | None, int]]
        if event.decision_id:
            decision_id = parse_id(event.decision_id)
            about = [(consignment_of.get(decision_id), decision_id)]
        else:
            about = [(one, one.decision_id) for one in declared if one.case_id == root] or [(None, 0)]
        # What an event without a decision is about was notified with the decision before.
        own_turns = turns if event.decision_id else {}
        found += [
            Notification(
                parse_id(event.event_id),
                event.kind,
                event.at,
                root,
                consignment,
                rendered.get(decision_id) if consignment is not None else None,
                **own_turns.get(decision_id, _Turn())._asdict(),
            )
            for consignment, decision_id in about
        ]
    return found


async def _read_declared(
    services: Services, connection: AsyncConnection[Any], events: Sequence[EventOut], party_id: int
) -> tuple[dict[int, int], list[ConsignmentRow]]:
    """Return the case that each case of events belongs to by now, and the party's declarations in them."""
    administration_id = services.administration_id
    case_ids = sorted({parse_id(event.case_id) for event in events})
    roots = await matching_store.select_roots(connection, case_ids, administration_id=administration_id)
    found = await consignment_store.select_consignments_of_cases(
        connection, sorted(set(roots.values())), administration_id=administration_id
    )
    return roots, [one for one in found if one.party_id == party_id]


def _of_loading(event: EventOut, case_id: int, loading: _Loading, party_id: int) -> Notification:
    """Return the assessment that an event is about. Others in the case learn that there was one, not what
    somebody else was asked.
    """
    assessed, number = loading.get(parse_id(event.decision_id or ""), (None, None))
    own = assessed if assessed is not None and assessed.party_id == party_id else None
    return Notification(parse_id(event.event_id), event.kind, event.at, case_id, None, None, own, number)


def _turns(decisions: Sequence[DecisionRow]) -> dict[int, _Turn]:
    """Return the turn of each decision. decisions: all of some declarations, oldest first."""
    turns: dict[int, _Turn] = {}
    first: dict[int, DecisionRow] = {}
    before: dict[int, DecisionRow] = {}
    for one in decisions:
        filed = first.setdefault(one.consignment_id, one)
        previous = before.get(one.consignment_id, one)
        turns[one.decision_id] = _Turn(
            filed.decided_at,
            previous.document_id != one.document_id,
            one.kind >= _RELEASE and (previous is one or previous.kind < _RELEASE),
        )
        before[one.consignment_id] = one
    return turns


async def _read_loading(
    services: Services, connection: AsyncConnection[Any], events: Sequence[EventOut]
) -> _Loading:
    """Return assessments before loading that events are about, each with the number of what was filed."""
    numbers = [parse_id(one.decision_id or "") for one in events if one.kind == "pre-loading-assessed"]
    if not numbers:
        return {}
    found = await preloading_store.select_numbered(
        connection, numbers, administration_id=services.administration_id
    )
    first = await preloading_store.select_first_documents(connection, list(found))
    opened = await open_words(services, list(found.values()), "serai", services.clock.now())
    return {
        number: (one, number_of_submission(services, first[number], one.made_at.year))
        for number, one in zip(found, opened, strict=True)
    }
