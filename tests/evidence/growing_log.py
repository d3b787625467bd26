"""A log in memory that grows, and others of the same name that grew otherwise, for the tests of witnesses."""

from collections.abc import Sequence

from serai.evidence.hashing import leaf_hash
from serai.evidence.notes import Checkpoint, Signer, sign_checkpoint
from serai.evidence.proofs import consistency_ranges
from serai.evidence.tiles import append_hashes, hash_range
from serai.evidence.witness_request import write_request
from tests.evidence.batches import ORIGIN, SIGNER


class GrowingLog:
    def __init__(self, leaves: Sequence[bytes], origin: str = ORIGIN, signer: Signer = SIGNER) -> None:
        self.origin = origin
        self.signer = signer
        self.tiles = append_hashes({}, 0, [leaf_hash(one) for one in leaves])

    def note(self, size: int) -> str:
        return sign_checkpoint(Checkpoint(self.origin, size, hash_range(self.tiles, 0, size)), self.signer)

    def prove(self, old: int, new: int) -> list[bytes]:
        return [hash_range(self.tiles, *one) for one in consistency_ranges(old, new)] if old else []

    def request(self, old: int, new: int) -> bytes:
        return write_request(old, self.prove(old, new), self.note(new))
