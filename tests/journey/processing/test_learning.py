"""What is usual is learned from what was accepted, across processes, and then told of the odd one out."""

from serai.app import Node
from serai.journey.validation.data_quality.reference_values import PRICE, Key
from serai.journey.validation.data_quality.store import Learner
from tests.journey.processing.support import DECLARANT, parcel, select, send

SHIRTS = Key(PRICE, "6109", "C62", "EUR")


async def test_the_odd_price_is_told_once_enough_was_seen(node: Node) -> None:
    odd = parcel("ODD")
    odd["goods_items"][0]["invoice_amount"] = "25000.00"
    faulty = parcel("FAULTY")
    faulty["goods_items"][0]["gross_mass_kg"] = "0"
    reference_values = [parcel(f"USUAL-{number}") for number in range(40)]

    before = await send(node, DECLARANT, "declaration", *reference_values, faulty)
    await send(node, DECLARANT, "declaration", *reference_values)
    await node.processor.learner.learn(node.database, node.administration_id)
    (answer,) = await send(node, DECLARANT, "declaration", odd)

    assert [one.status for one in before] == ["decided"] * 40 + ["rejected"]
    assert node.processor.learner.reference_values.spreads[SHIRTS].item_count == 40
    assert "unit-price-unusual" in {one.code for one in answer.findings}
    assert answer.data_quality is not None
    assert "unit-price-unusual" in answer.data_quality.failed
    other = Learner()
    await other.learn(node.database, node.administration_id)
    assert other.reference_values.spreads[SHIRTS].item_count == 40
    rows = await select(node, "SELECT code, sum(message_count)::int, sum(refused_count)::int FROM quality_day"
        " WHERE code IN ('', 'not-positive', 'unit-price-unusual') GROUP BY code")  # fmt: skip
    assert {row[0]: row[1:] for row in rows} == {
        "": (41, 1),
        "not-positive": (0, 1),
        "unit-price-unusual": (1, 0),
    }
