"""The log over HTTP: anyone can fetch it, rebuild its root, and check a receipt, also one in which a byte
was changed.
"""

import json
import time
from base64 import b64encode
from typing import Any

import pytest

from serai.evidence.hashing import leaf_hash
from serai.evidence.notes import decode_bytes, open_checkpoint, read_verifier_key
from serai.evidence.receipt import verify_receipt
from serai.evidence.tiles import append_hashes, hash_range
from tests.journey.follow.world import World, file, parcel, rows


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


def test_the_answered_decision_opens_its_field(world: World, case: dict[str, Any]) -> None:
    receipt = proof_of(world, case)
    decision = json.dumps(case["decision"], separators=(",", ":"), ensure_ascii=False).encode()
    (salt,) = rows(world.dsn, "SELECT salt FROM decision ORDER BY decision_id LIMIT 1")[0]
    opening = {"name": "decision", "salt": b64encode(salt).decode(), "value": b64encode(decision).decode()}
    false = {**opening, "value": b64encode(decision.replace(b"release", b"refuse")).decode()}
    with world.client("") as client:
        good, bad = (
            client.post("/v1/receipts/verify", json={"receipt": receipt.decode(), "openings": [one]}).json()
            for one in (opening, false)
        )

    assert good["opened"] == ["decision"]
    assert [one["code"] for one in bad["faults"]] == ["field-not-committed"]


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

    assert answer.status_code == 400
    assert not nonsense.json()["is_genuine"]
