"""Checking receipts without asking anybody: all it takes is the log's public key."""

from collections.abc import Sequence

import msgspec

from serai.evidence.notes import COSIGNATURE, read_verifier_key
from serai.evidence.receipt import Verdict, verify_receipt


def check_receipt(
    receipt: bytes, log_key: str, *, witness_keys: Sequence[str] = (), quorum_count: int = 0
) -> Verdict:
    """Check a receipt, byte for byte as it was issued. log_key: the log's key, `name+id+key`; witness_keys:
    those of witnesses, of whom quorum_count must have signed.

    Returns what it shows: `is_genuine`, `faults`, whether it holds a promise or a proof, and the leaf. Raises
    SeraiError for a key that cannot be read, never for what is in the receipt.
    """
    origin, public_key = read_verifier_key(log_key)
    witnesses = dict(read_verifier_key(one, COSIGNATURE) for one in witness_keys)
    verdict = verify_receipt(receipt, public_key, witnesses=witnesses, quorum_count=quorum_count)
    if verdict.is_genuine and verdict.origin != origin:
        return msgspec.structs.replace(verdict, faults=("origin-differs",))
    return verdict
