"""Answering queries for events: captured ones and decisions told as events, page after page.

The store narrows by time, step, disposition, kind and things; the filter of the format decides. A page looks
through a bounded number of rows: it may be short, even empty, and there is more while it names a next page.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from serai.formats.epcis.event import BizTransaction, Event, Query
from serai.formats.epcis.event_filter import EventFilter, is_pattern, make_filter
from serai.formats.epcis.identifiers import canonical_identifier
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.follow.epcis import store
from serai.journey.follow.epcis.decided import OWN, decision_id_of, event_of_decision
from serai.journey.follow.epcis.desk import Asker, Connection, EpcisDesk
from serai.journey.follow.epcis.joining import UNIT, Key, keys_of_thing, keys_of_transaction
from serai.journey.follow.epcis.standing import Candidate, Seen, see_events, show_event
from serai.journey.follow.epcis.store import DecidedRow
from serai.model.errors import SeraiError
from serai.model.findings import Finding

WINDOW: Final = 500
ROUNDS_COUNT_MAX: Final = 8
KEYED_COUNT_MAX: Final = 10_000
SENDER_COUNT_MAX: Final = 1_000
"""Events of one sender about one thing that are looked at, the newest."""

PURPOSE: Final = "visibility-query"

_TRANSACTION: Final = "EQ_bizTransaction_"
_LAST_ID: Final = 2**63 - 1
_FIRST_AT: Final = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
_LAST_AT: Final = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_LONGEST_US: Final = (_LAST_AT - _FIRST_AT) // _MICROSECOND
_MILLISECOND_IDS: Final = 1 << 22
_ORDERS: Final = ("eventTime", "recordTime")
_DIRECTIONS: Final = ("ASC", "DESC")
_SortKey = tuple[int, int]
_Names = tuple[tuple[str, ...], tuple[BizTransaction, ...]]


class Order(msgspec.Struct, frozen=True):
    """In which order events are told: of record or of what happened, forwards or back."""

    by_happening: bool
    is_down: bool

    @property
    def query(self) -> str:
        """Return the query of that order."""
        return f"{'happened' if self.by_happening else 'recorded'}_{self.direction}"

    @property
    def direction(self) -> str:
        """Return `up` or `down`."""
        return "down" if self.is_down else "up"

    def key(self, at: dt.datetime, event_id: int) -> _SortKey:
        """Return what rows are sorted by, always upwards."""
        first = (at - _FIRST_AT) // _MICROSECOND if self.by_happening else 0
        return (-first, -event_id) if self.is_down else (first, event_id)


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the instant (microseconds, 0 in the order of record) and the id of its last row."""

    at_us: Annotated[int, Meta(ge=0, le=_LONGEST_US)]
    event_id: Annotated[int, Meta(ge=0, le=_LAST_ID)]


class Told(msgspec.Struct, frozen=True):
    """A page of events. following: where the next one goes on; None: there is no more."""

    events: list[Event]
    following: Place | None


class QueryFaultyError(SeraiError):
    """A query that is not understood; `findings` says why, each by the name of its parameter."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            "epcis-query-not-valid",
            f"{len(findings)} parameter{'s' if len(findings) > 1 else ''} of the query cannot be used.",
            "Correct or leave out what the findings name.",
        )
        self.findings = list(findings)


class _Question(NamedTuple):
    desk: EpcisDesk
    asker: Asker
    query: Query
    chosen: EventFilter
    order: Order


class _Row(NamedTuple):
    """A row of either source. Exactly one of captured and decided is there."""

    key: _SortKey
    captured: Candidate | None
    decided: DecidedRow | None


class _Found(NamedTuple):
    """An event that a query asks for. seen: None for a decision."""

    key: _SortKey
    seen: Seen | None
    event: Event


class _Asked(NamedTuple):
    """Things and transactions that a query names, by the keys they may be found by in cases."""

    things: dict[Key, str]
    transactions: dict[Key, BizTransaction]


async def tell_events(
    desk: EpcisDesk, asker: Asker, query: Query, *, after: Place | None, limit: int
) -> Told:
    """Return a page of what a query asks for. Raises QueryFaultyError, SeraiError `epcis-query-too-large`."""
    chosen, findings = make_filter(query)
    if chosen is None:
        raise QueryFaultyError(findings)
    _check_order(query)
    question = _Question(desk, asker, query, chosen, order_of(query))
    begin = None if after is None else _key_of(question.order, after)
    tell = _tell_keyed if any(_is_key(name) for name in query.parameters) else _tell_all
    return await tell(question, begin, limit)


def order_of(query: Query) -> Order:
    """Return the order a query asks for: that of record; with `orderBy`, backwards unless told otherwise."""
    is_down = "orderBy" in query.parameters and _first(query, "orderDirection", "DESC") == "DESC"
    return Order(_first(query, "orderBy", "recordTime") == "eventTime", is_down)


def _check_order(query: Query) -> None:
    for name, known in (("orderBy", _ORDERS), ("orderDirection", _DIRECTIONS)):
        if _first(query, name, known[0]) not in known:
            parameters = {"known": " or ".join(known)}
            raise QueryFaultyError([Finding("epcis-order-unknown", name, parameters=parameters)])


def _is_key(name: str) -> bool:
    """Say whether a parameter names things, transactions or events: these are found by index."""
    return name.startswith(("MATCH_", _TRANSACTION)) or name == "EQ_eventID"


# ---- by what they are about ----


async def _tell_keyed(question: _Question, begin: _SortKey | None, limit: int) -> Told:
    desk, asker, query, chosen, order = question
    async with desk.database.read(desk.administration_id) as connection:
        ids = await _find_ids(desk, connection, query)
        candidates = await _read_candidates(desk, connection, sorted(ids))
        seen = await see_events(desk, connection, asker, candidates)
        decided = await _decided_on(question, connection)
    told = [
        *(
            _Found(_key_of_seen(order, one), one, event)
            for one, event in await _chosen(desk, asker, chosen, seen)
        ),
        *(
            _Found(_key_of_decided(order, row), None, event)
            for row, event in decided
            if _matches(chosen, event, row.decision_id)
        ),
    ]
    rows = sorted((one for one in told if begin is None or one.key > begin), key=lambda one: one.key)
    following = _place_of(order, rows[limit - 1].key) if len(rows) > limit else None
    return Told(await _shown(desk, asker, rows[:limit]), following)


def _key_of_seen(order: Order, seen: Seen) -> _SortKey:
    row = seen.candidate.row
    return order.key(row.event_at, row.event_id)


def _key_of_decided(order: Order, row: DecidedRow) -> _SortKey:
    # By the instant of the id, which runs in its order; the instant of the batch may lag by milliseconds.
    return order.key(read_instant(row.decision_id), row.decision_id)


async def _find_ids(desk: EpcisDesk, connection: Connection, query: Query) -> set[int]:
    """Return the events that have all that a query names, at most KEYED_COUNT_MAX by each parameter."""
    found: set[int] | None = None
    for name, values in query.parameters.items():
        if not _is_key(name):
            continue
        ids = await _find_by(desk, connection, name, values)
        found = ids if found is None else found & ids
    return found or set()


async def _find_by(desk: EpcisDesk, connection: Connection, name: str, values: Sequence[str]) -> set[int]:
    common: dict[str, Any] = {
        "administration_id": desk.administration_id,
        "limit": KEYED_COUNT_MAX + 1,
        "of_sender": SENDER_COUNT_MAX,
    }
    if name == "EQ_eventID":
        uris = [store.stored_name(one) for one in values]
        found = await store.find_ids(connection, "find_by_uri", {**common, "event_uris": uris})
        return _bounded(found, name)
    whole = [store.stored_name(canonical_identifier(one)) for one in values if not is_pattern(one)]
    found = await store.find_ids(connection, "find_by_thing", {**common, "names": whole})
    for pattern in (one for one in values if is_pattern(one)):
        beginning = _stored_beginning(name, pattern)
        found |= await store.find_ids(
            connection,
            "find_by_beginning",
            {**common, "beginning": beginning, "end": beginning + "\U0010ffff"},
        )
    return _bounded(found, name)


def _stored_beginning(name: str, pattern: str) -> str:
    """Return how the canonical names begin that a pattern stands for. Raises QueryFaultyError."""
    link = canonical_identifier(pattern)
    if link != pattern:
        return f"{link}/"
    raise QueryFaultyError(
        [Finding("epcis-pattern-unsupported", name, parameters={"pattern": pattern[:120]})]
    )


def _bounded(found: set[int], name: str) -> set[int]:
    if len(found) > KEYED_COUNT_MAX:
        raise SeraiError(
            "epcis-query-too-large",
            f"{name} finds more than {KEYED_COUNT_MAX:,} events.",
            "Name fewer things, or ask without it, by time, page after page.",
        )
    return found


async def _decided_on(question: _Question, connection: Connection) -> list[tuple[DecidedRow, Event]]:
    """Return decisions on the parcels that a query names, told in the words in which it names them."""
    desk, asker, query, _, _ = question
    common = {"administration_id": desk.administration_id}
    cases: dict[int, _Names]
    if "EQ_eventID" in query.parameters:
        ids = [decision_id_of(one) for one in query.parameters["EQ_eventID"]]
        named = {**common, "decision_ids": [one for one in ids if one is not None]}
        rows = await store.select_decided(connection, "decided_once", named)
        cases = {row.case_id: ((), ()) for row in rows}
    else:
        cases = await _named_cases(desk, connection, _asked_of(query))
        named = {**common, "case_ids": list(cases), "limit": KEYED_COUNT_MAX}
        rows = await store.select_decided(connection, "decided_on_cases", named)
    if not asker.sees_all:
        own = await _cases_of_party(connection, asker, {row.case_id for row in rows})
        rows = [row for row in rows if row.case_id in own]
    return [(row, _told(desk, row, cases[row.case_id])) for row in rows if row.case_id in cases]


def _told(desk: EpcisDesk, row: DecidedRow, names: _Names = ((), ())) -> Event:
    things, transactions = names
    return event_of_decision(row, desk.administration_code, things=things, transactions=transactions)


def _asked_of(query: Query) -> _Asked:
    asked = _Asked({}, {})
    for name, values in query.parameters.items():
        if name.startswith("MATCH_"):
            asked.things.update(
                {key: uri for uri in values if not is_pattern(uri) for key in keys_of_thing(uri)}
            )
        elif name.startswith(_TRANSACTION):
            code = name.removeprefix(_TRANSACTION)
            for uri in values:
                keys = keys_of_transaction(uri, code)
                asked.transactions.update({key: BizTransaction(id=uri, type_code=code) for key in keys})
    return asked


async def _named_cases(desk: EpcisDesk, connection: Connection, asked: _Asked) -> dict[int, _Names]:
    """Return the cases that what is asked for names, each with the names that lead to it.

    A transport unit asked for does not bring the decisions on all that lies in it: those are asked by parcel.
    """
    keys = [key for key in {**asked.things, **asked.transactions} if key[0] != UNIT]
    by_hash = dict(zip(desk.hash_keys(keys), keys, strict=True))
    things: dict[int, list[str]] = {}
    transactions: dict[int, list[BizTransaction]] = {}
    found = await store.cases_of_keys(connection, list(by_hash), administration_id=desk.administration_id)
    for hashed, case_id, _ in found:
        key = by_hash[hashed]
        if key in asked.things:
            things.setdefault(case_id, []).append(asked.things[key])
        if key in asked.transactions:
            transactions.setdefault(case_id, []).append(asked.transactions[key])
    return {
        case_id: (
            tuple(dict.fromkeys(things.get(case_id, ()))),
            tuple(dict.fromkeys(transactions.get(case_id, ()))),
        )
        for case_id in {*things, *transactions}
    }


# ---- all, in order ----


async def _tell_all(question: _Question, begin: _SortKey | None, limit: int) -> Told:
    desk, asker, _, _, order = question
    found: list[_Found] = []
    async with desk.database.read(desk.administration_id) as connection:
        for _ in range(ROUNDS_COUNT_MAX):
            rows, begin = await _next_rows(question, connection, begin)
            found += await _found_among(question, connection, rows)
            if len(found) > limit or begin is None:
                break
    if len(found) > limit:
        begin = found[limit - 1].key
    following = None if begin is None else _place_of(order, begin)
    return Told(await _shown(desk, asker, found[:limit]), following)


async def _next_rows(
    question: _Question, connection: Connection, begin: _SortKey | None
) -> tuple[list[_Row], _SortKey | None]:
    """Return rows of both sources up to where both were looked through, and that key; None: to the end."""
    desk, _, query, _, order = question
    parameters = _parameters(question, begin)
    captured = [
        _Row(order.key(one.event_at, one.event_id), Candidate(one, desk.unpack(one.content)), None)
        for one in await store.select_window(connection, order.query, parameters)
    ]
    decided: list[_Row] = []
    if _may_be_ours(query):
        asked = {**parameters, "after_id": _after_decided(order, parameters)}
        rows = await store.select_decided(connection, f"decided_{order.direction}", asked)
        decided = [_Row(_key_of_decided(order, one), None, one) for one in rows]
    ends = [rows[-1].key for rows in (captured, decided) if len(rows) == WINDOW]
    horizon = min(ends) if ends else None
    both = [
        one
        for one in (*captured, *decided)
        if (begin is None or one.key > begin) and (horizon is None or one.key <= horizon)
    ]
    return sorted(both, key=lambda one: one.key), horizon


def _parameters(question: _Question, begin: _SortKey | None) -> dict[str, Any]:
    desk, _, query, chosen, order = question
    recorded_from, recorded_to = chosen.recorded
    after_at, after_id = (_LAST_AT, _LAST_ID) if order.is_down else (_FIRST_AT, 0)
    if begin is not None:
        place = _place_of(order, begin)
        after_at, after_id = _FIRST_AT + place.at_us * _MICROSECOND, place.event_id
    return {
        "administration_id": desk.administration_id,
        "after_at": after_at,
        "after_id": after_id,
        "first_id": 0 if recorded_from is None else _first_id(recorded_from),
        "end_id": _LAST_ID if recorded_to is None else _first_id(recorded_to),
        "happened_from": _floored(_first(query, "GE_eventTime", "")),
        "happened_to": _floored(_first(query, "LT_eventTime", ""), is_up=True),
        "kinds": _texts(query, "eventType"),
        "biz_steps": _texts(query, "EQ_bizStep"),
        "dispositions": _texts(query, "EQ_disposition"),
        "with_sensors": "EXISTS_sensorElementList" in query.parameters,
        "window": WINDOW,
    }


def _after_decided(order: Order, parameters: dict[str, Any]) -> int:
    """Return the decision after which to read on: those of the last instant are looked at once more."""
    at, after_id = parameters["after_at"], parameters["after_id"]
    if not order.by_happening or at in (_FIRST_AT, _LAST_AT):
        return int(after_id)
    first = first_id_at(at)
    return min(first + _MILLISECOND_IDS, _LAST_ID) if order.is_down else max(first - 1, 0)


def _may_be_ours(query: Query) -> bool:
    """Say whether a query without things can find decisions: kinds and steps may exclude them at once."""
    kinds = query.parameters.get("eventType")
    steps = query.parameters.get("EQ_bizStep")
    return (kinds is None or "ObjectEvent" in kinds) and (
        steps is None or any(one.startswith(OWN) or one in ("inspecting", "holding") for one in steps)
    )


async def _found_among(question: _Question, connection: Connection, rows: Sequence[_Row]) -> list[_Found]:
    """Return the events of rows that are seen and asked for, in order."""
    desk, asker, _, chosen, _ = question
    captured = [one.captured for one in rows if one.captured is not None]
    seen = await see_events(desk, connection, asker, captured)
    by_id = {
        one.candidate.row.event_id: (one, event) for one, event in await _chosen(desk, asker, chosen, seen)
    }
    own = {row.decided.case_id for row in rows if row.decided is not None}
    if not asker.sees_all:
        own = await _cases_of_party(connection, asker, own)
    found = []
    for row in rows:
        if row.captured is not None and row.captured.row.event_id in by_id:
            found.append(_Found(row.key, *by_id[row.captured.row.event_id]))
        elif row.decided is not None and row.decided.case_id in own:
            event = _told(desk, row.decided)
            if _matches(chosen, event, row.decided.decision_id):
                found.append(_Found(row.key, None, event))
    return found


async def _cases_of_party(connection: Connection, asker: Asker, case_ids: set[int]) -> set[int]:
    """Return those cases in which the asker's party has a part."""
    party_id = asker.viewer.party_id
    if party_id is None:
        return set()
    parts = await store.select_parts(connection, [(party_id, case_id) for case_id in case_ids])
    return {case_id for _, case_id in parts}


# ---- one event ----


async def _read_candidates(
    desk: EpcisDesk, connection: Connection, event_ids: Sequence[int]
) -> list[Candidate]:
    rows = await store.select_events(connection, event_ids, administration_id=desk.administration_id)
    return [Candidate(row, desk.unpack(row.content)) for row in rows]


async def _chosen(
    desk: EpcisDesk, asker: Asker, chosen: EventFilter, seen: Sequence[Seen]
) -> list[tuple[Seen, Event]]:
    """Return what a query asks for among events that are seen.

    What the asker does not see of an event does not count: else a query could guess it. Fields of others are
    looked into only where the query asks for them, and only for who sees them.
    """
    events = [(one, _named(one.candidate)) for one in seen]
    if chosen.reads_fields_of_others:
        whole = await open_whole(desk, asker, seen)
        events = [(one, _opened(whole, one, bare)) for one, bare in events]
    return [
        (one, event)
        for one, event in events
        if _matches(chosen, show_event(asker.viewer, event, one), one.candidate.row.event_id)
    ]


async def _shown(desk: EpcisDesk, asker: Asker, found: Sequence[_Found]) -> list[Event]:
    """Return the events of a page as the asker sees them."""
    whole = await open_whole(desk, asker, [one.seen for one in found if one.seen is not None])
    return [
        show_event(
            asker.viewer, one.event if one.seen is None else _opened(whole, one.seen, one.event), one.seen
        )
        for one in found
    ]


def _opened(whole: dict[int, Event], seen: Seen, bare: Event) -> Event:
    row = seen.candidate.row
    return _named(Candidate(row, whole[row.event_id])) if row.event_id in whole else bare


async def open_whole(desk: EpcisDesk, asker: Asker, seen: Sequence[Seen]) -> dict[int, Event]:
    """Return events with the fields that only the vault has, for who sees them whole.

    Each opening is recorded. What was erased is not among them.
    """
    wanted = [one.candidate.row.event_id for one in seen if one.is_whole and one.candidate.row.is_sealed]
    if not wanted:
        return {}
    reach = Reach(desk.administration_id, PURPOSE, asker.credential, desk.clock.now())
    opened = await open_messages(desk.database.write, desk.keyring, wanted, reach)
    return {event_id: desk.unpack(one.value) for event_id, one in opened.items()}


def _named(candidate: Candidate) -> Event:
    """Return an event with its identifier and its time of record."""
    row = candidate.row
    recorded = read_instant(row.event_id).replace(tzinfo=None).isoformat(timespec="milliseconds")
    uri = candidate.event.event_id or row.event_uri
    return msgspec.structs.replace(candidate.event, event_id=uri, recorded_at=f"{recorded}Z")


def _matches(chosen: EventFilter, event: Event, event_id: int) -> bool:
    recorded_from, recorded_to = chosen.recorded
    if recorded_from is not None and event_id < _first_id(recorded_from):
        return False
    if recorded_to is not None and event_id >= _first_id(recorded_to):
        return False
    return chosen.matches(event)


# ---- places and instants ----


def _key_of(order: Order, place: Place) -> _SortKey:
    return (-place.at_us, -place.event_id) if order.is_down else (place.at_us, place.event_id)


def _place_of(order: Order, key: _SortKey) -> Place:
    return Place(-key[0], -key[1]) if order.is_down else Place(*key)


def _first(query: Query, name: str, otherwise: str) -> str:
    values = query.parameters.get(name, ())
    return values[0] if values else otherwise


def _texts(query: Query, name: str) -> list[str] | None:
    return list(query.parameters[name]) if name in query.parameters else None


def _floored(text: str, *, is_up: bool = False) -> dt.datetime | None:
    """Return an instant to the millisecond, as events are stored; is_up: the next one."""
    if not text:
        return None
    whole, _, decimals = text.removesuffix("Z").partition(".")
    at = dt.datetime.fromisoformat(f"{whole}.{decimals[:3].ljust(3, '0')}+00:00")
    at = min(max(at, _FIRST_AT), _LAST_AT)
    return at + dt.timedelta(milliseconds=1) if is_up and len(decimals) > 3 else at


def _first_id(text: str) -> int:
    """Return the least id of what was recorded at an instant or later."""
    at = _floored(text, is_up=True)
    assert at is not None, "an instant that was checked"
    return min(first_id_at(at), _LAST_ID)
