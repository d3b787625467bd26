"""What should not come and comes, over HTTP: each has a code, a sentence and the next step; nothing is lost
and nothing booked twice."""

from typing import Any

import pytest

from tests.journey.cases.world import World, rows
from tests.journey.processing import support
from tests.scenarios.test_collection_models import (
    DUE,
    ask,
    books,
    cents,
    declare,
    open_account,
    pay_in,
    put_on,
    since,
    status_of,
    ties_out,
    world,
)
from tests.turns import in_turn_but
from tests.web.test_bank_statements import XML, statement_of

__all__ = ["ties_out", "world"]


def told(answer: tuple[int, Any]) -> tuple[int, str]:
    """A refusal: status and code; it says what is wrong and what to do."""
    status, body = answer
    assert body["detail"], body
    assert body["next_step"], body
    return status, body["code"]


def waiting(world: World, amount: str) -> list[dict[str, Any]]:
    found = ask(world, "officer", "/v1/bank-movements?limit=1000")[1]["movements"]
    its = [one for one in found if one["amount"] == amount]
    assert all(one["sentence"] and one["next_step"] for one in its)
    return its


def test_an_amount_below_or_beyond_what_there_is_records_nothing(world: World) -> None:
    case, before = declare(world, "bad-amount"), books(world)
    open_account(world, "post", "BAD-AMOUNT", "deferred", "10.00")
    path = f"/v1/cases/{case}/payment-records"
    mark = {"reference": "BAD-1", "kind": "on-account", "currency_code": "EUR", "account": "BAD-AMOUNT"}

    refused = [
        told(ask(world, "post", path, mark | changes))
        for changes in (
            {"amount": "-8.32"},
            {"amount": "0"},
            {"amount": "8.321"},
            {"amount": "8,32"},
            {"amount": "1e3"},
            {"amount": "9" * 30},
            {"amount": DUE, "currency_code": "CHF"},
            {"amount": DUE, "currency_code": "XXQ"},
        )
    ]

    assert {status for status, _ in refused} == {422}
    assert {code for _, code in refused} <= {
        "mark-faulty",
        "mark-currency-differs",
        "payment-account-currency-differs",
        "body-faulty",
    }, refused
    assert since(world, before) == {}
    assert rows(world.dsn, "SELECT count(*) FROM act WHERE reference = 'BAD-1'") == [(0,)]


def test_money_under_a_reference_that_has_ended_waits_or_goes_back(world: World) -> None:
    reference = open_account(world, "post", "ENDED", "deferred", "50.00")
    case = declare(world, "ended-account")
    assert put_on(world, "post", case, "ENDED")["status"] == "settled"
    assert ask(world, "officer", "/v1/payment-accounts/ENDED/closure", {})[0] == 200
    before = books(world)

    settled = pay_in(world, reference, DUE, "ENDED-1")
    ended = pay_in(world, reference, "41.17", "ENDED-2")
    again = pay_in(world, reference, "41.17", "ENDED-2")

    assert (settled, ended, again) == ({"account-paid": 1}, {"reference-ended": 1}, {})
    assert [one["outcome"] for one in waiting(world, "41.17")] == ["reference-ended"]
    moved = since(world, before)
    assert moved == {"bank": cents(DUE) + 4117, "suspense": -4117, "deferred-payments": -cents(DUE)}

    # A case that owes nothing any more: all of it is due back to whoever paid.
    gone = declare(world, "ended-case")
    advice = ask(world, "post", f"/v1/cases/{gone}/charges")[1]["payment_advice"]
    withdrawn = {"expected_version": 1, "reason": "sold to somebody else"}
    ask(world, "officer", "/v1/declarations/D-ended-case/invalidation", withdrawn)
    done = ask(world, "post", "/v1/declarations/D-ended-case/invalidation", withdrawn)
    assert done[0] == 200, done
    before = books(world)
    assert pay_in(world, advice["creditor_reference"], "8.32", "ENDED-3") == {"paid": 1}
    assert since(world, before) == {"bank": 832, "refunds-due": -832}
    due = ask(world, "officer", "/v1/refunds-due?limit=1000")[1]["due"]
    assert [one["amount"] for one in due if one["case_id"] == gone] == ["8.32"]


def test_a_provider_that_names_a_strangers_order_settles_nothing(world: World) -> None:
    sold = support.parcel("strangers-order", platform_id="INVENTED-MARKET", detail=None)
    case = str(ask(world, "post", "/v1/declarations", sold)[1]["case_id"])
    # The platform names no provider on its order.
    ordered = support.order("strangers-order", platform_id="INVENTED-MARKET", detail=None)
    assert ask(world, "platform", "/v1/orders", ordered)[1]["case_id"] == case
    assert ask(world, "post", "/v1/arrivals", support.arrival("strangers-order"))[0] == 201
    before = books(world)
    paid = support.payment("strangers-order", amount="25.00")

    sent = ask(world, "rival", "/v1/payments", paid)
    by_provider = ask(world, "payer", "/v1/payments", paid | {"reference": "PAYMENT-SO-2"})
    seen = [one["kind"] for one in ask(world, "post", f"/v1/cases/{case}")[1]["documents"]]
    word = {"reference": "SO-1", "kind": "paid", "currency_code": "EUR", "amount": DUE}
    mark = told(ask(world, "payer", f"/v1/cases/{case}/payment-records", word))

    assert told(sent) == (403, "role-not-allowed")
    assert by_provider[0] == 201
    assert by_provider[1].get("case_id") != case, "it waits by itself"
    assert "payment" not in seen
    assert mark == (404, "not-found")
    assert (status_of(world, "strangers-order"), since(world, before)) == ("payment-due", {})


def test_a_payer_whom_nobody_knows_is_asked_for_and_nothing_is_lost(world: World) -> None:
    case = declare(world, "nobody-knows")
    advice = ask(world, "post", f"/v1/cases/{case}/charges")[1]["payment_advice"]
    before = books(world)
    assert pay_in(world, advice["creditor_reference"], "10.00", "NOBODY-1") == {"paid": 1}

    placed = ask(world, "officer", "/v1/refund-orders", {"cases": [case]})[1]["orders"]
    sent = ask(world, "officer", "/v1/refund-batches", {"currency_code": "EUR"})
    again = ask(world, "officer", "/v1/refund-orders", {"cases": [case]})[1]["orders"]

    assert [one["amount"] for one in placed] == ["1.68"]
    assert again == []
    assert sent[0] in {200, 201}, sent
    assert sent[1]["without_account_count"] >= 1, "it waits until somebody says to which account"
    orders = ask(world, "officer", "/v1/refund-orders?limit=1000")[1]["orders"]
    assert [one["status"] for one in orders if one["order"] == placed[0]["order"]] == ["ordered"]
    now = books(world)
    now.subtract(before)
    assert now["bank", "posted"] == 1000
    assert now["amounts-payable", "posted"] == -cents(DUE)


@pytest.mark.parametrize(
    "change", in_turn_but({"cut"}, ["cut", "utf-16", "latin-1", "wrong-word", "entity", "empty"])
)
def test_a_bank_file_that_is_damaged_books_nothing_and_the_whole_one_books_all(
    world: World, change: str
) -> None:
    case = declare(world, f"damaged-{change}")
    advice = ask(world, "post", f"/v1/cases/{case}/charges")[1]["payment_advice"]
    reference = advice["creditor_reference"].replace(" ", "")
    content = statement_of(cents(DUE), reference, f"DAMAGED-{change}")
    text = content.decode()
    damaged = {
        "cut": content[: len(content) * 2 // 3],
        "utf-16": text.encode("utf-16"),
        "latin-1": text.replace("E2E-", "E2\u00e9-").encode("latin-1"),
        "wrong-word": text.replace("UTF-8", "utf-99").encode(),
        "entity": text.replace("?>", '?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1).encode(),
        "empty": b"",
    }[change]
    before = books(world)

    with world.client("officer") as office:
        refused = office.post("/v1/bank-statements", content=damaged, headers=XML)
        nothing = since(world, before)
        whole = office.post("/v1/bank-statements", content=content, headers=XML).json()["statements"][0]
        twice = office.post("/v1/bank-statements", content=content, headers=XML).json()["statements"][0]

    assert damaged != content
    assert told((refused.status_code, refused.json()))[0] in {400, 422}
    assert "passwd" not in refused.text
    assert nothing == {}
    assert whole["outcomes"] == {"paid": 1}
    assert (twice["outcomes"], twice["known_count"]) == ({}, 1)
    assert since(world, before) == {"bank": cents(DUE), "amounts-payable": -cents(DUE)}
    assert status_of(world, f"damaged-{change}") == "released"
