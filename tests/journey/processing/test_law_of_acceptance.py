"""What was accepted is decided again by the law and the rates of its acceptance, whatever came since."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from serai.app import Node
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law, load_law
from serai.web.health import find_alarms
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    decision,
    order,
    parcel,
    select,
    send,
)

ACCEPTED_AT = "2026-08-03T09:00:00Z"


async def load_rate(node: Node, numerator: int, valid_from: str = "2026-08-01") -> None:
    """Put a rate of the dollar in force: so many thousandths of a euro."""
    await derive_rate(node, numerator, valid_from)
    node.processor.law = await load_law(node.database, node.administration_id, node.clock.now())


async def derive_rate(node: Node, numerator: int, valid_from: str = "2026-08-01") -> None:
    """Put it in force as another process does: the node takes it up by itself."""
    rows = [
        f"{table},EUR,USD,{numerator},1000,home_per_foreign,{valid_from},2026-09-01,invented for tests"
        for table in ("eu-customs-monthly", "ecb-daily")
    ]
    head = "table,home,currency,numerator,denominator,direction,valid_from,valid_to,source"
    content = "\n".join([head, *rows, ""]).encode()
    rates = make_component("exchange-rates", "dollars.csv", content)
    await derive_law(
        node.database,
        node.administration_id,
        node.clock.now(),
        "a test",
        lambda present: with_lists(present, [rates]),
    )


def in_dollars(name: str, **changes: Any) -> dict[str, Any]:
    made = parcel(name, **{"accepted_at": ACCEPTED_AT, **changes})
    made["goods_items"][0]["invoice_currency_code"] = "USD"
    return made


async def test_a_payment_moves_no_tax_after_new_rates_have_come(node: Node) -> None:
    await load_rate(node, 900)
    (filed,) = await send(node, DECLARANT, "declaration", in_dollars("rates"))
    before = decision(filed)["totals"]

    await load_rate(node, 500)
    mark = await mark_payment_status(
        node.processor,
        OFFICER,
        filed.case_id,
        reference="rates",
        kind="paid",
        currency_code="EUR",
        amount="100.00",
    )
    (new,) = await send(node, DECLARANT, "declaration", in_dollars("rates-new"))

    assert mark.due_amount == before["due_at_border_amount"]
    assert decision(new)["totals"]["tax_amount"] < before["tax_amount"]


async def test_an_amendment_of_what_was_accepted_takes_the_rates_of_its_acceptance(node: Node) -> None:
    await load_rate(node, 900)
    (filed,) = await send(node, DECLARANT, "declaration", in_dollars("amended"))
    await load_rate(node, 500)

    change = in_dollars("amended", amends_version=1, amendment_reason="weight")
    change["goods_items"][0]["gross_mass_kg"] = "0.300"
    amended, new = await send(node, DECLARANT, "declaration", change, in_dollars("amended-new"))

    assert decision(amended)["totals"] == decision(filed)["totals"]
    assert decision(new)["totals"]["tax_amount"] < decision(filed)["totals"]["tax_amount"]
    assert decision(amended)["version"] == 2


async def test_what_waits_for_a_rate_is_decided_by_the_one_that_comes(node: Node) -> None:
    early = in_dollars("waits", accepted_at="2026-07-20T09:00:00Z")
    (filed,) = await send(node, DECLARANT, "declaration", early)
    assert "no-exchange-rate" in {one["code"] for one in decision(filed)["findings"]}

    await load_rate(node, 900, valid_from="2026-07-01")
    await send(node, PLATFORM, "order", order("waits"))

    ((amount_minor,),) = await select(
        node,
        "SELECT sum(amount_minor) FROM charge JOIN consignment USING (consignment_id) WHERE reference = %s",
        "D-waits",
    )
    assert amount_minor > 0


async def test_an_acceptance_law_that_cannot_be_read_is_told_and_raises_an_alarm(node: Node) -> None:
    await load_rate(node, 900)
    (filed,) = await send(node, DECLARANT, "declaration", in_dollars("unreadable"))
    await load_rate(node, 400)
    change = in_dollars("unreadable", amends_version=1, amendment_reason="weight")
    change["goods_items"][0]["gross_mass_kg"] = "0.300"

    async with spoilt(node, "EU-2026/pack.yaml"):
        (amended,) = await send(node, DECLARANT, "declaration", change)

    assert "acceptance-law-unreadable" in {one["code"] for one in decision(amended)["findings"]}
    assert "findings" not in decision(filed) or "acceptance-law-unreadable" not in str(decision(filed))
    assert "acceptance-law-unreadable" in {one.code for one in await find_alarms(node)}
    before = node.processor.law.generation_id
    await derive_rate(node, 450)
    async with asyncio.timeout(30):
        while node.processor.law.generation_id == before:
            await asyncio.sleep(0.05)
    assert "acceptance-law-unreadable" in {one.code for one in await find_alarms(node)}, (
        "also under newer law"
    )


@asynccontextmanager
async def spoilt(node: Node, name: str) -> AsyncIterator[None]:
    """A kept file of a law that no version can read, for a while."""
    change = "UPDATE basis_component SET content = {} WHERE name = %s AND kind = 'law-file'"
    async with node.database.write_as_owner() as connection:
        await connection.execute(change.format("'\\xff'::bytea || content"), [name])
    yield
    async with node.database.write_as_owner() as connection:
        await connection.execute(change.format("substring(content from 2)"), [name])
