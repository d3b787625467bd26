"""A bag is held: all in it waits, also what comes later; released, all goes on as it was before."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from serai.app import Node
from serai.journey.acts.units.service import UnitActDone, UnitActOrder, act_on_unit, reach_all
from serai.journey.documents.submission import Answer, Sender
from tests.journey.acts.test_measures import declared, fault_of, take
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    arrival,
    decision,
    opened,
    select,
    send,
    statuses,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROCEEDS, HELD = "arrival-expected", "under-documentary-control"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys) as running:
        yield running


async def in_bag(node: Node, name: str, bag: str, flight: str | None = None) -> Answer:
    named = {} if flight is None else {"conveyance_reference": f"FLIGHT-{flight}"}
    return await declared(node, name, receptacle_id=f"BAG-{bag}", **named)


async def unit(node: Node, number: str) -> int:
    rows = await select(node, "SELECT transport_unit_id FROM transport_unit WHERE number = %s", number)
    return int(rows[0][0])


async def act(
    node: Node, number: str, kind: Any, why: str, reference: str, *, sender: Sender = OFFICER, **more: Any
) -> UnitActDone:
    order = UnitActOrder(reference=reference, kind=kind, reason_code=why, **more)
    return await act_on_unit(node.processor, sender, await unit(node, number), order)


async def test_what_lies_in_a_held_bag_waits_and_goes_on_when_it_is_released(node: Node) -> None:
    for name in ("b1", "b2", "b3"):
        await in_bag(node, name, "1", "b")
    own = await in_bag(node, "b4", "1", "b")
    await in_bag(node, "other", "2", "b")
    await take(node, own, "b4", "hold", "control")
    gone = await in_bag(node, "b5", "1", "b")
    await take(node, gone, "b5", "seizure", "offence")

    held = await act(node, "BAG-1", "hold", "control", "U-1", reason="It smells")
    again = await act(node, "BAG-1", "hold", "control", "U-1", reason="It smells")
    twice = await fault_of(act(node, "BAG-1", "hold", "control", "U-2"))
    during = await statuses(node, "D-b1", "D-b2", "D-b3", "D-b4", "D-other", "D-b5")
    later = await in_bag(node, "b6", "1", "b")
    single = await fault_of(take(node, own, "b4", "release", "control-ended"))
    await send(node, DECLARANT, "arrival", arrival("b"))
    landed = await statuses(node, "D-b1", "D-other")
    released = await act(node, "BAG-1", "release", "control-ended", "U-3")
    nothing = await fault_of(act(node, "BAG-1", "release", "control-ended", "U-4"))

    assert (held.act_id, held.number) == (again.act_id, "BAG-1")
    assert (held.reached_count, again.reached_count) == (5, 0)
    assert (twice, single, nothing) == ("unit-order-stands", "transport-unit-held", "unit-not-held")
    assert during == [HELD, HELD, HELD, HELD, PROCEEDS, "seized"], "what is seized is seized"
    said = {one["code"]: one for one in decision(later)["findings"]}
    assert said["measure-held-in-unit"]["parameters"]["unit"] == "BAG-1"
    assert decision(later)["lane"] == "review"
    assert landed == [HELD, "payment-due"], "nothing that is held goes on by landing"
    assert released.reached_count == 6
    assert await statuses(node, "D-b1", "D-b3", "D-b6") == ["payment-due"] * 3
    assert await statuses(node, "D-b4", "D-b5") == [HELD, "seized"], "held by itself, it stays held"
    acts = await select(
        node,
        "SELECT act.kind, count(*), count(DISTINCT leaf_id) FROM act WHERE parameters ->> 'unit' = 'BAG-1'"
        " GROUP BY 1 ORDER BY 1",
    )
    assert acts == [("hold", 5, 5), ("reversal", 5, 5)], "each case has its own act and receipt"


async def test_an_order_on_a_flight_reaches_bags_that_come_on_it_later_by_any_way(node: Node) -> None:
    await in_bag(node, "f1", "f", "f")
    await act(node, "FLIGHT-f", "examination-ordered", "safety", "F-1")
    first = await statuses(node, "D-f1")
    await in_bag(node, "f2", "g", "f")
    loose = await declared(node, "f3", receptacle_id="BAG-loose", conveyance_reference=None)
    before = await statuses(node, "D-f3")
    async with node.database.write_as_owner() as connection:
        await connection.execute(
            "UPDATE transport_unit SET parent_id = %s WHERE number = 'BAG-loose'",
            [await unit(node, "FLIGHT-f")],
        )

    reached = await reach_all(node.processor)
    await act(node, "FLIGHT-f", "examination-recorded", "examined", "F-2", result_code="conforms")
    stranger = await fault_of(act(node, "FLIGHT-f", "release", "examined", "F-3", sender=DECLARANT))
    wrong = await fault_of(act(node, "FLIGHT-f", "release", "prohibited", "F-4"))
    during = await statuses(node, "D-f1", "D-f2", "D-f3")
    await act(node, "FLIGHT-f", "release", "examined", "F-5")

    assert (first, before, decision(loose)["lane"]) == (["under-physical-control"], [PROCEEDS], "proceed")
    assert reached == 1
    assert (stranger, wrong) == ("not-found", "reason-not-allowed")
    assert during == ["under-physical-control"] * 3
    assert await statuses(node, "D-f1", "D-f2", "D-f3") == [PROCEEDS] * 3
