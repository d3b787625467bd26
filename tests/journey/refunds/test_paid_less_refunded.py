"""What was ordered back of a payment pays nothing any more: no higher price, no release, no sum a page shows
rests on it; an order that ends without money gives it back to what it paid.
"""

from typing import Any, NamedTuple

import pytest

from serai.app import Node
from serai.journey.refunds.order_moves import withdraw_order
from tests.journey.acts.test_acts import pay
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import due_minor, since, standing
from tests.journey.processing.support import DECLARANT, arrival, parcel, select, send, statuses
from tests.journey.refunds.test_refund_orders import answer, batch, give, order

OVERPAID_MINOR = 2_000


class Dearer(NamedTuple):
    """A case in which too much was paid and ordered back before the price was amended upwards."""

    case_id: int
    order_id: int
    missing_minor: int


@pytest.fixture(autouse=True)
async def ties_out(node: Node) -> Any:
    yield
    await assert_books_agree(node)


def _euros(amount_minor: int) -> str:
    return f"{amount_minor / 100:.2f}"


async def _dearer(node: Node, name: str) -> Dearer:
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))
    due = await due_minor(node, declared.case_id)
    await pay(node, declared.case_id, f"{name}-1", _euros(due + OVERPAID_MINOR), sender=DECLARANT)
    (order_id,) = (await order(node, declared.case_id)).order_ids
    amended = parcel(name, amends_version=1, amendment_reason="price")
    amended["goods_items"][0]["invoice_amount"] = "75.00"
    await send(node, DECLARANT, "declaration", amended)
    await send(node, DECLARANT, "arrival", arrival(name))
    mark = await pay(node, declared.case_id, f"{name}-2", "0.01", sender=DECLARANT)
    assert mark.settled_amount == _euros(due + 1), "the part that was ordered back is not there any more"
    missing = round(float(mark.due_amount) * 100) - due - 1
    assert 0 < missing < OVERPAID_MINOR, "what was ordered back would have paid it"
    return Dearer(declared.case_id, order_id, missing)


async def test_nothing_is_released_upon_what_was_ordered_back(node: Node) -> None:
    case = await _dearer(node, "dearer")

    almost = await pay(node, case.case_id, "DEARER-3", _euros(case.missing_minor - 1), sender=DECLARANT)
    waiting = await statuses(node, "D-dearer")
    rest = await pay(node, case.case_id, "DEARER-4", "0.01", sender=DECLARANT)

    assert (almost.status, waiting) == ("insufficient", ["payment-due"])
    assert (rest.status, await statuses(node, "D-dearer")) == ("settled", ["released"])


async def test_an_order_that_is_withdrawn_pays_again_what_it_was_taken_of(node: Node) -> None:
    case = await _dearer(node, "kept")
    before = await standing(node)
    waiting = await statuses(node, "D-kept")

    await node.processor.write(
        lambda connection: withdraw_order(node.processor, connection, case.order_id, at=node.clock.now())
    )

    entered = since(await standing(node), before)
    assert (waiting, await statuses(node, "D-kept")) == (["payment-due"], ["released"])
    assert entered["amounts-payable", "posted"] == -case.missing_minor
    assert entered["refunds-due", "posted"] == case.missing_minor


async def test_an_order_that_the_bank_rejects_pays_again_and_the_rest_is_due_back(node: Node) -> None:
    await give(node, DECLARANT.party_id)
    case = await _dearer(node, "unsent")
    made = await batch(node)
    assert made.batch is not None

    await answer(node, made.batch.batch_id, "RJCT", of=case.order_id, reason="AC04")
    again = (await order(node, case.case_id)).order_ids

    assert await statuses(node, "D-unsent") == ["released"]
    amounts = await select(
        node, "SELECT amount_minor FROM refund_order WHERE refund_order_id = ANY(%s)", again
    )
    assert sum(amount_minor for (amount_minor,) in amounts) == OVERPAID_MINOR - case.missing_minor
