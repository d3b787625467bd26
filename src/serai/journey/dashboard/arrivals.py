"""What is in the air: movements that land next, what is on them, and the few that need a person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from serai.foundation.id_text import format_id
from serai.foundation.ids import first_id_at
from serai.journey.cases.page_words import country_name, status_colour, status_word, words_of
from serai.journey.decision.rules import NO_LAW, PERSON_LANES, SHOWN_LANES
from serai.journey.statistics.store import DashboardReader, ExpectedArrivalRow, HeldRow, MovementSum, NamedRow
from serai.model.frames import WITHDRAWN
from serai.model.money import format_minor

LATE_SHOWN = timedelta(hours=6)
"""A flight whose landing nobody has reported stays on the page this long."""
LANDS_WITHIN = timedelta(hours=24)
FILED_BEFORE_MAX = timedelta(days=60)
"""Nothing in the air was filed longer ago."""
EXPECTED_ARRIVALS_MAX = 500
HELD_LOOK_MAX = 1_500
HELD_SHOWN = 3
NAMED_MAX = 30
_WAITING = SHOWN_LANES.index("await")
_GONE = frozenset({WITHDRAWN})


class Share(msgspec.Struct, frozen=True):
    """Parcels in one lane, or in review for want of a law."""

    lane: str
    parcels_count: int


class Sum(msgspec.Struct, frozen=True):
    """An amount: decimal for the wire, minor units for pages."""

    currency_code: str
    amount: str
    amount_minor: int


class HeldParcel(msgspec.Struct, frozen=True):
    """A parcel that needs a person."""

    case_id: str
    reference: str
    lane: str


class ExpectedArrival(msgspec.Struct, frozen=True):
    """A movement under way.

    decided_count: parcels that wait for no datum and no law. due: at the border. held: the strictest few,
    newest first.
    """

    movement_id: str
    number: str
    landing_day: str | None
    origins: list[str]
    scheduled_departure_at: datetime | None
    scheduled_arrival_at: datetime
    parcels_count: int
    decided_count: int
    due: list[Sum]
    lanes: list[Share]
    held: list[HeldParcel]

    @property
    def person_count(self) -> int:
        """Parcels that need a person."""
        return sum(one.parcels_count for one in self.person_lanes)

    @property
    def person_lanes(self) -> list[Share]:
        """The lanes that need a person, the strictest first."""
        lanes = [self.lanes[place] for place in reversed(PERSON_LANES)]
        return [one for one in lanes if one.parcels_count]

    @property
    def without_law(self) -> Share:
        """Parcels for which no law is loaded."""
        return self.lanes[NO_LAW]


class StoryParcel(msgspec.Struct, frozen=True):
    """A parcel of a story."""

    case_id: str
    reference: str
    colour: str
    status: str


class Story(msgspec.Struct, frozen=True):
    """Parcels of the demo in which one thing can be seen."""

    title: str
    parcels: list[StoryParcel]


class ExpectedArrivals(msgspec.Struct, frozen=True):
    """All that is in the air. The counts and lanes: over all flights.

    without_law_count: parcels for which no law is loaded; nobody can decide these, so they need no person.
    """

    parcels_count: int
    person_count: int
    without_law_count: int
    lanes: list[Share]
    flights: list[ExpectedArrival]
    stories: list[Story]
    is_own_only: bool


async def read_expected_arrivals(
    reader: DashboardReader,
    *,
    at: datetime,
    party_id: int | None,
    has_named: bool,
    language: str = "en",
) -> ExpectedArrivals:
    """Return the flights from six hours late to a day ahead.

    party_id: count only what this party filed; None for the administration. has_named: show the
    demo's parcels that are worth a look.
    """
    rows = await reader.flights(at - LATE_SHOWN, at + LANDS_WITHIN, EXPECTED_ARRIVALS_MAX)
    first_id = first_id_at(at - FILED_BEFORE_MAX)
    unit_ids = [row.transport_unit_id for row in rows]
    sums = await reader.movement_sums(unit_ids, party_id=party_id) if rows else []
    held = await reader.held(party_id=party_id, first_id=first_id, look_max=HELD_LOOK_MAX) if rows else []
    named = await reader.named(NAMED_MAX) if has_named else []
    return build_expected_arrivals(
        rows, sums, held, named, is_own_only=party_id is not None, language=language
    )


def build_expected_arrivals(
    rows: Sequence[ExpectedArrivalRow],
    sums: Sequence[MovementSum],
    held: Sequence[HeldRow],
    named: Sequence[NamedRow],
    *,
    is_own_only: bool,
    language: str = "en",
) -> ExpectedArrivals:
    """Put flights together from what the store knows; flights without parcels are left out."""
    by_unit: dict[int, list[MovementSum]] = defaultdict(list)
    for one in sums:
        by_unit[one.transport_unit_id].append(one)
    held_by_unit = _held_by_unit(held, {row.transport_unit_id for row in rows})
    flights = [
        _flight(row, by_unit[row.transport_unit_id], held_by_unit[row.transport_unit_id], language)
        for row in rows
        if by_unit[row.transport_unit_id]
    ]
    lanes = [
        Share(lane, sum(flight.lanes[place].parcels_count for flight in flights))
        for place, lane in enumerate(SHOWN_LANES)
    ]
    return ExpectedArrivals(
        parcels_count=sum(one.parcels_count for one in lanes),
        person_count=sum(lanes[place].parcels_count for place in PERSON_LANES),
        without_law_count=lanes[NO_LAW].parcels_count,
        lanes=lanes,
        flights=flights,
        stories=_stories(named, language),
        is_own_only=is_own_only,
    )


def _held_by_unit(held: Sequence[HeldRow], movements: set[int]) -> dict[int, list[HeldParcel]]:
    found: dict[int, list[HeldParcel]] = defaultdict(list)
    for one in held:
        movement = next((unit_id for unit_id in one.unit_ids if unit_id in movements), None)
        if movement is not None and len(found[movement]) < HELD_SHOWN:
            found[movement].append(HeldParcel(format_id(one.case_id), one.reference, SHOWN_LANES[one.lane]))
    return found


def _flight(
    row: ExpectedArrivalRow, sums: Sequence[MovementSum], held: list[HeldParcel], language: str
) -> ExpectedArrival:
    counted = [one for one in sums if one.lane >= 0 and one.status not in _GONE]
    lanes = [
        Share(lane, sum(one.row_count for one in counted if one.lane == place))
        for place, lane in enumerate(SHOWN_LANES)
    ]
    origins = sorted((one for one in sums if one.dispatch_country_code), key=lambda one: -one.row_count)
    number, _, day = row.number.partition("/")
    parcels_count = sum(one.row_count for one in counted)
    return ExpectedArrival(
        movement_id=format_id(row.transport_unit_id),
        number=number,
        landing_day=day or None,
        origins=[country_name(one.dispatch_country_code, language) for one in origins],
        scheduled_departure_at=row.scheduled_departure_at,
        scheduled_arrival_at=row.scheduled_arrival_at,
        parcels_count=parcels_count,
        decided_count=parcels_count - lanes[_WAITING].parcels_count - lanes[NO_LAW].parcels_count,
        due=[
            Sum(one.currency_code, format_minor(one.amount_minor, one.currency_code), one.amount_minor)
            for one in sorted(sums, key=lambda one: one.currency_code)
            if one.currency_code and one.amount_minor
        ],
        lanes=lanes,
        held=held,
    )


def _stories(named: Sequence[NamedRow], language: str) -> list[Story]:
    titles = words_of(language).stories
    parcels: dict[str, list[StoryParcel]] = defaultdict(list)
    for one in named:
        number = one.reference.split("-")[1]
        if number in titles:
            parcels[number].append(
                StoryParcel(
                    format_id(one.case_id),
                    one.reference,
                    status_colour(one.status, one.lane),
                    status_word(one.status, language),
                )
            )
    return [Story(titles[number], parcels[number]) for number in sorted(parcels)]
