"""Reads begin one by one: who does something in many steps beside a crowd of readers waits for few."""

import asyncio

from serai.foundation.http.one_by_one import OneByOne

STEPS_COUNT = 20


async def read(line: OneByOne, begun: list[int], number: int) -> None:
    await line.begin()
    begun.append(number)


async def crowd_beside_steps(line: OneByOne) -> int:
    """Let 500 readers come at once; return how many began while something took its steps."""
    begun: list[int] = []
    readers = [asyncio.create_task(read(line, begun, number)) for number in range(500)]
    await asyncio.sleep(0)
    for _ in range(STEPS_COUNT):
        await asyncio.sleep(0)
    before = len(begun)
    await asyncio.gather(*readers)
    assert begun == list(range(500)), "each began, in the order in which they came"
    return before


async def test_in_each_step_of_another_at_most_one_read_begins() -> None:
    assert 1 <= await crowd_beside_steps(OneByOne()) <= STEPS_COUNT + 2


async def test_while_something_is_written_reads_begin_seldom() -> None:
    line, begun = OneByOne(), list[int]()
    readers = [asyncio.create_task(read(line, begun, number)) for number in range(50)]
    with line.writing():
        for _ in range(2_000):
            await asyncio.sleep(0)
        before = len(begun)
    await asyncio.gather(*readers)

    assert before < 50 == len(begun)


async def test_who_went_away_stops_nobody() -> None:
    line, begun = OneByOne(), list[int]()
    readers = [asyncio.create_task(read(line, begun, number)) for number in range(10)]
    await asyncio.sleep(0)
    for one in readers[3:6]:
        one.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await asyncio.wait_for(read(line, begun, 10), 1)

    assert begun == [0, 1, 2, 6, 7, 8, 9, 10]
