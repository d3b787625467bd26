"""Keeps the comparison of the law in use: computed once for a generation and day, beside the loop."""

import asyncio
import datetime as dt
from collections.abc import Callable

from serai.foundation.telemetry import telemetry
from serai.journey.law_in_force.state import LawState
from serai.law.library import PackFiles
from serai.portal.comparison.comparing import World, compare_world


class WorldService:
    """Answers with what is computed, at once; whoever asks first for a new generation or day starts it.

    law: gives the law in use; files_of: the files it was read from.
    """

    def __init__(self, law: Callable[[], LawState], files_of: Callable[[LawState], PackFiles]) -> None:
        self._law = law
        self._files_of = files_of
        self._kept: World | None = None
        self._begun: tuple[int, dt.date] | None = None
        self._task: asyncio.Task[None] | None = None
        self.has_failed = False

    def look(self, on: dt.date) -> World | None:
        """Return the newest comparison there is, None before the first is done; never waits.

        A comparison that is out of date is shown, with its own day, until the new one is there.
        """
        law = self._law()
        wanted = (law.generation_id, on)
        is_running = self._task is not None and not self._task.done()
        if wanted != self._begun and not is_running:
            self._begun = wanted
            self._task = asyncio.create_task(self._compare(law, on), name="compare-world")
        return self._kept

    async def finish(self) -> None:
        """Wait for a computation that is under way."""
        if self._task is not None:
            await self._task

    async def _compare(self, law: LawState, on: dt.date) -> None:
        try:
            self._kept = await asyncio.to_thread(
                compare_world, self._files_of(law), law.book, on, law.generation_id
            )
            self.has_failed = False
        except Exception as fault:  # noqa: BLE001 - the page says so; parcels are decided all the same
            self.has_failed = True
            telemetry().error("comparison-failed", exc_info=fault)
