"""Merkle tree hashing of RFC 6962, section 2.1: leaves, nodes, whole small trees held in memory."""

from collections.abc import Sequence
from hashlib import sha256

HASH_SIZE_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(leaves: Sequence[bytes]) -> list[bytes]:
    """Hashes of many leaves, same order."""
    sha = sha256
    return [sha(b"\x00" + data).digest() for data in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def pair_hashes(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above: one node for each full pair; an odd last one is left out."""
    sha = sha256
    return [sha(b"\x01" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2], strict=False)]


def tree_levels(hashes: list[bytes]) -> list[list[bytes]]:
    """Every level of the tree over at least one leaf hash, leaves first, root last.

    A node without a sibling goes up unchanged, which gives the tree of RFC 6962 for any count.
    """
    assert hashes, "a tree needs a leaf"
    levels = [hashes]
    while len(hashes) > 1:
        above = pair_hashes(hashes)
        if len(hashes) & 1:
            above.append(hashes[-1])
        levels.append(above)
        hashes = above
    return levels


def paths(levels: list[list[bytes]]) -> list[bytes]:
    """The inclusion path of every leaf, each as its hashes joined, lowest first.

    Two neighbours share all but the lowest hash, so paths are made from the root downwards.
    """
    above = [b""]
    for level in levels[-2::-1]:
        below: list[bytes] = []
        add = below.append
        for left, right, rest in zip(level[::2], level[1::2], above, strict=False):
            add(right + rest)
            add(left + rest)
        if len(level) & 1:
            add(above[-1])
        above = below
    return above
