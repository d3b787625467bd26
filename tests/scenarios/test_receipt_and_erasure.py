"""A receipt that outlives everything: checked offline, after one byte is changed, after an erasure, after a
restore of yesterday's backup."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.evidence.receipt import verify_receipt
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.keys import KeyFolder
from serai.foundation.postgres_binaries import choose_server_user, find_binaries
from tests.faults.serving import Serving, encoded, parcel, serving, short_folder

ERASED, KEPT = "Aoife Example", "Brendan Example"


@pytest.fixture(scope="module")
def node() -> Iterator[Serving]:
    with short_folder() as folder, serving(folder, workers=1) as node:
        yield node


def person(name: str) -> dict[str, str]:
    return {**parcel("")["consignee"], "name": name}


def receipt_of(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer["receipt"], separators=(",", ":"), ensure_ascii=False).encode()


def proof_of(node: Serving, document: dict[str, Any], key: str) -> bytes:
    """The receipt of a decision, once the log has taken it in."""
    decision_id = node.send(encoded(document), key).json()["decision"]["decision_id"]
    end = time.monotonic() + 10
    while time.monotonic() < end:
        reply = node.get(f"/v1/receipts/{decision_id}", key)
        assert reply.status == 200
        if b'"proof"' in reply.content:
            return reply.content
        time.sleep(0.2)
    raise AssertionError("the promise never became a proof")


def verify(node: Serving, receipt: bytes, folder: Path) -> tuple[int, dict[str, Any]]:
    """`serai verify` in a folder that knows the log's public key and nothing else."""
    file = folder / "receipt.json"
    file.write_bytes(receipt)
    done = node.command("verify", file, "--public-key", node.folder / "log.key", "--output", "json")
    return done.returncode, json.loads(done.stdout)


def keep_public_key(node: Serving) -> bytes:
    key = KeyFolder(node.data / "keys").signing_key(())
    line = node.get("/log/key").content.decode()
    (node.folder / "log.key").write_text(line)
    return key.public_key


@pytest.mark.in_turn
def test_one_changed_byte_anywhere_makes_a_receipt_fail(node: Serving, tmp_path: Path) -> None:
    _, key = node.add_party("Invented Filer 1")
    public_key = keep_public_key(node)
    promise = receipt_of(node.send(encoded(parcel("BYTE-1")), key).json())
    proof = proof_of(node, parcel("BYTE-1"), key)

    for receipt, holds in ((promise, "promise"), (proof, "proof")):
        assert verify(node, receipt, tmp_path)[1]["holds"] == holds
        for place in range(len(receipt)):
            for change in (1, 32, 128):
                changed = receipt[:place] + bytes([receipt[place] ^ change]) + receipt[place + 1 :]
                assert not verify_receipt(changed, public_key, []).is_genuine, (holds, place, change)
            assert not verify_receipt(receipt[:place], public_key, []).is_genuine
            assert not verify_receipt(receipt[:place] + receipt[place + 1 :], public_key, []).is_genuine
    code, said = verify(node, proof.replace(b"A", b"B", 1), tmp_path)
    assert (code, said["genuine"]) == (1, False)


@pytest.mark.in_turn
def test_an_erased_person_stays_erased_when_yesterdays_backup_is_restored(
    node: Serving, tmp_path: Path
) -> None:
    _, key = node.add_party("Invented Filer 2")
    keep_public_key(node)
    one = parcel("ERASE-1", consignee=person(ERASED))
    other = parcel("ERASE-2", consignee=person(KEPT))
    answers = [node.send(encoded(document), key).json() for document in (one, other)]
    receipts = [receipt_of(answers[0]), proof_of(node, one, key), proof_of(node, other, key)]
    # Nobody is erased out of an open case.
    words = {"reason": "not sent", "expected_version": 1}
    ended = node.send(encoded(words), key, path="/v1/declarations/ERASE-1/invalidation").json()
    backup = dump(node, tmp_path / "yesterday.dump")

    persons = {row["role"]: row for row in said(node, "person", "list", answers[0]["case_id"])}
    erased = said(node, "person", "erase", persons["consignee"]["person"], "--ground", "subject-request")
    late = node.send(encoded(parcel("ERASE-3", consignee=person(KEPT))), key)

    assert erased["was_there"]
    assert late.json()["status"] == "decided", "filing goes on under a new key"
    assert [verify(node, receipt, tmp_path)[0] for receipt in receipts] == [0, 0, 0]
    assert states(node, answers[0]) == {"consignor": "kept", "consignee": "erased"}
    assert names_of(node, answers) == [{"consignor"}, {"consignor", "consignee"}]

    node.stop()
    restore(node, backup)

    # The rows are back; their key is not.
    assert states(node, answers[0]) == {"consignor": "kept", "consignee": "kept"}
    assert names_of(node, answers) == [{"consignor"}, {"consignor", "consignee"}]
    assert said(node, "person", "mend") == {"erased_again": 1}
    assert states(node, answers[0]) == {"consignor": "kept", "consignee": "erased"}
    # What was signed since yesterday is not in this database: the log does not go on by itself.
    refused = node.command("serve", "--port", "0")
    assert (refused.returncode, "log-went-back" in refused.stderr) == (2, True), refused.stderr
    node.environment = {"SERAI_LOG_ORIGIN": "other.example/log"}
    renamed = node.command("serve", "--port", "0")
    assert (renamed.returncode, "log-origin-changed" in renamed.stderr) == (2, True), renamed.stderr
    node.environment = {}
    lost = said(node, "log", "recover", "--reason", "yesterday's backup, a lost disk")
    assert lost["leaves_lost"] == lost["leaves_signed"] - lost["leaves_there"] > 0
    node.start()
    ready = node.get("/readyz", None).json()
    assert ready["is_ready"], ready
    assert said(node, "log", "verify")["faults"] == []
    acts = node.rows("SELECT kind, detail FROM administering_act ORDER BY act_id DESC LIMIT 1")
    assert acts[0][0] == "log-recovered"
    assert "lost: yesterday's backup" in acts[0][1]
    assert names_of(node, answers) == [{"consignor"}, {"consignor", "consignee"}]
    assert [verify(node, receipt, tmp_path)[0] for receipt in receipts] == [0, 0, 0]
    again = node.send(encoded(one), key).json()
    assert (again["status"], again["decision"]) == ("repeated", ended["decision"])


@pytest.mark.in_turn
def test_nobody_is_erased_out_of_an_open_case_and_a_hold_is_placed_and_lifted(node: Serving) -> None:
    _, key = node.add_party("Invented Filer 4")
    answer = node.send(encoded(parcel("RESTRICT-1", consignee=person(KEPT))), key).json()
    persons = {row["role"]: row for row in said(node, "person", "list", answer["case_id"])}
    wanted = persons["consignee"]["person"]

    refused = node.command("person", "erase", wanted, "--ground", "subject-request", "--output", "json")
    waiting = said(node, "person", "restricted")
    hold = said(node, "hold", "add", answer["case_id"], "--ground", "appeal")["hold"]
    lifted = said(node, "hold", "lift", hold)
    (listed,) = said(node, "hold", "list")

    assert refused.returncode == 1, refused.stderr
    told = json.loads(refused.stdout)
    assert (told["state"], told["code"], told["ground"]) == ("restricted", "erasure-refused", "open-case")
    assert [(one["person"], one["ground"]) for one in waiting] == [(wanted, "open-case")]
    assert lifted["state"] == "lifted"
    assert (listed["case"], listed["ground"], listed["lifted_at"] != "") == (
        answer["case_id"],
        "appeal",
        True,
    )


def test_no_name_and_no_free_words_lie_open_anywhere_in_the_database(node: Serving, tmp_path: Path) -> None:
    _, key = node.add_party("Invented Filer 3")
    names = person("Zebulon Quixwood")
    node.send(encoded(parcel("OPEN-1", consignee={**names, "phone": "+353155512345"})), key)
    node.send(encoded({**parcel("OPEN-1"), "consignee": {**names, "name": 7}}), key)
    (item,) = parcel("")["goods_items"]
    item["description"] = "Teapot as promised to Wilhelmina"
    rendered = parcel("OPEN-2", goods_items=[item])
    assert node.send(encoded(rendered), key).json()["status"] == "decided"
    amended = {**rendered, "amends_version": 1, "amendment_reason": "Ludovica asked for it"}
    item["quantity"] = "2"
    assert node.send(encoded(amended), key).json()["version"] == 2
    withdrawn = node.send(
        encoded({"reason": "Philippa does not want it", "expected_version": 2}),
        key,
        path="/v1/declarations/OPEN-2/invalidation",
    )
    assert withdrawn.status == 200, withdrawn.content

    plain = tmp_path / "all.sql"
    run(node, "pg_dump", "--format=plain", f"--file={plain}", owner_of=plain)

    text = plain.read_bytes()
    assert b"OPEN-1" in text, "the dump holds what was filed"
    names_in_words = (b"Wilhelmina", b"Ludovica", b"Philippa")
    for secret in (b"Zebulon", b"Quixwood", b"353155512345", *names_in_words):
        # bytea is written in hexadecimal
        assert secret not in text, secret
        assert secret.hex().encode() not in text, secret
    assert not any(secret.decode() in node.said() for secret in (b"Zebulon", *names_in_words))


# ---- what an operator does ----


def said(node: Serving, *words: str) -> Any:
    done = node.command(*words, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def states(node: Serving, answer: dict[str, Any]) -> dict[str, str]:
    return {row["role"]: row["state"] for row in said(node, "person", "list", answer["case_id"])}


def names_of(node: Serving, answers: list[dict[str, Any]]) -> list[set[str]]:
    """The roles whose fields the vault still opens, for each case."""
    found = []
    for answer in answers:
        persons = said(node, "person", "list", answer["case_id"])
        opened = said_by_vault(node, {row["role"]: row for row in persons})
        assert ERASED not in str(opened.get("consignee")) or "consignee" in opened
        found.append(set(opened))
    return found


def said_by_vault(node: Serving, persons: dict[str, dict[str, str]]) -> dict[str, bytes]:
    """Open persons as the application does, with the node's keys."""
    script = """
import asyncio, json, sys
from pathlib import Path
from serai.cli.node import open_node
from serai.foundation.id_text import parse_id
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach, open_people
async def go():
    async with open_node() as node:
        keyring = Keyring(node.settings.data.epochs_folder)
        wanted = json.loads(sys.argv[1])
        records = {role: (parse_id(row["person"]), parse_id(row["document"])) for role, row in wanted.items()}
        reach = Reach(node.administration_id, "examination", "officer-7", node.clock.now())
        opened = await open_people(node.database.write, keyring, list(records.values()), reach)
        found = {role: opened[one].value.decode() for role, one in records.items() if one in opened}
        print(json.dumps(found))
asyncio.run(go())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(persons)],
        cwd=node.folder,
        env=node.variables(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, bytes] = json.loads(done.stdout)
    return found


def dump(node: Serving, file: Path) -> Path:
    run(node, "pg_dump", "--format=custom", f"--file={file}", owner_of=file)
    return file


def restore(node: Serving, backup: Path) -> None:
    """As the how-to says: an empty database, the backup in it."""
    server = EmbeddedPostgres(node.data / "postgres")
    server.start()
    try:
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute("DROP DATABASE serai WITH (FORCE)")
            connection.execute("CREATE DATABASE serai OWNER serai")
        run(node, "pg_restore", "--exit-on-error", str(backup), owner_of=backup, option="--dbname")
    finally:
        server.stop()


def run(node: Serving, program: str, *words: str, owner_of: Path, option: str = "--dbname") -> None:
    """Run one of PostgreSQL's programs against the node's database, as an operator would."""
    user = choose_server_user(node.data / "postgres")
    binaries = find_binaries(node.data / "postgres" / "binaries", user)
    dsn = psycopg.conninfo.make_conninfo(node.dsn, user="postgres")
    done = subprocess.run(
        [str(binaries / program), option, dsn, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert owner_of.stat().st_size > 0
