"""A receipt: a leaf with either a signed promise or a proof in the log. One canonical JSON text, checked
offline.

`verify_receipt` takes the file's bytes and insists that they are exactly what `encode_receipt` writes, so
that no byte of a receipt is without meaning.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import HASH_SIZE_BYTES, leaf_hash
from serai.evidence.leaf import Leaf, Opening, opens, read_leaf
from serai.evidence.notes import (
    decode_bytes,
    encode_bytes,
    read_checkpoint_text,
    read_cosignature,
    read_note,
    verify_cosignature,
    verify_note,
)
from serai.evidence.promise import BatchPromise, read_promise_text
from serai.evidence.proofs import root_from_inclusion
from serai.evidence.tiles import split_hashes

RECEIPT_SIZE_BYTES_MAX = 256 * 1024


class PromisePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Place and path (base64, hashes joined) in the batch's tree, and the signed promise."""

    position: int
    path: str
    note: str


class ProofPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Index and path (base64, hashes joined) in the log, and the signed checkpoint. cosignatures: lines of
    witnesses under the checkpoint (C2SP tlog-cosignature), for whoever has their keys."""

    index: int
    path: str
    checkpoint: str
    cosignatures: list[str] = []


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """leaf: base64 of the leaf's data. Exactly one of promise and proof is there."""

    format: Literal["serai-receipt-1"]
    leaf: str
    promise: PromisePart | None = None
    proof: ProofPart | None = None


class Holds(StrEnum):
    """Which of the two a receipt is."""

    PROMISE = "promise"
    PROOF = "proof"


class Verdict(msgspec.Struct, frozen=True):
    """What a receipt shows. faults: codes, empty if it is genuine; the rest is then what the signature
    covers.

    opened: names of the fields whose value was shown to be the one committed to. cosigned_by: names of the
    witnesses, of those whose keys were given, who signed the checkpoint. tree_size, index: in the log, for a
    proof. integrate_by: for a promise.
    """

    faults: tuple[str, ...]
    holds: Holds | None = None
    origin: str | None = None
    leaf: Leaf | None = None
    opened: tuple[str, ...] = ()
    cosigned_by: tuple[str, ...] = ()
    index: int | None = None
    tree_size: int | None = None
    integrate_by: datetime | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether everything in the receipt, and each opened field, is as the log signed it."""
        return not self.faults


def promise_receipt(batch: BatchPromise, position: int) -> Receipt:
    """The receipt of one leaf as long as it is promised only."""
    part = PromisePart(position, encode_bytes(batch.paths[position]), batch.note)
    return Receipt("serai-receipt-1", encode_bytes(batch.leaf_data[position]), promise=part)


def promise_receipts(batch: BatchPromise) -> list[bytes]:
    """The receipts of a whole batch, encoded, same order.

    Encoded once with nothing in it, the parts of each put between: the signed note is the same in all.
    """
    empty = encode_receipt(Receipt("serai-receipt-1", "", promise=PromisePart(0, "", batch.note)))
    before, leaf, rest = empty.partition(b'"leaf":"')
    between, place, rest = rest.partition(b'"position":0')
    last, path, after = rest.partition(b'"path":"')
    before, between, last = before + leaf, between + place[:-1], last + path
    return [
        b"%b%b%b%d%b%b%b"
        % (
            before,
            b2a_base64(data, newline=False),
            between,
            position,
            last,
            b2a_base64(way, newline=False),
            after,
        )
        for position, (data, way) in enumerate(zip(batch.leaf_data, batch.paths, strict=True))
    ]


def proof_receipt(
    leaf_data: bytes, index: int, path: list[bytes], checkpoint: str, cosignatures: Sequence[str] = ()
) -> Receipt:
    """The receipt of one leaf that is in the log. checkpoint: the signed note of a tree that holds it;
    cosignatures: lines of witnesses under it."""
    part = ProofPart(index, encode_bytes(b"".join(path)), checkpoint, list(cosignatures))
    return Receipt("serai-receipt-1", encode_bytes(leaf_data), proof=part)


def encode_receipt(receipt: Receipt) -> bytes:
    """The one canonical text of a receipt: JSON without spaces, fields in their order, no newline."""
    return msgspec.json.encode(receipt)


def verify_receipt(
    receipt: bytes,
    public_key: bytes,
    opened_fields: Iterable[Opening] = (),
    witnesses: Mapping[str, bytes] | None = None,
    quorum_count: int = 0,
) -> Verdict:
    """Check a receipt offline. public_key: raw, 32 bytes. witnesses: such keys by name; lines of others in
    the receipt show nothing. quorum_count: how many of them must have signed the checkpoint. Never raises for
    what is in the receipt.
    """
    try:
        leaf_data, found = _verify(receipt, public_key, witnesses or {})
        leaf = read_leaf(leaf_data)
    except EvidenceError as fault:
        return Verdict((fault.code,))
    openings = list(opened_fields)
    opened = tuple(opening.name for opening in openings if opens(leaf, opening))
    faults = () if len(opened) == len(openings) else ("field-not-committed",)
    if len(set(found.cosigned_by)) < quorum_count:
        faults = ("quorum-missing", *faults)
    return msgspec.structs.replace(found, faults=faults, leaf=leaf, opened=opened)


def read_leaf_of(receipt: bytes) -> Leaf:
    """Return the leaf of a receipt, nothing verified. Errors: `receipt-unreadable` and the like."""
    return read_leaf(decode_bytes(_decode(receipt).leaf))


def named_log_of(receipt: bytes) -> str | None:
    """Return the log that a receipt names, nothing verified: so that who has one of another log is told which
    one to ask. None: it names none in a way that can be read."""
    try:
        found = _decode(receipt)
        if found.proof is not None:
            return read_checkpoint_text(read_note(found.proof.checkpoint).text)[0].origin
        return None if found.promise is None else read_promise_text(read_note(found.promise.note).text).origin
    except EvidenceError:
        return None


def _verify(data: bytes, public_key: bytes, witnesses: Mapping[str, bytes]) -> tuple[bytes, Verdict]:
    receipt = _decode(data)
    leaf_data = decode_bytes(receipt.leaf)
    if receipt.promise is not None and receipt.proof is None:
        return leaf_data, _verify_promise(leaf_data, receipt.promise, public_key)
    if receipt.proof is not None and receipt.promise is None:
        return leaf_data, _verify_proof(leaf_data, receipt.proof, public_key, witnesses)
    raise _fault("receipt-unreadable", "A receipt holds either a promise or a proof.")


def _decode(data: bytes) -> Receipt:
    if len(data) > RECEIPT_SIZE_BYTES_MAX:
        raise _fault("receipt-unreadable", "This is too large to be a receipt.")
    try:
        receipt = msgspec.json.decode(data, type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _fault("receipt-unreadable", "This is not a receipt.") from fault
    if encode_receipt(receipt) != data:
        raise _fault("receipt-not-canonical", "The receipt was written again by another program.")
    return receipt


def _verify_promise(leaf_data: bytes, part: PromisePart, public_key: bytes) -> Verdict:
    text = _signed_text(part.note)
    promise = read_promise_text(text)
    _check_signature(part.note, promise.origin, public_key)
    _check_path(leaf_data, part.position, promise.leaf_count, part.path, promise.root)
    return Verdict((), Holds.PROMISE, promise.origin, integrate_by=promise.integrate_by)


def _verify_proof(
    leaf_data: bytes, part: ProofPart, public_key: bytes, witnesses: Mapping[str, bytes]
) -> Verdict:
    text = _signed_text(part.checkpoint)
    checkpoint, further = read_checkpoint_text(text)
    if further or "/promise/" in checkpoint.origin:
        raise _fault("checkpoint-not-plain", "The note is not a checkpoint of a Serai log.")
    _check_signature(part.checkpoint, checkpoint.origin, public_key)
    _check_path(leaf_data, part.index, checkpoint.tree_size, part.path, checkpoint.root)
    return Verdict(
        (),
        Holds.PROOF,
        checkpoint.origin,
        cosigned_by=_verify_cosignatures(part.cosignatures, text, witnesses),
        index=part.index,
        tree_size=checkpoint.tree_size,
    )


def _verify_cosignatures(lines: Iterable[str], text: str, witnesses: Mapping[str, bytes]) -> tuple[str, ...]:
    known = [one for one in map(read_cosignature, lines) if one.name in witnesses]
    if not all(verify_cosignature(one, text, witnesses[one.name]) for one in known):
        raise _fault("cosignature-wrong", "A witness's signature is not this witness's.")
    return tuple(one.name for one in known)


def _signed_text(note: str) -> str:
    signed = read_note(note)
    # A line under an unknown key could be changed without being noticed, so a receipt has none.
    if len(signed.signatures) != 1:
        raise _fault("receipt-not-canonical", "A receipt carries the log's own signature only.")
    return signed.text


def _check_signature(note: str, origin: str, public_key: bytes) -> None:
    if not verify_note(read_note(note), origin, public_key):
        raise _fault("signature-wrong", "The signature is not this log's.")


def _check_path(leaf_data: bytes, index: int, size: int, path: str, root: bytes) -> None:
    joined = decode_bytes(path)
    if (
        len(joined) % HASH_SIZE_BYTES
        or root_from_inclusion(leaf_hash(leaf_data), index, size, split_hashes(joined)) != root
    ):
        raise _fault("path-wrong", "The path does not lead from the leaf to the signed root.")


def _fault(code: str, message: str) -> EvidenceError:
    return EvidenceError(
        code, message, "Fetch the receipt again from the log; keep this one if the log denies it."
    )
