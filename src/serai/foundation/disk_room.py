"""Room on the disk of the data folder: what comes in is refused while there is still enough to stay alive."""

import shutil
from pathlib import Path

from serai.model.errors import SeraiError


class DiskRoom:
    """A reserve on the disk. PostgreSQL dies when it cannot write its log, and needs room to come back."""

    def __init__(self, folder: Path, *, free_min_bytes: int) -> None:
        self._folder = folder
        self._free_min_bytes = free_min_bytes

    def require(self) -> None:
        """Raise SeraiError `disk-full` when less is free than the reserve. Costs a system call."""
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes < self._free_min_bytes:
            raise SeraiError(
                "disk-full",
                f"The disk of this node is nearly full ({free_bytes >> 20:,} MiB free); nothing was stored.",
                "Free some space, then send it again; what was answered before is kept.",
            )
