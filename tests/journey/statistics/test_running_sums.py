"""The sums of the flow say what a count of the tables says, whatever is decided again, lands or is paid."""

from datetime import timedelta

import numpy as np
import pytest

from serai.app import Node
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.statistics import running_sums as flow
from serai.laboratory.invented.parcels import consignments
from serai.model.columns import BitSets, Frame, encode_words
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    arrival,
    decision,
    parcel,
    select,
    send,
    transport,
)

_HOURS = """
    SELECT lane, status, destination_country_code, sum(row_count)::int FROM statistics_hour
    WHERE tax_type_code = ''
    GROUP BY 1, 2, 3 HAVING sum(row_count) <> 0 ORDER BY 1, 2, 3"""
_HOURS_COUNTED = """
    SELECT shown_lane, status, consignee_country_code, count(*)::int FROM consignment
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
_TAXES = """
    SELECT due, tax_type_code, currency_code, destination_country_code, sum(row_count)::int,
        sum(amount_minor)::int
    FROM statistics_hour WHERE tax_type_code <> ''
    GROUP BY 1, 2, 3, 4 HAVING sum(row_count) <> 0 ORDER BY 1, 2, 3, 4"""
_TAXES_COUNTED = """
    SELECT due, tax_type_code, currency_code, consignee_country_code, count(*)::int,
        sum(amount_minor)::int
    FROM charge JOIN consignment USING (consignment_id, decision_id)
    WHERE NOT is_reversal AND NOT is_waived AND kind <> 4 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"""
_HOUR_BY_HOUR = """
    SELECT hour_at, sum(row_count)::int FROM statistics_hour
    WHERE tax_type_code = ''
    GROUP BY 1 HAVING sum(row_count) <> 0 ORDER BY 1"""
_HOUR_BY_HOUR_COUNTED = """
    SELECT date_trunc('hour', changed_at), count(*)::int FROM consignment GROUP BY 1 ORDER BY 1"""
_MOVEMENTS = """
    SELECT number, lane, statistics_movement.status, currency_code,
    sum(row_count)::int, sum(amount_minor)::int
    FROM statistics_movement JOIN transport_unit USING (transport_unit_id) WHERE dispatch_country_code = ''
    GROUP BY 1, 2, 3, 4 HAVING sum(row_count) <> 0 OR sum(amount_minor) <> 0 ORDER BY 1, 2, 3, 4"""
_MOVEMENTS_COUNTED = """
    WITH RECURSIVE above AS (
        SELECT transport_unit_id AS unit_id, transport_unit_id, parent_id, kind, number FROM transport_unit
        UNION ALL SELECT unit_id, up.transport_unit_id, up.parent_id, up.kind, up.number
        FROM above JOIN transport_unit AS up ON up.transport_unit_id = above.parent_id
    ), there AS (
        SELECT consignment.*, number FROM consignment JOIN above ON unit_id = consignment.transport_unit_id
        WHERE above.kind = 1
    )
    SELECT * FROM (
        SELECT number, shown_lane, status, '' AS currency, count(*)::int, 0 FROM there GROUP BY 1, 2, 3
        UNION ALL
        SELECT number, -1, -1, currency_code, count(*)::int, sum(amount_minor)::int
        FROM there JOIN charge USING (consignment_id, decision_id)
        WHERE NOT is_reversal AND NOT is_waived AND charge.kind <> 4 AND due = 0 GROUP BY 1, 4
    ) AS counted ORDER BY 1, 2, 3, 4"""


async def assert_even(node: Node) -> None:
    for sums, counted in (
        (_HOURS, _HOURS_COUNTED),
        (_TAXES, _TAXES_COUNTED),
        (_MOVEMENTS, _MOVEMENTS_COUNTED),
    ):
        found, wanted = await select(node, sums), await select(node, counted)
        assert found == wanted
        assert found


@pytest.mark.in_turn
async def test_sums_stay_even_through_everything_that_decides_again(node: Node) -> None:
    at = node.clock.now()
    mass = list(consignments(400, 3, at=at, first_acceptance=at - timedelta(hours=10)))
    await send(node, DECLARANT, "declaration", *mass)
    await assert_even(node)

    names = ["one", "two", "three"]
    together = {"conveyance_reference": "FLIGHT-one"}
    answers = await send(
        node, DECLARANT, "declaration", *(parcel(name, **together) for name in names), parcel("alone")
    )
    await assert_even(node)

    amended = parcel(
        "two",
        **together,
        amends_version=1,
        amendment_reason="another country",
        consignee={"name": "Invented Person 1", "country_code": "FR", "city": "Paris", "postcode": "75001"},
    )
    (amendment,) = await send(node, DECLARANT, "declaration", amended)
    assert amendment.status == "decided", amendment
    await assert_even(node)

    await send(node, DECLARANT, "arrival", arrival("one"))
    await assert_even(node)

    due = decision(answers[0])["totals"]["due_at_border_amount"]
    await mark_payment_status(
        node.processor,
        OFFICER,
        answers[0].case_id,
        reference="PAY-1",
        kind="paid",
        currency_code="EUR",
        amount=due,
    )
    await assert_even(node)
    statuses = dict(
        await select(node, "SELECT reference, status FROM consignment WHERE reference LIKE 'D-%%'")
    )
    assert len(set(statuses.values())) > 1, "something was released, something was not"


async def test_amendment_is_counted_where_it_leads_and_no_more_where_it_was(node: Node) -> None:
    first = parcel("moving", receptacle_id="BAG-old", master_document="MASTER-old")
    (filed,) = await send(node, DECLARANT, "declaration", first)
    # As if filed three hours ago.
    await change(node, "UPDATE statistics_hour SET hour_at = hour_at - interval '3 hours'")
    await change(node, "UPDATE declared_consignment SET changed_at = changed_at - interval '3 hours'")

    amended = parcel(
        "moving",
        amends_version=1,
        amendment_reason="another flight to another country",
        conveyance_reference="FLIGHT-other",
        master_document="MASTER-other",
        house_document="HOUSE-other",
        logistics_channel_code="express",
        consignee={"name": "Invented Person 1", "country_code": "FR", "city": "Paris", "postcode": "75001"},
    )
    (answer,) = await send(node, DECLARANT, "declaration", amended)

    listed = await select(
        node,
        "SELECT consignee_country_code, logistics_channel_code, house_document, unit.number, movement.number,"
        " tax_territory_code FROM consignment"
        " JOIN transport_unit AS unit USING (transport_unit_id)"
        " JOIN transport_unit AS movement ON movement.transport_unit_id = movement_id"
        " WHERE consignment_id = %s",
        filed.document_id,
    )
    assert answer.version == 2
    assert listed == [("FR", "express", "HOUSE-other", "MASTER-other", "FLIGHT-other", "FR")]
    await assert_even(node)
    assert await select(node, _HOUR_BY_HOUR) == await select(node, _HOUR_BY_HOUR_COUNTED)

    await send(node, DECLARANT, "arrival", arrival("other"))
    await assert_even(node)
    assert await select(node, _HOUR_BY_HOUR) == await select(node, _HOUR_BY_HOUR_COUNTED)


async def test_amendment_that_names_no_flight_any_more_stays_on_its_flight(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("staying"))
    amended = {k: v for k, v in parcel("staying", amends_version=1).items() if k != "conveyance_reference"}
    (answer,) = await send(node, DECLARANT, "declaration", {**amended, "amendment_reason": "no flight"})

    assert answer.version == 2
    await assert_even(node)


async def change(node: Node, query: str) -> None:
    async with node.database.write() as connection:
        await connection.execute(query)


async def test_what_a_transport_document_places_is_counted_once(node: Node) -> None:
    declared = {
        k: v for k, v in parcel("placed").items() if k not in ("conveyance_reference", "expected_arrival_at")
    }
    await send(node, DECLARANT, "declaration", declared)
    (answer,) = await send(node, CARRIER, "transport-document", transport("placed"))
    assert answer.status in ("recorded", "decided"), answer
    placed = await select(
        node,
        "SELECT sum(row_count)::int FROM statistics_movement JOIN transport_unit USING (transport_unit_id)"
        " WHERE number = 'FLIGHT-placed' AND lane >= 0",
    )
    await send(node, CARRIER, "transport-document", transport("placed", reference="TRANSPORT-again"))

    assert placed == [(1,)]
    await assert_even(node)


def test_a_sum_of_which_nothing_is_left_is_no_row() -> None:
    frame = Frame(
        1,
        {
            "consignee_country_code": encode_words(["DE"]),
            "lane_number": np.array([0]),
            "status_number": np.array([1]),
            "reason_bits": BitSets((0,), np.array([0])),
        },
    )
    charges = Frame(
        0,
        {
            "consignment": np.zeros(0, dtype=np.int64),
            "amount_minor": np.zeros(0, dtype=np.int64),
            "kind_code": encode_words([]),
            "due_code": encode_words([]),
            "tax_type_code": encode_words([]),
            "currency_code": encode_words([]),
            "is_waived": np.zeros(0, dtype=np.bool_),
        },
    )
    one = np.array([0], dtype=np.int64)
    as_it_was = flow.Replaced(one, np.array([7_200_000]), one, np.array([1]), ["DE"], np.array([-1]), [()])

    rows = flow.sum_hours(frame, charges, as_it_was, 7_200_000)

    assert rows.counts == []
