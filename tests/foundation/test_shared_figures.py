"""Figures of several processes are one sum, that never falls; what has ended leaves no files behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from serai.foundation import shared_figures
from serai.foundation.shared_figures import VARIABLE, FiguresFolder

_COUNT = """
import sys
from serai.foundation.shared_figures import make_room
from serai.foundation.metrics import Metrics

make_room()
metrics = Metrics()
metrics.requests.labels("GET", "/v1/cases", "200").inc(int(sys.argv[1]))
metrics.request_seconds.labels("/v1/cases").observe(0.3)
metrics.queued_rows.set(int(sys.argv[1]))
print(metrics.render().decode(), flush=True)
sys.stdin.read()
"""
REQUESTS = 'serai_requests_total{method="GET",route="/v1/cases",status="200"}'
SLOWER_THAN = 'serai_request_seconds_bucket{le="0.5",route="/v1/cases"}'


class Process:
    """A process that has counted, and lives until it is let go."""

    def __init__(self, count: int) -> None:
        words = [sys.executable, "-c", _COUNT, str(count)]
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.child.stdout is not None
        self.seen: dict[str, float] = {}
        for line in self.child.stdout:
            if line == "\n":
                break
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                self.seen[name] = float(value)

    def end(self) -> int:
        self.child.communicate()
        return self.child.pid


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shared_figures, "_MEMORY", tmp_path)
    return tmp_path


def test_one_process_shows_the_figures_of_all_and_no_sum_falls(place: Path) -> None:
    with FiguresFolder() as figures:
        first, second = Process(3), Process(4)
        figures.add_up(first.end())
        third = Process(5)
        files = {path.name for path in figures.path.iterdir()}
        second.end()
        third.end()

    assert (second.seen[REQUESTS], second.seen["serai_batcher_queued_rows"]) == (7, 7)
    assert (third.seen[REQUESTS], third.seen[SLOWER_THAN]) == (12, 3), "what has ended still counts"
    assert third.seen["serai_batcher_queued_rows"] == 9, "and what it had waiting does not"
    assert not any(str(first.child.pid) in name for name in files)
    assert list(place.iterdir()) == []


def test_what_a_killed_server_left_is_removed_by_the_next(place: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (place / f"serai-figures-{ended.pid}-abc").mkdir()
    (place / "serai-figures-of-somebody").mkdir()

    neighbour = FiguresFolder()
    with FiguresFolder() as own:
        assert {path.name for path in place.iterdir()} == {
            "serai-figures-of-somebody",
            own.path.name,
            neighbour.path.name,
        }


def test_a_process_by_itself_shows_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    alone = Process(2)
    alone.end()

    assert alone.seen[REQUESTS] == 2
