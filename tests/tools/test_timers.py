"""What is done on a timer is on one page: each has a name of its own, and no other loop sleeps."""

import ast
from pathlib import Path
from typing import Any

import pytest

import serai
from serai.app import list_jobs
from serai.foundation.jobs import Job
from serai.foundation.settings import Settings
from serai.journey.mailing.delivery import JOBS as MAILERS
from serai.journey.notifications.delivery import JOBS
from tools.reference.timers import build_pages

SOURCE = Path(serai.__file__).parent


def _loops_that_sleep(path: Path) -> list[int]:
    """Lines of endless loops that wait with `asyncio.sleep`."""
    return [
        loop.lineno
        for loop in ast.walk(ast.parse(path.read_text()))
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant)
        for call in ast.walk(loop)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "asyncio.sleep"
    ]


def test_every_job_has_a_name_of_its_own_and_a_line_on_the_page() -> None:
    jobs: list[Job[Any]] = [*list_jobs(Settings()), *JOBS, *MAILERS]
    page = build_pages()["reference/timers.md"]

    assert len({job.name for job in jobs}) == len(jobs)
    for job in jobs:
        assert f"| `{job.name}` |" in page
        assert job.what.endswith(".")


@pytest.mark.in_turn
def test_nothing_else_is_done_on_a_timer() -> None:
    found = {
        path.relative_to(SOURCE).as_posix(): lines
        for path in SOURCE.rglob("*.py")
        if (lines := _loops_that_sleep(path))
    }

    # A request that waits for events, and one that waits for room in the queue.
    of_a_request = {"journey/cases/events.py", "journey/lodgement/service.py"}
    assert set(found) - of_a_request == {"foundation/jobs.py"}
