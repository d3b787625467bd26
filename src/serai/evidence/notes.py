"""Signed notes and log checkpoints: texts with Ed25519 signatures (C2SP signed-note, tlog-checkpoint).

A private key never comes here: a signer does the signing.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from struct import Struct
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from serai.evidence.errors import EvidenceError

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
NOTE_SIZE_BYTES_MAX = 64 * 1024

_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_COSIGNATURE = Struct(">4sQ64s")
_SIZE = re.compile(r"0|[1-9]\d{0,18}")


class Signer(Protocol):
    """Holds an Ed25519 key somewhere else. public_key: the raw 32 bytes."""

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""

    def sign(self, message: bytes, /) -> bytes:
        """The Ed25519 signature of the message, 64 bytes."""


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log says of itself at one moment. root: 32 bytes."""

    origin: str
    tree_size: int
    root: bytes


class Cosignature(msgspec.Struct, frozen=True):
    """What a witness says of a checkpoint: that it saw it and every earlier one grow into it. time: seconds
    since 1970, UTC.
    """

    name: str
    key_id: bytes
    time: int
    signature: bytes


def name_key(origin: str, signer: Signer) -> str:
    """Return the `kid` of a log's key: name and id, as its verifier line begins."""
    return f"{origin}+{key_id(origin, signer.public_key).hex()}"


class SignedNote(msgspec.Struct, frozen=True):
    """A text and its signature lines as (key name, key id and signature joined)."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]


def encode_bytes(data: bytes) -> str:
    """Standard base64 with padding."""
    return b64encode(data).decode("ascii")


def decode_bytes(text: str) -> bytes:
    """Strict base64: one spelling for each value. Errors: `base64-not-canonical`."""
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        data = b""
    if encode_bytes(data) != text:
        raise EvidenceError(
            "base64-not-canonical", "This is not canonical base64.", "Use the text exactly as it was issued."
        )
    return data


def key_id(name: str, public_key: bytes, algorithm: bytes = ED25519) -> bytes:
    """The four bytes that tell keys of one name apart (signed-note, `Signatures`)."""
    return sha256(name.encode() + b"\n" + algorithm + public_key).digest()[:4]


def write_verifier_key(name: str, public_key: bytes, algorithm: bytes = ED25519) -> str:
    """A public key as one line, `name+id+base64`, for those who verify. algorithm: `COSIGNATURE` for a
    witness's."""
    return f"{name}+{key_id(name, public_key, algorithm).hex()}+{encode_bytes(algorithm + public_key)}"


def read_verifier_key(text: str, algorithm: bytes = ED25519) -> tuple[str, bytes]:
    """Name and raw public key from such a line. Errors: `verifier-key-unreadable`."""
    name, _, rest = text.strip().partition("+")
    found_id, _, encoded = rest.partition("+")
    try:
        key = decode_bytes(encoded)
    except EvidenceError:
        key = b""
    if (
        not name
        or len(key) != 33
        or key[:1] != algorithm
        or key_id(name, key[1:], algorithm).hex() != found_id
    ):
        whose = "log" if algorithm == ED25519 else "witness"
        raise EvidenceError(
            "verifier-key-unreadable",
            f"This is not the public key of a {whose}.",
            f"Copy the whole line `name+id+key` as the {whose} publishes it.",
        )
    return name, key[1:]


def sign_note(text: str, name: str, signer: Signer) -> str:
    """The note with one signature line. text ends with a newline and has no empty line at its end."""
    assert text.endswith("\n"), "a note's text ends with a newline"
    signature = key_id(name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n— {name} {encode_bytes(signature)}\n"


def sign_lines(text: str, lines: Sequence[str]) -> str:
    """The note of a text and signature lines that were made before."""
    return "\n".join([text, *lines, ""])


def read_note(note: str) -> SignedNote:
    """Text and signatures of a note, none verified. Errors: `note-unreadable`."""
    text, gap, lines = note.rpartition("\n\n")
    found = [_SIGNATURE.fullmatch(line) for line in lines.split("\n")[:-1]]
    if not gap or not text or not lines.endswith("\n") or not found or len(note) > NOTE_SIZE_BYTES_MAX:
        raise _unreadable()
    signatures = []
    for line in found:
        if line is None:
            raise _unreadable()
        signatures.append((line[1], decode_bytes(line[2])))
    return SignedNote(f"{text}\n", tuple(signatures))


def verify_note(note: SignedNote, name: str, public_key: bytes) -> bool:
    """Whether a signature of this key is there and right; lines of other keys are passed over, as
    signed-note says.
    """
    wanted = key_id(name, public_key)
    mine = [data[4:] for line_name, data in note.signatures if line_name == name and data[:4] == wanted]
    if len(mine) != 1:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(mine[0], note.text.encode())
    except InvalidSignature:
        return False
    return True


def cosign(text: str, name: str, signer: Signer, time: int) -> str:
    """A witness's line under a checkpoint's text, without its line end (C2SP tlog-cosignature)."""
    own_id = key_id(name, signer.public_key, COSIGNATURE)
    signature = signer.sign(_cosigned_message(text, time))
    return f"— {name} {encode_bytes(_COSIGNATURE.pack(own_id, time, signature))}"


def read_cosignature(line: str) -> Cosignature:
    """A witness's line under a checkpoint, not verified. Errors: `note-unreadable`."""
    found = _SIGNATURE.fullmatch(line)
    data = decode_bytes(found[2]) if found is not None else b""
    if found is None or len(data) != _COSIGNATURE.size:
        raise _unreadable()
    return Cosignature(found[1], *_COSIGNATURE.unpack(data))


def verify_cosignature(cosignature: Cosignature, text: str, public_key: bytes) -> bool:
    """Whether a witness signed a checkpoint's text at the time it says. public_key: the witness's, raw."""
    if cosignature.key_id != key_id(cosignature.name, public_key, COSIGNATURE):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            cosignature.signature, _cosigned_message(text, cosignature.time)
        )
    except InvalidSignature:
        return False
    return True


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a signed note; the key bears the name of the log."""
    text = f"{checkpoint.origin}\n{checkpoint.tree_size}\n{encode_bytes(checkpoint.root)}\n"
    return sign_note(text, checkpoint.origin, signer)


def read_checkpoint_text(text: str) -> tuple[Checkpoint, tuple[str, ...]]:
    """The checkpoint and any further lines of a note's text. Errors: `note-unreadable`."""
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise _unreadable()
    root = decode_bytes(lines[2])
    if len(root) != 32:
        raise _unreadable()
    return Checkpoint(lines[0], int(lines[1]), root), tuple(lines[3:])


def open_checkpoint(note: str, origin: str, public_key: bytes) -> Checkpoint:
    """The checkpoint of log `origin`, its signature verified. Errors: `note-unreadable`,
    `checkpoint-not-signed`.
    """
    signed = read_note(note)
    checkpoint, _ = read_checkpoint_text(signed.text)
    if checkpoint.origin != origin or not verify_note(signed, origin, public_key):
        raise EvidenceError(
            "checkpoint-not-signed",
            "The checkpoint is not signed by this log.",
            "Compare the log's name and public key with those it publishes.",
        )
    return checkpoint


def _cosigned_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _unreadable() -> EvidenceError:
    return EvidenceError(
        "note-unreadable", "This is not a signed note.", "Use the note exactly as it was issued."
    )
