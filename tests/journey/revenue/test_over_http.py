"""Orders, arrivals, marks, withdrawal and presentation over HTTP, in a running server."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journey.cases.world import World, running_world
from tests.journey.processing import support


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, tmp_path_factory.mktemp("serai")) as running:
        yield running


def file(world: World, party: str, path: str, body: Any) -> tuple[int, Any]:
    with world.client(party) as client:
        answer = client.post(path, json=body)
    return answer.status_code, answer.json()


def parcel(name: str, **changes: Any) -> dict[str, Any]:
    return support.parcel(name, platform_id="INVENTED-MARKET", **changes)


def test_whole_way_of_a_parcel(world: World) -> None:
    status, declared = file(world, "post", "/v1/declarations", parcel("way"))
    assert (status, declared["decision"]["status"]) == (201, "arrival-expected")
    case = declared["case_id"]

    status, ordered = file(world, "platform", "/v1/orders", support.order("way"))
    assert (status, ordered["status"], ordered["case_id"]) == (201, "recorded", case)
    assert "decision" not in ordered
    status, paid = file(world, "payer", "/v1/payments", support.payment("way"))
    assert (status, paid["case_id"]) == (201, case)
    status, moved = file(world, "post", "/v1/transport-documents", support.transport("way"))
    assert (status, moved["case_id"]) == (201, case)
    status, arrived = file(world, "post", "/v1/arrivals", support.arrival("way"))
    assert (status, arrived["status"]) == (201, "recorded")
    mark = {"reference": "MARK", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    status, less = file(world, "post", f"/v1/cases/{case}/payment-records", mark)
    assert (status, less["status"]) == (200, "insufficient")
    mark |= {"reference": "REST", "amount": less["missing_amount"]}
    status, payment_status = file(world, "post", f"/v1/cases/{case}/payment-records", mark)
    assert (status, payment_status["status"], payment_status["missing_amount"]) == (200, "settled", "0.00")

    status, late = file(
        world, "post", "/v1/declarations/D-way/invalidation", {"expected_version": 1, "reason": "too late"}
    )
    assert (status, late["code"]) == (409, "amendment-too-late")
    assert "officer" in late["next_step"]
    _, again = file(world, "post", "/v1/declarations", parcel("way"))
    assert again["decision"]["status"] == "released"


def test_many_orders_as_lines_with_a_trailer(world: World) -> None:
    lines = [json.dumps(support.order(f"line-{number}")) for number in range(5)]
    lines.insert(2, "{broken")
    with world.client("platform") as client:
        answer = client.post(
            "/v1/orders", content="\n".join(lines), headers={"content-type": "application/x-ndjson"}
        )

    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row.get("status") for row in rows[:-1]] == ["recorded"] * 2 + ["rejected"] + ["recorded"] * 3
    assert rows[2]["line"] == 3
    assert rows[-1] == {"counts": {"recorded": 5, "rejected": 1}, "complete": True}


@pytest.mark.in_turn
def test_presentation_and_withdrawal(world: World) -> None:
    file(world, "post", "/v1/declarations", parcel("shown"))
    file(world, "post", "/v1/declarations", parcel("gone"))

    status, shown = file(
        world, "post", "/v1/declarations/D-shown/presentation", {"arrived_at": "2026-07-02T06:41:00+02:00"}
    )
    other, refused = file(
        world, "post", "/v1/declarations/D-shown/presentation", {"arrived_at": "2026-07-03T06:41:00+02:00"}
    )
    gone, withdrawn = file(
        world,
        "post",
        "/v1/declarations/D-gone/invalidation",
        {"expected_version": 1, "reason": "sold elsewhere"},
    )

    assert (status, shown["decision"]["status"]) == (200, "payment-due")
    assert (other, refused["code"]) == (409, "arrived-already")
    assert (gone, withdrawn["decision"]["status"]) == (200, "invalidated")


def test_other_partys_reference_and_case_are_404_as_if_they_were_not_there(world: World) -> None:
    _, declared = file(world, "post", "/v1/declarations", parcel("private"))
    mark = {"reference": "X", "kind": "paid", "currency_code": "EUR", "amount": "1.00"}
    reason = {"expected_version": 1, "reason": "mischief"}

    known = file(world, "rival", "/v1/declarations/D-private/invalidation", reason)
    unknown = file(world, "rival", "/v1/declarations/D-nobodys/invalidation", reason)
    marked = file(world, "rival", f"/v1/cases/{declared['case_id']}/payment-records", mark)

    for _, body in (known, unknown, marked):
        body.pop("request_id")
    assert known == unknown == marked
    assert known[0] == 404


def test_faults_of_an_order_come_all_at_once(world: World) -> None:
    status, body = file(
        world,
        "platform",
        "/v1/orders?include=text",
        support.order("f", currency_code="ABC", freight_amount="-1"),
    )

    assert status == 422
    assert {one["code"] for one in body["findings"]} == {"unknown-currency", "negative-amount"}
    assert all(one["sentence"] and one["remedy"] for one in body["findings"])


def test_difference_is_said_in_a_sentence(world: World) -> None:
    file(
        world,
        "platform",
        "/v1/orders",
        support.order(
            "said", platform_id="INVENTED-MARKET", declarant_id="INVENTED-POST", discount_amount="1.00"
        ),
    )
    _, declared = file(world, "post", "/v1/declarations", parcel("said"))

    with world.client("post") as client:
        decided = client.get("/v1/declarations/D-said?include=text").text
        compared = client.get(f"/v1/cases/{declared['case_id']}").text

    figures = "25.00 EUR is declared for goods that were ordered at 29.00 EUR: a difference of 4.00 EUR"
    assert "The price declared is not the price of the order" in decided
    assert figures not in decided, "others read the decision, too"
    assert figures in compared, "whom the order names reads by how much"


def test_a_payment_is_listed_taken_back_and_shown_to_those_who_may(world: World) -> None:
    _, declared = file(world, "post", "/v1/declarations", parcel("acts"))
    acts = f"/v1/cases/{declared['case_id']}/acts"
    mark = {"reference": "ACTS-1", "kind": "paid", "currency_code": "EUR", "amount": "500.00"}
    _, paid = file(world, "post", f"/v1/cases/{declared['case_id']}/payment-records", mark)
    back = {"reference": "ACTS-2", "kind": "reversal", "reverses": paid["act_id"], "reason_code": "bounced"}

    rogue = [file(world, party, acts, back | {"reference": "R"})[0] for party in ("rival", "payer", "")]
    stale = file(world, "post", acts, back | {"expected_decision_id": declared["case_id"]})
    status, done = file(world, "post", acts, back | {"reason": "The bank said no"})
    again = file(world, "post", acts, back)
    twice = file(world, "post", acts, back | {"reference": "ACTS-3"})
    reads = {}
    for party in ("post", "officer", "platform", "rival"):
        with world.client(party) as client:
            reads[party] = client.get(acts)
            reads[f"{party} receipt"] = client.get(f"/v1/receipts/{done['act_id']}")
            reads[f"{party} openings"] = client.get(f"/v1/receipts/{done['act_id']}/openings")

    assert rogue == [404, 404, 401]
    assert (stale[0], stale[1]["code"]) == (409, "decision-not-current")
    assert (status, again) == (201, (201, done))
    assert (twice[0], twice[1]["code"]) == (409, "act-reversed-already")
    own = reads["post"].json()["acts"]
    assert [(one["kind"], one["is_own"]) for one in own] == [("paid", True), ("reversal", True)]
    assert own[0]["reversed_by"] == done["act_id"]
    assert own[1]["reason"] == "The bank said no"
    assert own[1]["acting_user"].startswith("api_key:")
    seen = reads["platform"].json()["acts"]
    assert [one["kind"] for one in seen] == ["paid", "reversal"]
    assert not {"party_id", "acting_user", "reference", "reason"} & {name for one in seen for name in one}
    assert reads["officer"].json()["acts"][0]["party_id"]
    assert reads["rival"].status_code == 404
    codes = {who: reads[f"{who} receipt"].status_code for who in ("post", "officer", "platform", "rival")}
    assert codes == {"post": 200, "officer": 200, "platform": 404, "rival": 404}
    with world.client("") as client:
        opened = client.post(
            "/v1/receipts/verify",
            json={
                "receipt": reads["post receipt"].text,
                "openings": reads["post openings"].json()["openings"],
            },
        ).json()
    assert (opened["is_genuine"], opened["opened"]) == (True, ["act"])
    assert reads["platform openings"].status_code == 404
