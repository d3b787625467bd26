"""The auditor: recomputes a whole log and says where it differs from what was signed.

Works on any source of tiles: the database, a folder, a web address. It needs no trust in the operator.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import leaf_hashes
from serai.evidence.leaf import PackedLeaves, unpack_leaves
from serai.evidence.notes import Checkpoint, open_checkpoint
from serai.evidence.promise import restore_batch
from serai.evidence.store import QUERIES, Connection, read_tile
from serai.evidence.tiles import (
    ENTRIES,
    WIDTH,
    TileId,
    TilePath,
    append_hashes,
    hash_range,
    tile_paths,
    tile_widths,
    write_path,
)

_PATIENCE_S = 30
_FILE_BYTES_MAX = 32 * 2**20
"""A bundle holds 256 entries of at most 64 KiB."""

ReadTile = Callable[[TilePath], Awaitable[bytes | None]]
"""A tile's or an entry bundle's bytes; None if it is not there."""


class Audit(msgspec.Struct, frozen=True):
    """What an audit found. faults: (code, place); none means that every leaf, tile and checkpoint agrees."""

    tree_size: int
    checkpoints_count: int
    faults: tuple[tuple[str, str], ...]


async def audit_log(read: ReadTile, notes: Sequence[str], *, origin: str, public_key: bytes) -> Audit:
    """Recompute the log from its leaves and compare every tile and every checkpoint.

    notes: all signed checkpoints at hand, any order, at least one. A checkpoint that agrees with the
    recomputed tree is consistent with every other that does.
    """
    checkpoints, faults = _open_all(notes, origin, public_key)
    size = max((one.tree_size for one in checkpoints), default=0)
    tiles: dict[TileId, bytes] = {}
    for path in tile_paths(0, size, ENTRIES):
        leaves = _read_bundle(await read(path), path.width)
        if leaves is None:
            return Audit(size, len(checkpoints), (*faults, ("entries-missing", write_path(path))))
        tiles |= append_hashes(tiles, path.index * WIDTH, leaf_hashes(leaves))
    for level, count in enumerate(tile_widths(size)):
        for path in tile_paths(0, count, level):
            if await read(path) != tiles[level, path.index]:
                faults.append(("tile-differs", write_path(path)))
    for checkpoint in checkpoints:
        if hash_range(tiles, 0, checkpoint.tree_size) != checkpoint.root:
            faults.append(("checkpoint-differs", str(checkpoint.tree_size)))
    return Audit(size, len(checkpoints), tuple(faults))


async def audit_database(connection: Connection, *, origin: str, public_key: bytes) -> Audit:
    """Audit the log in a database: leaves, tiles, all checkpoints, and that each batch is the one that was
    promised.
    """
    cursor = await connection.execute(QUERIES["select_checkpoints"])
    notes = [note for *_, note in await cursor.fetchall()]

    async def read(path: TilePath) -> bytes | None:
        return await read_tile(connection, path)

    audit = await audit_log(read, notes, origin=origin, public_key=public_key)
    broken = await _find_broken_promises(connection, audit.tree_size)
    return msgspec.structs.replace(audit, faults=audit.faults + broken)


async def audit_folder(folder: Path, *, origin: str, public_key: bytes) -> Audit:
    """Audit a log that lies in a folder as `publish_to_folder` writes it. Errors: `log-files-missing`."""

    async def read(path: TilePath) -> bytes | None:
        file = folder / write_path(path)
        return file.read_bytes() if file.is_file() else None

    if not (folder / "checkpoint").is_file():
        raise EvidenceError(
            "log-files-missing",
            f"There is no log in {folder}.",
            "Name the folder with the file `checkpoint`.",
        )
    note = (folder / "checkpoint").read_text(encoding="utf-8", errors="replace")
    return await audit_log(read, [note], origin=origin, public_key=public_key)


async def audit_address(address: str, *, origin: str, public_key: bytes) -> Audit:
    """Audit a log that is served under an address, `https://` or `http://`. Errors: `log-unreachable`."""
    base = address.rstrip("/")

    async def read(path: TilePath) -> bytes | None:
        return await asyncio.to_thread(_fetch, f"{base}/{write_path(path)}")

    note = await asyncio.to_thread(_fetch, f"{base}/checkpoint")
    if note is None:
        raise _unreachable(f"{base}/checkpoint")
    return await audit_log(read, [note.decode(errors="replace")], origin=origin, public_key=public_key)


def _fetch(url: str) -> bytes | None:
    """Return what lies at an address; None if nothing does."""
    try:
        with urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310 - an address by http, as its caller says
            content: bytes = answer.read(_FILE_BYTES_MAX)
            return content
    except HTTPError as fault:
        if fault.code == 404:
            return None
        raise _unreachable(url) from fault
    except (OSError, HTTPException) as fault:
        raise _unreachable(url) from fault


def _unreachable(url: str) -> EvidenceError:
    return EvidenceError("log-unreachable", f"{url} cannot be read.", "Compare the address, and try later.")


async def _find_broken_promises(connection: Connection, size: int) -> tuple[tuple[str, str], ...]:
    faults: list[tuple[str, str]] = []
    for first in range(0, size, WIDTH * WIDTH):
        parameters = {"first": first, "last": first + WIDTH * WIDTH - 1}
        cursor = await connection.execute(QUERIES["select_batches_in_range"], parameters, binary=True)
        for first_index, promise, *packed in await cursor.fetchall():
            try:
                restore_batch(promise, unpack_leaves(PackedLeaves(*packed)))
            except EvidenceError as fault:
                faults.append((fault.code, str(first_index)))
    return tuple(dict.fromkeys(faults))


def _open_all(
    notes: Sequence[str], origin: str, public_key: bytes
) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
    checkpoints: list[Checkpoint] = []
    faults: list[tuple[str, str]] = []
    for number, note in enumerate(notes):
        try:
            checkpoints.append(open_checkpoint(note, origin, public_key))
        except EvidenceError as fault:
            faults.append((fault.code, f"checkpoint {number + 1} of {len(notes)}"))
    return checkpoints, faults


def _read_bundle(data: bytes | None, count: int) -> list[bytes] | None:
    """The leaves of an entry bundle; None unless it holds exactly `count`."""
    leaves: list[bytes] = []
    place = 0
    while data is not None and place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        leaves.append(data[place + 2 : end])
        place = end
    return leaves if data is not None and place == len(data) and len(leaves) == count else None
