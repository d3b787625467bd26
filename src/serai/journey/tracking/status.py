"""Which events count in which case, and who may see them.

An event counts in a case whose number it carries as custody has it (`rules.py`): knowing a number is not
enough, whatever the sender's role. A party sees its own events whole; another's, as far as that counts in a
case of its own and is open to it as documents are (`may_read`), without things that are in no such case.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from serai.formats.epcis.event import Event
from serai.formats.epcis.written import plain_event
from serai.journey.tracking import case_store
from serai.journey.tracking.custody import KEY_LIFE, Candidate, judge_cases
from serai.journey.tracking.joining import UNIT, Key, keys_of, keys_of_thing, keys_of_transaction
from serai.journey.tracking.service import Asker, Connection, TrackingService
from serai.journey.visibility.table import Viewer, show

DOCUMENT_KIND: Final = "visibility-event"
_UNIT_KINDS: Final = (2, 3, 4, 5)
_UNIT_CASES_COUNT_MAX: Final = 2_000
_ALWAYS: Final = ("type", "eventTime", "eventTimeZoneOffset", "recordTime", "eventID")
_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_OF_ALL: Final = (
    *("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
    *("sourceList", "destinationList"),
)


class Seen(msgspec.Struct, frozen=True):
    """How an asker sees an event. things: keys of what is the asker's own business in it; None: all of it."""

    candidate: Candidate
    things: frozenset[Key] | None = None

    @property
    def is_whole(self) -> bool:
        """Say whether fields of others are shown, too."""
        return self.things is None


class NamedCases(NamedTuple):
    """The cases that events' numbers name: by event id, then by key. is_whole: whether that is all of them;
    transport units are looked into so far."""

    of_events: Mapping[int, Mapping[Key, set[int]]]
    is_whole: bool

    def ids(self) -> set[int]:
        """Return all cases that are named."""
        return {
            case_id
            for of_event in self.of_events.values()
            for found in of_event.values()
            for case_id in found
        }


async def see_events(
    service: TrackingService, connection: Connection, asker: Asker, candidates: Sequence[Candidate]
) -> list[Seen]:
    """Return those events that an asker may see, in their order."""
    if asker.sees_all:
        return [Seen(one) for one in candidates]
    party_id = asker.viewer.party_id
    foreign = [one for one in candidates if one.row.party_id != party_id]
    cases = await find_cases(service, connection, foreign)
    own = await find_own_cases(connection, party_id, cases.ids())
    judged = await judge_cases(service, connection, own, viewer=asker.viewer)
    seen = []
    for one in candidates:
        event_id = one.row.event_id
        if one.row.party_id == party_id:
            seen.append(Seen(one))
            continue
        things = frozenset(
            key
            for key, case_ids in cases.of_events[event_id].items()
            if any(case_id in judged and judged[case_id].is_shown(event_id) for case_id in case_ids)
        )
        if things:
            seen.append(Seen(one, things))
    return seen


async def find_own_cases(connection: Connection, party_id: int | None, case_ids: Iterable[int]) -> set[int]:
    """Return those cases in which a party has a part. party_id: None has none."""
    if party_id is None:
        return set()
    parts = await case_store.select_parts(connection, [(party_id, case_id) for case_id in case_ids])
    return {case_id for _, case_id in parts}


async def find_cases(
    service: TrackingService, connection: Connection, candidates: Sequence[Candidate]
) -> NamedCases:
    """Return the cases that each event's numbers name."""
    keys = {one.row.event_id: keys_of(one.event) for one in candidates}
    distinct = list(dict.fromkeys(key for of_event in keys.values() for key in of_event))
    by_hash = dict(zip(service.hash_keys(distinct), distinct, strict=True))
    named: dict[Key, list[tuple[int, dt.datetime | None]]] = {}
    for hashed, case_id, opened_at in await case_store.cases_of_keys(
        connection,
        [hashed for hashed, (kind, _) in by_hash.items() if kind != UNIT],
        administration_id=service.administration_id,
    ):
        named.setdefault(by_hash[hashed], []).append((case_id, opened_at))
    numbers: dict[str, Key] = {
        text.partition("||")[2]: (kind, text) for kind, text in distinct if kind == UNIT
    }
    of_unit: defaultdict[str, list[int]] = defaultdict(list)
    for number, case_id in await case_store.cases_of_units(
        connection,
        list(numbers),
        unit_kinds=_UNIT_KINDS,
        administration_id=service.administration_id,
        limit=_UNIT_CASES_COUNT_MAX + 1,
    ):
        of_unit[number].append(case_id)
    for number, found in of_unit.items():
        named.setdefault(numbers[number], []).extend((one, None) for one in found[:_UNIT_CASES_COUNT_MAX])
    of_events = {
        one.row.event_id: {
            key: {
                case_id
                for case_id, opened_at in named[key]
                if opened_at is None or abs(one.row.event_at - opened_at) < KEY_LIFE
            }
            for key in keys[one.row.event_id]
            if key in named
        }
        for one in candidates
    }
    return NamedCases(of_events, all(len(found) <= _UNIT_CASES_COUNT_MAX for found in of_unit.values()))


def show_event(viewer: Viewer, event: Event, seen: Seen | None) -> Event:
    """Return what a viewer sees of an event. seen: None for one that Serai tells itself, which is whole."""
    if seen is None or seen.is_whole:
        return event
    plain = plain_event(event)
    shown = show(viewer, DOCUMENT_KIND, plain)
    shown.update({name: plain[name] for name in _ALWAYS if name in plain})
    assert seen.things is not None
    return msgspec.convert(_narrowed(event, shown, seen.things), Event)


def _narrowed(event: Event, plain: Mapping[str, Any], things: frozenset[Key]) -> dict[str, Any]:
    """Leave out what is somebody else's business. The parent stays: it is what one's own things lie in.

    An event about several parties' things says nothing to one of them about sums, sources and destinations.
    """
    own = dict(plain)
    is_shared = False
    for name in _LISTS:
        if plain.get(name):
            own[name] = [uri for uri in plain[name] if not things.isdisjoint(keys_of_thing(uri))]
            is_shared = is_shared or len(own[name]) < len(plain[name])
    keys = [keys_of_transaction(one.id, one.type_code) for one in event.biz_transactions]
    is_shared = is_shared or any(of_one and things.isdisjoint(of_one) for of_one in keys)
    if is_shared:
        for name in _OF_ALL:
            own.pop(name, None)
        if "bizTransactionList" in own:
            own["bizTransactionList"] = [
                one
                for one, of_one in zip(own["bizTransactionList"], keys, strict=True)
                if not things.isdisjoint(of_one)
            ]
    return own
