"""The verifier in examples/verifier-typescript, written from the page on receipts, says what ours says."""

import json
import subprocess
from base64 import b64encode
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.evidence.leaf import Opening
from serai.evidence.notes import COSIGNATURE, write_verifier_key
from serai.evidence.receipt import verify_receipt
from tests.cli.typing_commands import typed
from tests.evidence.signing import SeedSigner
from tests.evidence.test_receipt import (
    FIELDS,
    ORIGIN,
    SIGNER,
    commit,
    cosignature,
    cosigned,
    promised,
    proven,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "verifier-typescript"
KEY = write_verifier_key(ORIGIN, SIGNER.public_key)
WITNESS = SeedSigner(3)

SCRIPT = """
import {{ readFileSync }} from "node:fs";
import {{ readVerifierKey, verifyReceipt }} from {module};
const {{ key, witness, cases }} = JSON.parse(readFileSync(0, "utf8"));
const witnesses = [{{ name: witness.name, key: Buffer.from(witness.key, "base64") }}];
console.log(JSON.stringify(cases.map((one) =>
  verifyReceipt(Buffer.from(one.receipt, "base64"), readVerifierKey(key), one.openings, witnesses))));
"""


def find_node() -> Path:
    """A Node that reads TypeScript by itself: the one that comes with Playwright."""
    driver = find_spec("playwright")
    if driver is None or driver.origin is None:
        pytest.skip("no Node that reads TypeScript: Playwright, which brings one, is not installed")
    node = Path(driver.origin).parent / "driver" / "node"
    if not node.is_file():
        pytest.skip(f"no Node that reads TypeScript: {node} is missing")
    return node


def ask_other(cases: list[tuple[bytes, list[Opening]]], folder: Path) -> list[dict[str, Any]]:
    """What the other verifier says of receipts, each with openings."""
    task = {
        "key": KEY,
        "witness": {"name": "witness.example/w", "key": b64encode(WITNESS.public_key).decode()},
        "cases": [
            {"receipt": b64encode(receipt).decode(), "openings": msgspec.to_builtins(openings)}
            for receipt, openings in cases
        ],
    }
    script = folder / "ask.mts"
    script.write_text(SCRIPT.format(module=json.dumps(str(EXAMPLE / "receipt.mts"))))
    done = subprocess.run(
        [str(find_node()), "--no-warnings", str(script)],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_genuine_receipts_are_genuine_to_both(tmp_path: Path) -> None:
    receipts = [promised(5)[3], promised(1)[0], proven(100, 42), proven(1, 0), proven(13, 12)]

    others = ask_other([(receipt, []) for receipt in receipts], tmp_path)

    for receipt, other in zip(receipts, others, strict=True):
        own = verify_receipt(receipt, SIGNER.public_key)
        assert own.leaf is not None
        assert (other["genuine"], other["holds"], other["log"]) == (True, own.holds, own.origin)
        assert (other["number"], other["at"]) == (str(own.leaf.leaf_id), "2026-07-01T12:00:00.250Z")
        assert (other.get("index"), other.get("treeSize")) == (own.index, own.tree_size)


@pytest.mark.in_turn
@pytest.mark.parametrize("receipt", [promised(11)[10], proven(13, 4)], ids=["promise", "proof"])
def test_one_changed_byte_anywhere_is_seen_by_both(receipt: bytes, tmp_path: Path) -> None:
    changed = [
        receipt[:place] + other + receipt[place + gone :]
        for place, byte in enumerate(receipt)
        for other, gone in (
            (bytes([byte ^ 1]), 1),
            (bytes([byte ^ 0x20]), 1),
            (bytes([byte ^ 0x80]), 1),
            (b"", 1),
            (b" ", 0),
        )
    ] + [receipt + b"\n", b"\xef\xbb\xbf" + receipt, b"", b"[]", b"null", b'{"format":"serai-receipt-2"}']

    others = ask_other([(one, []) for one in changed], tmp_path)

    assert not any(verify_receipt(one, SIGNER.public_key).is_genuine for one in changed)
    assert [place for place, other in enumerate(others) if other["genuine"]] == []


def test_fields_open_to_both_and_false_ones_do_not(tmp_path: Path) -> None:
    commitments, fields = commit(9)
    receipt = promised(9)[4]
    right = [Opening(name, commitments.salts[name][4], fields[name][4]) for name in FIELDS]
    false = [
        Opening("decision", right[3].salt, b"refuse"),
        Opening("document", right[3].salt, right[3].value),
        Opening("document", right[0].salt[:-1], right[0].salt[-1:] + right[0].value),
    ]

    whole, *others = ask_other([(receipt, right), *((receipt, [one]) for one in false)], tmp_path)

    assert (whole["genuine"], whole["opened"]) == (True, list(FIELDS))
    assert [one.get("fault") for one in others] == ["field-not-committed"] * 3


def test_witness_is_seen_by_both(tmp_path: Path) -> None:
    plain = proven(5, 1)
    line = cosignature(plain, "witness.example/w", WITNESS, 1_782_907_200)
    forged = cosignature(plain, "witness.example/w", SeedSigner(4), 5)
    unknown = cosignature(plain, "stranger.example/w", SeedSigner(4), 5)

    seen, wrong = ask_other([(cosigned(plain, line, unknown), []), (cosigned(plain, forged), [])], tmp_path)

    assert (seen["genuine"], seen["cosignedBy"]) == (True, ["witness.example/w"])
    assert wrong["fault"] == "cosignature-wrong"


def test_command_asks_for_a_quorum_of_witnesses_as_ours_does(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plain, receipt = proven(5, 1), tmp_path / "receipt.json"
    receipt.write_bytes(cosigned(plain, cosignature(plain, "witness.example/w", WITNESS, 1_782_907_200)))
    signed = write_verifier_key("witness.example/w", WITNESS.public_key, COSIGNATURE)
    away = write_verifier_key("other.example/w", SeedSigner(4).public_key, COSIGNATURE)
    command = [str(find_node()), "--no-warnings", str(EXAMPLE / "verify.mts"), str(receipt), KEY]
    found: list[tuple[Any, ...]] = []
    for quorum in ("1", "2"):
        words = ["--witness-key", signed, "--witness-key", away, "--quorum", quorum]
        own = typed(capfd, "verify", receipt, "--public-key", KEY, *words)
        found.append((own.code, [one["code"] for one in own.json()["faults"]], own.json().get("cosigned_by")))
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
        other = json.loads(done.stdout)
        found.append((done.returncode, other.get("fault"), other.get("cosignedBy")))

    assert found == [
        (0, [], ["witness.example/w"]),
        (0, None, ["witness.example/w"]),
        (1, ["quorum-missing"], None),
        (1, "quorum-missing", None),
    ]


def test_command_says_what_it_found(tmp_path: Path) -> None:
    receipt, openings = tmp_path / "receipt.json", tmp_path / "openings.json"
    commitments, fields = commit(3)
    receipt.write_bytes(promised(3)[1])
    opening = Opening("decision", commitments.salts["decision"][1], fields["decision"][1])
    openings.write_bytes(msgspec.json.encode({"openings": [opening]}))
    command = [str(find_node()), "--no-warnings", str(EXAMPLE / "verify.mts"), str(receipt)]
    stranger = write_verifier_key(ORIGIN, SeedSigner(2).public_key)

    good = subprocess.run([*command, KEY, str(openings)], capture_output=True, text=True, check=False)
    bad = subprocess.run([*command, stranger], capture_output=True, text=True, check=False)

    assert (good.returncode, json.loads(good.stdout)["opened"]) == (0, ["decision"]), good.stderr
    assert (bad.returncode, json.loads(bad.stdout)["fault"]) == (1, "signature-wrong"), bad.stderr
