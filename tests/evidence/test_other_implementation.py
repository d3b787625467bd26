"""An independent implementation (PyPI `aics-tlog`) verifies our log, our proofs and our promises."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.evidence.audit import publish_to_folder
from serai.evidence.integrator import integrate_once
from serai.evidence.notes import write_verifier_key
from serai.evidence.receipt import promise_receipt
from serai.evidence.store import Connection, prove_consistency, read_checkpoint_of_size, read_receipt
from tests.evidence.batches import AT, ORIGIN, SIGNER, promise, store

# Runs under Python 3.13: aics-tlog needs 3.12, Serai runs on 3.11.
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


def run_other(task: dict[str, Any]) -> dict[str, Any]:
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not on the path, so aics-tlog cannot be run in a Python of its own")
    command = [uv, "run", "--quiet", "--no-project", "--python", "3.13", "--with", "aics-tlog", "python"]
    probe = subprocess.run(
        [*command, "-c", "import aics_tlog"], capture_output=True, text=True, cwd="/", check=False
    )
    if probe.returncode:
        pytest.skip(f"Python 3.13 with aics-tlog cannot be had: {probe.stderr.strip()[-200:]}")
    done = subprocess.run(
        [*command, "-c", PROGRAM],
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
