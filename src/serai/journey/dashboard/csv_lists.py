"""The lists of parcels and of flights as CSV: what their pages show, to keep and to sort."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from serai.formats.csv_tables import write_table
from serai.journey.dashboard.arrivals import ExpectedArrival
from serai.journey.dashboard.parcels import Parcel

PARCELS_COUNT_MAX: Final = 10_000
_PARCEL_COLUMNS: Final = (
    "case_id", "reference", "house_document", "mrn", "consignee_country_code", "lane", "status", "changed_at",
)  # fmt: skip
_FLIGHT_COLUMNS: Final = (
    "transport_unit_id", "number", "origin_country_codes", "scheduled_departure_at", "scheduled_arrival_at",
    "parcels_count", "decided_count", "person_count", "due_at_border",
)  # fmt: skip


def write_parcels(parcels: Sequence[Parcel]) -> str:
    """Write parcels, the newest first."""
    return write_table(
        _PARCEL_COLUMNS,
        (
            (
                one.case_id,
                one.reference,
                one.house_document or "",
                one.mrn,
                one.destination_country_code,
                one.lane,
                one.status,
                one.changed_at.isoformat(),
            )
            for one in parcels
        ),
    )


def write_flights(flights: Sequence[ExpectedArrival]) -> str:
    """Write flights as they land. due_at_border: each currency with its amount, blanks between."""
    return write_table(
        _FLIGHT_COLUMNS,
        (
            (
                one.movement_id,
                one.number,
                " ".join(one.origins),
                _instant(one.scheduled_departure_at),
                _instant(one.scheduled_arrival_at),
                str(one.parcels_count),
                str(one.decided_count),
                str(one.person_count),
                " ".join(f"{due.currency_code} {due.amount}" for due in one.due),
            )
            for one in flights
        ),
    )


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
