"""Nine parcels of two orders among fourteen: seen, in review, decided by an officer, undone whole."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.journey.acts.appeals import decide_appeal, lodge_appeal
from serai.journey.acts.split_shipments.grouping import forget_keys, group_parcels
from serai.journey.acts.split_shipments.service import decide_group, read_groups
from serai.model.errors import SeraiError
from serai.model.frames import LANES
from tests.journey.acts.split_shipments.fourteen import FOURTEEN, ORDERS, sent
from tests.journey.processing.support import DECLARANT, OFFICER, opened, select, send


@pytest.fixture
async def node(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Node]:
    """A database for each test: each looks at all groups there are."""
    async with opened(make_database(), tmp_path, groups_parcels=True) as one:
        yield one


async def lanes(node: Node) -> dict[str, str]:
    rows = await select(node, "SELECT reference, lane FROM consignment")
    return {reference: LANES[lane] for reference, lane in rows}


async def grouped(node: Node) -> None:
    while await group_parcels(node.processor):
        pass


async def open_groups(node: Node) -> list[Any]:
    return await read_groups(node.processor, ["open"])


async def test_of_fourteen_parcels_exactly_the_nine_of_two_orders_are_grouped(node: Node) -> None:
    for half in (FOURTEEN[::2], FOURTEEN[1::2]):  # they come in two batches, mixed
        await send(node, DECLARANT, "declaration", *half)
        await grouped(node)

    found = await open_groups(node)
    assert sorted(sorted(one.reference for one in group.parcels) for group in found) == sorted(
        sorted(one["reference"] for one in order) for order in ORDERS
    )
    assert {len(group.parcels) for group in found} == {5, 4}
    assert [(one.value, one.limit) for one in found if one.parcels_count == 5] == [("612.00", "150.00")]
    split = {one["reference"] for order in ORDERS for one in order}
    after = await lanes(node)
    assert {reference for reference, lane in after.items() if lane == "review"} == split
    assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(9,)]


@pytest.mark.in_turn
async def test_separate_orders_are_decided_again_and_never_grouped_again(node: Node) -> None:
    await send(node, DECLARANT, "declaration", *ORDERS[0])
    await grouped(node)
    (group,) = await open_groups(node)
    number = int(await _id(node))

    said: dict[str, Any] = {"verdict": "separate-orders", "reason": "Gifts for five children"}
    await decide_group(node.processor, OFFICER, number, **said)
    decided = await decide_group(node.processor, OFFICER, number, **said)  # the same again is harmless

    assert decided.state == "separate-orders"
    assert set((await lanes(node)).values()) == {"proceed"}
    assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(0,)]
    assert await select(node, "SELECT count(*) FROM act WHERE kind = 'split-verdict'") == [(5,)]
    with pytest.raises(SeraiError, match="split-group-decided"):
        await decide_group(node.processor, OFFICER, number, verdict="one-order", reason="After all")

    more = sent("LATER", ORDERS[0][0], amount="140.00")
    await send(node, DECLARANT, "declaration", more)
    await grouped(node)
    assert not await open_groups(node), "one parcel beside those that were separate is no group"
    assert group.parcels_count == 5


async def test_an_appeal_that_is_won_undoes_all_of_the_group(node: Node) -> None:
    answers = await send(node, DECLARANT, "declaration", *ORDERS[1])
    await grouped(node)
    await decide_group(
        node.processor, OFFICER, int(await _id(node)), verdict="one-order", reason="One invoice for all"
    )
    assert set((await lanes(node)).values()) == {"review"}
    ((decision_id,),) = await select(
        node, "SELECT decision_id FROM consignment WHERE reference = %s", ORDERS[1][2]["reference"]
    )

    lodged = await lodge_appeal(
        node.processor,
        DECLARANT,
        answers[2].case_id or 0,
        reference="AP-1",
        statement="Four orders of four days",
        against_id=None,
        decision_id=decision_id,
    )

    async def first(connection: Any) -> None:
        del connection

    await decide_appeal(
        node.processor,
        OFFICER,
        answers[2].case_id or 0,
        appeal_id=parse_id(lodged.act_id),
        outcome="appeal-allowed",
        reference="AO-1",
        reason="They were ordered apart",
        first=first,
    )

    assert set((await lanes(node)).values()) == {"proceed"}
    assert await select(node, "SELECT state FROM split_shipment_group") == [("separate-orders",)]
    await forget_keys(node.processor)


async def test_an_amended_parcel_stays_in_review_until_somebody_has_looked(node: Node) -> None:
    await send(node, DECLARANT, "declaration", *ORDERS[1])
    await grouped(node)
    amended = {**ORDERS[1][0], "amends_version": 1}
    amended["consignee"] = {**amended["consignee"], "street": "77 Other Road"}

    await send(node, DECLARANT, "declaration", amended)
    await grouped(node)

    assert set((await lanes(node)).values()) == {"review"}


async def test_nothing_about_people_stands_in_the_tables(node: Node) -> None:
    await send(node, DECLARANT, "declaration", *FOURTEEN)
    await grouped(node)

    text = ""
    for name in ("key", "batch", "group", "member"):
        rows = await select(node, f"SELECT row_to_json(one)::text FROM split_shipment_{name} AS one")
        text += " ".join(row for (row,) in rows).casefold()
    assert not any(word in text for word in ("mill", "berlin", "novak", "10115", "s-77"))


async def _id(node: Node) -> int:
    ((group_id,),) = await select(node, "SELECT group_id FROM split_shipment_group")
    return int(group_id)
