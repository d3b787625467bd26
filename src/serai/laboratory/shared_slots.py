"""Memory shared with forked workers: large bytes change sides without going through a pipe."""

import mmap
from struct import Struct
from typing import Final

SLOT_BYTES: Final = 48 * 1024 * 1024
"""Blocks of twelve megabytes and their answers; only what is written to takes memory."""
_SIZE: Final = Struct("<q")


class Slot:
    """Room for one piece of bytes at a time; who may write is agreed upon elsewhere."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SLOT_BYTES)

    def put(self, content: bytes) -> bool:
        """Put bytes in the place of what was there; False, and nothing done, if they are too many."""
        if _SIZE.size + len(content) > SLOT_BYTES:
            return False
        self._memory[: _SIZE.size] = _SIZE.pack(len(content))
        self._memory[_SIZE.size : _SIZE.size + len(content)] = content
        return True

    def get(self) -> bytes:
        """Return the bytes that were put last."""
        (size_bytes,) = _SIZE.unpack(self._memory[: _SIZE.size])
        return self._memory[_SIZE.size : _SIZE.size + size_bytes]


def make_slots(count: int) -> list[Slot]:
    """Make slots. Workers forked from now on share them."""
    return [Slot() for _ in range(count)]
