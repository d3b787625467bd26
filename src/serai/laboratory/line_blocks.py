"""A file of lines cut into blocks of whole lines: large ones; of a slow sender what it has sent so far."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from select import select
from typing import BinaryIO, Final

from serai.formats.json_lines import LINE_BYTES_MAX

BLOCK_BYTES: Final = 12 * 1024 * 1024
PATIENCE_S: Final = 0.25
"""How long a block that comes through a pipe waits to be filled, counted from its first byte."""


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Whole lines. first_line: from 1. is_full: cut for its size; else no more had come, or ever will."""

    first_line: int
    content: bytes
    is_full: bool


def read_line_blocks(file: BinaryIO) -> Iterator[LineBlock]:
    """Cut a file of lines into blocks, and hold no more than one of them."""
    first_line, rest = 1, b""
    while chunk := read_chunk(file, BLOCK_BYTES):
        end = chunk.rfind(b"\n") + 1
        if not end:
            # A line longer than any may be is refused anyway; of its rest no more is kept than shows that.
            rest = (rest + chunk)[: LINE_BYTES_MAX + 1]
            continue
        content = rest + chunk[:end]
        yield LineBlock(first_line, content, is_full=len(chunk) == BLOCK_BYTES)
        first_line += content.count(b"\n")
        rest = chunk[end:]
    if rest:
        yield LineBlock(first_line, rest, is_full=False)


def read_chunk(file: BinaryIO, size_bytes: int) -> bytes:
    """Read as much as wanted; of a pipe or a terminal less, when no more comes soon. Empty at the end."""
    if not isinstance(file, BufferedReader) or is_stored(file):
        return file.read(size_bytes)
    parts = [file.read1(size_bytes)]
    missing_bytes = size_bytes - len(parts[0])
    deadline_s = time.monotonic() + PATIENCE_S
    while parts[-1] and missing_bytes:
        if not select([file], [], [], max(0.0, deadline_s - time.monotonic()))[0]:
            break
        parts.append(file.read1(missing_bytes))
        missing_bytes -= len(parts[-1])
    return b"".join(parts)


def is_stored(file: BinaryIO) -> bool:
    """Say whether all of a file is there already: it lies on a disk or in memory, and nobody writes on."""
    return not isinstance(file, BufferedReader) or stat.S_ISREG(os.fstat(file.fileno()).st_mode)
