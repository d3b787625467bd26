"""What was seen of the parcels of one case, in words, for its history."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from serai.formats.epcis.event import Event, SensorReport
from serai.foundation.ids import first_id_at
from serai.journey.tracking import case_store, store
from serai.journey.tracking.joining import house_keys, number_of, unit_keys
from serai.journey.tracking.service import Connection, TrackingService
from serai.journey.tracking.status import KEY_LIFE
from serai.journey.tracking.store import EventRow, HashedKey
from serai.journey.visibility.table import STAFF

EVENTS_OF_KEY_COUNT_MAX: Final = 200
_READINGS_COUNT_MAX: Final = 3


class Observed(msgspec.Struct, frozen=True):
    """An event that counts in a case."""

    at: dt.datetime
    event_uri: str
    sentence: str


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    steps: dict[str, str]
    no_step: str
    at_place: str
    with_readings: str
    declared_wrong: str
    end: str


async def observe_case(
    service: TrackingService,
    connection: Connection,
    case_ids: Sequence[int],
    house_documents: Sequence[str],
    *,
    own_party_id: int | None,
) -> list[Observed]:
    """Return what was seen of a case, oldest first. case_ids: it and what was merged into it.

    house_documents: of its consignments. own_party_id: a party's own events are shown to it whether they
    count or not.
    """
    opened_at, keys = await _keys_of(service, connection, case_ids, house_documents)
    if opened_at is None or not keys:
        return []
    common = {**store.key_parameters(keys), "administration_id": service.administration_id}
    senders = await store.find_ids(connection, "senders_of_keys", common)
    own = senders & {own_party_id}
    found = await store.find_ids(
        connection,
        "find_by_key",
        {
            **common,
            "party_ids": sorted(own | await _counting(service, connection, senders, case_ids)),
            "first_id": first_id_at(opened_at - KEY_LIFE),
            "end_id": first_id_at(opened_at + KEY_LIFE),
            "limit": EVENTS_OF_KEY_COUNT_MAX,
        },
    )
    rows = await store.select_events(connection, sorted(found), administration_id=service.administration_id)
    rows = [row for row in rows if abs(row.event_at - opened_at) < KEY_LIFE]
    return [
        Observed(row.event_at, event.event_id or row.event_uri, render_event(event))
        for row, event in ((row, service.unpack(row.content)) for row in sorted(rows, key=_order))
    ]


def _order(row: EventRow) -> tuple[dt.datetime, int]:
    return row.event_at, row.event_id


async def _counting(
    service: TrackingService, connection: Connection, senders: set[int], case_ids: Sequence[int]
) -> set[int]:
    """Return those senders whose events count in a case: who has a part in it, and the administration."""
    listed = sorted(senders)
    staff = await case_store.select_with_roles(
        connection, listed, STAFF, administration_id=service.administration_id
    )
    pairs = [(party_id, case_id) for party_id in listed for case_id in case_ids]
    return staff | {party_id for party_id, _ in await case_store.select_parts(connection, pairs)}


async def _keys_of(
    service: TrackingService, connection: Connection, case_ids: Sequence[int], house_documents: Sequence[str]
) -> tuple[dt.datetime | None, list[HashedKey]]:
    """Return since when a case's numbers are in use, and the keys of all of them."""
    of_case = await case_store.keys_of_cases(
        connection, case_ids, administration_id=service.administration_id
    )
    if not of_case:
        return None, []
    units = await case_store.units_of_cases(connection, case_ids, administration_id=service.administration_id)
    told = service.hash_keys([*house_keys(house_documents), *unit_keys(units)])
    return min(at for _, at in of_case), list(dict.fromkeys([*(key for key, _ in of_case), *told]))


def render_event(event: Event) -> str:
    """Return an event as a sentence: what, where, and what was measured."""
    words = _words()
    seen = _step(event, words)
    place = event.read_point or event.biz_location
    if place is not None:
        seen = words.at_place.format(step=seen, place=number_of(place.id))
    readings = [text for one in event.sensor_elements for report in one.reports if (text := _reading(report))]
    if readings:
        seen = words.with_readings.format(seen=seen, readings=", ".join(readings[:_READINGS_COUNT_MAX]))
    if event.error_declaration is not None:
        seen = words.declared_wrong.format(seen=seen[:1].lower() + seen[1:])
    return words.end.format(seen=seen)


def _step(event: Event, words: _Words) -> str:
    code = event.biz_step_code
    if code is None:
        return words.no_step
    return words.steps.get(code) or number_of(code).replace("_", " ").capitalize()


def _reading(report: SensorReport) -> str:
    """Return a measured value with what it is and its unit; "" where the report has no plain value."""
    value = report.value or report.mean_value or report.max_value or report.min_value
    kind = report.type_code or report.exception_code
    if kind is None:
        return ""
    name = number_of(kind) if ":" in kind else kind
    if value is None:
        return name if report.exception_code else ""
    return f"{name} {value} {report.unit_code or ''}".rstrip()


@cache
def _words() -> _Words:
    content = (files("serai.journey.cases") / "messages" / "observations-en.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=_Words)
