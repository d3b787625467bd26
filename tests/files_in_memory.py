"""Where the tests of this process and of those that it starts write: in memory, where there is room."""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_MIN_BYTES = 8 << 30


def use_memory() -> None:
    """Make a folder in memory the one for temporary files, unless the caller has chosen one by `TMPDIR`.

    Each database is some seven hundred files, and to remove one from a disk takes a second where it takes
    ten milliseconds in memory: a fifth of a whole run.
    """
    if "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def _has_room() -> bool:
    try:
        figures = os.statvfs(_MEMORY)
        is_free = figures.f_bavail * figures.f_frsize >= _ROOM_MIN_BYTES and not figures.f_flag & os.ST_NOEXEC
        return is_free and os.access(_MEMORY, os.W_OK) and _available_bytes() >= _ROOM_MIN_BYTES
    except OSError:
        return False


def _available_bytes() -> int:
    """Memory that programs can still have (Linux)."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0
