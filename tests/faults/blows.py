"""What a bad day does to a node: its processes killed or stopped, its disk full, its clock stepped."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psycopg

from tests.faults.serving import Serving
from tests.faults.stepped_clock import SteppedClock

_MIB: Final = 1 << 20
_DISK_MIB: Final = 4_096
_FULL_S: Final = 3.0
_HOUR_S: Final = 3_600


@contextlib.contextmanager
def disk_of_its_own(folder: Path) -> Iterator[bool]:
    """Lay a small disk under a node's data; gives False where this machine mounts none."""
    disk = folder / "data"
    disk.mkdir()
    mount = shutil.which("mount")
    words = ["-t", "tmpfs", "-o", f"size={_DISK_MIB}m,mode=755", "tmpfs", str(disk)]
    is_mounted = (
        os.geteuid() == 0
        and mount is not None
        and subprocess.run([mount, *words], capture_output=True, check=False).returncode == 0
    )
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


class Blows:
    """The blows that can be dealt to one node on this machine, each drawn as often as the others."""

    def __init__(self, node: Serving, clock: SteppedClock, *, has_disk: bool, rng: random.Random) -> None:
        self._node, self._clock, self._rng = node, clock, rng
        self.by_name: dict[str, Callable[[], None]] = {
            "web process killed": lambda: self._kill(self._web_process(), signal.SIGKILL),
            "web process stopped": lambda: self._kill(self._web_process(), signal.SIGSTOP),
            "whole server killed and started": self._restart,
            "backend of the database killed": lambda: self._kill(self._backend(), signal.SIGKILL),
            "database killed": lambda: self._kill(node.database_process_id(), signal.SIGKILL),
        }
        if has_disk:
            self.by_name["disk full for three seconds"] = self._fill_disk
        if clock.environment:
            self.by_name["clock stepped an hour"] = self._step_clock

    def deal(self, name: str) -> None:
        """Deal one blow; returns when its cause is over, or as soon as it is dealt where it has no end."""
        # What a blow before brought down may not be up yet: the next then falls on nothing.
        with contextlib.suppress(ProcessLookupError, psycopg.OperationalError, FileNotFoundError, IndexError):
            self.by_name[name]()

    def _kill(self, process_id: int, number: signal.Signals) -> None:
        os.kill(process_id, number)

    def _web_process(self) -> int:
        return self._rng.choice(self._node.web_process_ids())

    def _backend(self) -> int:
        found = self._node.rows(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'serai-%%' ORDER BY pid"
        )
        return int(self._rng.choice(found)[0])

    def _restart(self) -> None:
        """Kill the server at the root of all its processes and start it, as an init system does."""
        node = self._node
        assert node.process is not None
        left = node.web_process_ids()
        node.process.kill()
        node.process.wait()
        end = time.monotonic() + 30
        while any(Path(f"/proc/{one}").exists() for one in left) and time.monotonic() < end:
            time.sleep(0.1)
        # Web processes end by themselves when their server has gone; one that was stopped cannot.
        for one in left:
            with contextlib.suppress(ProcessLookupError):
                self._kill(one, signal.SIGKILL)
        node.start()

    def _step_clock(self) -> None:
        """An hour back; the next time, forth again."""
        self._clock.step(0 if self._clock.offset_s else -_HOUR_S)

    def _fill_disk(self) -> None:
        filler = self._node.data / "filler"
        # The node itself may have filled it: then it is full without us.
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(b"\0" * _MIB)
                file.flush()
        time.sleep(_FULL_S)
        filler.unlink(missing_ok=True)
