"""Memory that is left to this node: of its control group where that has a limit, and of the machine."""

import ctypes
import time
from pathlib import Path
from typing import Final

from serai.foundation.telemetry import telemetry
from serai.model.errors import SeraiError

_ASKED_EACH_S: Final = 0.5
_TOLD_EACH_S: Final = 60.0
_GROUPS: Final = ("sys/fs/cgroup", "sys/fs/cgroup/memory")
_FILES: Final = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Limit, use, and what of that the kernel gives back when asked; of control groups of either version."""


class MemoryRoom:
    """A reserve of memory: what comes in is refused before the kernel ends a process.

    free_min_bytes: what must be free; 0: whatever. root: of the file system with `proc` and `sys`.
    """

    def __init__(self, *, free_min_bytes: int, root: Path = Path("/")) -> None:
        self._free_min_bytes = free_min_bytes
        self._root = root
        self._is_short = False
        self._asked_s = self._told_s = float("-inf")

    def require(self) -> None:
        """Raise SeraiError `busy` when less than the reserve is free; looked at twice a second."""
        if not self._free_min_bytes:
            return
        now_s = time.monotonic()
        if now_s - self._asked_s >= _ASKED_EACH_S:
            self._asked_s = now_s
            self._is_short = self._look(now_s)
        if self._is_short:
            raise SeraiError(
                "busy", "This node is short of memory.", "Send it again in a few seconds; nothing was stored."
            )

    def _look(self, now_s: float) -> bool:
        if available_bytes(self._root) >= self._free_min_bytes:
            return False
        _trim()
        left_bytes = available_bytes(self._root)
        if left_bytes >= self._free_min_bytes:
            return False
        if now_s - self._told_s >= _TOLD_EACH_S:
            self._told_s = now_s
            telemetry().warning("memory-short", size_bytes=left_bytes)
        return True


def available_bytes(root: Path = Path("/")) -> int:
    """Return what may still be taken without that anything must end."""
    kib = next(
        int(line.split()[1])
        for line in (root / "proc/meminfo").read_text().splitlines()
        if line.startswith("MemAvailable:")
    )
    return min([kib * 1024, *_left_in_groups(root)])


def _left_in_groups(root: Path) -> list[int]:
    """Return what each control group with a limit that this process is in has left."""
    left = []
    for line in (root / "proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in {"", "memory"}:
            top = root / _GROUPS[controllers == "memory"]
            folder = top / path.lstrip("/")
            # In a container the path is the host's, and its own group lies at the top.
            for group in (folder, *(one for one in folder.parents if one.is_relative_to(top))):
                left += _left_in(group)
    return left


def _left_in(group: Path) -> list[int]:
    for limit_name, used_name, reclaimable_name in _FILES:
        try:
            limit = (group / limit_name).read_text().strip()
            used = int((group / used_name).read_text())
            stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        except OSError:
            continue
        if limit.isdecimal():
            return [int(limit) - used + int(stat.get(reclaimable_name, 0))]
    return []


def _trim() -> None:
    """Give back what the allocator keeps for the next batch (`cli/web_processes.py` has it keep much)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
