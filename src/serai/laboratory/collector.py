"""Memory of long calculations: freed pages are kept."""

import ctypes
import sys

import pyarrow as pa

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
"""Numbers of glibc's mallopt."""


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
