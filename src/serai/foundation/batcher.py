"""The batcher: gathers jobs of many requests into one call of work; they share its cost and its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

from serai.foundation.isolation import isolate_faults
from serai.foundation.turns import Turns
from serai.foundation.worker_threads import going_first
from serai.model.errors import SeraiError

Job = TypeVar("Job")
Result = TypeVar("Result")

_TURNS_A_BATCH = 4
"""A full batch has room for so many parties, each with its share."""
_SMALL_AT_ONCE = 10
"""Small jobs go together up to so many times what one of them may have."""


class _Waiting(Generic[Job, Result]):
    """A job, the future its sender waits for, and when (event loop time) it must go at the latest."""

    __slots__ = ("answer", "go_at_s", "job")

    def __init__(self, job: Job, answer: asyncio.Future[Result], go_at_s: float) -> None:
        self.job = job
        self.answer = answer
        self.go_at_s = go_at_s

    def is_gone(self) -> bool:
        """Say whether nobody waits for it any more."""
        return self.answer.done()


class Batcher(Generic[Job, Result]):
    """Gathers jobs into batches, in two lanes: what has few rows never waits for a large batch. Use as
    `async with`.

    In each lane those who ask are served in turn, by rows: however much one of them hands in, the others wait
    for a turn of it and not for all. Each lane works on one batch at a time, so that both may be at work at
    once, as two processes may.

    work: does a list of jobs, returns one result for each (a SeraiError in its place is raised to that
    sender); leaves nothing behind when it raises. max_rows_count: rows in a batch; a single larger job goes
    alone. small_rows_count: rows up to which a job has the lane of the small ones; 0: there is one lane.
    max_wait_ms: how long the first job of a batch waits for company. queue_limit_count: rows that may wait in
    a lane; twice as many, of those who wait with less than their share. report_fault: told of unexpected
    exceptions, returns an incident number. look_ahead: gets the jobs of the next large batch ready; what it
    raises is met again by work, and told then.
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
        small_rows_count: int = 0,
    ) -> None:
        async def do(jobs: list[Job]) -> list[Result | SeraiError]:
            return await isolate_faults(work, jobs, report_fault)

        self._small_rows_count = small_rows_count
        self._large: _Lane[Job, Result] = _Lane(
            do, look_ahead, max_rows_count, max_wait_ms / 1000, queue_limit_count
        )
        self._small: _Lane[Job, Result] = _Lane(
            do,
            None,
            min(max_rows_count, max(1, _SMALL_AT_ONCE * small_rows_count)),
            max_wait_ms / 1000,
            queue_limit_count,
        )
        self._running: list[asyncio.Task[None]] = []

    @property
    def queued_rows_count(self) -> int:
        """Return how many rows wait."""
        return self._large.queued_rows_count + self._small.queued_rows_count

    async def submit(
        self, job: Job, rows_count: int, *, asker: Hashable = None, with_large: bool = False
    ) -> Result:
        """Hand in a job and wait for its result. Cancelling the wait harms nobody else.

        asker: who takes turns with others. with_large: it goes with the large ones however few rows it has,
        because it is much work, or must not overtake one of its asker's that does.

        Raises SeraiError `busy` at once when the queue is full or the batcher stops, `internal-error` when
        this very job made work fail, and what work returned or raised as SeraiError.
        """
        if not self._running:
            raise _busy()
        if rows_count > self._small_rows_count or with_large:
            return await self._large.submit(job, rows_count, asker)
        with going_first():
            return await self._small.submit(job, rows_count, asker)

    async def __aenter__(self) -> Self:
        self._running = [asyncio.create_task(lane.run()) for lane in (self._small, self._large)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Take no more jobs, do those that wait, and end."""
        for lane in (self._small, self._large):
            lane.stop()
        await asyncio.gather(*self._running)


class _Lane(Generic[Job, Result]):
    """One batch at a time, and what waits for the next.

    Senders who wait for one answer before they send the next fall into groups that take turns, each batch a
    part of what could go together. So when a batch is done, the next waits for those just answered, as long
    as a first job waits, and goes at once when as many are there as were answered and waited.

    Where a batch waits that is at least half full, it is looked at while one is worked on: what can be got
    ready of it before its turn is ready then.
    """

    def __init__(
        self,
        do: Callable[[list[Job]], Awaitable[list[Result | SeraiError]]],
        look_ahead: Callable[[list[Job]], Awaitable[None]] | None,
        max_rows_count: int,
        max_wait_s: float,
        queue_limit_count: int,
    ) -> None:
        self._do = do
        self._look_ahead = look_ahead
        self._ahead: asyncio.Task[list[_Waiting[Job, Result]]] | None = None
        self._is_working = False
        self._max_rows_count = max_rows_count
        self._max_wait_s = max_wait_s
        self._queue_limit_count = queue_limit_count
        self._queue: Turns[_Waiting[Job, Result]] = Turns(
            share_count=max(1, max_rows_count // _TURNS_A_BATCH), is_gone=_Waiting.is_gone
        )
        self._changed = asyncio.Event()
        self._wait_for_known_until_s = 0.0
        self._known_count = 0
        self._is_stopping = False

    @property
    def queued_rows_count(self) -> int:
        """Return how many rows wait."""
        return self._queue.rows_count

    async def submit(self, job: Job, rows_count: int, asker: Hashable) -> Result:
        """Let a job wait for its turn and its result. Raises what `Batcher.submit` raises."""
        if self._is_stopping or self._is_full(rows_count, asker):
            raise _busy()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._queue.add(asker, _Waiting(job, answer, loop.time() + self._max_wait_s), rows_count)
        self._changed.set()
        self._begin_ahead()
        return await answer

    def _is_full(self, rows_count: int, asker: Hashable) -> bool:
        """Say whether a job must not wait here: a queue that others have filled still takes what is less than
        an equal share of it."""
        wanted = self._queue.rows_count + rows_count
        if not self._queue or wanted <= self._queue_limit_count:
            return False
        own = self._queue.rows_count_of(asker)
        share = self._queue_limit_count // (self._queue.askers_count + (own == 0))
        return own + rows_count > share or wanted > 2 * self._queue_limit_count

    def stop(self) -> None:
        """Take no more jobs; `run` ends when those that wait are done."""
        self._is_stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Work on batches until `stop`."""
        while True:
            batch = await self._next()
            if batch:
                self._is_working = True
                self._begin_ahead()
                await self._work_on(batch)
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
        return self._queue.take(self._max_rows_count)

    def _begin_ahead(self) -> None:
        """Begin with the next batch if a large one waits for the one that is worked on."""
        is_large = 2 * self._queue.rows_count >= self._max_rows_count
        if is_large and self._is_working and self._ahead is None and self._look_ahead is not None:
            self._ahead = asyncio.create_task(self._take_ahead(self._look_ahead))

    async def _take_ahead(
        self, look_ahead: Callable[[list[Job]], Awaitable[None]]
    ) -> list[_Waiting[Job, Result]]:
        batch = self._queue.take(self._max_rows_count)
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
        go_at_s = min(waiting.go_at_s for waiting in self._queue.oldest())
        wanted_count = self._queue_limit_count
        if asyncio.get_running_loop().time() < self._wait_for_known_until_s:
            go_at_s, wanted_count = self._wait_for_known_until_s, self._known_count
        try:
            async with asyncio.timeout_at(go_at_s):
                while (
                    len(self._queue) < wanted_count
                    and self._queue.rows_count < self._max_rows_count
                    and not self._is_stopping
                ):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return

    async def _work_on(self, batch: list[_Waiting[Job, Result]]) -> None:
        results = await self._do([waiting.job for waiting in batch])
        for waiting, result in zip(batch, results, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(result, SeraiError):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result)


def _busy() -> SeraiError:
    return SeraiError("busy", "Too many requests are waiting.", "Send it again in a few seconds.")
