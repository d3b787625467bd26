"""Money that goes back, over HTTP: due, ordered, sent, accepted, paid; nobody sees or moves another's."""

from typing import Any

import pytest

from serai.formats.iso20022.message import BatchStatus, StatusReport, TransferOrder
from serai.formats.iso20022.read import read_bank_message
from serai.formats.iso20022.write_order import write_status
from tests.formats.iso20022.messages import AT
from tests.journey.cases.world import World
from tests.web.test_bank_statements import XML, declare

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def pay_too_much(client: Any, case_id: str, reference: str, by: float) -> None:
    (owed,) = [
        one
        for one in client.get(f"/v1/cases/{case_id}/charges").json()["owed"]
        if one["due"] == "border" and one["currency_code"] == "EUR"
    ]
    body = {"reference": reference, "kind": "paid", "currency_code": "EUR"}
    answer = client.post(
        f"/v1/cases/{case_id}/payment-records", json=body | {"amount": f"{float(owed['amount']) + by:.2f}"}
    )
    assert answer.status_code in {200, 201}, answer.text


def test_what_a_post_has_overpaid_is_on_its_account_again_and_the_bank_has_no_doubt(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer, world.client("rival") as rival:
        case_id = declare(post, "PAID-TOO-MUCH")
        pay_too_much(post, case_id, "TOO-MUCH-1", 3.21)
        due = officer.get("/v1/refunds-due", params={"limit": 1000}).json()["due"]
        first = officer.post("/v1/refund-orders", json={"cases": [case_id]}).json()["orders"]
        again = officer.post("/v1/refund-orders", json={"cases": [case_id, case_id]}).json()["orders"]
        faulty = post.put("/v1/refund-account", json={"name": "Post", "iban": "FR7630006000011234567890188"})
        given = post.put("/v1/refund-account", json={"name": "Post", "iban": IBAN})
        made = officer.post("/v1/refund-batches", json={"currency_code": "EUR"}).json()
        batch = made["batch"]["batch"]
        message = officer.get(f"/v1/refund-batches/{batch}/message")
        report = StatusReport(
            identification="R",
            created_at=AT,
            original_identification=batch,
            original_message="pain.001.001.09",
            status_code="ACCP",
            batches=(BatchStatus(original_identification=batch),),
        )
        answered = officer.post("/v1/refund-statuses", content=write_status(report), headers=XML).json()
        own = post.get("/v1/refund-orders").json()["orders"]
        others = rival.get("/v1/refund-orders").json()["orders"]
        by_rival = [
            rival.get("/v1/refunds-due"),
            rival.post("/v1/refund-orders", json={"cases": [case_id]}),
            rival.post(f"/v1/refund-orders/{first[0]['order']}/withdrawal"),
            rival.post("/v1/refund-batches", json={"currency_code": "EUR"}),
            rival.get(f"/v1/refund-batches/{batch}/message"),
            rival.post("/v1/refund-statuses", content=write_status(report), headers=XML),
        ]
        late = officer.post(f"/v1/refund-orders/{first[0]['order']}/withdrawal")
        large = officer.post("/v1/refund-orders", json={"cases": ["A" * 50_000]})
        nobodys = officer.post("/v1/refund-orders", json={"cases": ["0000000000001"]})
        unread = officer.post("/v1/refund-statuses", content=b"<a/>", headers=XML)
        known = post.get("/v1/refund-account").json()

    assert [one["amount"] for one in due if one["case_id"] == case_id] == ["3.21"]
    assert ([one["amount"] for one in first], again) == (["3.21"], [])
    assert (faulty.status_code, faulty.json()["code"]) == (422, "refund-account-faulty")
    assert (given.status_code, "iban" in given.text.lower()) == (200, False)
    read, _ = read_bank_message(message.content)
    assert isinstance(read, TransferOrder)
    transfers = {one.end_to_end_id: one for sent in read.batches for one in sent.transfers}
    assert transfers[first[0]["order"]].creditor_account.iban == IBAN.replace(" ", "")
    assert answered["accepted_count"] == made["batch"]["orders_count"]
    assert [one["status"] for one in own if one["order"] == first[0]["order"]] == ["accepted"]
    assert first[0]["order"] not in [one["order"] for one in others]
    assert {one.status_code for one in by_rival} == {403}
    assert (late.status_code, late.json()["code"]) == (409, "refund-order-sent")
    assert large.status_code in {400, 413, 422}
    assert nobodys.status_code == 404
    assert (unread.status_code, unread.json()["code"]) == (400, "refund-status-unreadable")
    assert known["is_known"]


@pytest.mark.in_turn
def test_figures_of_money_and_plans_are_for_the_administration_alone(world: World) -> None:
    with world.client("post") as post, world.client("officer") as officer, world.client("") as nobody:
        case_id = declare(post, "FIGURES")
        figures = officer.get("/v1/money-statistics").json()
        plans = officer.get("/v1/repayment-plans", params={"limit": 1})
        beyond = officer.get("/v1/repayment-plans", params={"limit": 1, "after": "not an id"})
        by_others = [
            client.get(path).status_code
            for client in (post, nobody)
            for path in ("/v1/money-statistics", "/v1/repayment-plans")
        ]
        due = post.get(f"/v1/cases/{case_id}/charges").json()["owed"]

    assert by_others == [403, 403, 401, 401]
    assert (plans.status_code, plans.json()) == (200, {"plans": [], "next_after": None})
    assert beyond.status_code in {400, 404, 422}, beyond.text
    owed = sum(float(one["amount"]) for one in due if one["due"] == "border")
    pending = sum(float(one["pending_amount"]) + float(one["owed_amount"]) for one in figures["debts"])
    assert 0 < owed <= round(pending, 2)
    assert {one["currency_code"] for one in figures["debts"]} == {"EUR"}
