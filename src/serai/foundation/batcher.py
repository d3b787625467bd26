"""The batcher: gathers jobs of many requests into one call of work; they share its cost and its commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

from serai.foundation.isolation import isolate_faults
from serai.model.errors import SeraiError

Job = TypeVar("Job")
Result = TypeVar("Result")


class _Waiting(Generic[Job, Result]):
    """A job, the future its sender waits for, and when (event loop time) it must go at the latest."""

    __slots__ = ("answer", "go_at_s", "job", "rows_count")

    def __init__(self, job: Job, rows_count: int, answer: asyncio.Future[Result], go_at_s: float) -> None:
        self.job = job
        self.rows_count = rows_count
        self.answer = answer
        self.go_at_s = go_at_s


class Batcher(Generic[Job, Result]):
    """Gathers jobs into batches; while one batch is worked on, the next gathers. Use as `async with`.

    Senders who wait for one answer before they send the next fall into groups that take turns, each batch a
    part of what could go together. So when a batch is done, the next waits for those just answered, as long
    as a first job waits, and goes at once when as many are there as were answered and waited.

    Where a batch waits that is at least half full, it is looked at while one is worked on: what can be got
    ready of it before its turn is ready then. One batch is worked on at a time, in the order they came.

    work: does a list of jobs, returns one result for each (a SeraiError in its place is raised to that
    sender); leaves nothing behind when it raises. max_rows_count: rows in a batch; a single larger job goes
    alone. max_wait_ms: how long the first job of a batch waits for company. queue_limit_count: rows that may
    wait. report_fault: told of unexpected exceptions, returns an incident number. look_ahead: gets the jobs
    of the next batch ready; what it raises is met again by work, and told then.
    """

    def __init__(
        self,
        work: Callable[[list[Job]], Awaitable[Sequence[Result | SeraiError]]],
        *,
        max_rows_count: int,
        max_wait_ms: float,
        queue_limit_count: int,
        report_fault: Callable[[Exception], str],
        look_ahead: Callable[[list[Job]], Awaitable[None]] | None = None,
    ) -> None:
        self._work = work
        self._look_ahead = look_ahead
        self._ahead: asyncio.Task[list[_Waiting[Job, Result]]] | None = None
        self._is_working = False
        self._max_rows_count = max_rows_count
        self._max_wait_s = max_wait_ms / 1000
        self._queue_limit_count = queue_limit_count
        self._report_fault = report_fault
        self._queue: deque[_Waiting[Job, Result]] = deque()
        self._queued_rows_count = 0
        self._changed = asyncio.Event()
        self._wait_for_known_until_s = 0.0
        self._known_count = 0
        self._is_stopping = False
        self._running: asyncio.Task[None] | None = None

    @property
    def queued_rows_count(self) -> int:
        """Return how many rows wait."""
        return self._queued_rows_count

    async def submit(self, job: Job, rows_count: int) -> Result:
        """Hand in a job and wait for its result. Cancelling the wait harms nobody else.

        Raises SeraiError `busy` at once when the queue is full or the batcher stops, `internal-error` when
        this very job made work fail, and what work returned or raised as SeraiError.
        """
        is_full = self._queue and self._queued_rows_count + rows_count > self._queue_limit_count
        if is_full or self._is_stopping or self._running is None:
            raise _busy()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        waiting = _Waiting(job, rows_count, answer, loop.time() + self._max_wait_s)
        self._queue.append(waiting)
        self._queued_rows_count += rows_count
        self._changed.set()
        self._begin_ahead()
        return await answer

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Take no more jobs, do those that wait, and end."""
        self._is_stopping = True
        self._changed.set()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        while True:
            batch = await self._next()
            if batch:
                self._is_working = True
                self._begin_ahead()
                await self._do(batch)
                self._is_working = False
                self._known_count = len(batch) + len(self._queue)
                self._wait_for_known_until_s = asyncio.get_running_loop().time() + self._max_wait_s
            elif self._is_stopping and not self._queue:
                return

    async def _next(self) -> list[_Waiting[Job, Result]]:
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return await ahead
        await self._gather()
        return self._take()

    def _begin_ahead(self) -> None:
        """Begin with the next batch if a large one waits for the one that is worked on."""
        is_large = 2 * self._queued_rows_count >= self._max_rows_count
        if is_large and self._is_working and self._ahead is None and self._look_ahead is not None:
            self._ahead = asyncio.create_task(self._take_ahead(self._look_ahead))

    async def _take_ahead(
        self, look_ahead: Callable[[list[Job]], Awaitable[None]]
    ) -> list[_Waiting[Job, Result]]:
        batch = self._take()
        if batch:
            with suppress(Exception):
                await look_ahead([waiting.job for waiting in batch])
        return batch

    async def _gather(self) -> None:
        """Wait until a batch is full, or everybody known is there, or the wait is over, or we stop."""
        while not self._queue and not self._is_stopping:
            self._changed.clear()
            await self._changed.wait()
        if not self._queue:
            return
        go_at_s, wanted_count = self._queue[0].go_at_s, self._queue_limit_count
        if asyncio.get_running_loop().time() < self._wait_for_known_until_s:
            go_at_s, wanted_count = self._wait_for_known_until_s, self._known_count
        try:
            async with asyncio.timeout_at(go_at_s):
                while (
                    len(self._queue) < wanted_count
                    and self._queued_rows_count < self._max_rows_count
                    and not self._is_stopping
                ):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    def _take(self) -> list[_Waiting[Job, Result]]:
        """Take the first jobs that fit in a batch, and leave out those whose sender went away."""
        batch: list[_Waiting[Job, Result]] = []
        rows_count = 0
        while self._queue:
            first = self._queue[0]
            if not first.answer.done():
                if batch and rows_count + first.rows_count > self._max_rows_count:
                    break
                batch.append(first)
                rows_count += first.rows_count
            self._queue.popleft()
            self._queued_rows_count -= first.rows_count
        return batch

    async def _do(self, batch: list[_Waiting[Job, Result]]) -> None:
        jobs = [waiting.job for waiting in batch]
        results = await isolate_faults(self._work, jobs, self._report_fault)
        for waiting, result in zip(batch, results, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(result, SeraiError):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result)


def _busy() -> SeraiError:
    return SeraiError("busy", "Too many requests are waiting.", "Send it again in a few seconds.")
