"""What is done on a timer: one form for all of it, so that all of it can be listed."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from serai.foundation.telemetry import telemetry

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Job(Generic[Subject]):
    """One thing that a process does again and again.

    name: under which a failed turn is told. pause_s: between the end of a turn and the next. what: a sentence
    for the page that lists all. turn: does it once; True: more waits, go on without a pause. done_by: the
    function that has the work, for whoever looks for it. waits_first: whether the first turn comes after a
    pause. after_failure_s: the pause when a turn has failed; None: as ever. one_is_enough: whether a turn of
    one process does it for all: then all together keep its pause.
    """

    name: str
    pause_s: float
    what: str
    turn: Callable[[Subject], Awaitable[bool | None]]
    done_by: Callable[..., Any]
    waits_first: bool = False
    after_failure_s: float | None = None
    one_is_enough: bool = False

    async def keep(
        self, subject: Subject, processes_count: int = 1, *, jitter: Callable[[], float] = random.random
    ) -> None:
        """Do it for ever. A turn that fails is told, by kind and code, and done again. processes_count: that
        keep it beside each other. jitter: 0 to 1, so that their turns do not fall together."""

        def usual_pause_s() -> float:
            if not self.one_is_enough or processes_count == 1:
                return self.pause_s
            return self.pause_s * processes_count * (0.5 + jitter())

        pause_s = usual_pause_s() if self.waits_first else 0.0
        while True:
            await asyncio.sleep(pause_s)
            try:
                pause_s = 0.0 if await self.turn(subject) else usual_pause_s()
            except Exception as fault:  # noqa: BLE001 - the loop must live on; the fault is told
                tell_failed_turn(self.name, fault)
                pause_s = self.pause_s if self.after_failure_s is None else self.after_failure_s


def tell_failed_turn(name: str, fault: Exception) -> None:
    """Tell that a turn of a job failed, and of what."""
    telemetry().warning("job-failed", job=name, exc_info=fault)
