"""Inclusion and consistency proofs: which subtrees they need (RFC 6962, 2.1), how they are checked (RFC
9162, 2.1.3, 2.1.4).

A subtree is a range of leaves `(start, end)`, end excluded. What its hash is, `tiles.py` knows.
"""

from collections.abc import Sequence
from hashlib import sha256

from serai.evidence.hashing import EMPTY_ROOT

Range = tuple[int, int]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Subtrees whose hashes prove leaf `index` in a tree of `size` leaves, lowest first."""
    assert 0 <= index < size, "no such leaf"
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """Subtrees whose hashes prove that the tree of `new_size` begins with the tree of `old_size`."""
    assert 0 < old_size <= new_size, "no such pair of trees"
    start, end, found, whole = 0, new_size, [], True
    while end > old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    # The verifier holds the old root already when the old tree is a subtree of its own.
    return ([] if whole else [(start, end)]) + found[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root which the proof leads to from the hash of leaf `index`; None if its shape is wrong."""
    if not 0 <= index < size:
        return None
    sha, place, last, root = sha256, index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = sha(b"\x01" + sibling + root).digest()
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            root = sha(b"\x01" + root + sibling).digest()
        place >>= 1
        last >>= 1
    return root if last == 0 else None


def is_consistent(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the tree `new_root` begins with all leaves of `old_root`."""
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old_size < new_size:
        return False
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    return _follow(old_size - 1, new_size - 1, hashes) == (old_root, new_root)


def _follow(place: int, last: int, hashes: list[bytes]) -> tuple[bytes, bytes] | None:
    """Old and new root which the hashes lead to (RFC 9162, 2.1.4.2); None if their count is wrong."""
    sha = sha256
    while place & 1:
        place >>= 1
        last >>= 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            old = sha(b"\x01" + sibling + old).digest()
            new = sha(b"\x01" + sibling + new).digest()
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            new = sha(b"\x01" + new + sibling).digest()
        place >>= 1
        last >>= 1
    return (old, new) if last == 0 else None


def _split(count: int) -> int:
    """The largest power of two smaller than count (count > 1)."""
    return 1 << ((count - 1).bit_length() - 1)
