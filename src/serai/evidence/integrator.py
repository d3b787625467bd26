"""The integrator: takes promised batches into the log, in one transaction under one lock.

Everything (indices, tiles, checkpoint) commits together or not at all, so a crash at any point leaves the
log as it was, and the promised batches wait for the next round. The checkpoint is signed inside the
transaction, but nobody can read it before the commit, so a signature that was rolled back is never seen.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import EMPTY_ROOT, leaf_hashes
from serai.evidence.leaf import PackedLeaves, unpack_leaves
from serai.evidence.notes import Checkpoint, Signer, sign_checkpoint
from serai.evidence.promise import RecentPromises
from serai.evidence.published import went_back
from serai.evidence.store import (
    QUERIES,
    Connection,
    StoredCheckpoint,
    read_checkpoint,
    select_commitments,
    select_tiles,
)
from serai.evidence.tiles import TileId, append_hashes, edge_ids, hash_range, ids_for_ranges

LEAF_COUNT_MAX = 100_000


class Integration(msgspec.Struct, frozen=True):
    """What one round did. leaf_count 0: nothing waited, or another process is at it. note: the checkpoint
    signed, "" for none."""

    leaf_count: int
    tree_size: int
    note: str = ""


class _Batch(msgspec.Struct, frozen=True):
    batch_id: int
    administration_id: int
    leaf_count: int
    leaf_ids: bytes
    leaf_head: bytes
    note: str


async def integrate_once(
    connection: Connection,
    signer: Signer,
    *,
    origin: str,
    at: datetime,
    last_published: Checkpoint | None = None,
    leaf_count_max: int = LEAF_COUNT_MAX,
    recent: RecentPromises | None = None,
) -> Integration:
    """Take waiting batches into log `origin` and sign a checkpoint. Call it again while leaf_count is not 0.
    recent: what this process has promised itself.

    last_published: the newest checkpoint known outside the database. A database restored from a backup is
    shorter, and to grow it again would sign a second history. A round that finds another process at it
    looks all the same, so that every process knows. Errors: `log-went-back`, `log-origin-changed`,
    `log-root-differs`.
    """
    async with connection.transaction():
        cursor = await connection.execute(QUERIES["lock_log"])
        if (await cursor.fetchone()) != (True,):
            await _look_beside(connection, origin, last_published)
            return Integration(0, 0)
        last = await read_checkpoint(connection)
        edge = await _read_edge(connection, last, origin, last_published)
        size = 0 if last is None else last.tree_size
        batches = await _select_pending(connection, leaf_count_max)
        if not batches:
            return Integration(0, size)
        hashes = await _hash_leaves(connection, batches, recent or RecentPromises())
        changed = append_hashes(edge, size, hashes)
        new_size = size + len(hashes)
        root = hash_range(edge | changed, 0, new_size)
        note = sign_checkpoint(Checkpoint(origin, new_size, root), signer)
        await _write(connection, batches, changed, size, at)
        await connection.execute(
            QUERIES["insert_checkpoint"],
            {
                "tree_size": new_size,
                "origin": origin,
                "root": root,
                "note": note,
                "at": at,
            },
        )
    return Integration(len(hashes), new_size, note)


async def _read_edge(
    connection: Connection, last: StoredCheckpoint | None, origin: str, last_published: Checkpoint | None
) -> dict[TileId, bytes]:
    """The right edge of the log, checked against its last checkpoint and against what was published."""
    size, root = (0, EMPTY_ROOT) if last is None else (last.tree_size, last.root)
    if last is not None and last.origin != origin:
        raise EvidenceError(
            "log-origin-changed",
            f"The log in this database is {last.origin}, not {origin}.",
            "Set log.origin back; a log keeps its name for ever.",
        )
    if last_published is not None and last_published.tree_size > size:
        raise went_back(last_published.tree_size, size)
    edge = await select_tiles(connection, edge_ids(size) | ids_for_ranges([(0, size)]))
    if hash_range(edge, 0, size) != root:
        raise EvidenceError(
            "log-root-differs",
            f"The tiles do not give the root that was signed for {size} leaves.",
            "Stop, run `serai log verify`, and restore the tiles from a mirror; somebody changed them.",
        )
    return edge


async def _look_beside(connection: Connection, origin: str, last_published: Checkpoint | None) -> None:
    """Check the right edge while another process may move it: what is seen wrong counts if it did not."""
    last = await read_checkpoint(connection)
    try:
        await _read_edge(connection, last, origin, last_published)
    except EvidenceError:
        if await read_checkpoint(connection) == last:
            raise


async def _select_pending(connection: Connection, leaf_count_max: int) -> list[_Batch]:
    cursor = await connection.execute(
        QUERIES["select_pending"], {"leaf_count_max": leaf_count_max}, binary=True
    )
    return [_Batch(*row) for row in await cursor.fetchall()]


async def _hash_leaves(
    connection: Connection, batches: Sequence[_Batch], recent: RecentPromises
) -> list[bytes]:
    """The hashes of all leaves, batch after batch."""
    known = {one.batch_id: recent.find(one.batch_id, one.note) for one in batches}
    read = await select_commitments(connection, [one for one, batch in known.items() if batch is None])
    hashes: list[bytes] = []
    for one in batches:
        batch = known[one.batch_id]
        if batch is not None:
            hashes += batch.levels[0]
        else:
            packed = PackedLeaves(one.leaf_ids, one.leaf_head, read[one.batch_id])
            hashes += leaf_hashes(unpack_leaves(packed))
    return hashes


async def _write(
    connection: Connection, batches: Sequence[_Batch], tiles: dict[TileId, bytes], size: int, at: datetime
) -> None:
    batch_ids = [one.batch_id for one in batches]
    leaf_counts = [one.leaf_count for one in batches]
    await connection.execute(
        QUERIES["write_tiles"],
        {
            "levels": [level for level, _ in tiles],
            "indices": [index for _, index in tiles],
            "hashes": list(tiles.values()),
        },
    )
    await connection.execute(
        QUERIES["insert_integrated"],
        {
            "first_indices": list(accumulate(leaf_counts[:-1], initial=size)),
            "batch_ids": batch_ids,
            "administration_ids": [one.administration_id for one in batches],
            "leaf_counts": leaf_counts,
            "at": at,
        },
    )
    await connection.execute(QUERIES["delete_pending"], {"batch_ids": batch_ids})
