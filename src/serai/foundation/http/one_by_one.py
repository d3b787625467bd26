"""Reads begin one by one, one in each turn of the event loop, and seldom while somebody writes: however many
readers there are, who files waits for few of them.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PAUSE_S: Final = 0.002
"""Between two reads while something is written: some 500 of them a second go on in a process."""


class OneByOne:
    """A line in which reads wait to begin; whoever comes alone does not wait."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_moving = False
        self._writing_count = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say that something is written within."""
        self._writing_count += 1
        try:
            yield
        finally:
            self._writing_count -= 1

    async def begin(self) -> None:
        """Wait until it is one's turn."""
        loop = asyncio.get_running_loop()
        if self._is_moving:
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn
        else:
            self._is_moving = True
            self._move_soon(loop)

    def _move(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # who went away is left out
                turn.set_result(None)
                self._move_soon(loop)
                return
        self._is_moving = False

    def _move_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._writing_count:
            loop.call_later(_PAUSE_S, self._move)
        else:
            loop.call_soon(self._move)
