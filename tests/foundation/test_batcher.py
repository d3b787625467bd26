"""The batcher: shares work, isolates faults, keeps its promises to each sender."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from serai.foundation.batcher import Batcher
from serai.model.errors import SeraiError

Work = Callable[[list[int]], Awaitable[Sequence[int | SeraiError]]]


class Recorder:
    """Work that doubles numbers, remembers its batches, and fails on those it is told to."""

    def __init__(self, *poison: int) -> None:
        self.poison = set(poison)
        self.batches: list[list[int]] = []
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.faults: list[Exception] = []

    async def work(self, jobs: list[int]) -> list[int | SeraiError]:
        self.batches.append(jobs)
        await self.may_go.wait()
        if bad := self.poison & set(jobs):
            raise ZeroDivisionError(bad)
        return [job * 2 for job in jobs]

    def report(self, fault: Exception) -> str:
        self.faults.append(fault)
        return f"I-{len(self.faults)}"


def make(
    recorder: Recorder,
    work: Work | None = None,
    look_ahead: Callable[[list[int]], Awaitable[None]] | None = None,
    **limits: int,
) -> Batcher[int, int]:
    chosen = {
        "max_rows_count": 100,
        "max_wait_ms": 3,
        "queue_limit_count": 10_000,
        "small_rows_count": 0,
    } | limits
    return Batcher(
        work or recorder.work,
        max_rows_count=chosen["max_rows_count"],
        max_wait_ms=chosen["max_wait_ms"],
        queue_limit_count=chosen["queue_limit_count"],
        report_fault=recorder.report,
        look_ahead=look_ahead,
        small_rows_count=chosen["small_rows_count"],
    )


async def test_jobs_that_come_together_share_one_call_and_get_their_own_results() -> None:
    recorder = Recorder()

    async with make(recorder) as batcher:
        results = await asyncio.gather(*(batcher.submit(number, 1) for number in range(50)))

    assert results == [number * 2 for number in range(50)]
    assert recorder.batches == [list(range(50))]


async def test_a_batch_is_bounded_by_rows_and_a_large_job_goes_alone() -> None:
    recorder = Recorder()

    async with make(recorder, max_rows_count=10) as batcher:
        await asyncio.gather(
            *(batcher.submit(n, rows) for n, rows in [(1, 4), (2, 4), (3, 4), (4, 50), (5, 1)])
        )

    assert recorder.batches == [[1, 2], [3], [4], [5]]


async def test_a_full_batch_does_not_wait_and_a_lone_job_waits_only_so_long() -> None:
    recorder = Recorder()

    async with make(recorder, max_rows_count=2, max_wait_ms=60_000) as batcher, asyncio.timeout(10):
        await asyncio.gather(batcher.submit(1, 1), batcher.submit(2, 1))
    async with make(recorder, max_wait_ms=1) as batcher, asyncio.timeout(10):
        assert await batcher.submit(3, 1) == 6


async def test_while_one_batch_runs_the_next_gathers() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, max_wait_ms=0) as batcher:
        first = asyncio.create_task(batcher.submit(1, 1))
        while not recorder.batches:
            await asyncio.sleep(0)
        others = [asyncio.create_task(batcher.submit(number, 1)) for number in (2, 3, 4)]
        await asyncio.sleep(0.01)
        assert recorder.batches == [[1]]
        recorder.may_go.set()
        await asyncio.gather(first, *others)

    assert recorder.batches == [[1], [2, 3, 4]]


async def test_a_large_batch_is_looked_at_while_the_one_before_is_worked_on_and_keeps_its_turn() -> None:
    recorder = Recorder()
    recorder.may_go.clear()
    seen: list[list[int]] = []

    async def look_ahead(jobs: list[int]) -> None:
        seen.append(jobs)
        raise ZeroDivisionError("whatever it meets, work meets it again")

    async with make(recorder, look_ahead=look_ahead, max_rows_count=4, max_wait_ms=0) as batcher:
        first = asyncio.create_task(batcher.submit(1, 4))
        while not recorder.batches:
            await asyncio.sleep(0)
        waiting = asyncio.create_task(batcher.submit(2, 1))
        await asyncio.sleep(0.01)
        assert seen == [], "it is not half full"
        others = [asyncio.create_task(batcher.submit(number, 4)) for number in (3, 4)]
        await asyncio.sleep(0.01)
        assert seen == [[2]], "the next one alone"
        assert recorder.batches == [[1]], "one at a time"
        recorder.may_go.set()
        results = await asyncio.gather(first, waiting, *others)

    assert results == [2, 4, 6, 8]
    assert recorder.batches == [[1], [2], [3], [4]]
    assert seen[0] == [2]
    assert recorder.faults == []


async def test_those_just_answered_and_those_who_waited_go_together() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, max_rows_count=9, max_wait_ms=100) as batcher, asyncio.timeout(10):

        async def send_two(first: int, rows_count: int) -> None:
            await batcher.submit(first, rows_count)
            await batcher.submit(first + 10, 1)

        large = asyncio.create_task(send_two(1, 9))
        while not recorder.batches:
            await asyncio.sleep(0)
        small = [asyncio.create_task(send_two(number, 1)) for number in (2, 3)]
        await asyncio.sleep(0.12)
        recorder.may_go.set()
        await asyncio.gather(large, *small)

    assert recorder.batches == [[1], [2, 3, 11], [12, 13]]


async def test_when_everybody_known_is_there_a_batch_does_not_wait() -> None:
    recorder = Recorder()

    async with make(recorder, max_rows_count=2, max_wait_ms=60_000) as batcher, asyncio.timeout(10):
        await batcher.submit(1, 2)
        await batcher.submit(2, 1)

    assert recorder.batches == [[1], [2]]


async def test_a_full_queue_says_busy_at_once_and_what_waits_is_done() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, queue_limit_count=3) as batcher:
        waiting = [asyncio.create_task(batcher.submit(number, 1)) for number in range(3)]
        await asyncio.sleep(0)
        assert batcher.queued_rows_count == 3
        with pytest.raises(SeraiError) as caught:
            await batcher.submit(9, 1)
        recorder.may_go.set()
        assert await asyncio.gather(*waiting) == [0, 2, 4]

    assert caught.value.code == "busy"


async def test_a_small_rows_do_not_wait_for_a_large_batch_unless_they_belong_to_it() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async def hang_on_large(jobs: list[int]) -> list[int]:
        recorder.batches.append(jobs)
        if min(jobs) < 100:
            await recorder.may_go.wait()
        return jobs

    async with (
        make(recorder, hang_on_large, max_wait_ms=0, small_rows_count=3) as batcher,
        asyncio.timeout(10),
    ):
        large = [asyncio.create_task(batcher.submit(number, 50)) for number in (1, 2, 3)]
        while not recorder.batches:
            await asyncio.sleep(0)
        last_part = asyncio.create_task(batcher.submit(4, 1, with_large=True))
        assert await batcher.submit(100, 3) == 100
        assert not any(task.done() for task in (*large, last_part))
        recorder.may_go.set()
        await asyncio.gather(*large, last_part)

    assert recorder.batches == [[1, 2], [100], [3, 4]]


async def test_another_waits_for_one_batch_however_much_one_asker_hands_in() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, max_wait_ms=0) as batcher:
        tasks = [asyncio.create_task(batcher.submit(number, 100, asker="one")) for number in range(12)]
        while not recorder.batches:
            await asyncio.sleep(0)
        tasks.append(asyncio.create_task(batcher.submit(99, 1, asker="another")))
        await asyncio.sleep(0)
        recorder.may_go.set()
        await asyncio.gather(*tasks)

    assert recorder.batches[:3] == [[0], [99], [1]]


async def test_a_queue_that_one_asker_has_filled_still_takes_anothers_share() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, queue_limit_count=100) as batcher:
        waiting = [asyncio.create_task(batcher.submit(number, 50, asker="one")) for number in range(2)]
        await asyncio.sleep(0)
        for asker, rows_count in (("one", 1), ("another", 51)):
            with pytest.raises(SeraiError, match="busy"):
                await batcher.submit(9, rows_count, asker=asker)
        waiting.append(asyncio.create_task(batcher.submit(3, 50, asker="another")))
        await asyncio.sleep(0)
        recorder.may_go.set()
        assert await asyncio.gather(*waiting) == [0, 2, 6]


async def test_a_poison_job_harms_only_itself() -> None:
    recorder = Recorder(17, 63)

    async with make(recorder, max_rows_count=64) as batcher:
        results = await asyncio.gather(*(batcher.submit(n, 1) for n in range(64)), return_exceptions=True)

    wrong = {number: result for number, result in enumerate(results) if result != number * 2}
    assert set(wrong) == {17, 63}
    for error in wrong.values():
        assert isinstance(error, SeraiError)
        assert error.code == "internal-error"
    assert "I-1" in str(wrong[17])
    assert "I-2" in str(wrong[63])
    assert [type(fault) for fault in recorder.faults] == [ZeroDivisionError] * 2
    assert len(recorder.batches) <= 2 * 2 * 7, "found by halving, not one by one"


async def test_a_flood_of_poison_is_bounded() -> None:
    recorder = Recorder(*range(1000))

    async with make(recorder, max_rows_count=1000) as batcher:
        results = await asyncio.gather(*(batcher.submit(n, 1) for n in range(1000)), return_exceptions=True)

    codes = [result.code for result in results if isinstance(result, SeraiError)]
    assert (codes.count("internal-error"), codes.count("busy")) == (64, 936)
    assert len(recorder.batches) < 64 * 11


async def test_a_known_error_of_the_whole_goes_to_all_without_halving() -> None:
    recorder = Recorder()

    async def full(jobs: list[int]) -> list[int]:
        recorder.batches.append(jobs)
        raise SeraiError("disk-full", "The disk is full.", "Free some space.")

    async with make(recorder, full) as batcher:
        results = await asyncio.gather(*(batcher.submit(n, 1) for n in range(4)), return_exceptions=True)

    assert [getattr(result, "code", None) for result in results] == ["disk-full"] * 4
    assert len(recorder.batches) == 1
    assert not recorder.faults


async def test_a_batch_that_clashes_is_done_once_more_in_halves_and_no_further() -> None:
    recorder = Recorder()

    async def clash(jobs: list[int]) -> list[int]:
        recorder.batches.append(jobs)
        if 5 in jobs or len(jobs) > 4:
            raise SeraiError("database-busy", "Others were first.", "Send it again.")
        return jobs

    async with make(recorder, clash) as batcher:
        results = await asyncio.gather(*(batcher.submit(n, 1) for n in range(8)), return_exceptions=True)

    assert recorder.batches == [[*range(8)], [0, 1, 2, 3], [4, 5, 6, 7]]
    assert results[:4] == [0, 1, 2, 3], "what does not clash is not kept from its answer"
    assert [getattr(result, "code", None) for result in results[4:]] == ["database-busy"] * 4
    assert not recorder.faults


async def test_a_job_that_clashes_alone_is_done_once_more() -> None:
    recorder = Recorder()

    async def clash_once(jobs: list[int]) -> list[int]:
        recorder.batches.append(jobs)
        if len(recorder.batches) == 1:
            raise SeraiError("database-busy", "Others were first.", "Send it again.")
        return jobs

    async with make(recorder, clash_once) as batcher:
        assert await batcher.submit(7, 1) == 7
    assert recorder.batches == [[7], [7]]


async def test_an_error_in_a_results_place_goes_to_that_sender_only() -> None:
    recorder = Recorder()

    async def refuse_odd(jobs: list[int]) -> list[int | SeraiError]:
        return [SeraiError("reference-reused", "Used.", "Amend it.") if job % 2 else job for job in jobs]

    async with make(recorder, refuse_odd) as batcher:
        results = await asyncio.gather(*(batcher.submit(n, 1) for n in range(3)), return_exceptions=True)

    assert [getattr(result, "code", result) for result in results] == [0, "reference-reused", 2]


async def test_a_sender_that_goes_away_harms_nobody() -> None:
    recorder = Recorder()
    recorder.may_go.clear()

    async with make(recorder, max_wait_ms=0) as batcher:
        running = [asyncio.create_task(batcher.submit(number, 1)) for number in (1, 2)]
        while not recorder.batches:
            await asyncio.sleep(0)
        queued = [asyncio.create_task(batcher.submit(number, 1)) for number in (3, 4)]
        await asyncio.sleep(0)
        running[0].cancel()
        queued[0].cancel()
        await asyncio.sleep(0)
        recorder.may_go.set()
        results = await asyncio.gather(*running, *queued, return_exceptions=True)

    assert [isinstance(result, asyncio.CancelledError) or result for result in results] == [True, 4, True, 8]
    assert recorder.batches == [[1, 2], [4]]
    assert batcher.queued_rows_count == 0


async def test_stopping_does_what_waits_and_takes_nothing_more() -> None:
    recorder = Recorder()
    batcher = make(recorder, max_wait_ms=60_000)
    async with batcher, asyncio.timeout(10):
        waiting = [asyncio.create_task(batcher.submit(number, 1)) for number in (1, 2)]
        await asyncio.sleep(0)
        await batcher.stop()
        with pytest.raises(SeraiError, match="busy"):
            await batcher.submit(3, 1)

    assert await asyncio.gather(*waiting) == [2, 4]
