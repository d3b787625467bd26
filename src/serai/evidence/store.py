"""The log in PostgreSQL: promised batches go in, receipts, tiles and proofs come out. `integrator.py` joins
the two.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import HASH_SIZE_BYTES
from serai.evidence.leaf import (
    Leaf,
    PackedLeaves,
    find_position,
    pack_ids,
    pack_leaves,
    read_leaf,
    unpack_ids,
    unpack_leaves,
)
from serai.evidence.promise import BatchPromise, RecentPromises, restore_batch
from serai.evidence.proofs import Range, consistency_ranges, inclusion_ranges
from serai.evidence.receipt import Receipt, promise_receipt, proof_receipt
from serai.evidence.tiles import (
    ENTRIES,
    WIDTH,
    TileId,
    TilePath,
    hash_range,
    ids_for_ranges,
)
from serai.foundation.copying import TableBuffer, Target
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

ID_SPAN_MAX = 60_000 << 22
"""How far the ids of one batch may lie apart: a minute, as ids are made (their upper bits are milliseconds).
"""

Connection = AsyncConnection[tuple[Any, ...]]


class StoredCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint as it was signed. note: the signed text."""

    tree_size: int
    origin: str
    root: bytes
    note: str


async def insert_promised_batch(
    target: Target, batch: BatchPromise, *, administration_id: int, leaf_ids: Sequence[int]
) -> None:
    """Store a promised batch in the caller's transaction; from its commit on, the integrator sees it.

    leaf_ids: strictly ascending, within a minute of each other; the first is the batch's id.
    """
    assert leaf_ids[0] == batch.promise.batch_id, "a batch is named after its first leaf"
    assert leaf_ids[-1] - leaf_ids[0] <= ID_SPAN_MAX, "ids of one batch are taken at once"
    assert all(a < b for a, b in pairwise(leaf_ids)), "ids ascend"
    key = {"batch_id": leaf_ids[0], "administration_id": administration_id}
    packed = pack_leaves(leaf_ids, batch.leaf_data)
    buffer = target if isinstance(target, TableBuffer) else TableBuffer()
    buffer.then(
        QUERIES["insert_batch"],
        key
        | {
            "last_leaf_id": leaf_ids[-1],
            "leaf_count": len(batch.leaf_data),
            "leaf_ids": packed.ids,
            "leaf_head": packed.head,
            "commitments": packed.commitments,
            "promise": batch.note,
            "promised_at": batch.promise.at,
        },
    )
    buffer.then(QUERIES["insert_pending"], key)
    if not isinstance(target, TableBuffer):
        await buffer.write(target)


async def read_receipt(connection: Connection, leaf_id: int, *, administration_id: int) -> Receipt | None:
    """The receipt of a leaf: a proof once it is integrated, until then the promise; None if there is no
    such leaf.
    """
    cursor = await connection.execute(
        QUERIES["select_batches_around"],
        {"leaf_id": leaf_id, "span_max": ID_SPAN_MAX, "administration_id": administration_id},
    )
    for batch_id, leaf_ids, leaf_head, width, note, first_index in await cursor.fetchall():
        position = find_position(leaf_ids, leaf_id)
        if position is None:
            continue
        key = {"batch_id": batch_id, "administration_id": administration_id}
        if first_index is None:
            (commitments,) = await _fetch_one(connection, "select_whole_batch", key)
            batch = _restore(note, PackedLeaves(leaf_ids, leaf_head, commitments))
            return promise_receipt(batch, position)
        (own,) = await _fetch_one(
            connection, "select_commitments", key | {"start": position * width + 1, "length": width}
        )
        (data,) = unpack_leaves(PackedLeaves(pack_ids([leaf_id]), leaf_head, own))
        return await _prove(connection, data, first_index + position)
    return None


async def read_leaves(
    connection: Connection, leaf_ids: Sequence[int], *, administration_id: int
) -> dict[int, Leaf]:
    """Many leaves as they were promised, by id; one that is not there, or cannot be read, is missing."""
    cursor = await connection.execute(
        QUERIES["select_places_around"],
        {"leaf_ids": list(leaf_ids), "span_max": ID_SPAN_MAX, "administration_id": administration_id},
        binary=True,
    )
    wanted = sorted(leaf_ids)
    heads: dict[int, bytes] = {}
    asked: dict[int, tuple[int, int, int]] = {}
    for batch_id, last_leaf_id, packed_ids, leaf_head, width in await cursor.fetchall():
        heads[batch_id] = leaf_head
        for leaf_id in wanted[bisect_left(wanted, batch_id) : bisect_right(wanted, last_leaf_id)]:
            position = find_position(packed_ids, leaf_id)
            if position is not None:
                asked[leaf_id] = (batch_id, position * width + 1, width)
    columns: tuple[Iterable[int], ...] = tuple(zip(*asked.values(), strict=True)) if asked else ((), (), ())
    parameters = dict(zip(("batch_ids", "starts", "lengths"), map(list, columns), strict=True))
    cursor = await connection.execute(
        QUERIES["select_commitments_of_leaves"], {"leaf_ids": list(asked), **parameters}, binary=True
    )
    found = {}
    for leaf_id, commitments in await cursor.fetchall():
        batch_id = asked[leaf_id][0]
        (data,) = unpack_leaves(PackedLeaves(pack_ids([leaf_id]), heads[batch_id], commitments))
        with suppress(EvidenceError):
            found[leaf_id] = read_leaf(data)
    return found


async def count_pending(connection: Connection, *, administration_id: int) -> tuple[int, datetime | None]:
    """How many batches are promised and not yet in the log, and when the oldest was promised."""
    cursor = await connection.execute(QUERIES["count_pending"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), row[1]


async def read_promises(
    connection: Connection, leaf_ids: Sequence[int], *, administration_id: int, recent: RecentPromises
) -> dict[int, Receipt]:
    """The receipts of many leaves as first given: promises, by leaf id. A leaf not there is missing."""
    cursor = await connection.execute(
        QUERIES["select_batches_of_leaves"],
        {"leaf_ids": list(leaf_ids), "span_max": ID_SPAN_MAX, "administration_id": administration_id},
        binary=True,
    )
    wanted = set(leaf_ids)
    held = {
        batch_id: (wanted.intersection(unpack_ids(packed_ids)), packed_ids, leaf_head, note)
        for batch_id, packed_ids, leaf_head, note in await cursor.fetchall()
    }
    known = {batch_id: recent.find(batch_id, note) for batch_id, (its, _, _, note) in held.items() if its}
    read = await select_commitments(connection, [one for one, batch in known.items() if batch is None])
    receipts: dict[int, Receipt] = {}
    for batch_id, batch in known.items():
        its, packed_ids, leaf_head, note = held[batch_id]
        whole = batch or _restore(note, PackedLeaves(packed_ids, leaf_head, read[batch_id]))
        for leaf_id in its:
            position = find_position(packed_ids, leaf_id)
            assert position is not None, "an id that is in the list has a place there"
            receipts[leaf_id] = promise_receipt(whole, position)
    return receipts


async def select_commitments(connection: Connection, batch_ids: Sequence[int]) -> dict[int, bytes]:
    """The commitments of the leaves of some batches, packed, by batch."""
    if not batch_ids:
        return {}
    cursor = await connection.execute(
        QUERIES["select_commitments_of_batches"], {"batch_ids": list(batch_ids)}, binary=True
    )
    return dict(await cursor.fetchall())


@lru_cache(maxsize=4)
def _restore(note: str, packed: PackedLeaves) -> BatchPromise:
    """Restore a batch from its stored bytes; repeats mostly ask for those of a moment ago, and a tree of
    thousands of leaves costs more to build than its bytes to compare.
    """
    return restore_batch(note, unpack_leaves(packed))


async def read_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """The newest checkpoint; None while the log is empty."""
    cursor = await connection.execute(QUERIES["select_last_checkpoint"])
    row = await cursor.fetchone()
    return None if row is None else StoredCheckpoint(*row)


async def read_integrated_at(connection: Connection, *, administration_id: int) -> datetime | None:
    """When the newest batch of an administration came into the log; None: it has none."""
    cursor = await connection.execute(
        QUERIES["select_last_integrated"], {"administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def read_witnessed_checkpoint(
    connection: Connection, *, larger_than: int = 0
) -> tuple[StoredCheckpoint, list[str]] | None:
    """The newest checkpoint that a quorum of witnesses has signed, and their lines; None if there is none of
    more leaves than `larger_than`.
    """
    cursor = await connection.execute(QUERIES["select_witnessed_checkpoint"], {"size": larger_than})
    row = await cursor.fetchone()
    return None if row is None else (StoredCheckpoint(*row[:4]), row[4])


async def read_published_note(connection: Connection, *, is_witnessed: bool) -> str | None:
    """The checkpoint as the log publishes it, a signed note; None while the log is empty.

    is_witnessed: with the lines of a quorum of witnesses, as soon as there is such a one.
    """
    witnessed = await read_witnessed_checkpoint(connection) if is_witnessed else None
    if witnessed is not None:
        checkpoint, lines = witnessed
        return checkpoint.note + "".join(f"{line}\n" for line in lines)
    newest = await read_checkpoint(connection)
    return None if newest is None else newest.note


async def read_checkpoint_of_size(connection: Connection, tree_size: int) -> StoredCheckpoint | None:
    """An older checkpoint; None if none was signed at that size."""
    cursor = await connection.execute(QUERIES["select_checkpoint"], {"tree_size": tree_size})
    row = await cursor.fetchone()
    return None if row is None else StoredCheckpoint(*row)


async def read_tile(connection: Connection, path: TilePath) -> bytes | None:
    """A tile or an entry bundle as C2SP tlog-tiles serves it; None if the log has not grown so far."""
    if path.level == ENTRIES:
        return await _read_entries(connection, path)
    tiles = await select_tiles(connection, [(path.level, path.index)])
    hashes = tiles.get((path.level, path.index), b"")[: path.width * HASH_SIZE_BYTES]
    return hashes if len(hashes) == path.width * HASH_SIZE_BYTES else None


async def prove_consistency(connection: Connection, old_size: int, new_size: int) -> list[bytes]:
    """The hashes that show that the tree of new_size begins with that of old_size.

    Errors: `sizes-not-in-order` unless 0 < old_size <= new_size, `tile-missing` if the log is shorter than
    new_size.
    """
    if not 0 < old_size <= new_size:
        raise EvidenceError(
            "sizes-not-in-order",
            f"There is no proof from {old_size} to {new_size} leaves.",
            "Name two sizes of the log from 1 on, the smaller first.",
        )
    return await _hash_ranges(connection, consistency_ranges(old_size, new_size))


async def select_tiles(connection: Connection, ids: Iterable[TileId]) -> dict[TileId, bytes]:
    """The tiles of these ids that exist."""
    wanted = list(ids)
    if not wanted:
        return {}
    cursor = await connection.execute(
        QUERIES["select_tiles"],
        {"levels": [level for level, _ in wanted], "indices": [index for _, index in wanted]},
        binary=True,
    )
    return {(level, index): hashes for level, index, hashes in await cursor.fetchall()}


async def select_leaves(connection: Connection, first: int, count: int) -> list[bytes]:
    """The data of leaves first to first + count - 1 of the log, as many as there are."""
    cursor = await connection.execute(
        QUERIES["select_batches_in_range"], {"first": first, "last": first + count - 1}, binary=True
    )
    leaves: list[bytes] = []
    for first_index, _, *packed in await cursor.fetchall():
        batch = unpack_leaves(PackedLeaves(*packed))
        leaves += batch[max(0, first - first_index) : max(0, first + count - first_index)]
    return leaves


async def _read_entries(connection: Connection, path: TilePath) -> bytes | None:
    leaves = await select_leaves(connection, path.index * WIDTH, path.width)
    return (
        b"".join(len(data).to_bytes(2, "big") + data for data in leaves)
        if len(leaves) == path.width
        else None
    )


async def _prove(connection: Connection, leaf_data: bytes, index: int) -> Receipt:
    witnessed = await read_witnessed_checkpoint(connection, larger_than=index)
    checkpoint, cosignatures = witnessed or (await read_checkpoint(connection), [])
    assert checkpoint is not None, "an integrated leaf has a checkpoint"
    path = await _hash_ranges(connection, inclusion_ranges(index, checkpoint.tree_size))
    return proof_receipt(leaf_data, index, path, checkpoint.note, cosignatures)


async def _hash_ranges(connection: Connection, ranges: list[Range]) -> list[bytes]:
    tiles = await select_tiles(connection, ids_for_ranges(ranges))
    return [hash_range(tiles, *one) for one in ranges]


async def _fetch_one(connection: Connection, query: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    cursor = await connection.execute(QUERIES[query], parameters, binary=True)
    row = await cursor.fetchone()
    if row is None:
        raise EvidenceError(
            "batch-missing", "A batch of the log has gone.", "Restore table log_batch from a backup."
        )
    return row
