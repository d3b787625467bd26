"""A node with two witnesses: receipts carry the signature of the one that signs, the other is told."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from serai.evidence.notes import COSIGNATURE, read_verifier_key, write_verifier_key
from serai.evidence.receipt import verify_receipt
from serai.foundation.keys import KeyFolder
from serai.foundation.settings import LogSettings
from tests.evidence.witness_process import make_witness, serving_witness
from tests.journey.cases.world import World, file, parcel, running_world

ORIGIN = "customs.example/log"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("node")
    return folder


@pytest.fixture(scope="module")
def keys(folder: Path) -> list[str]:
    """Public keys of the witnesses."""
    return [make_witness(folder / name, f"witness.example/{name}") for name in ("one", "two")]


@pytest.fixture(scope="module")
def world(database: str, folder: Path, keys: list[str]) -> Iterator[World]:
    """A node whose second witness answers under the address of the first."""
    own = KeyFolder(folder / "data" / "keys").signing_key(())
    with serving_witness(folder / "one", write_verifier_key(ORIGIN, own.public_key)) as url:
        log = LogSettings(
            origin=ORIGIN,
            witnesses=f"{keys[0]} {url} {keys[1]} {url}",
            quorum_count=1,
            integrate_interval_ms=100,
        )
        with running_world(database, folder / "data", log=log) as world:
            yield world


def await_answer(client: httpx2.Client, path: str, holds: str) -> httpx2.Response:
    end = time.monotonic() + 40
    while holds not in (answer := client.get(path)).text:
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)
    return answer


def test_receipts_carry_the_signature_of_the_witness_that_signs_and_the_other_is_told(
    world: World, keys: list[str]
) -> None:
    with world.client("post") as client:
        (case,) = file(client, parcel("WITNESS-1"))
        proof = await_answer(
            client, f"/v1/receipts/{case['decision']['decision_id']}", '"cosignatures"'
        ).content
        verdict = client.post(
            "/v1/receipts/verify", content=proof, headers={"content-type": "application/json"}
        ).json()
        checkpoint = await_answer(client, "/log/checkpoint", "— witness.example/one ").text
        ready = await_answer(client, "/readyz", "witness-refuses").json()
        _, log_key = read_verifier_key(client.get("/log/key").text)
    witnesses = dict(read_verifier_key(one, COSIGNATURE) for one in keys)

    assert verify_receipt(proof, log_key, witnesses=witnesses, quorum_count=1).faults == ()
    assert verify_receipt(proof, log_key, witnesses=witnesses, quorum_count=2).faults == ("quorum-missing",)
    assert (verdict["is_genuine"], verdict["cosigned_by"]) == (True, ["witness.example/one"])
    signed_by = [line.split()[1] for line in checkpoint.split("\n\n")[1].splitlines()]
    assert signed_by == [ORIGIN, "witness.example/one"]
    assert ready["is_ready"]
    assert ["witness.example/two" in one["message"] for one in ready["alarms"]] == [True]
