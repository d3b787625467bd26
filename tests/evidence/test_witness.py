"""A witness signs what has grown from what it signed before, and nothing else, also after it was killed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.evidence.errors import EvidenceError
from serai.evidence.notes import (
    read_cosignature,
    read_note,
    verify_cosignature,
    write_verifier_key,
)
from serai.evidence.witness import Witness, WitnessConflictError
from serai.evidence.witness_request import AddCheckpoint, read_request, write_request
from tests.evidence.batches import ORIGIN, SIGNER
from tests.evidence.growing_log import GrowingLog
from tests.evidence.signing import SeedSigner

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
NAME = "witness.example/1"
OWN = SeedSigner(9)
LEAVES = [b"%d" % number for number in range(700)]
LOG = GrowingLog(LEAVES)
OTHER = GrowingLog([*LEAVES[:100], b"another", *LEAVES[101:]])
"""The same name and key, and another history from leaf 100 on."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_witness(tmp_path).trust(write_verifier_key(ORIGIN, SIGNER.public_key))
    return tmp_path


def open_witness(folder: Path) -> Witness:
    """As a process does it that has just started."""
    return Witness(folder, NAME, OWN)


def refusal(folder: Path, body: bytes, at: datetime = AT) -> str:
    with pytest.raises(EvidenceError) as refused:
        open_witness(folder).add_checkpoint(body, at)
    return refused.value.code


def test_what_has_grown_is_signed_and_each_signature_is_the_witnesss(folder: Path) -> None:
    for old, new in ((0, 1), (1, 1), (1, 256), (256, 300), (300, 699)):
        line = open_witness(folder).add_checkpoint(LOG.request(old, new), AT)

        signed = read_cosignature(line)
        assert signed.name == NAME
        assert signed.time == int(AT.timestamp())
        assert verify_cosignature(signed, read_note(LOG.note(new)).text, OWN.public_key)


@pytest.mark.parametrize("known", [0, 90, 120])
def test_who_has_signed_another_size_says_which(folder: Path, known: int) -> None:
    if known:
        open_witness(folder).add_checkpoint(LOG.request(0, known), AT)

    for old, new in ((known + 1, 300), (known + 5, known + 5), (max(known - 1, 1), max(known - 1, 1))):
        if old == known:
            continue
        with pytest.raises(WitnessConflictError) as refused:
            open_witness(folder).add_checkpoint(LOG.request(old, new), AT)
        assert refused.value.known_size == known


def test_a_log_that_was_turned_back_is_not_signed_again(folder: Path) -> None:
    open_witness(folder).add_checkpoint(LOG.request(0, 200), AT)

    # To come with the size that is known, and a smaller tree, is no request at all.
    shorter = write_request(200, [], LOG.note(150))

    assert refusal(folder, shorter) == "witness-request-unreadable"
    assert refusal(folder, LOG.request(150, 150)) == "witness-size-differs"
    assert open_witness(folder).add_checkpoint(LOG.request(200, 300), AT)


def test_a_second_history_is_not_signed_and_is_kept_as_proof(folder: Path) -> None:
    open_witness(folder).add_checkpoint(LOG.request(0, 200), AT)
    split = OTHER.request(200, 200)

    assert refusal(folder, split) == "witness-proof-wrong"
    assert refusal(folder, OTHER.request(200, 300)) == "witness-proof-wrong"
    assert refusal(folder, OTHER.request(0, 200)) == "witness-size-differs"
    kept = [path.read_bytes() for path in (folder / "refused").iterdir()]
    assert sorted(kept) == sorted([split, OTHER.request(200, 300), OTHER.request(0, 200)])


def test_proofs_that_strangers_spoil_take_no_room_from_a_second_history(folder: Path) -> None:
    open_witness(folder).add_checkpoint(LOG.request(0, 200), AT)
    for number in range(3):
        spoilt = write_request(200, [bytes([number]) * 32], LOG.note(300))
        assert refusal(folder, spoilt) == "witness-proof-wrong"
    (one_alone,) = (folder / "refused").iterdir()
    for number in range(100):
        one_alone.with_name(f"unproven-{number}.txt").touch()

    assert refusal(folder, OTHER.request(200, 300)) == "witness-proof-wrong"
    assert refusal(folder, OTHER.request(200, 200)) == "witness-proof-wrong"

    (fork,) = (folder / "refused").glob("fork-*")
    assert fork.read_bytes() == OTHER.request(200, 200)
    assert len(list((folder / "refused").iterdir())) == 102


def test_a_stranger_a_forger_and_a_clock_that_went_back_are_refused(folder: Path) -> None:
    stranger = GrowingLog(LEAVES[:5], "stranger.example/log")
    forger = GrowingLog(LEAVES[:5], signer=SeedSigner(77))
    open_witness(folder).add_checkpoint(LOG.request(0, 5), AT)

    assert refusal(folder, stranger.request(0, 5)) == "witness-log-unknown"
    assert refusal(folder, forger.request(5, 5)) == "checkpoint-not-signed"
    assert refusal(folder, LOG.request(5, 6), AT - timedelta(seconds=1)) == "witness-clock-behind"
    assert open_witness(folder).add_checkpoint(LOG.request(5, 6), AT)


def test_a_proof_of_which_one_hash_is_changed_is_refused(folder: Path) -> None:
    open_witness(folder).add_checkpoint(LOG.request(0, 201), AT)
    proof = LOG.prove(201, 650)

    for place in range(len(proof)):
        changed = [*proof[:place], bytes(32), *proof[place + 1 :]]
        assert refusal(folder, write_request(201, changed, LOG.note(650))) == "witness-proof-wrong"
    assert refusal(folder, write_request(201, proof[:-1], LOG.note(650))) == "witness-proof-wrong"
    assert refusal(folder, write_request(201, [*proof, bytes(32)], LOG.note(650))) == "witness-proof-wrong"


def test_a_log_that_is_known_is_not_begun_anew_by_trusting_it_again(folder: Path) -> None:
    open_witness(folder).add_checkpoint(LOG.request(0, 200), AT)

    open_witness(folder).trust(write_verifier_key(ORIGIN, SIGNER.public_key))

    assert refusal(folder, LOG.request(0, 100)) == "witness-size-differs"
    with pytest.raises(EvidenceError, match="witness-log-known"):
        open_witness(folder).trust(write_verifier_key(ORIGIN, SeedSigner(3).public_key))


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
)
def test_a_request_is_read_as_it_was_written(old_size: int, proof: tuple[bytes, ...]) -> None:
    note = LOG.note(3)

    assert read_request(write_request(old_size, proof, note)) == AddCheckpoint(old_size, proof, note)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"old 5", b"old 05\n\nx", b"old -1\n\nx", b"new 5\n\nx", b"old 5\nAAAA\n\nx"),
        *(b"old 5\n" + b"A" * 43 + b"=\n\n", b"old 5 \n\nx"),
        write_request(1, [bytes(32)] * 64, LOG.note(3)),
    ],
)
def test_anything_else_is_no_request(folder: Path, body: bytes) -> None:
    assert refusal(folder, body) in {"witness-request-unreadable", "note-unreadable"}
