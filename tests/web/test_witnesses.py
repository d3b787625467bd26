"""A node with two witnesses: receipts carry the signature of the one that signs, the other is told."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest

from serai.evidence.notes import COSIGNATURE, decode_bytes, read_verifier_key, write_verifier_key
from serai.evidence.proofs import is_consistent
from serai.evidence.receipt import verify_receipt
from serai.evidence.tiles import hash_range
from serai.foundation.keys import KeyFolder
from serai.foundation.settings import LogSettings
from tests.cli.typing_commands import typed
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
            publish_folder=str(folder / "public"),
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
    with world.client("officer") as reader:
        metrics = reader.get("/metrics").text
    witnesses = dict(read_verifier_key(one, COSIGNATURE) for one in keys)

    assert verify_receipt(proof, log_key, witnesses=witnesses, quorum_count=1).faults == ()
    assert verify_receipt(proof, log_key, witnesses=witnesses, quorum_count=2).faults == ("quorum-missing",)
    assert (verdict["is_genuine"], verdict["cosigned_by"]) == (True, ["witness.example/one"])
    signed_by = [line.split()[1] for line in checkpoint.split("\n\n")[1].splitlines()]
    assert signed_by == [ORIGIN, "witness.example/one"]
    assert "\nserai_witnesses_failing 1.0\n" in metrics
    assert ready["is_ready"]
    assert ["witness.example/two" in one["message"] for one in ready["alarms"]] == [True]


@pytest.mark.in_turn
def test_log_is_kept_as_files_which_anybody_can_audit(
    world: World, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with world.client("post") as client:
        file(client, *(parcel(f"PUBLIC-{number}") for number in range(300)))
        _, key = read_verifier_key(line := client.get("/log/key").text.strip())
        end = time.monotonic() + 40
        while (size := size_of(folder / "public" / "checkpoint")) < 300:
            assert time.monotonic() < end
            time.sleep(0.1)
        proof = client.get("/log/consistency", params={"old_size": 200, "new_size": size}).text.split()
        refused = [
            client.get("/log/consistency", params={"old_size": old, "new_size": new}).json()["code"]
            for old, new in ((9, 8), (0, 8), (1, size * 1000))
        ]
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        found = connection.execute("SELECT tree_size, root FROM log_checkpoint ORDER BY tree_size").fetchall()
    roots: dict[int, bytes] = dict(found)

    by_folder = typed(capfd, "log", "audit", folder / "public", "--public-key", line)
    by_address = typed(capfd, "log", "audit", f"{world.address}/log", "--public-key", line)
    stranger = write_verifier_key(ORIGIN, bytes(32))
    not_theirs = typed(capfd, "log", "audit", folder / "public", "--public-key", stranger)
    nowhere = typed(capfd, "log", "audit", folder, "--public-key", line)

    assert len(key) == 32
    assert (by_folder.code, by_folder.json()["faults"]) == (0, [])
    assert (by_address.code, by_address.json()["faults"]) == (0, [])
    assert by_folder.json()["leaves"] >= size
    assert [one["code"] for one in not_theirs.json()["faults"]] == ["checkpoint-not-signed"]
    assert (nowhere.code, nowhere.err.partition(":")[0]) == (2, "log-files-missing")
    assert refused == ["sizes-not-in-order", "input-faulty", "tile-missing"]
    assert size in roots
    assert is_consistent(200, size, root_of(folder, 200), roots[size], [decode_bytes(one) for one in proof])


def size_of(checkpoint: Path) -> int:
    return int(checkpoint.read_text().split("\n")[1]) if checkpoint.is_file() else 0


def root_of(folder: Path, size: int) -> bytes:
    """The root of the first leaves, of which the files hold a whole tile."""
    tile = (folder / "public" / "tile/0/000").read_bytes()
    return hash_range({(0, 0): tile}, 0, size)
