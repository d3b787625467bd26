"""What is said of four documents: together or not, how surely, what differs and by how much."""

from typing import Any

import numpy as np
import pytest

from serai.journey.differences.findings import findings_of, says_more_was_paid
from serai.journey.matching.document_frames import Matchable
from serai.journey.reconciliation.case_sums import DECLARED
from serai.model.frames import ABSENT
from tests.journey.matching.sales import BUYER, carried, declared, match, ordered, paid, said, verdict_of

BOTH = ["ORDER-2026-1", "ORDER-2026-2"]


def test_four_that_agree_are_matched_without_a_word() -> None:
    matched = match(declared(), ordered(), paid(), carried())

    assert matched.case_of.tolist() == [0, 0, 0, 0]
    assert (verdict_of(matched), said(matched)) == ("matched", [])
    assert matched.cases.numbers("score_ppm").tolist() == [1_000_000]


@pytest.mark.parametrize(
    ("documents", "differences"),
    [
        ([declared(), ordered(discount_amount="12.00"), paid("18.00")], [("paid-less-by-coupon", 1_200)]),
        (
            [declared(), ordered(detail={"paid_amount": "26.00"}), paid("26.00")],
            [("paid-less-by-subsidy", 400)],
        ),
        (
            [declared(invoice_amount="34.50"), ordered(freight_amount="4.50"), paid("34.50")],
            [("freight-in-declared-price", 450)],
        ),
        ([declared(), ordered(freight_amount="4.50"), paid("30.00")], [("freight-paid-apart", 450)]),
        ([declared(), ordered(tax_amount="5.70"), paid("30.00")], [("tax-paid-apart", 570)]),
        ([declared(), ordered(), paid("29.98")], [("rounded-differently", -2)]),
        ([declared(), ordered(), paid("29.90")], [("small-amount-difference", -10)]),
        (
            [declared(), ordered(), paid("10.00"), paid("20.00", reference="PAYMENT-89")],
            [("paid-in-parts", ABSENT)],
        ),
        (
            [declared(), ordered(), paid("33.67", currency_code="USD")],
            [("exchange-rate-drift", 30)],
        ),
        (
            [declared(), ordered(), paid(payer={"name": "MUELLER, ZOE", "country_code": "DE"})],
            [("name-written-otherwise", ABSENT)],
        ),
        ([declared(), ordered(), paid(paid_at="2026-07-20T10:00:00Z")], [("paid-late", ABSENT)]),
        (
            [declared(quantity="0.350", quantity_unit_code="KGM"), ordered(), paid()],
            [("counted-and-weighed", ABSENT)],
        ),
    ],
    ids=lambda value: value[0][0] if value and isinstance(value[0], tuple) else "",
)
def test_a_difference_with_a_reason_is_named_with_its_amount(
    documents: list[Matchable], differences: list[tuple[str, int]]
) -> None:
    matched = match(*documents, carried())

    assert (verdict_of(matched), said(matched)) == ("matched-with-reasons", differences)


@pytest.mark.parametrize(
    ("documents", "differences"),
    [
        ([declared(), ordered(), paid("21.00"), carried()], [("paid-amount-differs", -900)]),
        (
            [declared(invoice_amount="12.00"), ordered(), paid(), carried()],
            [("declared-amount-differs", -1_800)],
        ),
        ([declared(), ordered(), paid(), carried(gross_mass_kg="0.900")], [("mass-differs", ABSENT)]),
        ([declared(), ordered(quantity="3"), paid(), carried()], [("quantity-differs", ABSENT)]),
        (
            [declared(), ordered(), paid(currency_code="XOF"), carried()],
            [("currency-without-rate", ABSENT)],
        ),
        (
            [
                declared(),
                ordered(),
                paid(),
                carried(consignee={"name": "John Walker", "country_code": "DE"}),
            ],
            [("person-differs", ABSENT)],
        ),
    ],
    ids=lambda value: value[0][0] if value and isinstance(value[0], tuple) else "",
)
def test_a_contradiction_is_a_mismatch_that_says_by_how_much(
    documents: list[Matchable], differences: list[tuple[str, int]]
) -> None:
    matched = match(*documents)

    assert (verdict_of(matched), said(matched)) == ("mismatch", differences)


@pytest.mark.parametrize(
    ("second", "verdict", "difference"),
    [
        (("16.90", "USD"), "matched-with-reasons", ("exchange-rate-drift", 21)),
        (("8.00", "USD"), "mismatch", ("paid-amount-differs", -780)),
        (("15.00", "XOF"), "mismatch", ("currency-without-rate", ABSENT)),
    ],
)
def test_payments_of_one_order_in_two_currencies_are_added_up_in_that_of_the_order(
    second: tuple[str, str], verdict: str, difference: tuple[str, int]
) -> None:
    amount, currency = second
    parts = paid("15.00"), paid(amount, currency_code=currency, reference="PAYMENT-89")

    matched = match(declared(), ordered(), *parts, carried())

    assert (verdict_of(matched), said(matched)) == (verdict, [difference, ("paid-in-parts", ABSENT)])


@pytest.mark.parametrize(
    ("documents", "is_more"),
    [
        ([declared(), ordered(), paid(), carried()], False),
        ([declared(invoice_amount="12.00"), ordered(), paid(), carried()], True),
        ([declared(invoice_amount="48.00"), ordered(), paid(), carried()], False),
        ([declared(), ordered(), paid("21.00"), carried()], False),
        ([declared(), ordered(), paid("57.00"), carried()], True),
        ([declared(invoice_amount="25.00"), ordered(discount_amount="12.00"), paid("18.00")], False),
        (
            [
                declared(invoice_amount="28.00", invoice_currency_code="USD"),
                ordered(discount_amount="12.00"),
                paid("18.00"),
            ],
            False,
        ),
        ([declared(), paid("57.00")], True),
        ([declared(), ordered(), paid("57.00", order_references=BOTH), carried()], False),
        ([declared(), ordered(), paid("57.00", order_references=["ORDER/20262"], ucr="U")], True),
        ([declared(), paid("57.00", order_references=BOTH)], False),
        ([declared(), ordered(), ordered("2"), paid("60.00", order_references=BOTH)], False),
        ([declared(), ordered(), ordered("2"), paid("90.00", order_references=BOTH)], True),
        (
            [
                declared(invoice_amount="12.00"),
                ordered(),
                ordered("2"),
                paid("60.00", order_references=BOTH),
            ],
            True,
        ),
    ],
    ids=[
        "agree",
        "declared less",
        "declared more",
        "paid less",
        "paid more",
        "declared half of a coupon",
        "declared half of a coupon in another currency",
        "no order, paid more",
        "paid with an order that is not here",
        "paid more, number mistyped",
        "no order, paid with another",
        "the second order's parcel is not here",
        "paid more than both orders",
        "declared less than the one that is here",
    ],
)
def test_documents_say_that_more_was_paid_than_is_declared(documents: list[Matchable], is_more: bool) -> None:
    said_of_case = findings_of(match(*documents, expected_kinds=1 << DECLARED)).get(0, [])

    assert says_more_was_paid(said_of_case) is is_more


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (0, "declaration-awaited"),
        (1, "order-awaited"),
        (2, "payment-awaited"),
        (3, "transport-document-awaited"),
    ],
)
def test_what_is_missing_is_awaited_where_the_law_needs_it(missing: int, code: str) -> None:
    documents: list[Matchable] = [
        declared(),
        ordered(),
        paid(),
        carried(detail={"order_references": ["ORDER-2026-1"]}),
    ]
    del documents[missing]

    assert (verdict_of(match(*documents)), said(match(*documents))) == ("waiting", [(code, ABSENT)])
    assert said(match(*documents, expected_kinds=1 << DECLARED)) == ([(code, ABSENT)] if missing == 0 else [])


def test_one_payment_and_one_parcel_for_two_orders() -> None:
    two_orders = [ordered("1"), ordered("2", amount="9.00", quantity="1")]
    parcel = declared(invoice_amount="39.00", quantity="3", order_references=BOTH)

    together = match(*two_orders, paid("39.00", order_references=BOTH), parcel, carried())

    assert len(set(together.case_of.tolist())) == 1
    assert said(together) == [("orders-in-one-parcel", ABSENT), ("paid-with-other-orders", ABSENT)]


def test_of_two_orders_paid_at_once_the_one_that_is_not_here_is_awaited() -> None:
    payment = paid("39.00", order_references=BOTH)
    first: list[Matchable] = [declared(), ordered(), payment, carried()]

    alone, undeclared = match(*first), match(*first, ordered("2", amount="9.00", quantity="1"))

    assert (verdict_of(alone), said(alone)) == (
        "waiting",
        [("order-awaited", ABSENT), ("paid-with-other-orders", ABSENT)],
    )
    assert findings_of(alone)[0][0].parameters == {"value": "2"}
    assert (verdict_of(undeclared), [code for code, _ in said(undeclared)]) == (
        "waiting",
        ["declaration-awaited", "orders-in-one-parcel", "paid-with-other-orders"],
    )


def test_an_order_in_two_parcels_is_added_up() -> None:
    matched = match(
        ordered(quantity="3"),
        paid(),
        declared("1", invoice_amount="10.00", quantity="1"),
        declared("2", invoice_amount="20.00", order_references=["ORDER-2026-1"]),
        carried("1"),
        carried("2"),
    )

    assert said(matched) == [("order-in-several-parcels", ABSENT)]


@pytest.mark.parametrize(
    ("payment", "code"),
    [
        (paid(order_references=["ORDER-2206-1"]), "number-mistyped"),
        (paid(order_references=["order/20261"]), "number-written-otherwise"),
        (paid(order_references=["PAYMENT-881"], reference="ORDER-2026-1"), "number-in-wrong-field"),
    ],
)
def test_a_number_written_wrong_is_met_over_all_else_and_named(payment: Any, code: str) -> None:
    others: list[Matchable] = [declared("77"), ordered("77"), paid(name="77"), carried("77")]

    matched = match(declared(), ordered(), payment, carried(), *others)

    assert matched.case_of.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert said(matched) == [(code, ABSENT)]
    assert matched.cases.numbers("score_ppm")[0] < 1_000_000


def test_two_that_fit_alike_are_left_to_a_person() -> None:
    """One buyer, price and day, and a payment whose number is wrong: either order could be meant."""
    first: list[Matchable] = [declared("118"), ordered("118"), carried("118")]
    second: list[Matchable] = [declared("119"), ordered("119"), carried("119")]

    matched = match(*first, *second, paid(name="117"))

    assert matched.case_of.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert set(matched.possible.second.tolist()) == {6}


def test_a_stranger_under_a_mistyped_number_does_not_draw_two_cases_together() -> None:
    """The payment of another sale names this sale's order by mistake."""
    walker = {"name": "John Walker", "country_code": "US", "phone": "+1 212 5550123"}
    other: list[Matchable] = [
        declared("2", consignee=walker, invoice_amount="99.00"),
        ordered("2", amount="99.00", buyer=walker),
        carried("2", consignee=walker),
    ]
    astray = paid("99.00", name="2", payer=walker, order_references=["ORDER-2026-1"])

    matched = match(declared(), ordered(), paid(), carried(), *other, astray)

    assert matched.case_of.tolist()[:4] == [0, 0, 0, 0]
    assert set(matched.case_of.tolist()[4:]) == {1}


def test_the_order_of_arrival_makes_no_difference() -> None:
    documents: list[Matchable] = [
        declared(),
        ordered(discount_amount="12.00"),
        paid("18.00", order_references=["order/2026/1"]),
        carried(consignee={"name": "MUELLER ZOE", "country_code": "DE"}),
        declared("5"),
        ordered("5"),
        paid("12.00", name="5"),
    ]
    wanted = said(match(*documents))

    for seed in range(20):
        shuffled = [documents[at] for at in np.random.default_rng(seed).permutation(len(documents))]
        assert said(match(*shuffled)) == wanted


def test_gift_with_buyer_and_receiver_named_is_no_other_person() -> None:
    receiver = {"name": "Anna Smith", "country_code": "GB"}

    matched = match(
        declared(consignee=receiver),
        ordered(consignee=receiver),
        paid(payer=BUYER),
        carried(consignee=receiver),
    )

    assert said(matched) == []
