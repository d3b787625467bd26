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
