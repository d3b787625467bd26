"""A witness: signs what a log says of itself, if it has grown from what the witness signed before.

What it has signed last lies in one file a log, written durably before the answer: with the log's key in it,
so that a lost file makes the log unknown and never begins it anew.
"""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import EMPTY_ROOT
from serai.evidence.notes import (
    Checkpoint,
    Signer,
    cosign,
    encode_bytes,
    key_id,
    read_checkpoint_text,
    read_cosignature,
    read_note,
    read_verifier_key,
    sign_lines,
    verify_note,
)
from serai.evidence.proofs import is_consistent
from serai.evidence.witness_request import AddCheckpoint, read_request
from serai.foundation.vault.files import make_private_folder, write_durably

_REFUSED_COUNT_MAX: Final = 100


class WitnessConflictError(EvidenceError):
    """The witness has signed another size. known_size: which; 0 for none."""

    def __init__(self, known_size: int) -> None:
        super().__init__(
            "witness-size-differs",
            f"This witness has signed {known_size} leaves of the log.",
            "Prove that the log has grown from there.",
        )
        self.known_size = known_size


class _State(msgspec.Struct, frozen=True):
    """key: the log's, as a line. note: the last checkpoint signed, with our line; empty before the first."""

    key: str
    note: str = ""


class Witness:
    """One process uses a folder at a time. name: of the witness's key."""

    def __init__(self, folder: Path, name: str, signer: Signer) -> None:
        self._logs = folder / "logs"
        self._refused = folder / "refused"
        self._name = name
        self._signer = signer
        make_private_folder(self._logs)
        make_private_folder(self._refused)

    def trust(self, key: str) -> str:
        """Sign for a log from now on; return its name. key: the log's public key as a line.

        Errors: `verifier-key-unreadable`, `witness-log-known` for one of the same name with another key.
        """
        origin, _ = read_verifier_key(key)
        state = self._read(origin)
        if state is None:
            self._write(origin, _State(key.strip()))
        elif state.key != key.strip():
            raise EvidenceError(
                "witness-log-known",
                f"This witness knows {origin} with another key.",
                "A log keeps its key: compare it with what the log publishes.",
            )
        return origin

    def last_of(self, origin_hash: str) -> str | None:
        """Return the last checkpoint signed, with our line; origin_hash: SHA-256 of the log's name, hex."""
        path = self._logs / f"{origin_hash}.json"
        return msgspec.json.decode(path.read_bytes(), type=_State).note or None if path.is_file() else None

    def add_checkpoint(self, body: bytes, at: datetime) -> str:
        """Sign a checkpoint; return our line, without its line end.

        Errors: `witness-request-unreadable`, `note-unreadable` and the like; `witness-log-unknown`;
        `checkpoint-not-signed`; WitnessConflictError; `witness-proof-wrong`; `witness-clock-behind`.
        """
        asked = read_request(body)
        signed = read_note(asked.note)
        checkpoint, _ = read_checkpoint_text(signed.text)
        state = self._read(checkpoint.origin)
        if state is None:
            raise EvidenceError(
                "witness-log-unknown",
                "This witness does not know the log.",
                "Ask its operator to add the log.",
            )
        name, public_key = read_verifier_key(state.key)
        if not verify_note(signed, name, public_key):
            raise EvidenceError(
                "checkpoint-not-signed",
                "The checkpoint is not signed by this log.",
                "Compare the log's key with the one that the witness's operator was given.",
            )
        known, last_time = _read_known(state, name)
        self._require_growth(asked, known, checkpoint, body)
        time = int(at.timestamp())
        if time < last_time:
            raise EvidenceError(
                "witness-clock-behind",
                "The clock of this witness is behind what it has signed last.",
                "Set the clock right.",
            )
        line = cosign(signed.text, self._name, self._signer, time)
        own_id = key_id(name, public_key)
        own = [data for whose, data in signed.signatures if whose == name and data[:4] == own_id]
        lines = [f"— {name} {encode_bytes(data)}" for data in own]
        self._write(name, _State(state.key, sign_lines(signed.text, [*lines, line])))
        return line

    def _require_growth(
        self, asked: AddCheckpoint, known: Checkpoint, checkpoint: Checkpoint, body: bytes
    ) -> None:
        if asked.old_size > checkpoint.tree_size:
            raise EvidenceError(
                "witness-request-unreadable", "The log was larger before.", "Send the newest checkpoint."
            )
        is_fork = checkpoint.tree_size == known.tree_size and checkpoint.root != known.root
        if is_fork:
            self._keep_refused("fork", asked.old_size, checkpoint, body)
        if asked.old_size != known.tree_size:
            raise WitnessConflictError(known.tree_size)
        if not is_consistent(known.tree_size, checkpoint.tree_size, known.root, checkpoint.root, asked.proof):
            if not is_fork:
                self._keep_refused("unproven", asked.old_size, checkpoint, body)
            raise EvidenceError(
                "witness-proof-wrong",
                "The log has not grown from what this witness has signed.",
                "A witness signs no second history: if a backup was restored, tell the witness's operator.",
            )

    def _keep_refused(self, kind: str, old_size: int, checkpoint: Checkpoint, body: bytes) -> None:
        """Keep what the log has signed and cannot stand by, as it came.

        kind: `fork`, two roots of one size: it proves that there are two histories. `unproven`: anyone who
        has seen the checkpoint may have spoilt its proof, so these take no room from forks, and one
        checkpoint is kept once.
        """
        what = f"{old_size} {checkpoint.tree_size} {checkpoint.root.hex()}"
        path = self._refused / f"{kind}-{sha256(what.encode()).hexdigest()[:32]}.txt"
        if not path.exists() and len(list(self._refused.glob(f"{kind}-*"))) < _REFUSED_COUNT_MAX:
            write_durably(path, body)

    def _read(self, origin: str) -> _State | None:
        path = self._path(origin)
        return msgspec.json.decode(path.read_bytes(), type=_State) if path.is_file() else None

    def _write(self, origin: str, state: _State) -> None:
        write_durably(self._path(origin), msgspec.json.encode(state))

    def _path(self, origin: str) -> Path:
        return self._logs / f"{sha256(origin.encode()).hexdigest()}.json"


def _read_known(state: _State, origin: str) -> tuple[Checkpoint, int]:
    """The checkpoint signed last, and when."""
    if not state.note:
        return Checkpoint(origin, 0, EMPTY_ROOT), 0
    checkpoint, _ = read_checkpoint_text(read_note(state.note).text)
    return checkpoint, read_cosignature(state.note.split("\n")[-2]).time
