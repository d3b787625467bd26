"""Quotes over HTTP: the decision's own figures, nothing stored, every assumption told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serai.journey.quotes.request import DECODER, complete
from tests.journey.cases.world import AT, LISTED_NAME, World, file, parcel, rows, running_world

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running


def shirt(**changes: Any) -> dict[str, Any]:
    sound = {
        "goods_items": [
            {
                "commodity_code": "61091000",
                "description": "T-shirt, cotton, knitted",
                "invoice_amount": "25.00",
                "invoice_currency_code": "EUR",
                "origin_country_code": "CN",
            }
        ],
        "destination_country_code": "IE",
        "destination_postcode": "D02 AF30",
    }
    return sound | changes


def ask(world: World, request: dict[str, Any], party: str = "platform") -> Any:
    with world.client(party) as client:
        return client.post("/v1/quotes", json=request)


def test_a_quote_tells_what_is_to_pay_what_was_assumed_and_until_when(world: World) -> None:
    answer = ask(world, shirt(accepted_at="2026-06-30T10:00:00Z"))
    quote = answer.json()

    assert answer.status_code == 200, answer.text
    assert quote["is_complete"]
    assert quote["totals"]["tax_amount"] == "5.75"
    assert quote["law_on"] == "2026-06-30"
    assert quote["valid_until"] == "2026-06-30T23:00:00Z"
    assert {"channel", "freight", "mass", "purchased"} <= {one["code"] for one in quote["assumptions"]}
    assert all("{" not in one["sentence"] for one in quote["assumptions"])


def test_the_next_change_of_law_is_told_with_what_it_does(world: World) -> None:
    change = ask(world, shirt(accepted_at="2026-06-30T10:00:00Z")).json()["next_change"]

    assert change["on"] == "2026-07-01"
    assert change["totals"]["duty_amount"] == "3.00"
    assert "EUR" in change["sentence"]


def test_a_quote_of_a_declaration_is_what_is_then_decided(world: World) -> None:
    declaration = parcel("QUOTED-1")
    quote = ask(world, declaration).json()
    with world.client("post") as client:
        decision = file(client, declaration)[0]["decision"]

    assert quote["totals"] == decision["totals"]
    assert quote["basis"] == decision["basis"]
    assert [one["charges"] for one in quote["goods_items"]] == [
        one["charges"] for one in decision["goods_items"]
    ]


def test_nothing_of_a_quote_is_stored(world: World) -> None:
    tables = (
        "case_file",
        "document",
        "decision",
        "consignment",
        "charge",
        "event",
        "submission",
        "vault_batch",
        "basis",
    )
    before = [rows(world.dsn, f"SELECT count(*) FROM {table}") for table in tables]
    assert ask(world, shirt(destination_country_code="FR")).status_code == 200

    assert [rows(world.dsn, f"SELECT count(*) FROM {table}") for table in tables] == before


def test_a_quote_does_not_tell_who_is_on_a_list(world: World) -> None:
    listed = {"name": LISTED_NAME, "country_code": "CN"}
    plain = {"name": "Invented Somebody", "country_code": "CN"}
    answers = [
        ask(world, shirt(consignor=one, buyer={**one, "country_code": "IE"})).json()
        for one in (listed, plain)
    ]
    for answer in answers:
        # Numbers and salts differ from one promise to the next.
        assert answer.pop("offer")["quote_id"]
        answer.pop("at")

    assert answers[0] == answers[1]
    assert "control-under-way" not in json.dumps(answers)


def test_all_faults_are_told_at_once_and_harm_no_neighbour(world: World) -> None:
    wrong = shirt(destination_country_code="QQ")
    wrong["goods_items"] = [{**wrong["goods_items"][0], "invoice_amount": "much", "commodity_code": "6"}]
    answer = ask(world, wrong)

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) >= 3
    assert all(one["remedy"] for one in answer.json()["errors"])


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        ({"goods_items": [{"commodity_code": 5}]}, "/goods_items/0/commodity_code"),
        ({"goods_items": [], "colour": "red"}, "/colour"),
        ({"goods_items": shirt()["goods_items"]}, "/destination_country_code"),
    ],
)
def test_a_body_that_is_not_as_documented_is_told(
    world: World, request_: dict[str, Any], pointer: str
) -> None:
    answer = ask(world, request_)

    assert answer.status_code == 422, answer.text
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}


def test_where_there_is_no_law_the_quote_says_that_it_is_not_complete(world: World) -> None:
    quote = ask(world, shirt(destination_country_code="RS", destination_postcode="11000")).json()

    assert not quote["is_complete"]
    assert [one["code"] for one in quote["missing"]] == ["no-law"]


def test_a_quote_needs_the_scope_and_a_party(world: World) -> None:
    assert ask(world, shirt(), party="").status_code == 401


def test_every_example_of_a_declaration_can_be_quoted() -> None:
    content = (ROOT / "examples" / "messages" / "declaration.json").read_bytes()

    document, assumed = complete(DECODER.decode(content), AT, "en")

    assert document.consignee.name == "Buyer not stated"
    assert document.consignee.street == "-"
    assert document.consignee.country_code == "DE"
    assert "channel" not in {one.code for one in assumed}


def test_a_case_is_explained_and_tried_over_http(world: World) -> None:
    with world.client("post") as client:
        case_id = file(client, parcel("EXPLAINED-2"))[0]["case_id"]
        whole = client.get(f"/v1/cases/{case_id}/explanation").json()
        one = client.get(f"/v1/cases/{case_id}/explanation", params={"item": 1}).json()
        tried = client.post(f"/v1/cases/{case_id}/try", json={"on": "2026-07-01"}).json()
        faulty = client.post(f"/v1/cases/{case_id}/try", json={"on": "yesterday"})
        missing = client.get(f"/v1/cases/{case_id}/explanation", params={"item": 9})

    assert whole["agrees"]
    assert whole["differences"] == []
    assert 3 <= len(whole["in_short"]) <= 6
    assert whole["explanation"]["items"] == one["explanation"]["items"]
    assert "EU-2026" in {one["code"] for one in tried["decision"]["law"]}
    assert any(row["changed"] for row in tried["side_by_side"]["steps"] if "changed" in row)
    assert (faulty.status_code, missing.status_code) == (422, 404)
    with world.client("payer") as stranger:
        assert stranger.get(f"/v1/cases/{case_id}/explanation").status_code == 404
        assert stranger.post(f"/v1/cases/{case_id}/try", json={}).status_code == 404
