"""Postings held against the leaves of the evidence log: whether what is stored is what was entered."""

from collections.abc import Sequence

from serai.evidence.leaf import Leaf, Opening, opens
from serai.evidence.store import read_leaves
from serai.journey.ledger.posting import FIELD, committed_bytes
from serai.journey.ledger.store import Connection, StoredPosting


async def find_changed(
    connection: Connection, postings: Sequence[StoredPosting], *, administration_id: int
) -> list[int]:
    """Return the ids of postings that do not open their leaf, or have none: somebody changed their rows."""
    ids = [one.posting_id for one in postings]
    leaves = await read_leaves(connection, ids, administration_id=administration_id) if ids else {}
    return [
        one.posting_id
        for one in postings
        if one.posting_id not in leaves or not _opens(leaves[one.posting_id], one)
    ]


def _opens(leaf: Leaf, one: StoredPosting) -> bool:
    try:
        value = committed_bytes(one.posting_id, one.posting)
    except (LookupError, ValueError):  # somebody wrote a kind or phase that there is not
        return False
    return opens(leaf, Opening(FIELD, one.salt, value))
