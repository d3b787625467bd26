"""`serai verify`: promise or proof, one changed byte, opened fields, whose key."""

import ast
import http.server
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from serai.evidence.hashing import leaf_hashes, paths, tree_levels
from serai.evidence.notes import Checkpoint, sign_checkpoint, write_verifier_key
from serai.evidence.receipt import encode_receipt, promise_receipt, proof_receipt
from serai.evidence.sentences import FAULTS
from serai.foundation.keys import KeyFolder
from serai.model import errors
from tests.cli.typing_commands import typed
from tests.evidence.batches import ORIGIN, SIGNER, promise
from tests.evidence.signing import SeedSigner

KEY = write_verifier_key(ORIGIN, SIGNER.public_key)


@pytest.fixture
def promised(tmp_path: Path) -> Path:
    path = tmp_path / "promise.json"
    path.write_bytes(encode_receipt(promise_receipt(promise(1, 5), 3)))
    return path


@pytest.fixture
def proven(tmp_path: Path) -> Path:
    leaves = promise(1, 5).leaf_data
    levels = tree_levels(leaf_hashes(leaves))
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), levels[-1][0]), SIGNER)
    path = tmp_path / "proof.json"
    path.write_bytes(encode_receipt(proof_receipt(leaves[3], 3, [paths(levels)[3]], checkpoint)))
    return path


def test_a_promise_and_a_proof_are_told_apart(
    capfd: pytest.CaptureFixture[str], promised: Path, proven: Path
) -> None:
    first = typed(capfd, "verify", promised, "--public-key", KEY)
    second = typed(capfd, "verify", proven, "--public-key", KEY)

    assert (first.code, first.json()["holds"]) == (0, "promise")
    assert (second.code, second.json()["holds"]) == (0, "proof")
    assert "by 2026-07-01 12:00:02 UTC" in first.json()["verdict"]
    assert second.json()["index"] == 3
    assert second.json()["faults"] == []


def test_one_changed_byte_is_a_fault_in_plain_words(capfd: pytest.CaptureFixture[str], proven: Path) -> None:
    content = bytearray(proven.read_bytes())
    content[len(content) // 2] ^= 1
    proven.write_bytes(content)

    said = typed(capfd, "verify", proven, "--public-key", KEY)
    table = typed(capfd, "verify", proven, "--public-key", KEY, "--output", "table")

    assert (said.code, table.code) == (1, 1)
    assert said.json()["genuine"] is False
    assert said.json()["faults"][0]["sentence"] == FAULTS[said.json()["faults"][0]["code"]]
    assert "holds" not in said.json()
    assert "not genuine" in table.out


def test_another_logs_key_does_not_fit(capfd: pytest.CaptureFixture[str], proven: Path) -> None:
    stranger = write_verifier_key(ORIGIN, SeedSigner(2).public_key)
    renamed = write_verifier_key("elsewhere.example/log", SIGNER.public_key)

    assert (
        typed(capfd, "verify", proven, "--public-key", stranger).json()["faults"][0]["code"]
        == "signature-wrong"
    )
    assert (
        typed(capfd, "verify", proven, "--public-key", renamed).json()["faults"][0]["code"]
        == "origin-differs"
    )


def test_a_field_is_opened_by_its_salt_and_value(
    capfd: pytest.CaptureFixture[str], promised: Path, tmp_path: Path
) -> None:
    # The batch's salts are the bytes 0 to 255 over and over: those of `document` first, five of them.
    salt = bytes(range(48, 64))
    opening = {"name": "document", "salt": b64encode(salt).decode(), "value": b64encode(b"4").decode()}
    (tmp_path / "document.json").write_text(json.dumps({"openings": [opening]}))
    opening["value"] = b64encode(b"5").decode()
    (tmp_path / "false.json").write_text(json.dumps({"openings": [opening]}))

    right = typed(capfd, "verify", promised, "--public-key", KEY, "--open", "document=document.json")
    wrong = typed(capfd, "verify", promised, "--public-key", KEY, "--open", "document=false.json")

    assert (right.code, right.json()["opened"]) == (0, ["document"])
    assert (wrong.code, wrong.json()["not_opened"]) == (1, ["document"])
    assert wrong.json()["faults"][0]["code"] == "field-not-committed"


def test_file_that_does_not_open_the_field_asked_for_is_told(
    capfd: pytest.CaptureFixture[str], promised: Path, tmp_path: Path
) -> None:
    (tmp_path / "none.json").write_text('{"openings": []}')

    said = typed(capfd, "verify", promised, "--public-key", KEY, "--open", "document=none.json")

    assert said.code == 2
    assert "opening-unreadable" in said.err


def test_without_a_key_this_nodes_own_is_used_and_none_is_made(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, promised: Path
) -> None:
    without = typed(capfd, "verify", promised)
    assert not (tmp_path / ".serai").exists()
    (tmp_path / ".serai").mkdir()
    KeyFolder(tmp_path / ".serai" / "keys").signing_key(())

    other = typed(capfd, "verify", promised)

    assert without.err.startswith("log-key-needed: ")
    assert other.code == 1
    assert other.json()["faults"][0]["code"] == "signature-wrong"


@pytest.fixture
def log_address(tmp_path: Path) -> Iterator[str]:
    """A web server on the loopback that publishes the log's key."""
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "key").write_text(f"{KEY}\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: object) -> None:
            super().__init__(*given, directory=str(tmp_path / "published"))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_key_can_be_asked_of_the_log(
    capfd: pytest.CaptureFixture[str], proven: Path, log_address: str
) -> None:
    said = typed(capfd, "verify", proven, "--log", log_address)

    assert (said.code, said.json()["key_from"]) == (0, log_address)
    assert typed(capfd, "verify", proven, "--log", f"{log_address}/absent").err.startswith(
        "log-unreachable: "
    )
    assert typed(capfd, "verify", proven, "--log", "file:///etc/passwd").err.startswith("log-address: ")


def test_every_fault_a_verdict_can_have_has_its_sentence() -> None:
    folder = Path(errors.__file__).parents[1] / "evidence"
    raised = {
        call.args[0].value
        for name in ("receipt", "leaf", "notes", "promise", "proofs", "hashing")
        for call in ast.walk(ast.parse((folder / f"{name}.py").read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("EvidenceError", "_fault")
        and isinstance(call.args[0], ast.Constant)
    }
    # Of keys and checkpoints that stand alone, and of stored batches: never in a receipt.
    elsewhere = {"verifier-key-unreadable", "checkpoint-not-signed", "promise-differs"}

    assert raised - elsewhere <= FAULTS.keys(), raised - elsewhere - FAULTS.keys()
