"""Timers of nodes in tests: what is done every few seconds is done every half second, so that a test that
waits for it waits less. What takes longer keeps its pause: no test waits for it."""

from dataclasses import replace
from typing import Any, Final

from serai.foundation.jobs import Job

QUICK_S: Final = 0.4
_SECONDS_MAX: Final = 5.0
_keep = Job.keep


async def _keep_quickly(job: Job[Any], *arguments: Any, **named: Any) -> None:
    if QUICK_S < job.pause_s <= _SECONDS_MAX:
        job = replace(job, pause_s=QUICK_S)
    await _keep(job, *arguments, **named)


def use_quick_timers() -> None:
    """Let every node of this process keep its timers so."""
    Job.keep = _keep_quickly  # type: ignore[assignment, method-assign]
