"""In which order a query wants events told, where a page of them ends, and the instants it names."""

import datetime as dt
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from serai.formats.epcis.event import Query
from serai.foundation.ids import first_id_at
from serai.journey.epcis.query_faults import QueryFaultyError
from serai.model.findings import Finding

LAST_ID: Final = 2**63 - 1
FIRST_AT: Final = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
LAST_AT: Final = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
MICROSECOND: Final = dt.timedelta(microseconds=1)
_LONGEST_US: Final = (LAST_AT - FIRST_AT) // MICROSECOND
_ORDERS: Final = ("eventTime", "recordTime")
_DIRECTIONS: Final = ("ASC", "DESC")
SortKey = tuple[int, int]


class Order(msgspec.Struct, frozen=True):
    """In which order events are told: of record or of what happened, forwards or back."""

    by_event_time: bool
    is_down: bool

    @property
    def query(self) -> str:
        """Return the query of that order."""
        return f"{'happened' if self.by_event_time else 'recorded'}_{self.direction}"

    @property
    def direction(self) -> str:
        """Return `up` or `down`."""
        return "down" if self.is_down else "up"

    def key(self, at: dt.datetime, event_id: int) -> SortKey:
        """Return what rows are sorted by, always upwards."""
        first = (at - FIRST_AT) // MICROSECOND if self.by_event_time else 0
        return (-first, -event_id) if self.is_down else (first, event_id)


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the instant (microseconds, 0 in the order of record) and the id of its last row."""

    at_us: Annotated[int, Meta(ge=0, le=_LONGEST_US)]
    event_id: Annotated[int, Meta(ge=0, le=LAST_ID)]


def order_of(query: Query) -> Order:
    """Return the order a query asks for: that of record; with `orderBy`, backwards unless told otherwise."""
    is_down = "orderBy" in query.parameters and first_value(query, "orderDirection", "DESC") == "DESC"
    return Order(first_value(query, "orderBy", "recordTime") == "eventTime", is_down)


def check_order(query: Query) -> None:
    """Raise QueryFaultyError where a query wants an order that there is not."""
    for name, known in (("orderBy", _ORDERS), ("orderDirection", _DIRECTIONS)):
        if first_value(query, name, known[0]) not in known:
            parameters = {"known": " or ".join(known)}
            raise QueryFaultyError([Finding("epcis-order-unknown", name, parameters=parameters)])


def key_of(order: Order, place: Place) -> SortKey:
    """Return what the row at a place is sorted by."""
    return (-place.at_us, -place.event_id) if order.is_down else (place.at_us, place.event_id)


def place_of(order: Order, key: SortKey) -> Place:
    """Return the place of the row sorted by a key."""
    return Place(-key[0], -key[1]) if order.is_down else Place(*key)


def first_value(query: Query, name: str, otherwise: str) -> str:
    """Return the first value of a parameter; otherwise: where it is absent."""
    values = query.parameters.get(name, ())
    return values[0] if values else otherwise


def values_of(query: Query, name: str) -> list[str] | None:
    """Return the values of a parameter; None where it is absent."""
    return list(query.parameters[name]) if name in query.parameters else None


def floored(text: str, *, is_up: bool = False) -> dt.datetime | None:
    """Return an instant to the millisecond, as events are stored; is_up: the next one."""
    if not text:
        return None
    whole, _, decimals = text.removesuffix("Z").partition(".")
    at = dt.datetime.fromisoformat(f"{whole}.{decimals[:3].ljust(3, '0')}+00:00")
    at = min(max(at, FIRST_AT), LAST_AT)
    return at + dt.timedelta(milliseconds=1) if is_up and len(decimals) > 3 else at


def first_id_of(text: str) -> int:
    """Return the least id of what was recorded at an instant or later."""
    at = floored(text, is_up=True)
    assert at is not None, "an instant that was checked"
    return min(first_id_at(at), LAST_ID)
