"""A parcel whose law is not loaded needs no person: lists and sums show it apart from those that do."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from serai.app import Node
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.metrics import Metrics
from serai.foundation.migrations import migrate
from serai.foundation.shipped import find_shipped
from serai.journey.decide.reason_sets import COMMON
from serai.journey.follow.figures import read_figures
from serai.journey.follow.flights import read_flights
from serai.journey.follow.flow_lanes import FLOW_LANES, NO_LAW, NO_LAW_BIT, PERSON_LANES
from serai.journey.follow.flow_store import FlowReader
from serai.journey.follow.lists import Filter, select_page
from serai.journey.follow.parcels import Asked, read_parcels
from serai.model.frames import LANES
from tests.journey.clearance.support import DECLARANT, arrival, opened, parcel, select, send

ELSEWHERE = {"name": "Invented Person 1", "country_code": "AQ", "city": "Nowhere", "postcode": "1"}
SOUND = {**parcel("x")["goods_items"][0], "merchant_product_id": "INVENTED-1"}
UNKNOWN = {
    **SOUND,
    "commodity_code": "97019900",
    "description": "picture, oil on canvas",
    "invoice_amount": "500",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def node(make_database: Callable[[], str], keys: Path) -> AsyncIterator[Node]:
    async with opened(make_database(), keys) as one:
        yield one


async def file_three(node: Node) -> None:
    """On one flight: a parcel free to go, one that needs a person, one to where no law is loaded."""
    lands = (node.clock.now() + timedelta(hours=5)).isoformat()
    together = {"movement_id": "FLIGHT-one", "expected_arrival_at": lands}
    answers = await send(
        node,
        DECLARANT,
        "consignment",
        parcel("sound", goods_items=[SOUND], **together),
        parcel("held", goods_items=[UNKNOWN], **together),
        parcel("elsewhere", consignee=ELSEWHERE, **together),
    )
    assert {answer.status for answer in answers} == {"decided"}
    lanes = await select(node, "SELECT reference, lane, flow_lane FROM consignment ORDER BY reference")
    review = LANES.index("review")
    assert lanes == [("D-elsewhere", review, NO_LAW), ("D-held", review, review), ("D-sound", 0, 0)]


async def test_flights_and_figures_count_it_apart(node: Node) -> None:
    await file_three(node)
    at = node.clock.now()

    async with node.database.read(node.administration_id) as connection:
        reader = FlowReader(connection, node.administration_id)
        figures = await read_figures(reader, Metrics(), {}, at=at)
        everybodys = await read_flights(reader, at=at, party_id=None, named_kind=None)
        own = await read_flights(reader, at=at, party_id=DECLARANT.party_id, named_kind=None)

    assert (figures.parcels_count, figures.person_count, figures.without_law_count) == (3, 1, 1)
    assert sum(hour.person_count for hour in figures.hours) == 1
    assert [
        (one.status, one.lane, one.parcels_count) for one in figures.statuses if one.status == "in_review"
    ] == [
        ("in_review", "review", 1),
        ("in_review", "no_law_yet", 1),
    ]
    assert [one.lane for one in figures.latest] == ["no_law_yet", "review", "release"]
    for flights in (everybodys, own):
        assert (flights.parcels_count, flights.person_count, flights.without_law_count) == (3, 1, 1)
        (flight,) = flights.flights
        assert [one.lane for one in flight.person_lanes] == ["review"]
        assert flight.without_law.parcels_count == 1
        assert flight.decided_count == 2
        assert [one.reference for one in flight.held] == ["D-held"]


async def test_list_of_parcels_shows_it_apart_and_the_api_in_its_lane(node: Node) -> None:
    await file_three(node)

    def no_keys(_text: str) -> list[tuple[int, bytes]]:
        return []

    async with node.database.read(node.administration_id) as connection:
        reader = FlowReader(connection, node.administration_id)
        shown = {
            lane: [
                (one.reference, one.lane)
                for one in (await read_parcels(reader, Asked(lane=lane), no_keys, party_id=None)).parcels
            ]
            for lane in FLOW_LANES
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
            Filter(status="in_review"),
            administration_id=node.administration_id,
            party_id=None,
            after=None,
            limit=5,
        )

    assert shown["review"] == [("D-held", "review")]
    assert shown["no_law_yet"] == [("D-elsewhere", "no_law_yet")]
    assert shown["release"] == [("D-sound", "release")]
    assert [one.reference for one in page] == ["D-held"]
    assert ([one.reference for one in rest], end) == (["D-held", "D-elsewhere"], None)


async def test_amended_to_where_there_is_law_it_leaves_the_count(node: Node) -> None:
    await file_three(node)
    amended = parcel("elsewhere", movement_id="FLIGHT-one", amends_version=1, amendment_reason="to Berlin")
    (answer,) = await send(node, DECLARANT, "consignment", amended)
    await send(node, DECLARANT, "arrival", arrival("one"))

    assert answer.version == 2
    for table in ("flow_hour", "flow_movement"):
        left = await select(node, f"SELECT sum(row_count)::int FROM {table} WHERE lane = %s", NO_LAW)
        assert left == [(0,)], table


def test_the_bit_is_the_one_that_decide_sets() -> None:
    assert COMMON[NO_LAW_BIT.bit_length() - 1] == "no-law"
    assert [FLOW_LANES[place] for place in PERSON_LANES] == ["review", "examine", "refuse"]


async def test_what_was_counted_as_review_before_is_counted_apart_after_the_migration(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    """The sums as the version before wrote them: everything in the lane of its decision."""
    at = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    old = tmp_path / "migrations"
    shutil.copytree(find_shipped("migrations"), old)
    for later in (path for path in old.glob("*.sql") if path.name >= "0005"):
        later.unlink()
    dsn = _empty_database(server, "test_no_law_before")
    migrate(dsn, old, at=at)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO administration VALUES (1, 'TEST', 'Test', 'UTC', true, %(at)s)", {"at": at}
        )
        for number, bits in ((1, 0b1), (2, 0b11), (3, 0b1000)):
            connection.execute(_CONSIGNMENT, {"number": number, "bits": bits, "at": at})
        connection.execute(
            "INSERT INTO flow_hour VALUES (1, '2026-07-01T09:00Z', 5, 2, 4, 'AQ', -1, '', '', 3, 0)"
        )
        connection.execute("INSERT INTO flow_movement VALUES (1, 70, 5, 2, 4, '', '', 3, 0)")

    migrate(dsn, find_shipped("migrations"), at=at)

    with psycopg.connect(dsn) as connection:
        for table, key in (
            ("flow_hour", "hour_at = '2026-07-01T09:00Z'"),
            ("flow_movement", "transport_unit_id = 70"),
        ):
            sums = connection.execute(
                f"SELECT lane, sum(row_count)::int FROM {table} WHERE {key} GROUP BY 1 ORDER BY 1"
            ).fetchall()
            assert sums == [(2, 1), (5, 2)], table


_CONSIGNMENT = """
    INSERT INTO consignment (consignment_id, administration_id, case_id, party_id, document_id, version, mrn,
        reference, channel_code, consignee_country_code, item_count, law_on, accepted_at, decision_id,
        basis_id, lane, status, reason_bits, changed_at, movement_id)
    VALUES (%(number)s, 1, %(number)s, 1, %(number)s, 1, '', '', 'post', 'AQ', 1, '2026-07-01', %(at)s,
        %(number)s, 1, 2, 4, %(bits)s, %(at)s, 70)"""


def _empty_database(server: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER serai").format(sql.Identifier(name)))
    return psycopg.conninfo.make_conninfo(server.superuser_dsn(), user="serai", dbname=name)
