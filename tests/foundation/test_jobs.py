"""Jobs on a timer: a turn that fails is told with its cause, and done again."""

import asyncio
import io
from typing import NoReturn

import msgspec

from serai.foundation.jobs import Job
from serai.model.errors import SeraiError


def refuse() -> NoReturn:
    raise SeraiError("log-went-back", "It did, says Mallory Example.", "See to it.")


async def test_a_turn_that_fails_is_told_by_code_and_done_again(told: io.StringIO) -> None:
    turns: list[str] = []

    async def turn(subject: list[str]) -> None:
        subject.append("one")
        if len(subject) < 3:
            refuse()

    job = Job("try-hard", 3_600.0, "It tries.", turn, refuse, after_failure_s=0.001)
    task = asyncio.create_task(job.keep(turns))
    async with asyncio.timeout(10):
        while len(turns) < 3:
            await asyncio.sleep(0.001)
    task.cancel()

    lines = [msgspec.json.decode(line) for line in told.getvalue().splitlines()]
    assert [(one["event"], one["job"], one["code"]) for one in lines] == [
        ("job-failed", "try-hard", "log-went-back")
    ] * 2
    assert "Mallory" not in told.getvalue()


async def test_a_turn_that_says_so_is_followed_by_the_next_without_a_pause() -> None:
    left = [3]

    async def turn(subject: list[int]) -> bool:
        subject[0] -= 1
        return subject[0] > 0

    task = asyncio.create_task(Job("empty", 3_600.0, "It empties.", turn, refuse).keep(left))
    async with asyncio.timeout(10):
        while left[0]:
            await asyncio.sleep(0)
    task.cancel()

    assert left == [0]


async def test_processes_of_which_one_is_enough_keep_the_pause_together() -> None:
    """Two that are never in step take as many turns as one would alone; what each must do itself, each does
    as often."""
    turns = {"alone": 0, "each": 0, "together": 0}

    async def turn(name: str) -> None:
        turns[name] += 1

    each = Job("each", 0.02, "It is done by each.", turn, refuse)
    together = Job("together", 0.02, "It is done by one of them.", turn, refuse, one_is_enough=True)
    jobs = [together.keep("alone"), each.keep("each", 4), together.keep("together", 4, jitter=lambda: 0.5)]
    tasks = [asyncio.create_task(job) for job in jobs]
    async with asyncio.timeout(10):
        while turns["together"] < 5:
            await asyncio.sleep(0.001)
    for task in tasks:
        task.cancel()

    assert turns["each"] >= 2 * turns["together"]
    assert turns["alone"] >= 2 * turns["together"]
