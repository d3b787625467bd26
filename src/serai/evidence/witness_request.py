"""What a log sends to a witness (C2SP tlog-witness, add-checkpoint): the size the witness knows, a proof that
the log has grown from there, and the signed checkpoint."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import HASH_SIZE_BYTES
from serai.evidence.notes import NOTE_SIZE_BYTES_MAX, decode_bytes, encode_bytes

PROOF_COUNT_MAX: Final = 63
REQUEST_BYTES_MAX: Final = NOTE_SIZE_BYTES_MAX + 8 * 1024
_OLD = re.compile(r"old (0|[1-9]\d{0,18})")


class AddCheckpoint(msgspec.Struct, frozen=True):
    """old_size: of the checkpoint the witness signed last. proof: hashes of 32 bytes. note: as signed."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str


def write_request(old_size: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the body of a request."""
    lines = [f"old {old_size}", *map(encode_bytes, proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def read_request(body: bytes) -> AddCheckpoint:
    """Read the body of a request; neither proof nor note is verified. Errors:
    `witness-request-unreadable`."""
    try:
        head, gap, note = body.decode().partition("\n\n")
        old, *proof = head.split("\n")
        hashes = tuple(map(decode_bytes, proof))
    except (UnicodeDecodeError, EvidenceError) as fault:
        raise _unreadable() from fault
    found = _OLD.fullmatch(old)
    if not gap or found is None or len(hashes) > PROOF_COUNT_MAX:
        raise _unreadable()
    if any(len(one) != HASH_SIZE_BYTES for one in hashes):
        raise _unreadable()
    return AddCheckpoint(int(found[1]), hashes, note)


def _unreadable() -> EvidenceError:
    return EvidenceError(
        "witness-request-unreadable",
        "This is not a checkpoint with a consistency proof.",
        "Send `old SIZE`, at most 63 hashes, an empty line, the signed note, as C2SP tlog-witness says.",
    )
