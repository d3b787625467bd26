"""Order and declaration held against each other: coupons count, currencies must be one."""

from typing import Any

import msgspec
import pytest

from serai.journey.match.amounts import find_amount_difference
from serai.model.documents import Consignment, Order
from tests.journey.clearance import support


def order(**changes: Any) -> Order:
    return msgspec.convert(support.order("a", **changes), Order)


def parcel(amount: str = "25.00", **changes: Any) -> Consignment:
    record = support.parcel("a", **changes)
    record["goods_items"][0]["invoice_amount"] = amount
    return msgspec.convert(record, Consignment)


def test_coupon_is_counted_in() -> None:
    assert find_amount_difference([order()], [parcel()]) is None


def test_discount_may_stand_on_the_declaration_instead() -> None:
    declared = parcel("30.00", discount_amount="5.00", charges_currency_code="EUR")

    assert find_amount_difference([order()], [declared]) is None


def test_difference_names_both_sums() -> None:
    found = find_amount_difference([order()], [parcel("24.99")])

    assert found is not None
    assert (found.code, found.severity) == ("order-amount-differs", "advice")
    assert "25.00 EUR" in found.parameters["value"]
    assert "24.99 EUR" in found.parameters["value"]


def test_two_consignments_of_one_order_are_added_up() -> None:
    assert find_amount_difference([order()], [parcel("10.00"), parcel("15.00")]) is None


@pytest.mark.parametrize(
    ("orders", "declared"),
    [
        ([], [parcel("1.00")]),
        ([order()], []),
        ([order(currency_code="USD")], [parcel("1.00")]),
        ([order()], [parcel("1.00", order_references=["ORDER-a", "ORDER-b"])]),
    ],
    ids=["no order", "no declaration", "another currency", "an order is missing"],
)
def test_nothing_is_said_where_nothing_can_be_compared(
    orders: list[Order], declared: list[Consignment]
) -> None:
    assert find_amount_difference(orders, declared) is None
