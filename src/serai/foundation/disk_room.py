"""Room on disks: what comes in is refused while there is still enough to stay alive."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

ASKED_EACH_BYTES: Final = 16 << 20
"""So much more goes into temporary files before their disk is asked again."""


class DiskRoom:
    """A reserve on the disk. PostgreSQL dies when it cannot write its log, and needs room to come back."""

    def __init__(self, folder: Path, *, free_min_bytes: int) -> None:
        self._folder = folder
        self._free_min_bytes = free_min_bytes

    def require(self, coming_bytes: int = 0) -> None:
        """Raise SeraiError `disk-full` when less than the reserve is free, or would be with what is coming.
        Costs a system call."""
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes - coming_bytes < self._free_min_bytes:
            raise SeraiError(
                "disk-full",
                MessageText(
                    "The disk of this node has no room for it ({free_mib} MiB free); nothing was stored.",
                    free_mib=free_bytes >> 20,
                ),
                "Free some space, then send it again; what was answered before is kept.",
            )


class SpoolRoom:
    """What the bodies and answers of all requests of a process take in temporary files together.

    bytes_max: most of it; nobody takes more than it leaves to others, so that one alone gets half of it, two
    a third each, and there is always some for who comes next. free_min_bytes: what stays free on the disk of
    temporary files; it is asked now and then, while they grow.
    """

    def __init__(self, *, bytes_max: int, free_min_bytes: int) -> None:
        self._bytes_max = bytes_max
        self._disk = DiskRoom(Path(tempfile.gettempdir()), free_min_bytes=free_min_bytes)
        self._unasked_bytes = ASKED_EACH_BYTES
        self._held_bytes: Counter[str] = Counter()
        self.held_bytes = 0

    def share_of(self, holder: str) -> "SpoolShare":
        """Return the room that somebody has. holder: under which name what it holds is counted."""
        return SpoolShare(self, holder)

    def hold(self, holder: str, size_bytes: int) -> None:
        """Count more bytes. Raises SeraiError `disk-full`, and counts nothing, where there is no room."""
        own_bytes = self._held_bytes[holder] + size_bytes
        if own_bytes > self._bytes_max - self.held_bytes - size_bytes:
            raise SeraiError(
                "disk-full",
                MessageText(
                    "Requests that are under way hold {held_mib} MiB of files, {own_mib} MiB of it yours;"
                    " there is no room for more of yours.",
                    held_mib=self.held_bytes >> 20,
                    own_mib=self._held_bytes[holder] >> 20,
                ),
                "Read the answers of those you have sent, or wait until they have ended; then send it again,"
                " or in smaller files.",
            )
        if self._unasked_bytes + size_bytes >= ASKED_EACH_BYTES:
            self._disk.require(size_bytes)
            self._unasked_bytes = 0
        self._unasked_bytes += size_bytes
        self.held_bytes += size_bytes
        self._held_bytes[holder] = own_bytes

    def give_back(self, holder: str, size_bytes: int) -> None:
        """Count less."""
        self.held_bytes -= size_bytes
        self._held_bytes[holder] -= size_bytes
        if not self._held_bytes[holder]:
            del self._held_bytes[holder]


class SpoolShare:
    """What one of those who share a room for temporary files has of it."""

    def __init__(self, room: SpoolRoom, holder: str) -> None:
        self._room = room
        self._holder = holder

    def hold(self, size_bytes: int) -> None:
        """Count more bytes. Raises SeraiError `disk-full`, and counts nothing, where there is no room."""
        self._room.hold(self._holder, size_bytes)

    def give_back(self, size_bytes: int) -> None:
        """Count less."""
        self._room.give_back(self._holder, size_bytes)
