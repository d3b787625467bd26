"""Must-show 7: law is changed while parcels come in on several connections. No request is lost, and each
decision is of exactly one generation."""

import io
import json
import shutil
import threading
import time
import zipfile
from collections import Counter
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from serai.foundation.access import parties
from serai.foundation.database import Database
from serai.foundation.ids import IdSource
from tests.faults.serving import JSON, NDJSON, ROOT, Serving, ndjson, parcel, serving, short_folder

CLIENTS = 4
FLAT_DUTIES = {300: "value: 3.00 EUR, source: flat_duty", 500: "value: 5.00 EUR, source: flat_duty"}
"""What a goods item pays in each of the two laws, and how the pack says so."""

DECIDED = """
SELECT reference, charge.amount_minor, component.content
FROM decision
JOIN consignment ON consignment.consignment_id = decision.consignment_id
JOIN charge ON charge.decision_id = decision.decision_id AND charge.kind = 0
JOIN basis ON basis.basis_id = decision.basis_id
JOIN basis_component AS component ON component.component_hash = ANY (basis.component_hashes)
WHERE component.name = 'EU-2026/pack.yaml'
"""
DECISIONS = "SELECT count(*), count(DISTINCT consignment_id) FROM decision"


def packed(folder: Path) -> bytes:
    """A folder of packs as an archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder))
    return archive.getvalue()


def folder_with(folder: Path, flat_duty: int) -> Path:
    """The shipped packs with another flat duty of the European Union."""
    shutil.copytree(ROOT / "laws", folder)
    pack = folder / "EU-2026" / "pack.yaml"
    text = pack.read_text()
    assert text.count(FLAT_DUTIES[300]) == 1
    pack.write_text(text.replace(FLAT_DUTIES[300], FLAT_DUTIES[flat_duty]))
    return folder


def legal_key(node: Serving) -> str:
    """A key that may put law in force."""

    async def do(database: Database, ids: IdSource, at: datetime) -> str:
        party_id, key_id = (int(one) for one in ids.take(2))
        async with database.write() as connection:
            await parties.create_party(
                connection, party_id=party_id, administration_id=1, name="Law office", at=at
            )
            await parties.add_role(connection, party_id=party_id, administration_id=1, role="legal", at=at)
            made = await parties.add_key(
                connection,
                key_id=key_id,
                party_id=party_id,
                administration_id=1,
                scopes=frozenset({"administering"}),
                at=at,
                expires_at=None,
            )
        return made.text

    return node.work(do)


class Senders:
    """Clients that file one parcel after the other, each on one connection that stays open."""

    def __init__(self, node: Serving, key: str) -> None:
        self._node, self._key = node, key
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(one,)) for one in range(CLIENTS)]
        self.statuses: Counter[int] = Counter()
        self.answers: dict[str, Any] = {}
        self.faults: list[str] = []

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def await_more(self, count: int) -> None:
        """Wait until so many more parcels are answered."""
        wanted, end = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < wanted:
            assert time.monotonic() < end, (len(self.answers), wanted, self.faults, self.statuses)
            time.sleep(0.02)

    def _send(self, client: int) -> None:
        connection: HTTPConnection = self._node.connect()
        number = 0
        try:
            while not self._over.is_set():
                reference = f"LAW-{client}-{number}"
                document = parcel(reference, accepted_at="2026-07-10T10:00:00Z")
                headers = {"content-type": JSON, "authorization": f"Bearer {self._key}"}
                connection.request("POST", "/v1/declarations", json.dumps(document), headers)
                reply = connection.getresponse()
                content = reply.read()
                with self._lock:
                    self.statuses[reply.status] += 1
                    self.answers[reference] = json.loads(content)
                number += 1
        except OSError as fault:
            with self._lock:
                self.faults.append(repr(fault))
        finally:
            connection.close()


def stream_lines(node: Serving, key: str, documents: list[Any], replies: list[Any]) -> None:
    """Send a file in one request and keep the answer."""
    replies.append(node.send(ndjson(documents), key, NDJSON, timeout_s=120))


@pytest.mark.slow
def test_law_changes_under_load_and_no_request_is_lost(tmp_path: Path) -> None:
    dearer, as_shipped = folder_with(tmp_path / "dearer", 500), folder_with(tmp_path / "shipped", 300)
    with short_folder() as folder, serving(folder, workers=2) as node:
        _, key = node.add_party()
        legal = legal_key(node)
        with Senders(node, key) as senders:
            senders.await_more(40)
            streamed: list[Any] = []
            for turn, law in enumerate((dearer, as_shipped, dearer)):
                # By the command and over HTTP in turns; a stream of many lines runs across each change.
                documents = [
                    parcel(f"STREAM-{turn}-{n}", accepted_at="2026-07-10T10:00:00Z") for n in range(3_000)
                ]
                stream = threading.Thread(target=stream_lines, args=(node, key, documents, streamed))
                stream.start()
                if turn % 2:
                    reply = node.send(
                        packed(law), legal, "application/zip", path="/v1/law-generations", timeout_s=120
                    )
                    assert reply.status == 201, reply.content
                else:
                    done = node.command("law", "load", law)
                    assert done.returncode == 0, done.stderr
                senders.await_more(40)
                stream.join()
            time.sleep(2.5)
            first_after = len(senders.answers)
            senders.await_more(40)
        decided = {reference: (amount, bytes(pack)) for reference, amount, pack in node.rows(DECIDED)}
        ((decisions, consignments),) = node.rows(DECISIONS)

    assert senders.faults == []
    assert senders.statuses.keys() <= {200, 201}
    lines = [line for reply in streamed for line in reply.lines()]
    assert [line["complete"] for line in lines if "complete" in line] == [True] * 3
    answered = senders.answers.keys() | {line["reference"] for line in lines if "reference" in line}
    assert len(answered) == sum(senders.statuses.values()) + 9_000
    assert decided.keys() == answered
    assert decisions == consignments == len(answered)
    amounts = Counter(amount for amount, _ in decided.values())
    assert amounts.keys() == FLAT_DUTIES.keys(), "both laws were in force while parcels came in"
    for reference, (amount, pack) in decided.items():
        # The decision names the pack by which it charges, and charges by no other.
        assert FLAT_DUTIES[amount].encode() in pack, reference
    last = [decided[reference][0] for reference in list(senders.answers)[first_after:]]
    assert set(last) == {500}
