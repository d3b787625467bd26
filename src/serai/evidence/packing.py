"""The leaves of a batch packed into one row: ids, ends and data, each as one byte string."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np


def pack_ids(leaf_ids: Sequence[int]) -> bytes:
    """Ascending ids of 64 bits, big endian."""
    return np.asarray(leaf_ids, dtype=">i8").tobytes()


def unpack_ids(leaf_ids: bytes) -> list[int]:
    """The ids again."""
    ids: list[int] = np.frombuffer(leaf_ids, dtype=">i8").tolist()
    return ids


def pack_ends(leaf_data: Sequence[bytes]) -> bytes:
    """Where each leaf ends in the joined data, 32 bits each, big endian."""
    return np.fromiter(accumulate(map(len, leaf_data)), dtype=">u4", count=len(leaf_data)).tobytes()


def find_position(leaf_ids: bytes, leaf_id: int) -> int | None:
    """Place of a leaf in its batch; None if it is not there."""
    ids = np.frombuffer(leaf_ids, dtype=">i8")
    position = bisect_left(ids, leaf_id)
    return position if position < len(ids) and ids[position] == leaf_id else None


def find_slice(leaf_ends: bytes, position: int) -> tuple[int, int]:
    """Start and end of a leaf in the joined data."""
    ends = np.frombuffer(leaf_ends, dtype=">u4")
    return (int(ends[position - 1]) if position else 0), int(ends[position])


def unpack_leaves(leaf_ends: bytes, leaf_data: bytes) -> list[bytes]:
    """The single leaves."""
    ends = [0, *np.frombuffer(leaf_ends, dtype=">u4").tolist()]
    return [leaf_data[start:end] for start, end in pairwise(ends)]
