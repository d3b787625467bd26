"""Which files of `src/serai` declarations in bulk pass, from their request to the answer.

Runs inside the checkout that is measured: `python parcel_files.py`, working folder and PYTHONPATH are the
checkout and its `src`. Prints the files, one a line.
"""

import importlib.util
import sys
import tempfile
import threading
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.migrations import migrate
from serai.foundation.shipped import find_shipped

SOURCE = str(Path("src/serai").resolve()) + "/"
WORLDS = ("tests.journey.cases.world", "tests.journey.follow.world")
"""Where a checkout keeps its running server with parties, newest first."""
ROUNDS = 5
PARCELS = 200
"""More than are decided one by one, so that they take the way of large batches."""


class Watch:
    """Collects files whose functions are called in any thread that starts after this."""

    def __init__(self) -> None:
        self._files: set[str] | None = None
        threading.setprofile(self._see)

    def start(self) -> None:
        """Collect from now on."""
        self._files = set()

    def stop(self) -> frozenset[str]:
        """Collect no more; return what was called since the start."""
        files, self._files = self._files, None
        return frozenset(files or ())

    def _see(self, frame: FrameType, event: str, _: Any) -> None:
        files = self._files
        if files is not None and event == "call" and frame.f_code.co_filename.startswith(SOURCE):
            files.add(frame.f_code.co_filename.removeprefix(SOURCE))


def main() -> None:
    """Send a batch to warm up, then some more, and print what files each of these passes.

    What passes only some of them is work beside the request, such as the renewal of a lease.
    """
    watch = Watch()
    with (
        tempfile.TemporaryDirectory(prefix="serai-layout-", dir="/tmp") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", settings={"fsync": "off"}) as dsn,
    ):
        migrate(dsn, find_shipped("migrations"), at=datetime(2026, 1, 1, tzinfo=UTC))
        passed = _send(watch, dsn, Path(folder))
    sys.stdout.writelines(f"{file}\n" for file in sorted(passed))


def _send(watch: Watch, dsn: str, folder: Path) -> frozenset[str]:
    world: Any = import_module(next(name for name in WORLDS if _is_there(name)))
    rounds: list[frozenset[str]] = []
    with world.running_world(dsn, folder) as running, running.client("rival") as client:
        for number in range(ROUNDS + 1):
            references = [f"R-{number}-{one}" for one in range(PARCELS)]
            parcels = [world.parcel(reference) for reference in references]
            watch.start()
            answers = world.file(client, *parcels)
            rounds.append(watch.stop())
            if [one["reference"] for one in answers] != references:
                raise SystemExit(f"not every parcel was decided: {answers[0]}")
    return frozenset.intersection(*rounds[1:])


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
