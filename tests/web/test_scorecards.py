"""Scorecards over HTTP: counted as messages come in, seen by their declarant and the administration,
disputed."""

import base64
from typing import Any

import psycopg
import pytest

from serai.foundation.id_text import format_id, parse_id
from tests.journey.cases.world import PARTIES, World, parcel, rows

POST = format_id(PARTIES["post"][0])
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PLATFORM = format_id(PARTIES["platform"][0])
SELLER = format_id(PARTIES["seller"][0])
RIVAL = format_id(PARTIES["rival"][0])
"""Files what would change the post's card: tests run in any order."""


@pytest.fixture(scope="module")
def answers(world: World) -> list[dict[str, Any]]:
    """What the post was answered for a sound, a poor and a faulty message, and for the sound one again."""
    poor = parcel("Q-2", sale_nature_code="not-stated")
    poor["goods_items"][0]["description"] = "gift"
    faulty = parcel("Q-3")
    faulty["goods_items"][0]["quantity"] = "0"
    with world.client("post") as client:
        sent = [parcel("Q-1"), poor, faulty, parcel("Q-1")]
        return [client.post("/v1/declarations", json=one).json() for one in sent]


def card_of(world: World, reader: str, party: str = POST) -> Any:
    with world.client(reader) as client:
        return client.get(f"/v1/scorecards/{party}").json()


def test_each_answer_tells_the_score_and_the_repeat_the_same(answers: list[dict[str, Any]]) -> None:
    sound, poor, faulty, again = answers

    assert poor["data_quality"]["score"] < sound["data_quality"]["score"] <= 100
    assert {"description-vague", "sale-nature-missing"} <= {*poor["data_quality"]["failed"]}
    assert "data_quality" not in faulty
    assert again["status"] == "repeated"
    assert again["data_quality"] == sound["data_quality"]


@pytest.mark.usefixtures("answers")
def test_the_card_counts_what_came_in_once(world: World) -> None:
    card = card_of(world, "post")

    assert (card["messages_count"], card["refused_count"], card["name"]) == (2, 1, "post")
    by_code = {one["code"]: one for one in card["faults"]}
    assert by_code["description-vague"]["touched_count"] == 1
    assert by_code["not-positive"]["refused_count"] == 1
    assert by_code["not-positive"]["field"] == "quantity"
    assert len(card["first"]) == 3
    assert all(one["remedy"] for one in card["faults"])
    assert card["days"][-1]["score"] == card["score"]


@pytest.mark.usefixtures("answers")
def test_a_filer_sees_its_own_card_only_and_officers_all(world: World) -> None:
    assert card_of(world, "officer")["messages_count"] == 2
    assert card_of(world, "seller")["code"] == "scorecard-unknown"
    with world.client("seller") as client:
        assert client.get("/v1/scorecards").json()["declarants"] == []
    with world.client("officer") as client:
        assert "post" in {one["name"] for one in client.get("/v1/scorecards").json()["declarants"]}
    with world.client("payer") as client:
        assert client.get(f"/v1/scorecards/{POST}").status_code == 404


@pytest.mark.usefixtures("answers")
def test_the_page_says_what_the_card_says(world: World) -> None:
    with world.client("post") as client:
        page = client.get(f"/scorecards/{POST}", headers={"accept": "text/html"})
        led = client.get("/scorecards", headers={"accept": "text/html"}, follow_redirects=False)
    assert page.status_code == 200, page.text
    assert "Worth correcting first" in page.text
    assert "Write what the goods are" in page.text or "description" in page.text
    assert led.headers["location"] == f"/scorecards/{POST}"
    with world.client("officer") as client:
        listed = client.get("/scorecards", headers={"accept": "text/html"})
    assert f'href="/scorecards/{POST}?days=30"' in listed.text


def test_an_upheld_dispute_gives_back_what_it_names(world: World) -> None:
    vague = parcel("Q-4")
    vague["goods_items"][0]["description"] = "gift"
    with world.client("rival") as client:
        assert (
            "description-vague"
            in client.post("/v1/declarations", json=vague).json()["data_quality"]["failed"]
        )
    before = card_of(world, "rival", RIVAL)
    day = before["to_on"]
    dispute = {
        "code": "description-vague",
        "from_on": day,
        "to_on": day,
        "statement": "Gift is its trade name.",
    }
    with world.client("seller") as client:
        assert client.post(f"/v1/scorecards/{RIVAL}/disputes", json=dispute).status_code == 404
    with world.client("rival") as client:
        wrong = client.post(f"/v1/scorecards/{RIVAL}/disputes", json={**dispute, "to_on": "2020-01-01"})
        opened = client.post(f"/v1/scorecards/{RIVAL}/disputes", json=dispute)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "dispute-days-wrong")
        assert (opened.status_code, opened.json()["state"]) == (201, "open")
        address = f"/v1/scorecards/{RIVAL}/disputes/{opened.json()['dispute']}/answer"
        assert client.post(address, json={"is_upheld": True, "statement": "x"}).status_code == 403
    assert card_of(world, "rival", RIVAL)["score"] == before["score"]

    with world.client("officer") as client:
        answered = client.post(address, json={"is_upheld": True, "statement": "It is."})
        again = client.post(address, json={"is_upheld": False, "statement": "It is not."})
    after = card_of(world, "rival", RIVAL)

    assert (answered.status_code, answered.json()["state"]) == (200, "upheld")
    assert (again.status_code, again.json()["code"]) == (409, "dispute-answered")
    assert after["score"] > before["score"]
    assert "description-vague" not in {one["code"] for one in after["faults"]}
    assert [one["state"] for one in after["disputes"]] == ["upheld"]


def test_a_decision_with_advice_of_the_filing_is_worked_out_again_the_same(world: World) -> None:
    told = parcel("Q-9")
    told["goods_items"][0] |= {"standard_product_id": "4006381333932", "quantity_unit_code": "ZZZ"}
    with world.client("rival") as client:
        answer = client.post("/v1/declarations", json=told).json()
        explained = client.get(f"/v1/cases/{answer['case_id']}/explanation").json()
    assert {"gtin-check", "unknown-unit"} <= {one["code"] for one in answer["decision"]["findings"]}
    assert (explained["agrees"], explained["differences"]) == (True, [])


def test_what_a_role_owes_is_measured_disputed_with_a_document_and_won(world: World) -> None:
    owed = card_of(world, "platform", PLATFORM)["roles"]
    assert owed, "a platform has a role that owes something"
    vague = parcel("Q-11")
    vague["goods_items"][0]["description"] = "gift"
    with world.client("platform") as client:
        client.post("/v1/declarations", json=vague)
    before = card_of(world, "platform", PLATFORM)
    role = next(
        one for one in before["roles"] if any(its["percent"] not in (None, 100) for its in one["duties"])
    )
    duty = next(one for one in role["duties"] if one["percent"] not in (None, 100))
    day = before["to_on"]
    said = {"code": duty["code"], "from_on": day, "to_on": day, "statement": "They were named in the order."}
    document = base64.b64encode(PDF).decode()
    with world.client("platform") as client:
        wrong = client.post(
            f"/v1/scorecards/{PLATFORM}/disputes", json={**said, "document": base64.b64encode(b"MZ").decode()}
        )
        opened = client.post(f"/v1/scorecards/{PLATFORM}/disputes", json={**said, "document": document})
        assert (wrong.status_code, wrong.json()["code"]) == (415, "proof-unfit")
        assert (opened.status_code, opened.json()["has_document"]) == (201, True)
        address = f"/v1/scorecards/{PLATFORM}/disputes/{opened.json()['dispute']}"
        assert client.get(f"{address}/document").content == PDF
    with world.client("seller") as client:
        assert client.get(f"{address}/document").status_code == 404
    with world.client("officer") as client:
        assert client.get(f"{address}/document").content == PDF
        assert client.post(
            f"{address}/answer", json={"is_upheld": True, "statement": "So it was."}
        ).is_success
    after = card_of(world, "platform", PLATFORM)

    won = next(one for one in after["roles"] if one["role"] == role["role"])
    assert won["score"] > role["score"]
    assert next(one for one in won["duties"] if one["code"] == duty["code"])["percent"] == 100


def test_what_is_said_in_a_dispute_lies_in_the_vault_alone(world: World) -> None:
    day = card_of(world, "seller", SELLER)["to_on"]
    said = {"from_on": day, "to_on": day, "statement": "Aurelia Quint at the counter read it wrongly."}
    answer: dict[str, Any] = {"is_upheld": False, "statement": "Aurelia Quint says she did not."}
    with world.client("seller") as client:
        opened = client.post(f"/v1/scorecards/{SELLER}/disputes", json=said).json()
    with world.client("officer") as client:
        address = f"/v1/scorecards/{SELLER}/disputes/{opened['dispute']}/answer"
        answered = client.post(address, json=answer).json()
        again = client.post(address, json={"is_upheld": False, "statement": "Said twice."})
    (told,) = card_of(world, "seller", SELLER)["disputes"]

    assert opened["statement"] == said["statement"]
    assert again.status_code == 409
    assert (told["statement"], told["answer"]) == (said["statement"], answer["statement"])
    assert answered["answer"] == answer["statement"]
    for table in ("quality_dispute", "quality_dispute_answer"):
        stored = rows(world.dsn, f"SELECT t::text FROM {table} AS t")
        assert stored
        assert "Aurelia" not in str(stored)

    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "DELETE FROM vault_batch USING quality_dispute WHERE dispute_id = %s"
            " AND statement_id BETWEEN first_id AND last_id",
            (parse_id(opened["dispute"]),),
        )
    (erased,) = card_of(world, "seller", SELLER)["disputes"]
    with world.client("seller") as client:
        page = client.get(f"/scorecards/{SELLER}", headers={"accept": "text/html"}).text
    assert (erased["statement"], erased["answer"]) == (None, answer["statement"])
    assert page.count("The words were erased.") == 1
    assert "Aurelia Quint says she did not." in page


def test_everybody_reads_what_is_owed_and_of_few_nothing(world: World) -> None:
    with world.client("") as client:
        told = client.get("/v1/due-diligence").json()
        page = client.get("/due-diligence", headers={"accept": "text/html"})
    assert {one["role"] for one in told["duties"]} == {
        "platform", "seller", "carrier", "post", "declarant", "payment_provider",
    }  # fmt: skip
    assert (told["months"], told["count_min"]) == ([], 10)
    assert page.status_code == 200
    assert "fewer than 10 parties" in page.text
