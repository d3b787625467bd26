"""Memory of long calculations: the garbage collector left out, freed pages kept."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""Numbers of glibc's mallopt."""


@contextmanager
def without_collector() -> Iterator[None]:
    """Leave the collector out: reading and deciding make no cycles, and looking for them takes half of the
    time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_pages() -> None:
    """Let this process, and those it forks, keep what NumPy and Arrow give back: each batch takes the same
    megabytes again, and the kernel would clear them each time. Elsewhere than on Linux nothing is done."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # not with every C library
        mallopt(_TRIM_THRESHOLD, 1 << 30)
        mallopt(_TOP_PAD, 64 << 20)
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        pa.set_memory_pool(pa.system_memory_pool())
