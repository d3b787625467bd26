"""`serai witness`: made once, served by one process, true to C2SP tlog-witness, also after a kill."""

import signal
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

from serai.evidence.notes import COSIGNATURE, read_verifier_key
from serai.evidence.witness_request import REQUEST_BYTES_MAX
from tests.cli.typing_commands import typed
from tests.evidence.batches import ORIGIN
from tests.evidence.growing_log import GrowingLog
from tests.evidence.signing import SeedSigner
from tests.evidence.witness_process import LOG_KEY, make_witness, serving_witness

LEAVES = [b"%d" % number for number in range(50)]
LOG = GrowingLog(LEAVES)


def test_a_witness_is_made_once_and_prints_its_public_key(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "witness"
    made = typed(capfd, "witness", "init", folder, "--name", "witness.example/1")
    again = typed(capfd, "witness", "init", folder, "--name", "witness.example/1")
    unfit = typed(capfd, "witness", "init", tmp_path / "other", "--name", "two words")
    missing = typed(capfd, "witness", "trust", tmp_path / "nowhere", LOG_KEY)
    stranger = typed(capfd, "witness", "trust", folder, made.json()["key"])

    assert read_verifier_key(made.json()["key"], COSIGNATURE)[0] == "witness.example/1"
    codes = [said.err.partition(":")[0] for said in (again, unfit, missing, stranger)]
    assert codes == ["witness-exists", "witness-name-unfit", "witness-missing", "verifier-key-unreadable"]
    assert [said.code for said in (again, unfit, missing, stranger)] == [2] * 4


def test_a_witness_that_lost_its_key_does_not_make_another(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    make_witness(tmp_path, "witness.example/1")
    (tmp_path / "keys" / "signing.pem").unlink()

    refused = typed(capfd, "witness", "trust", tmp_path, LOG_KEY)

    assert (refused.code, refused.err.partition(":")[0]) == (2, "lost-signing-key")


@pytest.mark.in_turn
def test_over_http_it_answers_as_the_protocol_says_and_a_kill_takes_nothing_back(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = make_witness(tmp_path, "witness.example/1")
    place = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    forger = GrowingLog(LEAVES, signer=SeedSigner(77))
    stranger = GrowingLog(LEAVES, "stranger.example/log")

    with (
        serving_witness(tmp_path, LOG_KEY, ends_by=signal.SIGKILL) as url,
        httpx2.Client(base_url=url) as client,
    ):
        second = typed(capfd, "witness", "serve", tmp_path, "--port", "0")
        before = client.get(place).status_code
        signed = client.post("/add-checkpoint", content=LOG.request(0, 20))
        answers = [
            client.post("/add-checkpoint", content=body).status_code
            for body in (
                *(b"old 20\n\n", b"GET", bytes(REQUEST_BYTES_MAX + 1)),
                *(forger.request(20, 30), stranger.request(0, 30)),
                LOG.request(20, 30).replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1),
            )
        ]
        told_key = client.get("/key").text.strip()
    with serving_witness(tmp_path, LOG_KEY) as url, httpx2.Client(base_url=url) as client:
        kept = client.get(place).text
        conflict = client.post("/add-checkpoint", content=LOG.request(0, 30))
        grown = client.post("/add-checkpoint", content=LOG.request(20, 30))

    assert second.err.startswith("witness-runs: ")
    assert (before, signed.status_code, grown.status_code) == (404, 200, 200)
    assert answers == [400, 400, 413, 403, 404, 422]
    assert told_key == key
    assert kept == LOG.note(20) + signed.text
    assert (conflict.status_code, conflict.text) == (409, "20\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
