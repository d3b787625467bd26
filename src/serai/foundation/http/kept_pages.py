"""Pages are made in a thread of their own, one at a time; what says the same to all strangers is kept."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from serai.model.errors import SeraiError

WAITING_COUNT_MAX: Final = 100
"""Pages that may wait to be made; who comes then is asked to come again."""
KEPT_BYTES_MAX: Final = 32 << 20

Made = TypeVar("Made")


class PageThread:
    """Makes pages beside the event loop: readers take their turn from each other, not from who files."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pages")
        self._waiting_count = 0

    async def make(self, work: Callable[[], Made]) -> Made:
        """Do `work` in the thread. Raises SeraiError `busy` when too many wait."""
        if self._waiting_count >= WAITING_COUNT_MAX:
            raise SeraiError(
                "busy", "Too many pages are being read.", "Load the page again in a few seconds."
            )
        self._waiting_count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting_count -= 1


class KeptPages:
    """Pages as they were made last, the one read least recently goes first.

    made_count: how many were made, for tests and curiosity.
    """

    def __init__(self, thread: PageThread, *, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._thread = thread
        self._bytes_max = bytes_max
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[Hashable, asyncio.Task[str]] = {}
        self.made_count = 0

    async def get(self, name: Hashable, make: Callable[[], str]) -> str:
        """Return the page of that name; who asks while it is made waits for that one. Raises what `make`
        and `PageThread.make` raise."""
        if (page := self._find(name)) is not None:
            return page
        return await self._get_made(name, make)

    def at_once(self, name: Hashable, make: Callable[[], str]) -> str:
        """Return the page of that name, made here and now where it is not kept yet."""
        page = self._find(name)
        return self._keep(name, make()) if page is None else page

    def _find(self, name: Hashable) -> str | None:
        page = self._pages.get(name)
        if page is not None:
            self._pages.move_to_end(name)
        return page

    async def _get_made(self, name: Hashable, make: Callable[[], str]) -> str:
        task = self._under_way.get(name)
        if task is None:
            task = self._under_way[name] = asyncio.create_task(self._make(name, make))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def _make(self, name: Hashable, make: Callable[[], str]) -> str:
        try:
            page = await self._thread.make(make)
        finally:
            del self._under_way[name]
        return self._keep(name, page)

    def _keep(self, name: Hashable, page: str) -> str:
        self.made_count += 1
        self._pages[name] = page
        self._kept_bytes += len(page)
        while self._kept_bytes > self._bytes_max:
            _, oldest = self._pages.popitem(last=False)
            self._kept_bytes -= len(oldest)
        return page
