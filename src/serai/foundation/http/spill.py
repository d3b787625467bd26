"""Bytes between a fast writer and a slow reader: a little in memory, the rest in a bounded temporary file."""

import asyncio
import errno
import tempfile
from collections import deque
from pathlib import Path
from typing import IO, ClassVar, Final

from serai.model.errors import SeraiError

MEMORY_BYTES_MAX: Final = 32 << 20
"""What one stream holds in memory before its file is begun."""
SHARED_BYTES_MAX: Final = 64 << 20
"""What all streams of a process hold together, beyond OWN_BYTES of each."""
OWN_BYTES: Final = 1 << 20
GET_BYTES_MAX: Final = 1 << 18
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Spill:
    """First in, first out. One writer, one reader, one event loop.

    in_use_bytes: of the memory that all streams share.

    file_bytes_max: when the file has grown so large, `put` waits until the reader has emptied it.
    stall_s: how long `put` waits without any progress of the reader before it raises `client-stalled`.
    folder: where the file lies (it has no name there); None: the system's folder for temporary files.
    """

    in_use_bytes: ClassVar[int] = 0

    def __init__(self, *, file_bytes_max: int, stall_s: float, folder: Path | None = None) -> None:
        self._file_bytes_max = file_bytes_max
        self._stall_s = stall_s
        self._folder = folder
        self._memory: deque[bytes] = deque()
        self._memory_bytes = 0
        self._shared_bytes = 0
        self._file: IO[bytes] | None = None
        self._read_offset = 0
        self._write_offset = 0
        self._is_ended = False
        self._has_data = asyncio.Event()
        self._has_progress = asyncio.Event()

    async def put(self, data: bytes) -> None:
        """Take `data`; returns at once unless the file or its disk is full."""
        while not self._take(data):
            self._has_progress.clear()
            try:
                async with asyncio.timeout(self._stall_s):
                    await self._has_progress.wait()
            except TimeoutError as fault:
                raise SeraiError(
                    "client-stalled",
                    f"The answers were not read for {self._stall_s:g} seconds.",
                    "Read the answers while sending; then send the file again, repeats are harmless.",
                ) from fault
        self._has_data.set()

    async def get(self) -> bytes:
        """Return the next bytes, waiting for some; `b""` when all has been read and the writer has ended."""
        while True:
            data = self._read_memory() or self._read_file()
            if data or self._is_ended:
                self._has_progress.set()
                return data
            self._has_data.clear()
            await self._has_data.wait()

    def end(self) -> None:
        """Say that nothing more will be put."""
        self._is_ended = True
        self._has_data.set()

    def close(self) -> None:
        """Drop what is left, and the file."""
        self._memory.clear()
        self._count_memory(0)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self, data: bytes) -> bool:
        """Put `data` where there is room for it; False if there is none now."""
        if self._write_offset == 0 and self._has_memory(len(data)):
            self._hold(data)
            return True
        if not self._has_room(len(data)):
            return False
        try:
            self._write_file(data)
        except OSError as fault:
            if fault.errno not in _NO_ROOM:
                raise
            # The reader goes on with what there is; once it has all of that, memory takes whatever comes.
            if self._write_offset or self._memory:
                return False
            self._hold(data)
        return True

    def _has_memory(self, size_bytes: int) -> bool:
        wanted = self._memory_bytes + size_bytes
        if wanted <= OWN_BYTES:
            return True
        others = Spill.in_use_bytes - self._shared_bytes
        return wanted <= MEMORY_BYTES_MAX and others + wanted - OWN_BYTES <= SHARED_BYTES_MAX

    def _hold(self, data: bytes) -> None:
        self._memory.append(data)
        self._count_memory(self._memory_bytes + len(data))

    def _count_memory(self, size_bytes: int) -> None:
        shared = max(0, size_bytes - OWN_BYTES)
        Spill.in_use_bytes += shared - self._shared_bytes
        self._memory_bytes, self._shared_bytes = size_bytes, shared

    def _has_room(self, bytes_count: int) -> bool:
        # Something larger than the whole file is let through when nothing else lies there.
        return self._write_offset == 0 or self._write_offset + bytes_count <= self._file_bytes_max

    def _write_file(self, data: bytes) -> None:
        # In the event loop: it goes to the page cache, and a hop to a thread costs more than the copy.
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115
        self._file.seek(self._write_offset)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._write_offset += len(data)

    def _read_memory(self) -> bytes:
        if not self._memory:
            return b""
        pieces = [self._memory.popleft()]
        size_bytes = len(pieces[0])
        while self._memory and size_bytes + len(self._memory[0]) <= OWN_BYTES:
            pieces.append(self._memory.popleft())
            size_bytes += len(pieces[-1])
        self._count_memory(self._memory_bytes - size_bytes)
        return b"".join(pieces)

    def _read_file(self) -> bytes:
        if self._file is None or self._write_offset == 0:
            return b""
        self._file.seek(self._read_offset)
        data = self._file.read(min(GET_BYTES_MAX, self._write_offset - self._read_offset))
        self._read_offset += len(data)
        if self._read_offset == self._write_offset:  # empty: start again at the front, memory first
            self._read_offset = self._write_offset = 0
            self._file.truncate(0)
        return data
