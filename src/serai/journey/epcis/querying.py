"""Answering queries for events: captured ones and decisions told as events, page after page.

The store narrows by time, step, disposition, kind and things; the filter of the format decides. A page looks
through a bounded number of rows: it may be short, even empty, and there is more while it names a next page.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from serai.formats.epcis.event import Event, Query
from serai.formats.epcis.event_filter import EventFilter, make_filter
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.journey.epcis.query_keys import KEYED_COUNT_MAX, Names, asked_of, find_ids, is_key, named_cases
from serai.journey.epcis.query_order import (
    FIRST_AT,
    LAST_AT,
    LAST_ID,
    MICROSECOND,
    Order,
    Place,
    SortKey,
    check_order,
    first_id_of,
    first_value,
    floored,
    key_of,
    order_of,
    place_of,
    values_of,
)
from serai.journey.tracking import case_store, store
from serai.journey.tracking.case_store import DecidedRow
from serai.journey.tracking.custody import Candidate
from serai.journey.tracking.decided import OWN, decision_id_of, event_of_decision
from serai.journey.tracking.service import Asker, Connection, TrackingService, read_event
from serai.journey.tracking.status import Seen, find_own_cases, see_events, show_event

WINDOW: Final = 500
ROUNDS_COUNT_MAX: Final = 8

PURPOSE: Final = "visibility-query"

_MILLISECOND_IDS: Final = 1 << 22


class Answered(msgspec.Struct, frozen=True):
    """A page of events. following: where the next one goes on; None: there is no more."""

    events: list[Event]
    following: Place | None


class _Question(NamedTuple):
    service: TrackingService
    asker: Asker
    query: Query
    chosen: EventFilter
    order: Order


class _Row(NamedTuple):
    """A row of either source. Exactly one of captured and decided is there."""

    key: SortKey
    captured: Candidate | None
    decided: DecidedRow | None


class _Found(NamedTuple):
    """An event that a query asks for. seen: None for a decision."""

    key: SortKey
    seen: Seen | None
    event: Event


async def notify_events(
    service: TrackingService, asker: Asker, query: Query, *, after: Place | None, limit: int
) -> Answered:
    """Return a page of what a query asks for. Raises QueryFaultyError, SeraiError `epcis-query-too-large`."""
    chosen, findings = make_filter(query)
    if chosen is None:
        raise QueryFaultyError(findings)
    check_order(query)
    question = _Question(service, asker, query, chosen, order_of(query))
    begin = None if after is None else key_of(question.order, after)
    tell = _read_keyed if any(is_key(name) for name in query.parameters) else _read_all
    return await tell(question, begin, limit)


# ---- by what they are about ----


async def _read_keyed(question: _Question, begin: SortKey | None, limit: int) -> Answered:
    service, asker, query, chosen, order = question
    async with service.database.read(service.administration_id) as connection:
        ids = await find_ids(service, connection, query)
        candidates = await _read_candidates(service, connection, sorted(ids))
        seen = await see_events(service, connection, asker, candidates)
        decided = await _decided_on(question, connection)
    events = [
        *(
            _Found(_key_of_seen(order, one), one, event)
            for one, event in await _chosen(service, asker, chosen, seen)
        ),
        *(
            _Found(_key_of_decided(order, row), None, event)
            for row, event in decided
            if _matches(chosen, event, row.decision_id)
        ),
    ]
    rows = sorted((one for one in events if begin is None or one.key > begin), key=lambda one: one.key)
    following = place_of(order, rows[limit - 1].key) if len(rows) > limit else None
    return Answered(await _shown(service, asker, rows[:limit]), following)


def _key_of_seen(order: Order, seen: Seen) -> SortKey:
    row = seen.candidate.row
    return order.key(row.event_at, row.event_id)


def _key_of_decided(order: Order, row: DecidedRow) -> SortKey:
    # By the instant of the id, which runs in its order; the instant of the batch may lag by milliseconds.
    return order.key(read_instant(row.decision_id), row.decision_id)


async def _decided_on(question: _Question, connection: Connection) -> list[tuple[DecidedRow, Event]]:
    """Return decisions on the parcels that a query names, told in the words in which it names them."""
    service, asker, query, _, _ = question
    common = {"administration_id": service.administration_id}
    cases: dict[int, Names]
    if "EQ_eventID" in query.parameters:
        ids = [decision_id_of(one) for one in query.parameters["EQ_eventID"]]
        named = {
            **common,
            "decision_ids": [one for one in ids if one is not None],
            "party_id": asker.viewer.own_party_id,
        }
        rows = await case_store.select_decided(connection, "decided_once", named)
        cases = {row.case_id: ((), ()) for row in rows}
    else:
        cases = await named_cases(service, connection, asked_of(query))
        named = {**common, "case_ids": list(cases), "limit": KEYED_COUNT_MAX}
        rows = await case_store.select_decided(connection, "decided_on_cases", named)
    if not asker.sees_all:
        own = await find_own_cases(connection, asker.viewer.party_id, {row.case_id for row in rows})
        rows = [row for row in rows if row.case_id in own]
    return [
        (row, _event_of_decision(service, row, cases[row.case_id])) for row in rows if row.case_id in cases
    ]


def _event_of_decision(service: TrackingService, row: DecidedRow, names: Names = ((), ())) -> Event:
    things, transactions = names
    return event_of_decision(row, service.administration_code, things=things, transactions=transactions)


# ---- all, in order ----


async def _read_all(question: _Question, begin: SortKey | None, limit: int) -> Answered:
    service, asker, _, _, order = question
    found: list[_Found] = []
    async with service.database.read(service.administration_id) as connection:
        for _ in range(ROUNDS_COUNT_MAX):
            rows, begin = await _next_rows(question, connection, begin)
            found += await _found_among(question, connection, rows)
            if len(found) > limit or begin is None:
                break
    if len(found) > limit:
        begin = found[limit - 1].key
    following = None if begin is None else place_of(order, begin)
    return Answered(await _shown(service, asker, found[:limit]), following)


async def _next_rows(
    question: _Question, connection: Connection, begin: SortKey | None
) -> tuple[list[_Row], SortKey | None]:
    """Return rows of both sources up to where both were looked through, and that key; None: to the end."""
    service, _, query, _, order = question
    parameters = _parameters(question, begin)
    captured = [
        _Row(order.key(one.event_at, one.event_id), Candidate(one, service.unpack(one.content)), None)
        for one in await store.select_window(connection, order.query, parameters)
    ]
    decided: list[_Row] = []
    if _may_be_ours(query):
        asked = {**parameters, "after_id": _after_decided(order, parameters)}
        rows = await case_store.select_decided(connection, f"decided_{order.direction}", asked)
        decided = [_Row(_key_of_decided(order, one), None, one) for one in rows]
    ends = [rows[-1].key for rows in (captured, decided) if len(rows) == WINDOW]
    horizon = min(ends) if ends else None
    both = [
        one
        for one in (*captured, *decided)
        if (begin is None or one.key > begin) and (horizon is None or one.key <= horizon)
    ]
    return sorted(both, key=lambda one: one.key), horizon


def _parameters(question: _Question, begin: SortKey | None) -> dict[str, Any]:
    service, _, query, chosen, order = question
    recorded_from, recorded_to = chosen.recorded
    after_at, after_id = (LAST_AT, LAST_ID) if order.is_down else (FIRST_AT, 0)
    if begin is not None:
        place = place_of(order, begin)
        after_at, after_id = FIRST_AT + place.at_us * MICROSECOND, place.event_id
    return {
        "administration_id": service.administration_id,
        "after_at": after_at,
        "after_id": after_id,
        "first_id": 0 if recorded_from is None else first_id_of(recorded_from),
        "end_id": LAST_ID if recorded_to is None else first_id_of(recorded_to),
        "happened_from": floored(first_value(query, "GE_eventTime", "")),
        "happened_to": floored(first_value(query, "LT_eventTime", ""), is_up=True),
        "kinds": values_of(query, "eventType"),
        "biz_steps": values_of(query, "EQ_bizStep"),
        "dispositions": values_of(query, "EQ_disposition"),
        "with_sensors": "EXISTS_sensorElementList" in query.parameters,
        "window": WINDOW,
    }


def _after_decided(order: Order, parameters: dict[str, Any]) -> int:
    """Return the decision after which to read on: those of the last instant are looked at once more."""
    at, after_id = parameters["after_at"], parameters["after_id"]
    if not order.by_event_time or at in (FIRST_AT, LAST_AT):
        return int(after_id)
    first = first_id_at(at)
    return min(first + _MILLISECOND_IDS, LAST_ID) if order.is_down else max(first - 1, 0)


def _may_be_ours(query: Query) -> bool:
    """Say whether a query without things can find decisions: kinds and steps may exclude them at once."""
    kinds = query.parameters.get("eventType")
    steps = query.parameters.get("EQ_bizStep")
    return (kinds is None or "ObjectEvent" in kinds) and (
        steps is None or any(one.startswith(OWN) or one in ("inspecting", "holding") for one in steps)
    )


async def _found_among(question: _Question, connection: Connection, rows: Sequence[_Row]) -> list[_Found]:
    """Return the events of rows that are seen and asked for, in order."""
    service, asker, _, chosen, _ = question
    captured = [one.captured for one in rows if one.captured is not None]
    seen = await see_events(service, connection, asker, captured)
    by_id = {
        one.candidate.row.event_id: (one, event) for one, event in await _chosen(service, asker, chosen, seen)
    }
    own = {row.decided.case_id for row in rows if row.decided is not None}
    if not asker.sees_all:
        own = await find_own_cases(connection, asker.viewer.party_id, own)
    found = []
    for row in rows:
        if row.captured is not None and row.captured.row.event_id in by_id:
            found.append(_Found(row.key, *by_id[row.captured.row.event_id]))
        elif row.decided is not None and row.decided.case_id in own:
            event = _event_of_decision(service, row.decided)
            if _matches(chosen, event, row.decided.decision_id):
                found.append(_Found(row.key, None, event))
    return found


# ---- one event ----


async def _read_candidates(
    service: TrackingService, connection: Connection, event_ids: Sequence[int]
) -> list[Candidate]:
    rows = await store.select_events(connection, event_ids, administration_id=service.administration_id)
    return [Candidate(row, service.unpack(row.content)) for row in rows]


async def _chosen(
    service: TrackingService, asker: Asker, chosen: EventFilter, seen: Sequence[Seen]
) -> list[tuple[Seen, Event]]:
    """Return what a query asks for among events that are seen.

    What the asker does not see of an event does not count: else a query could guess it. Fields of others are
    looked into only where the query asks for them, and only for who sees them.
    """
    events = [(one, _named(one.candidate)) for one in seen]
    if chosen.reads_fields_of_others:
        whole = await open_whole(service, asker, seen)
        events = [(one, _opened(whole, one, bare)) for one, bare in events]
    return [
        (one, event)
        for one, event in events
        if _matches(chosen, show_event(asker.viewer, event, one), one.candidate.row.event_id)
    ]


async def _shown(service: TrackingService, asker: Asker, found: Sequence[_Found]) -> list[Event]:
    """Return the events of a page as the asker sees them."""
    whole = await open_whole(service, asker, [one.seen for one in found if one.seen is not None])
    return [
        show_event(
            asker.viewer, one.event if one.seen is None else _opened(whole, one.seen, one.event), one.seen
        )
        for one in found
    ]


def _opened(whole: dict[int, Event], seen: Seen, bare: Event) -> Event:
    row = seen.candidate.row
    return _named(Candidate(row, whole[row.event_id])) if row.event_id in whole else bare


async def open_whole(service: TrackingService, asker: Asker, seen: Sequence[Seen]) -> dict[int, Event]:
    """Return events with the fields that only the vault has, for who sees them whole.

    Each opening is recorded. What was erased is not among them.
    """
    wanted = [one.candidate.row.event_id for one in seen if one.is_whole and one.candidate.row.is_sealed]
    if not wanted:
        return {}
    reach = Reach(service.administration_id, PURPOSE, asker.credential, service.clock.now())
    opened = await open_messages(service.database.write, service.keyring, service.codec, wanted, reach)
    return {event_id: read_event(one.value) for event_id, one in opened.items()}


def _named(candidate: Candidate) -> Event:
    """Return an event with its identifier and its time of record."""
    row = candidate.row
    recorded = read_instant(row.event_id).replace(tzinfo=None).isoformat(timespec="milliseconds")
    uri = candidate.event.event_id or row.event_uri
    return msgspec.structs.replace(candidate.event, event_id=uri, recorded_at=f"{recorded}Z")


def _matches(chosen: EventFilter, event: Event, event_id: int) -> bool:
    recorded_from, recorded_to = chosen.recorded
    if recorded_from is not None and event_id < first_id_of(recorded_from):
        return False
    if recorded_to is not None and event_id >= first_id_of(recorded_to):
        return False
    return chosen.matches(event)


# ---- places and instants ----
