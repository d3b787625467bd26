"""Many baskets and many destinations in one call: the same figures as one by one, faults where they lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.quotes.request import ASSUMED_POSTCODE
from serai.law.library import load_book
from tests.journey.cases.world import World
from tests.journey.quotes.world import quoting_world


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with quoting_world(world_database, folder) as running:
        yield running


def basket(price: str = "25.00", **changes: Any) -> dict[str, Any]:
    item = {
        "commodity_code": "61091000",
        "description": "T-shirt, cotton, knitted",
        "quantity": "2",
        "invoice_amount": price,
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
    }
    return {"goods_items": [item]} | changes


def ask(world: World, path: str, request: dict[str, Any]) -> Any:
    with world.client("platform") as client:
        answer = client.post(path, json=request)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_pair_costs_what_it_costs_alone(world: World) -> None:
    baskets = [basket(), basket("180.00", reference="DEAR")]
    places = [{"country_code": "DE"}, {"country_code": "IE", "postcode": "D02 AF30"}, {"country_code": "AU"}]
    quotes = ask(world, "/v1/quotes/baskets", {"baskets": baskets, "destinations": places})["quotes"]

    assert [(one["basket"], one["destination"]["country_code"]) for one in quotes] == [
        (place, code) for place in (0, 1) for code in ("DE", "IE", "AU")
    ]
    assert [one["reference"] for one in quotes] == ["QUOTE"] * 3 + ["DEAR"] * 3
    for one in quotes:
        to = one["destination"]
        request = baskets[one["basket"]] | {f"destination_{name}": value for name, value in to.items()}
        alone = ask(world, "/v1/quotes", request)
        for name in ("law", "basis", "currency_code", "totals", "charges", "goods_items", "rates"):
            assert one["quote"].get(name) == alone.get(name), (name, to)
    assert quotes[0]["quote"]["totals"] != quotes[3]["quote"]["totals"]


def test_without_a_postcode_the_main_territory_is_assumed_and_told(world: World) -> None:
    places = [{"country_code": "DE"}, {"country_code": "DE", "postcode": "10115"}, {"country_code": "NL"}]
    quotes = ask(world, "/v1/quotes/baskets", {"baskets": [basket()], "destinations": places})["quotes"]
    told = [{one["code"] for one in pair["quote"]["assumptions"]} for pair in quotes]

    assert "territory" in told[0]
    assert "territory" not in told[1] | told[2]
    assert quotes[0]["quote"]["totals"] == quotes[1]["quote"]["totals"]


def test_the_assumed_postcode_lies_in_the_main_territory_of_every_country() -> None:
    territories = load_book(read_law_files(find_shipped("laws"))).territories

    for country_code in {code for code, _ in _special_rows(territories)}:
        found = territories.find(country_code, None, ASSUMED_POSTCODE, 20_800)

        assert found is not None, country_code
        assert not found.postcode_pattern, country_code


def _special_rows(territories: Any) -> list[tuple[str, str]]:
    return [
        (code, one.territory.postcode_pattern)
        for code, rows in territories._rows.items()
        for one in rows
        if one.pattern is not None
    ]


def test_every_rate_and_allowance_taken_for_granted_is_told(world: World) -> None:
    request = {"baskets": [basket()], "destinations": [{"country_code": "AU"}, {"country_code": "CN"}]}
    australia, china = (one["quote"] for one in ask(world, "/v1/quotes/baskets", request)["quotes"])

    for quote in (australia, china):
        codes = [one["code"] for one in quote["assumptions"]]
        assert len(quote["rates"]) == codes.count("rate") > 0
        assert all(one["numerator"] > 0 and one["on"] >= one["valid_from"] for one in quote["rates"])
        assert all(one["address"].endswith(f"/{one['code']}/{one['version']}") for one in quote["law"])
        assert all(len(bytes.fromhex(one["version"])) == 8 for one in quote["law"])
    assert {"platform", "preference", "consumer", "discount", "scheme"} <= {
        one["code"] for one in australia["assumptions"]
    }


def test_the_origin_not_stated_is_the_country_of_dispatch(world: World) -> None:
    item = basket()["goods_items"][0] | {"origin_country_code": None}
    request = {"goods_items": [item], "destination_country_code": "IE", "dispatch_country_code": "CN"}
    quote = ask(world, "/v1/quotes", request)
    stated = ask(world, "/v1/quotes", basket(destination_country_code="IE", dispatch_country_code="CN"))
    with world.client("platform") as client:
        neither = client.post("/v1/quotes", json=request | {"dispatch_country_code": None})

    assert "origin" in {one["code"] for one in quote["assumptions"]}
    assert quote["totals"] == stated["totals"]
    assert neither.status_code == 422
    assert "/goods_items/0/origin_country_code" in {one["pointer"] for one in neither.json()["errors"]}


def test_a_fault_at_one_pair_harms_no_other(world: World) -> None:
    request = {
        "baskets": [basket(), basket("much")],
        "destinations": [{"country_code": "DE"}, {"country_code": "QQ"}],
    }
    sound, nowhere, dear, both = ask(world, "/v1/quotes/baskets", request)["quotes"]

    assert sound["quote"]["is_complete"]
    assert [one["pointer"] for one in nowhere["errors"]] == ["/destinations/1/country_code"]
    assert [one["pointer"] for one in dear["errors"]] == ["/baskets/1/goods_items/0/invoice_amount"]
    assert len(both["errors"]) == 2
    assert all(one["remedy"] for pair in (nowhere, dear, both) for one in pair["errors"])


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        ({"baskets": [basket()]}, "/destinations"),
        (
            {"baskets": [basket(destination_country_code="DE")], "destinations": [{"country_code": "FR"}]},
            "/baskets/0",
        ),
        ({"baskets": [basket()] * 3, "destinations": [{"country_code": "DE"}] * 300}, "/baskets"),
        ({"baskets": [], "destinations": [{"country_code": "DE"}]}, "/baskets"),
        ({"baskets": [basket()], "destinations": [{"country": "DE"}]}, "/destinations/0/country"),
    ],
)
def test_a_request_that_cannot_be_spread_is_told(
    world: World, request_: dict[str, Any], pointer: str
) -> None:
    with world.client("platform") as client:
        answer = client.post("/v1/quotes/baskets", json=request_)

    assert answer.status_code == 422, answer.text
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}
