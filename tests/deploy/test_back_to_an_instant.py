"""A disk is lost, or a day's work was wrong: base backup and journal bring the database back to an instant,
the keys stay as they are. The database alone, in short: tests/foundation/test_postgres_restore.py."""

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from serai.evidence.receipt import verify_receipt
from serai.foundation.keys import KeyFolder
from tests.faults.serving import Serving, encoded, parcel, serving, short_folder

ERASED, KEPT = "Aoife Example", "Brendan Example"


@pytest.fixture(scope="module")
def node() -> Iterator[Serving]:
    with short_folder() as folder:
        variables = {"SERAI_DATABASE_ARCHIVE_FOLDER": str(folder / "archive")}
        with serving(folder, workers=1, environment=variables) as node:
            yield node


def said(node: Serving, *words: str) -> Any:
    done = node.command(*words, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def file_for(node: Serving, key: str, reference: str, name: str = KEPT) -> dict[str, Any]:
    person = {**parcel("")["consignee"], "name": name}
    answer: dict[str, Any] = node.send(encoded(parcel(reference, consignee=person)), key).json()
    assert answer["status"] == "decided", answer
    return answer


def kill_all(node: Serving) -> None:
    """No process of the node, PostgreSQL included, says goodbye."""
    assert node.process is not None
    victims = [node.process.pid, *node.web_process_ids(), node.database_process_id()]
    for process_id in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
    node.process.wait(20)
    node.process = None


def genuine(node: Serving, answer: dict[str, Any]) -> bool:
    receipt = json.dumps(answer["receipt"], separators=(",", ":"), ensure_ascii=False).encode()
    key = KeyFolder(node.data / "keys").signing_key(())
    return verify_receipt(receipt, key.public_key, []).is_genuine


def names_seen(node: Serving, answer: dict[str, Any]) -> str:
    persons = said(node, "person", "list", answer["case_id"])
    return next(str(row["state"]) for row in persons if row["role"] == "consignee")


@pytest.mark.slow
def test_after_a_kill_the_database_goes_back_to_an_instant_and_erased_people_stay_erased(
    node: Serving,
) -> None:
    _, key = node.add_party("Invented Filer")
    before = file_for(node, key, "PIT-1", ERASED)
    # Nobody is erased out of an open case.
    words = {"reason": "not sent", "expected_version": 1}
    assert node.send(encoded(words), key, path="/v1/declarations/PIT-1/invalidation").status == 200
    taken = said(node, "backup", "take")
    after_base = file_for(node, key, "PIT-2")
    instant = datetime.now(UTC)
    time.sleep(0.1)
    persons = {row["role"]: row["person"] for row in said(node, "person", "list", before["case_id"])}
    said(node, "person", "erase", persons["consignee"], "--ground", "subject-request")
    late = file_for(node, key, "PIT-3")

    kill_all(node)
    outcome = said(node, "backup", "restore", "--until", instant.isoformat(), "--reason", "a wrong day")
    node.start()

    assert outcome["base"] == taken["folder"]
    assert (outcome["erased_again"], outcome["leaves_lost"] > 0) == (1, True)
    assert node.get("/readyz", None).json()["is_ready"]
    assert [row[0] for row in node.rows("SELECT reference FROM consignment ORDER BY reference")] == [
        "PIT-1",
        "PIT-2",
    ]
    assert [names_seen(node, one) for one in (before, after_base)] == ["erased", "kept"]
    assert [genuine(node, one) for one in (before, after_base, late)] == [True] * 3
    assert said(node, "log", "verify")["faults"] == []
    again = node.send(
        encoded(parcel("PIT-1", consignee={**parcel("")["consignee"], "name": ERASED})), key
    ).json()
    assert again["status"] == "repeated"
    assert file_for(node, key, "PIT-3")["status"] == "decided", "what was lost is filed again"


@pytest.mark.slow
def test_without_an_instant_nothing_that_was_answered_is_lost_though_the_data_are(
    node: Serving,
) -> None:
    _, key = node.add_party("Invented Filer 2")
    said(node, "backup", "take")
    refused = node.command("backup", "restore", "--reason", "it runs")
    assert (refused.returncode, "database-runs" in refused.stderr) == (2, True), refused.stderr
    answers = [file_for(node, key, f"ALL-{number}") for number in range(3)]
    kill_all(node)
    # All but the journal is gone, as with a disk of its own for it.
    data = (node.data / "postgres").resolve() / "data"
    for path in data.iterdir():
        if path.name != "pg_wal":
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    outcome = said(node, "backup", "restore", "--reason", "a lost disk")
    node.start()

    assert outcome["leaves_lost"] == 0
    assert [genuine(node, one) for one in answers] == [True] * 3
    references = node.rows(
        "SELECT reference FROM consignment WHERE reference LIKE 'ALL-%%' ORDER BY reference"
    )
    assert [row[0] for row in references] == ["ALL-0", "ALL-1", "ALL-2"]
