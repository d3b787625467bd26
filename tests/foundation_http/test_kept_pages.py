"""Pages are made beside the loop, and once for all strangers."""

import asyncio
import threading

import pytest

from serai.foundation.http.kept_pages import WAITING_COUNT_MAX, KeptPages, PageThread
from serai.model.errors import SeraiError


async def test_fifty_readers_of_a_page_make_it_once() -> None:
    kept = KeptPages(PageThread())

    pages = await asyncio.gather(*(kept.get("law", lambda: "the page") for _ in range(50)))
    again = await kept.get("law", lambda: "another")

    assert {*pages, again} == {"the page"}
    assert kept.made_count == 1


async def test_the_loop_turns_while_a_page_is_made_and_others_wait_for_it() -> None:
    thread, may_end, order = PageThread(), threading.Event(), list[str]()

    def slow() -> str:
        may_end.wait(30)
        order.append("first")
        return "first"

    def quick() -> str:
        order.append("second")
        return "second"

    first, second = asyncio.create_task(thread.make(slow)), asyncio.create_task(thread.make(quick))
    await asyncio.sleep(0.01)
    order.append("filed meanwhile")
    may_end.set()
    await asyncio.gather(first, second)

    assert order == ["filed meanwhile", "first", "second"]


async def test_when_too_many_pages_wait_the_next_reader_is_asked_to_come_again() -> None:
    thread, may_end = PageThread(), threading.Event()
    waiting = [asyncio.create_task(thread.make(may_end.wait)) for _ in range(WAITING_COUNT_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(SeraiError, match="busy"):
        await thread.make(may_end.wait)

    may_end.set()
    await asyncio.gather(*waiting)


async def test_the_page_read_least_recently_makes_room() -> None:
    kept = KeptPages(PageThread(), bytes_max=10)

    for name in ("one", "two", "one", "three", "one", "two"):
        await kept.get(name, lambda: "4444")

    assert kept.made_count == 4, "one, two, three, and two once more"


async def test_a_page_that_cannot_be_made_is_tried_again_by_the_next_reader() -> None:
    kept = KeptPages(PageThread())

    def break_down() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await kept.get("law", break_down)

    assert await kept.get("law", lambda: "made") == "made"
