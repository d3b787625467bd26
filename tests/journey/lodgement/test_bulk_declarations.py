"""Bulk declarations over HTTP: an envelope with a common head, and declarations that stand for themselves."""

import json
from typing import Any

import pytest

from tests.journey.cases.world import World, parcel

HEAD_FIELDS = ("logistics_channel_code", "consignor", "consignee")


def envelope(reference: str, count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a head and declarations that leave out what it says."""
    declared = [parcel(f"{reference}-{number}") for number in range(count)]
    head = {"reference": reference, **{name: declared[0][name] for name in HEAD_FIELDS}}
    return head, [{k: v for k, v in one.items() if k not in HEAD_FIELDS} for one in declared]


def test_what_the_head_says_holds_for_each_declaration(world: World) -> None:
    head, declared = envelope("BULK-1", 3)

    with world.client("post") as client:
        sent = client.post("/v1/bulk-declarations", json={**head, "declarations": declared})
        again = client.post("/v1/bulk-declarations", json={**head, "declarations": declared})
        found = client.get("/v1/bulk-declarations/BULK-1").json()
        decision = client.get("/v1/declarations/BULK-1-2")

    assert (sent.status_code, sent.headers["location"]) == (201, "/v1/bulk-declarations/BULK-1")
    answer = sent.json()
    assert [one["status"] for one in answer["declarations"]] == ["decided"] * 3
    assert decision.status_code == 200
    assert found["mrn"] == answer["envelope"]["mrn"] != answer["declarations"][0]["decision"]["mrn"]
    assert found["bulk_declaration_id"] == answer["envelope"]["bulk_declaration_id"]
    assert (found["declarations_count"], found["next_after"]) == (3, None)
    assert [one["reference"] for one in found["declarations"]] == ["BULK-1-0", "BULK-1-1", "BULK-1-2"]
    assert again.status_code == 200
    assert again.json()["envelope"] == answer["envelope"] | {"status": "repeated"}
    assert [one["status"] for one in again.json()["declarations"]] == ["repeated"] * 3


def test_a_declaration_says_otherwise_for_itself(world: World) -> None:
    head, declared = envelope("BULK-2", 2)
    declared[1]["logistics_channel_code"] = "no-such-channel"

    with world.client("post") as client:
        answer = client.post("/v1/bulk-declarations", json={**head, "declarations": declared}).json()
        found = client.get("/v1/bulk-declarations/BULK-2").json()

    assert [one["status"] for one in answer["declarations"]] == ["decided", "rejected"]
    assert answer["declarations"][1]["findings"][0]["pointer"] == "/logistics_channel_code"
    assert [one["reference"] for one in found["declarations"]] == ["BULK-2-0"]


def test_lines_after_the_head_are_answered_by_their_numbers(world: World) -> None:
    head, declared = envelope("BULK-3", 4)
    lines = [head, *declared[:2], {"no": "declaration"}, *declared[2:]]
    content = "\n".join(map(json.dumps, lines)).encode()

    with world.client("post") as client:
        sent = client.post(
            "/v1/bulk-declarations", content=content, headers={"content-type": "application/x-ndjson"}
        )
        page = client.get("/v1/bulk-declarations/BULK-3", params={"limit": 3}).json()
        rest = client.get("/v1/bulk-declarations/BULK-3", params={"after": page["next_after"]}).json()

    answers = [json.loads(line) for line in sent.text.splitlines()]
    assert (answers[0]["line"], answers[0]["status"], answers[0]["mrn"]) == (1, "recorded", page["mrn"])
    assert [(one["line"], one["status"]) for one in answers[1:-1]] == [
        (2, "decided"),
        (3, "decided"),
        (4, "rejected"),
        (5, "decided"),
        (6, "decided"),
    ]
    assert answers[-1]["complete"]
    assert [len(one["declarations"]) for one in (page, rest)] == [3, 1]


@pytest.mark.in_turn
def test_another_head_under_the_reference_is_refused_and_nothing_of_it_is_taken(world: World) -> None:
    head, declared = envelope("BULK-4", 1)
    other = {**head, "transport_mode_code": "4"}

    with world.client("post") as client:
        first = client.post("/v1/bulk-declarations", json={**head, "declarations": declared})
        refused = client.post(
            "/v1/bulk-declarations",
            json={**other, "declarations": [{**declared[0], "reference": "BULK-4-NEW"}]},
        )
        missing = client.get("/v1/declarations/BULK-4-NEW")

    assert first.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "reference-reused")
    assert missing.status_code == 404


def test_all_faults_of_a_head_are_told_and_nothing_is_taken(world: World) -> None:
    head, declared = envelope("BULK-5", 1)
    faulty = {**head, "reference": "with blank", "goods_items": [], "declarations": declared}

    with world.client("post") as client:
        sent = client.post("/v1/bulk-declarations", json=faulty)
        empty = client.post("/v1/bulk-declarations", json={**head, "declarations": []})
        unknown = client.get("/v1/bulk-declarations/BULK-5")

    assert sent.status_code == 422
    assert {(one["code"], one["pointer"]) for one in sent.json()["errors"]} == {
        ("bad-pattern", "/reference"),
        ("unknown-field", "/goods_items"),
    }
    assert empty.json()["errors"][0]["code"] == "too-few"
    assert unknown.status_code == 404


def test_a_large_head_is_refused_before_it_is_written_into_each_line(world: World) -> None:
    head, declared = envelope("BULK-LARGE", 2)
    # Sound JSON, whose blanks would come again with every declaration.
    text = json.dumps({**head, "declarations": declared})
    blown = text.replace('"consignor": {', '"consignor": {' + " " * 9_000)
    assert blown != text

    with world.client("post") as client:
        one = client.post(
            "/v1/bulk-declarations", content=blown, headers={"content-type": "application/json"}
        )
        lines = json.dumps(head).replace('"consignor": {', '"consignor": {' + " " * 9_000)
        many = client.post(
            "/v1/bulk-declarations",
            content="\n".join([lines, *map(json.dumps, declared)]),
            headers={"content-type": "application/x-ndjson"},
        )
        found = client.get("/v1/bulk-declarations/BULK-LARGE")

    assert (one.status_code, one.json()["errors"][0]["code"]) == (400, "message-too-large")
    assert "message-too-large" in many.text
    assert found.status_code == 404


def test_an_envelope_is_its_declarants_alone(world: World) -> None:
    head, declared = envelope("BULK-6", 1)

    with world.client("post") as client:
        client.post("/v1/bulk-declarations", json={**head, "declarations": declared})
    with world.client("rival") as client:
        found = client.get("/v1/bulk-declarations/BULK-6")

    assert found.status_code == 404
