"""Whoever needs a person has one open task, opened and closed with the decision that makes it so."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.errors import UniqueViolation

from serai.app import Node
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from serai.journey.decision.rules import PERSON_LANES
from serai.journey.tasks.rules import DECISION, REQUEST, TWO_CARRIERS
from serai.laboratory.invented.parcels import consignments
from serai.model.frames import FINAL_STATUSES, LANES
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    OTHER_CARRIER,
    arrival,
    decision,
    parcel,
    select,
    send,
    statuses,
    transport,
)

REVIEW, EXAMINE = LANES.index("review"), LANES.index("examine")
SOUND = {**parcel("x")["goods_items"][0], "merchant_product_id": "INVENTED-1"}
WITHOUT_TARIFF_LINE = {
    **SOUND,
    "commodity_code": "97019900",
    "description": "picture, oil on canvas",
    "invoice_amount": "500",
}
SWORD = {**SOUND, "commodity_code": "93070000", "description": "sword of steel, decorative"}
IN_BRITAIN = {"name": "Invented Person 1", "country_code": "GB", "city": "London", "postcode": "SW1A 1AA"}


def held(name: str, **changes: Any) -> dict[str, Any]:
    return parcel(name, goods_items=[WITHOUT_TARIFF_LINE], **changes)


def amended(name: str, version: int, **changes: Any) -> dict[str, Any]:
    return parcel(name, amends_version=version, amendment_reason="other goods", **changes)


async def tasks_of(node: Node, name: str) -> list[tuple[int, int | None, bool]]:
    """Kind, lane and whether it is open, of each task of a parcel, the oldest first."""
    return await select(
        node,
        "SELECT task.kind, task.lane, closed_at IS NULL FROM task JOIN consignment USING (consignment_id)"
        " WHERE reference = %s ORDER BY task_id",
        f"D-{name}",
    )


async def begun(node: Node, name: str) -> list[tuple[int, Any]]:
    """Which tasks a parcel has, and since when each is open."""
    return await select(
        node,
        "SELECT task_id, opened_at FROM task JOIN consignment USING (consignment_id) WHERE reference = %s",
        f"D-{name}",
    )


async def test_parcel_that_goes_its_way_has_no_task(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("sound", goods_items=[SOUND]))

    assert await tasks_of(node, "sound") == []


async def test_parcel_in_review_has_one_open_task_that_says_why_and_where_it_lies(node: Node) -> None:
    (answer,) = await send(node, DECLARANT, "declaration", held("why"))

    assert decision(answer)["lane"] == "review"
    assert await tasks_of(node, "why") == [(DECISION, REVIEW, True)]
    ((same, is_there, since, sender, value, currency),) = await select(
        node,
        "SELECT task.rules = reasons AND task.basis_id = consignment.basis_id,"
        " task.transport_unit_id = consignment.transport_unit_id,"
        " date_trunc('milliseconds', opened_at) = changed_at, task.party_id, value_minor, currency_code"
        " FROM task JOIN consignment USING (consignment_id) WHERE consignment_id = %s",
        answer.document_id,
    )
    assert same
    assert is_there
    assert since
    assert sender == DECLARANT.party_id
    assert (value, currency) == (50_000, "EUR")


async def test_amended_so_that_it_goes_its_way_its_task_is_closed(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("mended"))
    (answer,) = await send(node, DECLARANT, "declaration", amended("mended", 1, goods_items=[SOUND]))

    assert decision(answer)["lane"] == "proceed"
    assert await tasks_of(node, "mended") == [(DECISION, REVIEW, False)]


async def test_decided_into_another_lane_it_stays_one_task_with_the_new_lane(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("stricter"))
    before = await begun(node, "stricter")

    changed = amended("stricter", 1, goods_items=[SWORD], consignee=IN_BRITAIN)
    (answer,) = await send(node, DECLARANT, "declaration", changed)

    assert decision(answer)["lane"] == "examine"
    assert await tasks_of(node, "stricter") == [(DECISION, EXAMINE, True)]
    after = await begun(node, "stricter")
    assert after == before


async def test_back_in_review_it_has_another_task(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("back"))
    await send(node, DECLARANT, "declaration", amended("back", 1, goods_items=[SOUND]))
    await send(node, DECLARANT, "declaration", amended("back", 2, goods_items=[WITHOUT_TARIFF_LINE]))

    assert await tasks_of(node, "back") == [(DECISION, REVIEW, False), (DECISION, REVIEW, True)]


async def test_invalidated_it_needs_nobody(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("gone"))
    await Acts(node.processor).withdraw(DECLARANT, "D-gone", expected_version=1, reason="not sold")

    assert await tasks_of(node, "gone") == [(DECISION, REVIEW, False)]


async def test_without_a_law_no_person_can_help(node: Node) -> None:
    elsewhere = {**IN_BRITAIN, "country_code": "AQ"}
    (answer,) = await send(node, DECLARANT, "declaration", parcel("nowhere", consignee=elsewhere))

    assert decision(answer)["lane"] == "review"
    assert await tasks_of(node, "nowhere") == []


async def test_number_that_two_carriers_claim_is_a_task_until_one_gives_way(node: Node) -> None:
    async with node.database.write() as connection:
        await connection.execute(
            "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)"
            " VALUES (%s, 'OTHER-CARRIER', 7, %s) ON CONFLICT DO NOTHING",
            (node.administration_id, node.clock.now()),
        )
    await send(node, DECLARANT, "declaration", parcel("claimed", goods_items=[SOUND]))
    first = transport("claimed", detail={"carrier_id": "OTHER-CARRIER"})
    await send(node, CARRIER, "transport-document", first)
    await send(node, OTHER_CARRIER, "transport-document", transport("claimed", reference="CLAIM-2"))

    assert await tasks_of(node, "claimed") == [(TWO_CARRIERS, None, True)]

    await Acts(node.processor).withdraw_document(
        OTHER_CARRIER, "transport-document", "CLAIM-2", expected_version=1, reason="not ours"
    )
    assert await tasks_of(node, "claimed") == [(TWO_CARRIERS, None, False)]


async def test_task_moves_to_the_unit_that_a_transport_document_tells(node: Node) -> None:
    nowhere = ("conveyance_reference", "house_document")
    declared = {k: v for k, v in held("moved").items() if k not in nowhere}
    await send(node, DECLARANT, "declaration", declared)
    lies_in = (
        "SELECT task.transport_unit_id, consignment.transport_unit_id"
        " FROM task JOIN consignment USING (consignment_id) WHERE reference = 'D-moved'"
    )
    before = await select(node, lies_in)

    (told,) = await send(node, CARRIER, "transport-document", transport("moved", ucr="UCR-moved"))

    ((of_task, of_consignment),) = await select(node, lies_in)
    assert told.status == "recorded", told
    assert before == [(None, None)]
    assert of_task == of_consignment is not None


@pytest.mark.in_turn
async def test_open_tasks_are_the_parcels_in_lanes_that_need_a_person(node: Node) -> None:
    at = node.clock.now()
    mass = list(consignments(400, 7, at=at, first_acceptance=at - timedelta(hours=10)))
    for begin in range(0, len(mass), 130):
        await send(node, DECLARANT, "declaration", *mass[begin : begin + 130])
    await send(node, DECLARANT, "declaration", *(held(f"mass-{number}") for number in range(30)))
    await send(
        node,
        DECLARANT,
        "declaration",
        *(amended(f"mass-{number}", 1, goods_items=[SOUND]) for number in range(0, 30, 3)),
    )
    await send(node, DECLARANT, "arrival", arrival("mass-1"))

    tasks = await select(
        node,
        "SELECT lane, count(*) FROM task WHERE kind = %s AND closed_at IS NULL GROUP BY 1 ORDER BY 1",
        DECISION,
    )
    lanes = await select(
        node,
        "SELECT shown_lane, count(*) FROM consignment WHERE shown_lane = ANY(%s) AND status <> ALL(%s)"
        " GROUP BY 1 ORDER BY 1",
        list(PERSON_LANES),
        list(FINAL_STATUSES),
    )
    assert tasks == lanes
    assert sum(count for _, count in tasks) > 20


async def test_what_is_asked_for_after_release_is_a_task_for_an_officer(node: Node) -> None:
    (answer,) = await send(node, DECLARANT, "declaration", parcel("late"))
    await send(node, CARRIER, "transport-document", transport("late"))
    await send(node, DECLARANT, "arrival", arrival("late"))
    await mark_payment_status(
        node.processor,
        OFFICER,
        answer.case_id,
        reference="PAY-late",
        kind="paid",
        currency_code="EUR",
        amount=decision(answer)["totals"]["due_at_border_amount"],
    )
    assert await statuses(node, "D-late") == ["released"]
    assert await tasks_of(node, "late") == []

    acts = Acts(node.processor)
    asked = await acts.withdraw(DECLARANT, "D-late", expected_version=1, reason="sent back")
    (second,) = await send(node, DECLARANT, "declaration", amended("late", 1, goods_items=[SWORD]))
    third = await acts.withdraw_document(
        CARRIER, "transport-document", "TRANSPORT-late", expected_version=1, reason="another flight"
    )

    assert {asked.problem_code, second.problem_code, third.problem_code} == {"amendment-too-late"}
    assert await tasks_of(node, "late") == [(REQUEST, None, True)]


async def test_reader_of_another_administration_sees_no_task(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("own"))

    async def seen_by(administration_id: int) -> int:
        async with node.database.read(administration_id) as connection:
            cursor = await connection.execute("SELECT count(*)::int FROM task")
            ((count,),) = await cursor.fetchall()
            return int(count)

    assert await seen_by(node.administration_id) > 0
    assert await seen_by(node.administration_id + 1) == 0


async def test_two_open_tasks_of_one_parcel_cannot_be(node: Node) -> None:
    await send(node, DECLARANT, "declaration", held("twice"))

    async with node.database.write() as connection:
        with pytest.raises(UniqueViolation):
            async with connection.transaction():
                await connection.execute(
                    "INSERT INTO task"
                    " (task_id, administration_id, consignment_id, party_id, opened_at, lands_at,"
                    " consignee_country_code, kind, rules)"
                    " SELECT 1, administration_id, consignment_id, party_id, opened_at, lands_at,"
                    " consignee_country_code, %s, rules FROM task JOIN consignment"
                    " USING (consignment_id, administration_id, party_id, consignee_country_code)"
                    " WHERE reference = 'D-twice'",
                    (REQUEST,),
                )
