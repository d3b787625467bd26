"""What Serai does on a timer, from the list that it runs."""

from collections.abc import Iterable
from typing import Any

from serai.app import list_jobs
from serai.foundation.jobs import Job
from serai.foundation.settings import Settings
from serai.journey.mailing.delivery import JOBS as MAILERS
from serai.journey.notifications.delivery import JOBS as DELIVERERS

from tools.reference.layout import MARK


def build_pages() -> dict[str, str]:
    """Return the page of timers."""
    lines = [
        MARK,
        "# Timers",
        "",
        "What is done again and again beside requests. Each web process does all of it; where one is",
        "enough, a lock or a lease in the database sees to it. *In turns*: of several processes, each waits",
        "as many times the pause as there are processes, give or take half, so that all together keep it. A",
        "turn that fails is told in the log as `job-failed`, with the job's name and the code, and is done",
        "again.",
        "",
        "| job | pause | what | done in |",
        "|---|---|---|---|",
        *_rows(list_jobs(Settings())),
        *_rows(DELIVERERS),
        *_rows(MAILERS),
        "",
    ]
    return {"reference/timers.md": "\n".join(lines)}


def _rows(jobs: Iterable[Job[Any]]) -> list[str]:
    return [f"| `{job.name}` | {_shown(job)} | {job.what} | `{job.done_by.__module__}` |" for job in jobs]


def _shown(job: Job[Any]) -> str:
    pause = f"{job.pause_s:g} s" if job.pause_s < 60 else f"{job.pause_s / 60:g} min"
    return f"{pause}, in turns" if job.one_is_enough else pause
