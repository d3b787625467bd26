"""A parcel whose law is not loaded needs no person: lists and sums show it apart from those that do."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from serai.app import Node
from serai.foundation.metrics import Metrics
from serai.journey.cases.lists import Filter, select_page
from serai.journey.dashboard.arrivals import read_expected_arrivals
from serai.journey.dashboard.parcels import Asked, read_parcels
from serai.journey.dashboard.statistics import read_statistics
from serai.journey.decision.rules import COMMON, NO_LAW, NO_LAW_BIT, PERSON_LANES, SHOWN_LANES
from serai.journey.statistics.store import DashboardReader
from serai.model.frames import LANES
from tests.journey.processing.support import DECLARANT, arrival, opened, parcel, select, send

ELSEWHERE = {"name": "Invented Person 1", "country_code": "AQ", "city": "Nowhere", "postcode": "1"}
SOUND = {**parcel("x")["goods_items"][0], "merchant_product_id": "INVENTED-1"}
UNKNOWN = {
    **SOUND,
    "commodity_code": "97019900",
    "description": "picture, oil on canvas",
    "invoice_amount": "500",
}


@pytest.fixture
async def node(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Node]:
    # Keys of its own, too: beside them lies a checkpoint, which another database would fall short of.
    async with opened(make_database(), tmp_path) as one:
        yield one


async def file_three(node: Node) -> None:
    """On one flight: a parcel free to go, one that needs a person, one to where no law is loaded."""
    lands = (node.clock.now() + timedelta(hours=5)).isoformat()
    together = {"conveyance_reference": "FLIGHT-one", "expected_arrival_at": lands}
    answers = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("sound", goods_items=[SOUND], **together),
        parcel("held", goods_items=[UNKNOWN], **together),
        parcel("elsewhere", consignee=ELSEWHERE, **together),
    )
    assert {answer.status for answer in answers} == {"decided"}
    lanes = await select(node, "SELECT reference, lane, shown_lane FROM consignment ORDER BY reference")
    review = LANES.index("review")
    assert lanes == [("D-elsewhere", review, NO_LAW), ("D-held", review, review), ("D-sound", 0, 0)]


async def test_flights_and_figures_count_it_apart(node: Node) -> None:
    await file_three(node)
    at = node.clock.now()

    async with node.database.read(node.administration_id) as connection:
        reader = DashboardReader(connection, node.administration_id)
        figures = await read_statistics(reader, Metrics(), {}, at=at)
        everybodys = await read_expected_arrivals(reader, at=at, party_id=None, has_named=False)
        own = await read_expected_arrivals(reader, at=at, party_id=DECLARANT.party_id, has_named=False)

    assert (figures.parcels_count, figures.person_count, figures.without_law_count) == (3, 1, 1)
    assert sum(hour.person_count for hour in figures.hours) == 1
    assert [
        (one.status, one.lane, one.parcels_count)
        for one in figures.statuses
        if one.status == "under-documentary-control"
    ] == [
        ("under-documentary-control", "review", 1),
        ("under-documentary-control", "no-law-yet", 1),
    ]
    assert [one.lane for one in figures.latest] == ["no-law-yet", "review", "proceed"]
    for flights in (everybodys, own):
        assert (flights.parcels_count, flights.person_count, flights.without_law_count) == (3, 1, 1)
        (flight,) = flights.flights
        assert [one.lane for one in flight.person_lanes] == ["review"]
        assert flight.without_law.parcels_count == 1
        assert flight.decided_count == 2
        assert [one.reference for one in flight.held] == ["D-held"]


async def test_list_of_parcels_shows_it_apart_and_the_api_in_its_lane(node: Node) -> None:
    await file_three(node)

    async with node.database.read(node.administration_id) as connection:
        reader = DashboardReader(connection, node.administration_id)
        pseudonymiser = node.services.pseudonymiser
        shown = {
            lane: [
                (one.reference, one.lane)
                for one in (
                    await read_parcels(reader, Asked(lane=lane), pseudonymiser, party_id=None)
                ).parcels
            ]
            for lane in SHOWN_LANES
        }
        page, _ = await select_page(
            connection,
            Filter(lane="review"),
            administration_id=node.administration_id,
            party_id=None,
            after=None,
            limit=1,
        )
        rest, end = await select_page(
            connection,
            Filter(status="under-documentary-control"),
            administration_id=node.administration_id,
            party_id=None,
            after=None,
            limit=5,
        )

    assert shown["review"] == [("D-held", "review")]
    assert shown["no-law-yet"] == [("D-elsewhere", "no-law-yet")]
    assert shown["proceed"] == [("D-sound", "proceed")]
    assert [one.reference for one in page] == ["D-held"]
    assert ([one.reference for one in rest], end) == (["D-held", "D-elsewhere"], None)


@pytest.mark.in_turn
async def test_amended_to_where_there_is_law_it_leaves_the_count(node: Node) -> None:
    await file_three(node)
    amended = parcel(
        "elsewhere", conveyance_reference="FLIGHT-one", amends_version=1, amendment_reason="to Berlin"
    )
    (answer,) = await send(node, DECLARANT, "declaration", amended)
    await send(node, DECLARANT, "arrival", arrival("one"))

    assert answer.version == 2
    for table in ("statistics_hour", "statistics_movement"):
        left = await select(node, f"SELECT sum(row_count)::int FROM {table} WHERE lane = %s", NO_LAW)
        assert left == [(0,)], table


def test_the_bit_is_the_one_that_decide_sets() -> None:
    assert COMMON[NO_LAW_BIT.bit_length() - 1] == "no-law"
    assert [SHOWN_LANES[place] for place in PERSON_LANES] == ["review", "examine", "refuse"]
