"""Taking events in: a message becomes events, each once, with the numbers by which cases find them.

An answer means taken and durable: a capture job has run when its address is given. Fields of somebody's own
namespace may name people, so an event that has any is kept whole in the vault; elsewhere it is without them.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from serai.evidence.promise import commit_and_promise
from serai.evidence.receipt import encode_receipt, promise_receipts
from serai.evidence.store import insert_promised_batch, read_receipt
from serai.formats.epcis.event import Event
from serai.formats.epcis.event_filter import epcs_of, identifiers_of
from serai.formats.epcis.event_hash import Names, names_of
from serai.formats.epcis.identifiers import canonical_identifier
from serai.formats.epcis.read_apart import Part, read_events_apart
from serai.foundation.access.actor import Actor
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.writing import write_messages
from serai.journey.tracking import store
from serai.journey.tracking.joining import keys_of
from serai.journey.tracking.service import Connection, TrackingService, write_event
from serai.journey.tracking.store import CaptureRow, NewEvent
from serai.journey.visibility.table import STAFF
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

ROLLBACK, PROCEED = "rollback", "proceed"
_FIELD: Final = "events"
_FIELDS_OF_OTHERS: Final = frozenset({"extensions", "ilmd"})
_FIRST_AT: Final = dt.datetime(2, 1, 1, tzinfo=dt.UTC)
_LAST_AT: Final = dt.datetime(9998, 12, 31, tzinfo=dt.UTC)


class Taken(msgspec.Struct, frozen=True):
    """One event of a message that was taken. is_repeat: known before, nothing was written."""

    event_id: int
    event_uri: str
    event: Event
    is_repeat: bool


class Captured(msgspec.Struct, frozen=True):
    """What became of a message. findings: of the events that were not taken. receipt: of all that were."""

    row: CaptureRow
    taken: list[Taken]
    findings: list[Finding]
    receipt: bytes


class EventsFaultyError(SeraiError):
    """A message of which nothing is taken; `findings` says all that is wrong."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = sum(one.severity == "fault" for one in findings)
        super().__init__(
            "epcis-not-valid",
            MessageText.counted(
                "The message has {count} fault; nothing of it was taken.",
                "The message has {count} faults; nothing of it was taken.",
                count=count,
            ),
            "Correct what the findings name, all of it, and send it again; to have the sound events of a"
            " message taken all the same, send GS1-Capture-Error-Behaviour: proceed.",
        )
        self.findings = list(findings)


class _Read(NamedTuple):
    events: list[Event]
    names: list[Names]
    findings: list[Finding]


async def capture_message(
    service: TrackingService, actor: Actor, content: bytes, behaviour: str, *, is_single: bool = False
) -> Captured:
    """Take the events of a message. behaviour: `rollback` takes all or nothing, `proceed` what is sound.

    is_single: the message is to be one event. Raises EventsFaultyError, SeraiError `epcis-too-many-events`.
    """
    parts, around, count = await asyncio.to_thread(
        read_events_apart, content, events_count_max=service.events_count_max
    )
    if count > service.events_count_max:
        raise SeraiError(
            "epcis-too-many-events",
            MessageText(
                "The message has {count} events; one message may have {events_count_max}.",
                count=count,
                events_count_max=service.events_count_max,
            ),
            "Cut it into several messages; repeats are harmless.",
        )
    faults = [one for part in parts for one in part.findings if one.severity == "fault"]
    if any(one.severity == "fault" for one in around) or (faults and behaviour == ROLLBACK):
        raise EventsFaultyError([*around, *faults])
    if is_single and len(parts) != 1:
        raise EventsFaultyError([Finding("epcis-one-event-only", "", parameters={"count": str(len(parts))})])
    read = await asyncio.to_thread(_name_events, parts)
    return await _record(service, actor, read, behaviour, event_count=len(parts))


def _name_events(parts: Sequence[Part]) -> _Read:
    events = [part.event for part in parts if part.event is not None]
    findings = [one for part in parts if part.event is None for one in part.findings]
    return _Read(events, [names_of(one) for one in events], findings)


async def _record(
    service: TrackingService, actor: Actor, read: _Read, behaviour: str, *, event_count: int
) -> Captured:
    party_id = actor.party_id
    assert party_id is not None, "the guard lets nobody in without a party"
    at = service.clock.now()
    capture_id, *ids = service.ids.take(1 + len(read.events)).tolist()
    problems = msgspec.json.encode(read.findings).decode()

    async def work(connection: Connection) -> tuple[list[Taken], CaptureRow, bytes]:
        taken, new = await _claim(service, connection, read, ids, party_id)
        await _write_events(
            service, connection, new, capture_id=capture_id, party_id=party_id, at=at,
            is_of_administration=bool(actor.roles & STAFF),
        )  # fmt: skip
        row = CaptureRow(
            capture_id, at, not read.findings, behaviour, event_count, len(taken),
            sum(one.is_repeat for one in taken), problems, "[]", "{}", b"",
        )  # fmt: skip
        salt, receipt = await _promise(service, connection, read, capture_id, at)
        row = msgspec.structs.replace(row, salt=salt)
        digests = b"".join(one.digest for one in read.names)
        await store.insert_capture(
            connection, row, digests=digests, administration_id=service.administration_id, party_id=party_id
        )
        return taken, row, receipt

    taken, row, receipt = await service.write(work)
    return Captured(row, taken, read.findings, receipt)


async def _claim(
    service: TrackingService, connection: Connection, read: _Read, ids: Sequence[int], party_id: int
) -> tuple[list[Taken], list[Taken]]:
    """Claim contents. Returns all events as taken, and those that are new."""
    first: dict[bytes, int] = {}
    for place, names in enumerate(read.names):
        first.setdefault(names.content_key, place)
    keys = [names.content_key for names in read.names]
    new_ids = await store.claim_events(
        connection,
        administration_id=service.administration_id,
        party_id=party_id,
        content_keys=list(first),
        event_ids=[ids[place] for place in first.values()],
    )
    new_keys = {key for key, place in first.items() if ids[place] in new_ids}
    known = await store.select_claimed(
        connection,
        [key for key in first if key not in new_keys],
        administration_id=service.administration_id,
        party_id=party_id,
    )
    taken = []
    for place, (event, names, key) in enumerate(zip(read.events, read.names, keys, strict=True)):
        is_new = key in new_keys and first[key] == place
        if key in new_keys:
            event_id, uri = ids[first[key]], event.event_id or names.uri
        else:
            event_id, known_uri = known[key]
            uri = event.event_id or known_uri or names.uri
        taken.append(Taken(event_id, uri, event, is_repeat=not is_new))
    return taken, [one for one in taken if not one.is_repeat]


async def _write_events(
    service: TrackingService,
    connection: Connection,
    new: Sequence[Taken],
    *,
    capture_id: int,
    party_id: int,
    is_of_administration: bool,
    at: dt.datetime,
) -> None:
    if not new:
        return
    plain = [without_fields_of_others(one.event) for one in new]
    sealed = [one for one, bare in zip(new, plain, strict=True) if bare is not one.event]
    packed = service.pack(plain)
    rows = [_row(service, one, bare, content) for one, bare, content in zip(new, plain, packed, strict=True)]
    await store.insert_events(
        connection,
        rows,
        administration_id=service.administration_id,
        party_id=party_id,
        capture_id=capture_id,
        is_of_administration=is_of_administration,
    )
    await store.insert_words(
        connection,
        [word for one in plain for word in _words_of(one)],
        administration_id=service.administration_id,
        party_id=party_id,
    )
    if sealed:
        await write_messages(
            connection,
            {one.event_id: write_event(one.event) for one in sealed},
            write=service.database.write,
            epochs=service.epochs,
            codec=service.codec,
            retention_class=RetentionClass.EVENT,
            at=at,
        )


def _row(service: TrackingService, taken: Taken, bare: Event, content: bytes) -> NewEvent:
    event = taken.event
    single = {canonical_identifier(uri) for uri in epcs_of(event)}
    named = [*identifiers_of(event), *(one.id for one in event.biz_transactions)]
    return NewEvent(
        event_id=taken.event_id,
        event_uri=store.stored_name(taken.event_uri),
        # For the index; the event itself says the instant exactly, also at the ends of time.
        event_at=min(max(dt.datetime.fromisoformat(_to_microseconds(event.event_at)), _FIRST_AT), _LAST_AT),
        kind=event.kind,
        biz_step_code=event.biz_step_code,
        disposition_code=event.disposition_code,
        has_sensors=bool(event.sensor_elements),
        is_sealed=bare is not event,
        content=content,
        things={
            store.stored_name(name): name in single and store.stored_name(name) == name
            for name in map(canonical_identifier, named)
        },
        keys=service.hash_keys(keys_of(event)),
    )


async def _promise(
    service: TrackingService, connection: Connection, read: _Read, capture_id: int, at: dt.datetime
) -> tuple[bytes, bytes]:
    """Commit to the digests of a capture's events; returns the salt of the commitment, and the receipt."""
    fields = {_FIELD: [b"".join(one.digest for one in read.names)]}
    commitments, promise = commit_and_promise(service, at, leaf_ids=[capture_id], fields=fields)
    await insert_promised_batch(
        connection, promise, administration_id=service.administration_id, leaf_ids=[capture_id]
    )
    return commitments.salts[_FIELD][0], promise_receipts(promise)[0]


async def read_capture_receipt(service: TrackingService, connection: Connection, capture_id: int) -> bytes:
    """Return the receipt of a capture: a promise for some seconds, then a proof."""
    receipt = await read_receipt(connection, capture_id, administration_id=service.administration_id)
    return b"" if receipt is None else encode_receipt(receipt)


# ---- what is kept where ----


def without_fields_of_others(event: Event) -> Event:
    """Return the standard fields of an event; the event itself where it has no others."""
    bare: Event = _bare(event)
    return bare


def _bare(part: Any) -> Any:
    changes: dict[str, Any] = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if not value or isinstance(value, str):
            continue
        if name in _FIELDS_OF_OTHERS:
            changes[name] = ()
        elif isinstance(value, tuple) and isinstance(value[0], msgspec.Struct):
            bare = tuple(_bare(one) for one in value)
            if any(one is not other for one, other in zip(bare, value, strict=True)):
                changes[name] = bare
        elif isinstance(value, msgspec.Struct) and (within := _bare(value)) is not value:
            changes[name] = within
    return msgspec.structs.replace(part, **changes) if changes else part


def _words_of(event: Event) -> list[tuple[int, str]]:
    """Return the words of an event that lists show, each with its place in WORD_KINDS from 1."""
    words = (
        event.kind,
        event.biz_step_code,
        event.disposition_code,
        event.read_point.id if event.read_point else None,
        event.biz_location.id if event.biz_location else None,
    )
    return [
        (kind, word)
        for kind, word in enumerate(words, 1)
        if word is not None and store.stored_name(word) == word
    ]


def _to_microseconds(text: str) -> str:
    whole, point, decimals = text.removesuffix("Z").partition(".")
    return f"{whole}{point}{decimals[:6]}+00:00"
