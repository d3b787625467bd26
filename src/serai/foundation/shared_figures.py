"""Figures of all web processes of one server, in files in memory that each of them can add up.

Each process writes its own; what one that has ended has counted is added to what all before it have, so that
no sum ever falls and no files pile up.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from serai.foundation.postgres_process import is_alive

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks, when it is imported, whether figures are shared and in which folder."""

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it is ours alone
_PREFIX: Final = "serai-figures-"
_ENDED: Final = 0
"""No process has this number: under it lies what those that have ended have counted."""
_COUNTED: Final = ("counter", "histogram")
_FILE_BYTES: Final = 1 << 20
# Both are the library's and have no types.
_FIGURES: Final[Any] = MmapedDict
_COLLECTOR: Final[Any] = MultiProcessCollector


class FiguresFolder:
    """The folder of one server, for as long as its context is open: its web processes find it by themselves.

    In memory where the system offers that: a file that grows on a full disk would end who writes it.
    """

    def __init__(self) -> None:
        place = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
        _sweep(place)
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))

    def __enter__(self) -> "FiguresFolder":
        os.environ[VARIABLE] = str(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        del os.environ[VARIABLE]
        shutil.rmtree(self.path, ignore_errors=True)

    def add_up(self, process_id: int) -> None:
        """Keep what a process that has ended has counted, and forget how it stood."""
        with _alone(self.path, fcntl.LOCK_EX):
            for path in self.path.glob(f"*_{process_id}.db"):
                kind = path.name.partition("_")[0]
                if kind in _COUNTED:
                    _add(path, self.path / f"{kind}_{_ENDED}.db")
                path.unlink()


def make_room() -> None:
    """Take the room for this process's figures before any are written. Raises OSError where there is none."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return
    for kind in _COUNTED:
        with (Path(folder) / f"{kind}_{os.getpid()}.db").open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)


def render_shared() -> bytes | None:
    """Return the figures of all processes in the Prometheus text format; None: this process has its own."""
    with _shared() as registry:
        return None if registry is None else generate_latest(registry)


def collect_shared() -> list[Metric] | None:
    """Return the figures of all processes; None: this process has its own."""
    with _shared() as registry:
        return None if registry is None else list(registry.collect())


@contextmanager
def _shared() -> Iterator[CollectorRegistry | None]:
    folder = os.environ.get(VARIABLE)
    if folder is None:
        yield None
        return
    with _alone(Path(folder), fcntl.LOCK_SH):
        registry = CollectorRegistry()
        _COLLECTOR(registry, folder)
        yield registry


@contextmanager
def _alone(folder: Path, how: int) -> Iterator[None]:
    """Hold the folder: who reads while figures move from one file to another would count them twice."""
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, how)
        yield


def _add(path: Path, to: Path) -> None:
    total = _FIGURES(str(to))
    try:
        for key, value, _, _ in _FIGURES.read_all_values_from_file(str(path)):
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
    finally:
        total.close()


def _sweep(place: Path) -> None:
    """Remove what servers of ours have left that were killed."""
    for folder in place.glob(f"{_PREFIX}*"):
        starter = folder.name.removeprefix(_PREFIX).partition("-")[0]
        is_ours = folder.lstat().st_uid == os.geteuid()
        if is_ours and starter.isdecimal() and not is_alive(int(starter)):
            shutil.rmtree(folder, ignore_errors=True)
