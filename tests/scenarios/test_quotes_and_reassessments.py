"""A quote that is honoured though the law asks for more, and an assessment that is raised and goes back: paid
through the bank, to the cent, and the books agree after each step."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from psycopg import AsyncConnection

from serai.journey.ledger.tie_out import tie_out
from tests.journey.acts.test_acts_over_http import order
from tests.journey.cases.world import World
from tests.journey.processing import support
from tests.journey.quotes.declaring import SHIRT, declaration, declare, quoted, said
from tests.journey.quotes.world import quoting_world
from tests.scenarios.test_collection_models import DUE, ask, books, cents, pay_in, status_of
from tests.scenarios.test_collection_models import declare as declare_parcel

UNHEARD = {"exception_code": "fraud-investigation", "reason": "The seller's own list shows the price."}

DEARER = SHIRT | {"invoice_amount": "50.49", "merchant_product_id": "SHIRT-1"}
"""Within the tolerance of the quote, and a little more to pay."""


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quoting_world(world_database, tmp_path_factory.mktemp("node")) as running:
        yield running


def moved(world: World, before: Counter[tuple[str, str]]) -> dict[str, int]:
    """What was posted since, after the books were held against what is stored."""

    async def held() -> Any:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await tie_out(connection, administration_id=1)

    assert asyncio.run(held()).differences == []
    now = books(world)
    now.subtract(before)
    return {kind: amount for (kind, phase), amount in now.items() if amount and phase == "posted"}


def due_of(world: World, case: str) -> str:
    owed = ask(world, "post", f"/v1/cases/{case}/charges")[1]["owed"]
    assert {one["currency_code"] for one in owed} == {"EUR"}
    return str(sum(Decimal(one["amount"]) for one in owed if one["due"] == "border"))


def pay_by_reference(world: World, case: str, amount: str, number: str) -> dict[str, int]:
    advice = ask(world, "post", f"/v1/cases/{case}/charges")[1]["payment_advice"]
    return pay_in(world, advice["creditor_reference"], amount, number)


def test_a_buyer_pays_what_was_quoted_and_the_difference_is_booked(world: World) -> None:
    quote, before = quoted(world), books(world)
    changes = {"house_document": "RX123456785XX", "order_references": ["ORDER-QUOTED"]}
    sent = declaration("QUOTED-1", quote, goods_items=[DEARER], **changes)
    answer = declare(world, sent)
    line = {"sequence_number": 1, "description": "T-shirt", "quantity": "2", "amount": "50.49"}
    bought = {"buyer": sent["consignee"], "lines": [line], "discount_amount": "0.00", "detail": None}
    ordered = support.order("QUOTED", platform_id="INVENTED-MARKET", freight_amount="4.00", **bought)
    assert ask(world, "platform", "/v1/orders", ordered)[0] == 201
    case, totals = answer["case_id"], answer["decision"]["totals"]
    arrived = {"reference": "QUOTED-A", "house_document": "RX123456785XX", "arrived_at": quote["at"]}
    assert ask(world, "post", "/v1/arrivals", arrived)[0] == 201
    promised, assessed = quote["totals"]["due_at_border_amount"], totals["due_at_border_amount"]
    difference = cents(assessed) - cents(promised)

    asked = due_of(world, case)
    paid = pay_by_reference(world, case, asked, "QUOTED-PAID")

    assert set(said(answer)) == {"quote-honoured"}
    assert (asked, paid) == (promised, {"paid": 1}), "what the buyer was told, and no cent more"
    assert difference > 0
    stands = ask(world, "post", f"/v1/cases/{case}")[1]
    assert stands["status"] == "released", stands
    assert moved(world, before) == {
        "revenue": -cents(assessed),
        "bank": cents(promised),
        "quote-differences": difference,
    }
    (account,) = ask(world, "officer", "/v1/quotes/accounts")[1]["accounts"]
    assert cents(account["covered_amount"]) == difference


def test_whoever_withdraws_a_quoted_parcel_leaves_no_difference_in_the_books(world: World) -> None:
    quote, before = quoted(world), books(world)
    answer = declare(world, declaration("QUOTED-2", quote, goods_items=[DEARER]))
    assert set(said(answer)) == {"quote-honoured"}

    gone = {"expected_version": 1, "reason": "sold to somebody else"}
    assert ask(world, "post", "/v1/declarations/QUOTED-2/invalidation", gone)[0] == 200

    assert moved(world, before) == {}


@pytest.mark.in_turn
def test_an_assessment_is_raised_paid_and_reversed_and_the_difference_goes_back(world: World) -> None:
    before = books(world)
    case = declare_parcel(world, "raised")
    path, as_declared = f"/v1/cases/{case}/acts", due_of(world, case)

    def take(kind: str, why: str, **stated: Any) -> str:
        body = order(kind, f"RAISED-{kind}", None, why, **stated)
        if "reverses" not in stated:
            read = ask(world, "officer", f"/v1/cases/{case}/decision")[1]
            body["expected_decision_id"] = read["decision"]["decision_id"]
        status, done = ask(world, "officer", path, body)
        assert status == 201, done
        return str(done["act_id"])

    take("hold", "control", reason="The price is looked at.")
    raised = take("value-determined", "value-doubtful", currency_code="EUR", amount="60.00", **UNHEARD)
    higher = due_of(world, case)
    paid = pay_by_reference(world, case, higher, "RAISED-PAID")
    held = moved(world, before)
    back = {"reverses": raised, "form": "annulment", "reason": "The invoice was right."}
    first = take("reversal", "proof-sent", **back)
    again = ask(world, "officer", path, order("reversal", "RAISED-reversal", None, "proof-sent", **back))
    due = ask(world, "officer", "/v1/refunds-due")[1]["due"]
    orders = ask(world, "officer", "/v1/refund-orders", {"cases": [case]})[1]["orders"]
    more = ask(world, "officer", "/v1/refund-orders", {"cases": [case]})[1]["orders"]
    take("release", "control-ended")

    excess = cents(higher) - cents(as_declared)
    assert (as_declared, paid) == (DUE, {"paid": 1})
    assert excess > 0
    assert held == {"bank": cents(higher), "amounts-payable": -cents(higher)}, "what is held is not entered"
    assert again[1]["act_id"] == first
    assert [cents(one["amount"]) for one in due if one["case_id"] == case] == [excess]
    assert [cents(one["amount"]) for one in orders] == [excess]
    assert more == []
    assert status_of(world, "raised") == "released"
    assert moved(world, before) == {
        "revenue": -cents(as_declared),
        "bank": cents(higher),
        "refunds-due": -excess,
    }


@pytest.mark.in_turn
def test_a_reversal_of_a_reversal_and_what_was_reversed_before_change_nothing(world: World) -> None:
    case = declare_parcel(world, "twice-back")
    put = {"reference": "TB-1", "kind": "paid", "currency_code": "EUR", "amount": DUE}
    status, done = ask(world, "officer", f"/v1/cases/{case}/payment-records", put)
    assert status == 200, done
    before, path = books(world), f"/v1/cases/{case}/acts"
    first = {"reference": "TB-2", "kind": "reversal", "reverses": done["act_id"], "reason_code": "slip"}
    taken = ask(world, "officer", path, first)
    after = books(world)

    again = ask(world, "officer", path, first | {"reference": "TB-3"})
    of_it = ask(world, "officer", path, first | {"reference": "TB-4", "reverses": taken[1]["act_id"]})

    assert taken[0] == 201
    assert [(status, told["code"]) for status, told in (again, of_it)] == [
        (409, "act-reversed-already"),
        (422, "act-not-reversible"),
    ]
    assert again[1]["next_step"] != of_it[1]["next_step"]
    assert books(world) == after != before
