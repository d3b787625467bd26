"""Invented flights: some 4,000 consignments each, landing within the twelve hours after `at`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from serai.laboratory.invented.draws import FLIGHT_CONSIGNMENTS, PREFIXES, master_document
from serai.laboratory.invented.instants import instant

LANDING_WITHIN_MINUTES = 720
_FIRST_LANDING_MINUTES, _LANDING_INTERVAL_MINUTES, _FLYING_MINUTES = 15, 35, 690
_CARRIERS = dict(zip(PREFIXES, ("CV", "EK", "CZ", "CA"), strict=True))


class ExpectedArrival(msgspec.Struct, frozen=True):
    """One flight. conveyance_reference: its number and day of landing (UTC). consignments_count: repeats
    included."""

    conveyance_reference: str
    master_document: str
    scheduled_departure_at: str
    scheduled_arrival_at: str
    consignments_count: int


def flights(count: int, *, at: datetime) -> Iterator[ExpectedArrival]:
    """Give the flights that carry `count` consignments, in the order of the consignments."""
    for number in range(-(-count // FLIGHT_CONSIGNMENTS)):
        landing = landing_of(number, at)
        yield ExpectedArrival(
            conveyance_reference=movement_of(number, at),
            master_document=master_document(number),
            scheduled_departure_at=instant(landing - timedelta(minutes=_FLYING_MINUTES)),
            scheduled_arrival_at=instant(landing),
            consignments_count=min(FLIGHT_CONSIGNMENTS, count - number * FLIGHT_CONSIGNMENTS),
        )


def landing_of(number: int, at: datetime) -> datetime:
    """When a flight, counted from 0, lands: 15 minutes after `at`, 50, 85 and so on, within twelve hours."""
    minutes = (_FIRST_LANDING_MINUTES + _LANDING_INTERVAL_MINUTES * number) % LANDING_WITHIN_MINUTES
    return at + timedelta(minutes=minutes)


def movement_of(number: int, at: datetime) -> str:
    """Flight number and day of landing, e.g. `CV1000/2026-07-01`; no two flights share one."""
    carrier = _CARRIERS[PREFIXES[number % len(PREFIXES)]]
    return f"{carrier}{1000 + number}/{instant(landing_of(number, at))[:10]}"
