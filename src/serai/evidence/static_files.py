"""The log as static files (C2SP tlog-tiles): for a mirror, a web server, an auditor's disk.

What is there already is not written again: a folder grows by what the log has grown.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Final

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import EMPTY_ROOT
from serai.evidence.notes import Checkpoint, read_checkpoint_text, read_note
from serai.evidence.store import (
    QUERIES,
    Connection,
    read_checkpoint_of_size,
    read_published_note,
    read_tile,
)
from serai.evidence.tiles import ENTRIES, WIDTH, TilePath, tile_paths, tile_widths, write_path

_CHECKPOINT: Final = "checkpoint"
_FILES_AT_ONCE: Final = 64


class LogEmptyError(EvidenceError):
    """Nothing has been signed yet."""


async def publish_to_folder(connection: Connection, folder: Path, *, is_witnessed: bool = False) -> int:
    """Write what the folder lacks of the published log; return how many files that were.

    is_witnessed: up to the newest checkpoint that a quorum of witnesses has signed. One process does it at a
    time; another finds nothing to do. Errors: `log-empty`, `log-folder-differs`.
    """
    cursor = await connection.execute(QUERIES["lock_static_files"])
    if await cursor.fetchone() != (True,):
        return 0
    note = await read_published_note(connection, is_witnessed=is_witnessed)
    if note is None:
        raise LogEmptyError(
            "log-empty", "The log has no checkpoint yet.", "Publish it after the first batch."
        )
    known = (folder / _CHECKPOINT).read_text(encoding="utf-8") if (folder / _CHECKPOINT).is_file() else ""
    if known == note:
        return 0
    present = _read(note)
    earlier = _read(known) if known else Checkpoint(present.origin, 0, EMPTY_ROOT)
    if earlier.tree_size:
        same = await read_checkpoint_of_size(connection, earlier.tree_size)
        if same is None or (same.origin, same.root) != (earlier.origin, earlier.root):
            raise EvidenceError(
                "log-folder-differs",
                f"{folder} holds another history: {earlier.tree_size} leaves of {earlier.origin}.",
                "Keep that folder as evidence, and publish into an empty one.",
            )
    if earlier.tree_size > present.tree_size:
        return 0  # witnesses have not come so far yet
    count = 0
    files: dict[TilePath, bytes] = {}
    for path in _paths_between(earlier.tree_size, present.tree_size):
        data = await read_tile(connection, path)
        assert data is not None, "a checkpoint's tiles commit with it"
        files[path] = data
        count += 1
        if len(files) == _FILES_AT_ONCE:
            await asyncio.to_thread(_write_tiles, folder, files)
            files = {}
    await asyncio.to_thread(_write_tiles, folder, files)
    # Last, so that whoever reads the checkpoint finds its tiles.
    await asyncio.to_thread(_write, folder / _CHECKPOINT, note.encode())
    return count + 1


def _paths_between(old_size: int, new_size: int) -> list[TilePath]:
    """The tiles and bundles that a log of new_size has, and one of old_size has not."""
    found: list[TilePath] = []
    widths = zip_longest(tile_widths(old_size), tile_widths(new_size), fillvalue=0)
    for level, (old_count, new_count) in [(ENTRIES, (old_size, new_size)), *enumerate(widths)]:
        if new_count > old_count:
            found += tile_paths(old_count, new_count, level)
    return found


def _write_tiles(folder: Path, files: Mapping[TilePath, bytes]) -> None:
    for path, data in files.items():
        _write(folder / write_path(path), data)
        if path.width == WIDTH:
            # Whoever wants a part of a tile takes it from the whole (C2SP tlog-tiles).
            shutil.rmtree(folder / f"{write_path(path)}.p", ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    """Write a file that others may read; a reader sees all of it or none, after a power cut too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _read(note: str) -> Checkpoint:
    return read_checkpoint_text(read_note(note).text)[0]
