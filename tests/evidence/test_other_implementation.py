"""An independent implementation (PyPI `aics-tlog`, `aics-witness`) verifies our log, our proofs and our
promises; its witness signs our log, and ours signs what its feeder brings."""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import AsyncConnection

from serai.evidence.integrator import integrate_once
from serai.evidence.notes import COSIGNATURE, encode_bytes, read_verifier_key, write_verifier_key
from serai.evidence.receipt import encode_receipt, promise_receipt, verify_receipt
from serai.evidence.static_files import publish_to_folder
from serai.evidence.store import Connection, prove_consistency, read_checkpoint_of_size, read_receipt
from serai.evidence.witnessing import WitnessAddress, ask_witnesses, find_failing
from serai.foundation.clock import SystemClock
from serai.foundation.posting import Poster
from tests.evidence.batches import AT, ORIGIN, SIGNER, promise, store
from tests.evidence.growing_log import GrowingLog
from tests.evidence.witness_process import await_port, running_witness

# Runs under Python 3.13: they need 3.12, Serai runs on 3.11.
PROGRAM = """
import base64, json, sys
import aics_tlog as t
from aics_tlog.note import parse_note, parse_vkey
from aics_tlog.tiles import FileSystemTileReader, inclusion_proof_from_tiles
from aics_tlog.verified import audit_tiles

task = json.load(sys.stdin)
reader = FileSystemTileReader(task["folder"])
key = parse_vkey(task["key"])
note = parse_note(open(task["folder"] + "/checkpoint", encoding="utf-8").read())
checkpoint = t.parse_checkpoint(note.text)
audit_tiles(reader, checkpoint.size, checkpoint.root, entries=True)

def unpack(text):
    data = base64.b64decode(text)
    return [data[i:i + 32] for i in range(0, len(data), 32)]

result = {
    "checkpoint": t.verify_checkpoint(note, key, expected_origin=task["origin"]).ok,
    "size": checkpoint.size,
    "proofs": [
        t.verify_leaf_inclusion(base64.b64decode(one["leaf"]), one["proof"]["index"], checkpoint.size,
                                unpack(one["proof"]["path"]), checkpoint.root)
        and unpack(one["proof"]["path"])
        == inclusion_proof_from_tiles(reader, one["proof"]["index"], checkpoint.size)
        for one in task["receipts"]
    ],
    "consistent": t.verify_consistency(
        task["old"]["size"], checkpoint.size, base64.b64decode(task["old"]["root"]), checkpoint.root,
        unpack(task["old"]["proof"])),
}
promise = t.parse_checkpoint(parse_note(task["promise"]["promise"]["note"]).text)
result["promise"] = t.verify_leaf_inclusion(
    base64.b64decode(task["promise"]["leaf"]), task["promise"]["promise"]["position"], promise.size,
    unpack(task["promise"]["promise"]["path"]), promise.root
) and t.verify_note(parse_note(task["promise"]["promise"]["note"]), [key])
json.dump(result, sys.stdout)
"""


# What a log does that was written by somebody else: it brings three checkpoints to our witness, then tries to
# go back, then comes with a second history under the same name.
FEEDER = """
import base64, json, sys
from aics_tlog.note import parse_vkey
from aics_witness.feeder import WitnessClient, WitnessRejected, WitnessAhead

task = json.load(sys.stdin)
client = WitnessClient(task["url"], task["witness"])

def submit(log, size):
    proofs = {tuple(map(int, key.split())): [base64.b64decode(one) for one in proof]
              for key, proof in task[log]["proofs"].items()}
    return client.submit(task[log]["notes"][str(size)], lambda old, new: proofs[old, new] if old else [])

signed = [submit("own", size).count("\\n") for size in (3, 3, 300)]
refused = []
for log, size in (("own", 3), ("other", 300), ("other", 400)):
    try:
        client.known_sizes.clear()
        submit(log, size)
    except (WitnessRejected, WitnessAhead) as fault:
        refused.append(type(fault).__name__)
json.dump({"signed": signed, "refused": refused}, sys.stdout)
"""


@functools.cache
def other_python() -> list[str]:
    """The command of a Python that has both packages."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on the path, so aics-tlog cannot be run in a Python of its own")
    command = [uv, "run", "--quiet", "--no-project", "--python", "3.13"]
    command += ["--with", "aics-tlog", "--with", "aics-witness", "python"]
    probe = subprocess.run(
        [*command, "-c", "import aics_tlog, aics_witness"],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if probe.returncode:
        pytest.skip(f"Python 3.13 with aics-witness cannot be had: {probe.stderr.strip()[-200:]}")
    return command


def run_other(task: dict[str, Any], program: str = PROGRAM) -> dict[str, Any]:
    done = subprocess.run(
        [*other_python(), "-c", program],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def test_aics_tlog_accepts_our_log_proofs_and_promises(connection: Connection, tmp_path: Path) -> None:
    for first, count in ((1, 300), (1000, 1), (2000, 777)):
        await store(connection, first, count)
        await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT)
    await publish_to_folder(connection, tmp_path)
    receipts = [
        await read_receipt(connection, leaf_id, administration_id=1) for leaf_id in (1, 256, 257, 1000, 2776)
    ]
    old = await read_checkpoint_of_size(connection, 301)
    assert old is not None
    proof = b"".join(await prove_consistency(connection, 301, 1078))

    found = run_other(
        {
            "folder": str(tmp_path),
            "key": write_verifier_key(ORIGIN, SIGNER.public_key),
            "origin": ORIGIN,
            "receipts": msgspec.to_builtins(receipts),
            "old": msgspec.to_builtins({"size": 301, "root": old.root, "proof": proof}),
            "promise": msgspec.to_builtins(promise_receipt(promise(1, 37), 20)),
        }
    )

    assert found == {
        "checkpoint": True,
        "size": 1078,
        "proofs": [True] * 5,
        "consistent": True,
        "promise": True,
    }


@pytest.mark.in_turn
def test_aics_feeder_is_served_by_our_witness_and_refused_what_it_must_not_sign(tmp_path: Path) -> None:
    leaves = [b"%d" % number for number in range(400)]
    logs = {"own": GrowingLog(leaves), "other": GrowingLog([b"another", *leaves[1:]])}
    sizes = (3, 300, 400)
    task: dict[str, Any] = {
        name: {
            "notes": {str(size): log.note(size) for size in sizes},
            "proofs": {
                f"{old} {new}": [encode_bytes(one) for one in log.prove(old, new)]
                for old in sizes
                for new in sizes
                if old <= new
            },
        }
        for name, log in logs.items()
    }
    with running_witness(tmp_path, "witness.example/1") as (url, key):
        found = run_other({**task, "url": url, "witness": key}, FEEDER)

    assert found == {"signed": [1, 1, 1], "refused": ["WitnessAhead", "WitnessRejected", "WitnessRejected"]}


async def test_aics_witness_signs_our_log_as_it_grows(
    connection: Connection, log_dsn: str, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def write() -> AsyncIterator[Connection]:
        async with await AsyncConnection.connect(log_dsn) as one:
            yield one

    with running_aics_witness(tmp_path) as (url, key):
        name, public_key = read_verifier_key(key, COSIGNATURE)
        witness = WitnessAddress(key, name, public_key, url)
        poster, asked = Poster(timeout_ms=10_000), []
        for first, count in ((1, 300), (1000, 1), (2000, 777)):
            await store(connection, first, count)
            await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT)
            await connection.commit()
            asked.append(
                await ask_witnesses(write, poster.post, [witness], quorum_count=1, clock=SystemClock())
            )
        await poster.close()
    receipt = await read_receipt(connection, 2500, administration_id=1)

    assert asked == [1, 1, 1]
    assert await find_failing(connection, [witness]) == []
    assert receipt is not None
    verdict = verify_receipt(
        encode_receipt(receipt), SIGNER.public_key, witnesses={name: public_key}, quorum_count=1
    )
    assert (verdict.faults, verdict.cosigned_by, verdict.tree_size) == ((), (name,), 1078)


@contextmanager
def running_aics_witness(folder: Path) -> Iterator[tuple[str, str]]:
    """A witness of the other implementation that knows our log: its address and its key."""
    program = [*other_python(), "-m", "aics_witness"]
    config = ["--config", str(folder / "witness.json")]

    def run(*words: str) -> str:
        done = subprocess.run([*program, *words], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = run("init", *config, "--name", "aics.example/w")
    key = next(word for word in said.split() if word.startswith("aics.example/w+"))
    run("add-log", *config, "--origin", ORIGIN, "--vkey", write_verifier_key(ORIGIN, SIGNER.public_key))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*program, "serve", *config, "--listen", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    try:
        await_port(port)
        yield f"http://127.0.0.1:{port}", key
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
