"""Events that report an arrival: something arrived or was received at a read point of customs.

They go the one way that arrivals go: as a report of an arrival by the sender, with its receipt, its rights
and its repeats. Which read points are customs' is a setting of the administration.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from serai.formats.epcis.event import Event
from serai.formats.epcis.event_filter import epcs_of
from serai.formats.epcis.identifiers import canonical_identifier
from serai.foundation.access.actor import Actor
from serai.foundation.access.table import require
from serai.journey.lodgement.service import LodgementService
from serai.journey.tracking import case_store
from serai.journey.tracking.capture import Captured, Taken
from serai.journey.tracking.joining import number_of
from serai.journey.tracking.refusals import Refused
from serai.journey.tracking.service import TrackingService
from serai.model.documents import Arrival
from serai.model.errors import SeraiError

_ACT: Final = "arrivals.submit"
_STEPS: Final = frozenset({"arriving", "receiving"})
_FIELDS: Final = {1: "conveyance_reference", 2: "master_document", 4: "receptacle_id"}
_HOUSE: Final = "house_document"
_NUMBER_LETTERS_MAX: Final = 70
_REFERENCE_DIGITS: Final = 24


class ArrivalOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an arrival that an event reports. status: as for arrivals, or `not-reported`."""

    event_id: str
    number: str
    status: str
    reference: str = ""
    code: str = ""


async def report_arrivals(
    service: TrackingService,
    lodgement: LodgementService,
    actor: Actor,
    captured: Captured,
    refused: Sequence[Refused] = (),
) -> list[ArrivalOut]:
    """File the arrivals that captured events report; repeats, too, as they reach what was declared since.

    refused: of the events; one that counts in no case reports nothing.
    """
    arrived = [one for one in captured.taken if reports_arrival(one.event, service.arrival_places)]
    named = [(one, number) for one in arrived for number in _numbers_of(one.event)]
    if not named:
        return []
    try:
        require(actor, _ACT)
    except SeraiError as fault:
        # The event stands as what somebody saw; it moves nothing.
        return [ArrivalOut(one.event_uri, number, "not-reported", code=fault.code) for one, number in named]
    codes = {one.event_uri: one.code for one in refused if one.counts_nowhere}
    idle = [
        ArrivalOut(one.event_uri, number, "not-reported", code=codes[one.event_uri])
        for one, number in named
        if one.event_uri in codes
    ]
    named = [(one, number) for one, number in named if one.event_uri not in codes]
    if not named:
        return idle
    fields = await _fields_of(service, [number for _, number in named])
    documents = [_arrival(one, number, fields.get(number, _HOUSE)) for one, number in named]
    answers = await lodgement.submit(actor, "arrival", documents=documents, findings=[[] for _ in documents])
    return idle + [
        ArrivalOut(one.event_uri, number, answer.status, document.reference, answer.problem_code)
        for (one, number), document, answer in zip(named, documents, answers, strict=True)
    ]


def reports_arrival(event: Event, arrival_places: frozenset[str]) -> bool:
    """Say whether an event tells of an arrival at customs; one that is declared wrong does not."""
    places = [one.id for one in (event.read_point, event.biz_location) if one is not None]
    return (
        event.biz_step_code in _STEPS
        and event.error_declaration is None
        and any(canonical_identifier(place) in arrival_places for place in places)
    )


def _numbers_of(event: Event) -> list[str]:
    """Return the numbers of what arrived: the parent where there is one, as its content comes with it."""
    things = [event.parent_id] if event.parent_id is not None else epcs_of(event)
    numbers = dict.fromkeys(number_of(uri) for uri in things)
    return [number for number in numbers if 0 < len(number) <= _NUMBER_LETTERS_MAX]


async def _fields_of(service: TrackingService, numbers: Sequence[str]) -> dict[str, str]:
    """Return as what each number is known among transport units; others are taken for house documents."""
    async with service.database.read(service.administration_id) as connection:
        kinds = await case_store.kinds_of_units(
            connection, numbers, administration_id=service.administration_id
        )
    return {number: _FIELDS[kind] for number, kind in kinds.items() if kind in _FIELDS}


def _arrival(taken: Taken, number: str, field: str) -> Arrival:
    digest = hashlib.sha256(f"{taken.event_uri}\n{number}".encode()).hexdigest()[:_REFERENCE_DIGITS]
    plain = {"reference": f"EPCIS-{digest}", "arrived_at": taken.event.event_at, field: number}
    return msgspec.convert(plain, Arrival)
