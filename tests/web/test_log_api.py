"""The log over HTTP: anyone can fetch it, rebuild its root, and check a receipt, also one in which a byte
was changed.
"""

import json
import time
from base64 import b64decode, b64encode
from typing import Any

import httpx2
import pytest

from serai.evidence.hashing import leaf_hash
from serai.evidence.leaf import Opening
from serai.evidence.notes import decode_bytes, open_checkpoint, read_verifier_key
from serai.evidence.receipt import verify_receipt
from serai.evidence.tiles import append_hashes, hash_range
from tests.journey.cases.world import World, file, parcel, rows


@pytest.fixture(scope="module")
def case(world: World) -> dict[str, Any]:
    with world.client("post") as client:
        return file(client, *(parcel(f"LOG-{number}") for number in range(30)))[0]


def proof_of(world: World, case: dict[str, Any]) -> bytes:
    """Wait until the promise is kept."""
    with world.client("post") as client:
        for _ in range(100):
            receipt: bytes = client.get(f"/v1/cases/{case['case_id']}/receipt").content
            if b'"proof"' in receipt:
                return receipt
            time.sleep(0.1)
    raise AssertionError("the promise was not kept")


def test_a_promise_becomes_a_proof_that_anyone_can_check_with_the_published_key(
    world: World, case: dict[str, Any]
) -> None:
    receipt = proof_of(world, case)
    with world.client("") as client:
        origin, key = read_verifier_key(client.get("/log/key").text.strip())
        verdict = client.post(
            "/v1/receipts/verify", content=receipt, headers={"content-type": "application/json"}
        ).json()

    assert verify_receipt(receipt, key).is_genuine
    assert verdict["is_genuine"]
    assert (verdict["holds"], verdict["log"]) == ("proof", origin)
    assert verdict["leaf_id"] == case["decision"]["decision_id"]


def test_a_byte_changed_anywhere_is_seen(world: World, case: dict[str, Any]) -> None:
    receipt = proof_of(world, case)
    with world.client("") as client:
        for place in range(0, len(receipt), 37):
            changed = receipt[:place] + bytes([receipt[place] ^ 1]) + receipt[place + 1 :]
            answer = client.post(
                "/v1/receipts/verify", content=changed, headers={"content-type": "application/json"}
            )

            assert answer.status_code == 200
            assert not answer.json()["is_genuine"], place
            assert all(one["sentence"] for one in answer.json()["faults"])
            assert answer.json().keys() == {"is_genuine", "verdict", "faults"}


def openings_of(world: World, party: str, number: str) -> httpx2.Response:
    with world.client(party) as client:
        return client.get(f"/v1/receipts/{number}/openings")


def test_the_answered_decision_opens_its_field(world: World, case: dict[str, Any]) -> None:
    receipt = proof_of(world, case)
    decision = json.dumps(case["decision"], separators=(",", ":"), ensure_ascii=False).encode()
    opening = openings_of(world, "post", case["decision"]["decision_id"]).json()["openings"][0]
    assert b64decode(opening["value"]) == decision, "as it was answered"
    false = {**opening, "value": b64encode(decision.replace(b"proceed", b"refuse")).decode()}
    with world.client("") as client:
        good, bad = (
            client.post("/v1/receipts/verify", json={"receipt": receipt.decode(), "openings": [one]}).json()
            for one in (opening, false)
        )

    assert good["opened"] == ["decision"]
    assert [one["code"] for one in bad["faults"]] == ["field-not-committed"]


def test_a_sender_opens_its_own_document_and_decision_and_nobody_elses(
    world: World, case: dict[str, Any]
) -> None:
    receipt, number = proof_of(world, case), case["decision"]["decision_id"]
    own = openings_of(world, "post", number)
    officer = openings_of(world, "officer", number)
    with world.client("") as client:
        verdict = client.post("/v1/receipts/verify", json={"receipt": receipt.decode(), **own.json()}).json()

    assert own.headers["cache-control"] == "no-store"
    assert verdict["opened"] == ["decision", "document"]
    document = json.loads(b64decode(own.json()["openings"][1]["value"]))
    assert document["reference"] == "LOG-0"
    assert document["consignee"].keys() == {"country_code"}, "people are opened by nobody"
    assert [one["name"] for one in officer.json()["openings"]] == ["decision"]
    assert openings_of(world, "rival", number).status_code == 404
    reads = rows(
        world.dsn, "SELECT kind, array_length(subject_ids, 1) FROM vault_read WHERE purpose = 'open-receipt'"
    )
    assert set(reads) == {("message", 1)}


def test_another_partys_paper_is_opened_by_its_sender_alone(world: World) -> None:
    order = {
        "reference": "LOG-ORDER",
        "currency_code": "EUR",
        "purchased_at": "2026-06-01T10:00:00Z",
        "lines": [{"sequence_number": 1, "description": "tea", "quantity": "1", "amount": "4.00"}],
    }
    with world.client("platform") as client:
        answer = client.post("/v1/orders", json=order).json()
    own = openings_of(world, "platform", answer["document_id"]).json()["openings"]

    verdict = verify_receipt(
        json.dumps(answer["receipt"], separators=(",", ":"), ensure_ascii=False).encode(),
        public_key(world),
        [Opening(own[0]["name"], b64decode(own[0]["salt"]), b64decode(own[0]["value"]))],
    )
    assert verdict.opened == ("document",)
    for party in ("post", "rival", "officer"):
        assert openings_of(world, party, answer["document_id"]).status_code == 404


def public_key(world: World) -> bytes:
    with world.client("") as client:
        return read_verifier_key(client.get("/log/key").text.strip())[1]


def test_the_tiles_give_the_root_that_the_checkpoint_signs(world: World, case: dict[str, Any]) -> None:
    receipt = proof_of(world, case)
    with world.client("") as client:
        origin, key = read_verifier_key(client.get("/log/key").text.strip())
        checkpoint = open_checkpoint(client.get("/log/checkpoint").text, origin, key)
        width = checkpoint.tree_size
        assert 30 <= width < 256
        entries = client.get(f"/log/tile/entries/000.p/{width}").content
        hashes = client.get(f"/log/tile/0/000.p/{width}").content
    leaves = []
    while entries:
        size = int.from_bytes(entries[:2], "big")
        leaves.append(entries[2 : 2 + size])
        entries = entries[2 + size :]

    tiles = append_hashes({}, 0, [leaf_hash(leaf) for leaf in leaves])
    assert tiles[0, 0] == hashes
    assert hash_range(tiles, 0, width) == checkpoint.root
    assert decode_bytes(json.loads(receipt)["leaf"]) in leaves


@pytest.mark.parametrize(
    ("path", "status"), [("0/999", 404), ("0/x1", 400), ("entries/1", 400), ("64/000", 400)]
)
def test_a_tile_that_is_not_there_is_told(world: World, path: str, status: int) -> None:
    with world.client("") as client:
        assert client.get(f"/log/tile/{path}").status_code == status


def test_a_request_to_check_that_cannot_be_read_is_told(world: World) -> None:
    with world.client("") as client:
        answer = client.post("/v1/receipts/verify", json={"receipt": 5})
        nonsense = client.post(
            "/v1/receipts/verify", content=b"\xff", headers={"content-type": "application/json"}
        )

    assert answer.status_code == 422
    assert not nonsense.json()["is_genuine"]
