"""What a case says of its documents: verdict, score, differences in words."""

from typing import Any

import pytest

from tests.journey.cases.world import World, file, parcel
from tests.journey.processing import support

BUYER = {"name": "Zelda Nightingale", "country_code": "IE"}


def send(world: World, party: str, path: str, document: dict[str, Any]) -> Any:
    with world.client(party) as client:
        answer = client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def case_id(world: World) -> str:
    """A parcel whose order has a coupon that the declaration does not take off. All name its declarant."""
    return sell(world, "M-1", "m1", declarant_id="INVENTED-POST")


@pytest.fixture(scope="module")
def unnamed(world: World) -> str:
    """Another, whose order and payment name nobody who declares."""
    return sell(world, "M-3", "m3")


def sell(world: World, reference: str, name: str, **said: str) -> str:
    with world.client("post") as client:
        answer = file(
            client,
            parcel(
                reference,
                order_references=[f"ORDER-{name}"],
                ucr=f"UCR-{name}",
                house_document=f"HOUSE-{name}",
            ),
        )[0]
    lines = [{"sequence_number": 1, "description": "T-shirt", "quantity": "1", "amount": "25.00"}]
    order = support.order(name, lines=lines, platform_id="INVENTED-MARKET", ucr=f"UCR-{name}", buyer=BUYER)
    send(world, "platform", "/v1/orders", order | said)
    send(world, "payer", "/v1/payments", support.payment(name, amount="20.00", payer=BUYER) | said)
    return str(answer["case_id"])


def read(world: World, party: str, case_id: str) -> dict[str, Any]:
    with world.client(party) as client:
        found: dict[str, Any] = client.get(f"/v1/cases/{case_id}").json()
    return found


def test_the_filer_reads_verdict_score_and_what_explains_the_difference(world: World, case_id: str) -> None:
    match = read(world, "post", case_id)["match"]

    assert match["verdict"] in {"matched-with-reasons", "mismatch"}
    assert float(match["score"]) < 1
    said = {one["code"]: one for one in match["differences"]}
    assert said["paid-less-by-coupon"]["sentence"] == (
        "Paid 5.00 EUR less than declared: a coupon of 5.00 EUR is in the order."
    )
    assert all(one["remedy"] for one in match["differences"])


def test_declarant_that_no_document_names_learns_that_there_is_a_difference_and_not_by_how_much(
    world: World, unnamed: str
) -> None:
    plain, whole = (read(world, party, unnamed)["match"] for party in ("post", "officer"))

    said, told = ({one["code"]: one["sentence"] for one in its["differences"]} for its in (plain, whole))
    assert said.keys() == told.keys()
    assert said["paid-less-by-coupon"] == "Paid less than declared: a coupon of that amount is in the order."
    assert "5.00 EUR" in told["paid-less-by-coupon"]


def test_price_that_the_payment_contradicts_is_looked_at_until_an_officer_says_which_is_used(
    world: World,
) -> None:
    with world.client("post") as client:
        numbers = {"ucr": "UCR-m9", "house_document": "HOUSE-m9", "order_references": ["ORDER-m9"]}
        answer = file(client, parcel("M-9", **numbers))[0]
    case_id = answer["case_id"]
    lines = [{"sequence_number": 1, "description": "T-shirt", "quantity": "1", "amount": "95.00"}]
    order = support.order("m9", lines=lines, platform_id="INVENTED-MARKET", ucr="UCR-m9", buyer=BUYER)
    order["discount_amount"] = None
    send(world, "platform", "/v1/orders", order)
    send(world, "payer", "/v1/payments", support.payment("m9", amount="95.00", payer=BUYER))
    doubted = decision_of(world, case_id)
    word = {
        "reference": "VALUE-m9",
        "kind": "value-determined",
        "reason_code": "value-doubtful",
        "currency_code": "EUR",
        "amount": "95.00",
        "reason": "paid by card",
        "expected_decision_id": doubted["decision_id"],
        "exception_code": "fraud-investigation",
    }
    with world.client("officer") as client:
        path = f"/v1/cases/{case_id}/acts"
        foreign = client.post(path, json=word | {"reference": "VALUE-m9-USD", "currency_code": "USD"})
        unheard = client.post(path, json={**word, "reference": "UNHEARD", "exception_code": None})
        done = client.post(path, json=word)
    with world.client("post") as client:
        assert client.post(path, json=word | {"reference": "OWN"}).status_code == 403
    settled = decision_of(world, case_id)

    assert answer["decision"]["lane"] == "proceed"
    assert doubted["lane"] == "review"
    assert {"screening-value-contradicted", "eu-value-in-doubt"} <= codes_of(doubted)
    assert doubted["totals"] == answer["decision"]["totals"]
    assert foreign.json()["code"] == "mark-currency-differs"
    assert unheard.json()["code"] == "hearing-needed", "more is owed by it"
    assert (done.status_code, done.json()["kind"]) == (201, "value-determined")
    assert settled["lane"] == "proceed"
    assert explanation_of(world, case_id)["differences"] == []
    assert settled["goods_items"][0]["charges"][-1]["base_amount"] > "95.00"
    assert "screening-value-contradicted" not in codes_of(settled)


def test_a_payment_that_covers_an_order_which_is_not_here_contradicts_nothing(world: World) -> None:
    with world.client("post") as client:
        numbers = {"ucr": "UCR-m10", "house_document": "HOUSE-m10", "order_references": ["ORDER-m10"]}
        answer = file(client, parcel("M-10", **numbers))[0]
    both = ["ORDER-m10", "ORDER-m11"]
    lines = [{"sequence_number": 1, "description": "T-shirt", "quantity": "1", "amount": "25.00"}]
    order = support.order("m10", lines=lines, platform_id="INVENTED-MARKET", ucr="UCR-m10", buyer=BUYER)
    send(world, "platform", "/v1/orders", order)
    payment = support.payment("m10", amount="95.00", payer=BUYER)
    send(world, "payer", "/v1/payments", payment | {"order_references": both})

    decision = decision_of(world, answer["case_id"])

    assert decision["lane"] == "proceed"
    assert "paid-with-other-orders" in {one["code"] for one in decision["findings"]}


def decision_of(world: World, case_id: str) -> dict[str, Any]:
    """The decision that stands on the one declaration of a case."""
    (consignment,) = read(world, "officer", case_id)["consignments"]
    path = f"/v1/cases/{case_id}/decisions/{consignment['decision_id']}"
    with world.client("officer") as client:
        found: dict[str, Any] = client.get(path).json()["decision"]
    return found


def explanation_of(world: World, case_id: str) -> dict[str, Any]:
    with world.client("officer") as client:
        found: dict[str, Any] = client.get(f"/v1/cases/{case_id}/explanation").json()
    return found


def codes_of(decision: dict[str, Any]) -> set[str]:
    return {one["code"] for one in decision["reasons"]}


def test_a_declaration_alone_says_nothing_of_matching(world: World) -> None:
    with world.client("post") as client:
        answer = file(client, parcel("M-2"))[0]

    assert "match" not in read(world, "post", answer["case_id"])


def test_who_only_takes_the_money_reads_nothing_of_prices(world: World, case_id: str) -> None:
    assert "match" not in read(world, "payer", case_id)


def test_the_page_of_the_parcel_says_the_same(world: World, case_id: str) -> None:
    with world.client("post") as client:
        page = client.get(f"/parcels/{case_id}", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert "Paid 5.00 EUR less than declared" in page.text
    assert " of 1.</p>" in page.text
