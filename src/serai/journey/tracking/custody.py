"""Reading the events of cases, and judging them by custody: what counts is worked out from what is stored,
whenever somebody asks, so that it follows documents, mandates and corrections by itself."""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from serai.formats.epcis.event import Event
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.store import CustodyRow
from serai.journey.tracking import case_store, store
from serai.journey.tracking.joining import house_keys, number_of, unit_keys
from serai.journey.tracking.rules import (
    COUNTS,
    ENDED,
    NOT_HELD,
    Custody,
    CustodyEvent,
    CustodyMandate,
    Parts,
    Verdict,
    Waybill,
    end_of,
    is_about_custody,
    judge,
    parties_of,
    receivers_of,
)
from serai.journey.tracking.service import Connection, TrackingService
from serai.journey.tracking.store import EventRow, HashedKey
from serai.journey.visibility.table import STAFF, Viewer, may_read

KEY_LIFE: Final = dt.timedelta(days=365)
"""Numbers such as S10 come back after a year: an event further from a key's case speaks of another parcel."""

EVENTS_OF_KEY_COUNT_MAX: Final = 1_000
"""Of one sender, for one key."""
EVENTS_COUNT_MAX: Final = 20_000
"""Of all, for the cases that are judged at once; an event counts for each of its keys."""
_CASES_AT_ONCE_COUNT: Final = 100
_PASSED_ON_COUNT_MAX: Final = 8
_CARRIER: Final = "carrier"


class Candidate(msgspec.Struct, frozen=True):
    """An event as stored, and read."""

    row: EventRow
    event: Event


class JudgedCase(msgspec.Struct, frozen=True):
    """A case with its events, by id, and how its custody stands. members: who has a part in it. shown_ids:
    events that are open to who asks. is_whole: whether no more events may name it than were read."""

    custody: Custody
    events: dict[int, Candidate]
    members: frozenset[int]
    shown_ids: frozenset[int]
    is_whole: bool

    def verdict_of(self, event_id: int) -> Verdict | None:
        """Return whether an event counts in the case; None: it is none of its events."""
        return self.custody.verdicts.get(event_id)

    def counts(self, event_id: int) -> bool:
        """Say whether an event counts in the case."""
        return self.verdict_of(event_id) == COUNTS

    def is_shown(self, event_id: int) -> bool:
        """Say whether an event counts in the case and is open to who asks."""
        return event_id in self.shown_ids and self.counts(event_id)

    def told_verdict(self, event_id: int) -> Verdict:
        """Return what who asks is told of an event: by what custody ended it learns only if that is shown."""
        verdict = self.custody.verdicts[event_id]
        is_told = self.custody.end_event_id is None or self.custody.end_event_id in self.shown_ids
        return NOT_HELD if verdict == ENDED and not is_told else verdict


class _Case(NamedTuple):
    """What is known of a case before its events are read."""

    parts: Parts
    opened_at: dt.datetime
    keys: frozenset[HashedKey]
    family: frozenset[int]


class _Read(NamedTuple):
    """Events as read. ids_of_key: by the keys that were asked for. is_whole: whether there are no more."""

    ids_of_key: Mapping[HashedKey, set[int]]
    events: Mapping[int, Candidate]
    is_whole: bool


async def judge_cases(
    service: TrackingService,
    connection: Connection,
    case_ids: Iterable[int],
    *,
    viewer: Viewer | None = None,
) -> dict[int, JudgedCase]:
    """Return cases judged. case_ids: those that answer for what was merged into them. viewer: who asks; its
    party's events are read, too, whether it has anything to say or not. None: nobody is shown anything.
    """
    return {
        case_id: one async for case_id, one in judge_in_turn(service, connection, case_ids, viewer=viewer)
    }


async def judge_in_turn(
    service: TrackingService,
    connection: Connection,
    case_ids: Iterable[int],
    *,
    viewer: Viewer | None = None,
) -> AsyncIterator[tuple[int, JudgedCase]]:
    """Give cases judged as `judge_cases` does, some at a time: no more of their events are held at once."""
    ids = sorted(set(case_ids))
    for begin in range(0, len(ids), _CASES_AT_ONCE_COUNT):
        cases = await _read_cases(service, connection, ids[begin : begin + _CASES_AT_ONCE_COUNT])
        for case_id, one in (await _judge_at_once(service, connection, cases, viewer=viewer)).items():
            yield case_id, one


async def _judge_at_once(
    service: TrackingService, connection: Connection, cases: Mapping[int, _Case], *, viewer: Viewer | None
) -> dict[int, JudgedCase]:
    if not cases:
        return {}
    asker_id = None if viewer is None else viewer.party_id
    staff, read, mandates, receivers = await _read_events(service, connection, cases, asker_id)
    entries = {
        event_id: _entry(one, receivers, is_official=one.row.party_id in staff)
        for event_id, one in read.events.items()
    }
    opened = await _read_opened(service, connection, cases, read.events, asker_id)
    return await beside_the_loop(
        len(cases) * len(entries), _judge_all, cases, read, entries, mandates, opened, viewer=viewer
    )


def _judge_all(
    cases: Mapping[int, _Case],
    read: _Read,
    entries: Mapping[int, CustodyEvent],
    mandates: Sequence[CustodyMandate],
    opened: "_Opened",
    *,
    viewer: Viewer | None,
) -> dict[int, JudgedCase]:
    judged = {}
    for case_id, case in cases.items():
        ids = sorted(set().union(*(read.ids_of_key.get(key, ()) for key in case.keys)))
        own = {
            event_id: read.events[event_id]
            for event_id in ids
            if abs(read.events[event_id].row.event_at - case.opened_at) < KEY_LIFE
        }
        custody = judge(case.parts, mandates, [entries[event_id] for event_id in own])
        shown = [
            event_id
            for event_id, one in own.items()
            if viewer is not None and (entries[event_id].is_official or opened.shows(viewer, case_id, one))
        ]
        judged[case_id] = JudgedCase(custody, own, case.parts.members, frozenset(shown), read.is_whole)
    return judged


# ---- cases ----


async def _read_cases(
    service: TrackingService, connection: Connection, case_ids: Iterable[int]
) -> dict[int, _Case]:
    own = {"administration_id": service.administration_id}
    families = await case_store.families_of_cases(connection, case_ids)
    keys: dict[int, set[HashedKey]] = defaultdict(set)
    opened: dict[int, dt.datetime] = {}
    for case_id, key, opened_at in await case_store.keys_of_cases(connection, families, **own):
        root = families[case_id]
        keys[root].add(key)
        opened[root] = min(opened.get(root, opened_at), opened_at)
    consignments = await case_store.consignments_of_cases(connection, families, **own)
    named = [
        *(
            (families[one.case_id], house_keys([one.house_document]))
            for one in consignments
            if one.house_document
        ),
        *(
            (families[case_id], unit_keys([number]))
            for case_id, number in await case_store.units_of_cases(connection, families, **own)
        ),
    ]
    hashed = service.hash_keys([key for _, found in named for key in found])
    for root, key in zip((root for root, found in named for _ in found), hashed, strict=True):
        keys[root].add(key)
    declarants: dict[int, int] = {}
    members: dict[int, set[int]] = defaultdict(set)
    for one in consignments:
        root = families[one.case_id]
        declarants.setdefault(root, one.party_id)
        members[root].add(one.party_id)
        # Another case may hold all its keys: that of whoever declared the same numbers first.
        opened.setdefault(root, read_instant(one.consignment_id))
    rows: dict[int, list[case_store.PartRow]] = defaultdict(list)
    for row in await case_store.carriage_of_cases(connection, families, **own):
        rows[families[row.case_id]].append(row)
    family: dict[int, set[int]] = defaultdict(set)
    for case_id, root in families.items():
        family[root].add(case_id)
    return {
        root: _Case(
            _parts(declarant_id, rows[root], members[root]),
            opened[root],
            frozenset(keys[root]),
            frozenset(family[root]),
        )
        for root, declarant_id in declarants.items()
    }


def _parts(declarant_id: int, rows: Sequence[case_store.PartRow], declarants: Iterable[int]) -> Parts:
    return Parts(
        declarant_id=declarant_id,
        named_carriers=frozenset(one.party_id for one in rows if one.part == _CARRIER),
        waybills=tuple(Waybill(one.document_id, one.party_id) for one in rows if one.part == "waybill"),
        members=frozenset([*declarants, *(one.party_id for one in rows)]),
    )


# ---- their events ----


async def _read_events(
    service: TrackingService, connection: Connection, cases: Mapping[int, _Case], asker_id: int | None
) -> tuple[set[int], _Read, list[CustodyMandate], dict[str, int]]:
    """Return which senders are the administration's, the events of whoever may have something to say, the
    mandates with custody of these, and which parties their events hand over to.

    Who was handed goods, or holds them by a mandate, speaks without any other part, so that reading goes on
    from party to party until nobody new comes up.
    """
    own = {"administration_id": service.administration_id}
    keys = sorted(set().union(*(one.keys for one in cases.values())))
    common = {**store.key_parameters(keys), **own}
    senders = await store.find_ids(connection, "senders_of_keys", common)
    staff = await case_store.select_with_roles(connection, sorted(senders), STAFF, **own)
    members = set().union(*(one.parts.members for one in cases.values()))
    span = {
        "first_id": first_id_at(min(one.opened_at for one in cases.values()) - KEY_LIFE),
        "end_id": first_id_at(max(one.opened_at for one in cases.values()) + KEY_LIFE),
    }
    ids_of_key: dict[HashedKey, set[int]] = defaultdict(set)
    events: dict[int, Candidate] = {}
    receivers: dict[str, int] = {}
    mandates: dict[CustodyRow, None] = {}
    read, holders = set[int](), set[int]()
    left, is_whole = EVENTS_COUNT_MAX, True
    following = members | staff | ({asker_id} if asker_id is not None else set())
    for _ in range(_PASSED_ON_COUNT_MAX):
        found, is_all = await store.find_by_key(
            connection,
            {**common, **span, "party_ids": sorted(following & senders - read)},
            of_sender=EVENTS_OF_KEY_COUNT_MAX,
            limit=left,
        )
        left, is_whole = left - len(found), is_whole and is_all
        read |= following
        for key, event_id in found:
            ids_of_key[key].add(event_id)
        new = await read_candidates(service, connection, {event_id for _, event_id in found})
        events |= new
        receivers |= await _find_receivers(connection, new.values(), **own)
        granting = (members | set(receivers.values()) | holders) - {one.grantor_id for one in mandates}
        for one in await mandate_store.select_custody(connection, granting, **own):
            mandates[one] = None
        holders |= {one.grantee_id for one in mandates}
        following = (holders | set(receivers.values())) - read
        if not following:
            break
    else:
        is_whole = False
    return staff, _Read(ids_of_key, events, is_whole), [CustodyMandate(*one) for one in mandates], receivers


async def read_candidates(
    service: TrackingService, connection: Connection, event_ids: Iterable[int]
) -> dict[int, Candidate]:
    """Return events by id, read; those that are kept no more are left out."""
    rows = await store.select_events(
        connection, sorted(event_ids), administration_id=service.administration_id
    )
    return {row.event_id: Candidate(row, service.unpack(row.content)) for row in rows}


async def _find_receivers(
    connection: Connection, candidates: Iterable[Candidate], *, administration_id: int
) -> dict[str, int]:
    """Return the registered party behind each name of a possessing party, by the name as it was written."""
    names = {name for one in candidates for name in receivers_of(one.event)}
    return await _find_parties(connection, names, administration_id=administration_id)


async def _find_parties(connection: Connection, names: set[str], *, administration_id: int) -> dict[str, int]:
    if not names:
        return {}
    found = await mandate_store.select_parties_of_identifiers(
        connection, {number_of(name) for name in names}, administration_id=administration_id
    )
    return {name: found[number_of(name)] for name in names if number_of(name) in found}


def _entry(one: Candidate, receivers: Mapping[str, int], *, is_official: bool) -> CustodyEvent:
    row, event = one.row, one.event
    return CustodyEvent(
        event_id=row.event_id,
        at=row.event_at,
        recorded_at=read_instant(row.event_id),
        party_id=row.party_id,
        uri=row.event_uri,
        is_custody=is_about_custody(event),
        end=end_of(event),
        receiver_id=next((receivers[name] for name in receivers_of(event) if name in receivers), None),
        is_official=is_official or row.is_of_administration,
        is_correction=event.error_declaration is not None,
    )


# ---- to whom they are open ----


class _Opened(NamedTuple):
    """Which senders have opened themselves to who asks, by case (0: in every one), and the events that name
    it."""

    senders: Mapping[int, set[int]]
    naming_ids: frozenset[int]

    def shows(self, viewer: Viewer, case_id: int, one: Candidate) -> bool:
        sender_id = one.row.party_id
        names_viewer = (
            sender_id in self.senders.get(case_id, ())
            or sender_id in self.senders.get(0, ())
            or one.row.event_id in self.naming_ids
        )
        return may_read(viewer, is_sender=sender_id == viewer.party_id, names_viewer=names_viewer)


async def _read_opened(
    service: TrackingService,
    connection: Connection,
    cases: Mapping[int, _Case],
    events: Mapping[int, Candidate],
    asker_id: int | None,
) -> _Opened:
    """Return what is open to a party: of senders whose document in the case names it or that have given it a
    mandate, and events that name it as where goods come from or go to."""
    if asker_id is None or not events:
        return _Opened({}, frozenset())
    senders = await case_store.select_open(
        connection,
        {case_id: root for root, case in cases.items() for case_id in case.family},
        {one.row.party_id for one in events.values()} - {asker_id},
        viewer_id=asker_id,
        administration_id=service.administration_id,
        at=service.clock.now(),
    )
    names = {event_id: parties_of(one.event) for event_id, one in events.items()}
    named = await _find_parties(
        connection, set().union(*names.values()), administration_id=service.administration_id
    )
    naming = (
        event_id
        for event_id, of_event in names.items()
        if any(named.get(one) == asker_id for one in of_event)
    )
    return _Opened(senders, frozenset(naming))
