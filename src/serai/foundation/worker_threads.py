"""Where computing happens: a large batch in a thread beside the event loop, a small one where it is.

There is one such thread: several would take the interpreter's lock from each other, and the event loop, which
answers everybody, would have to win it from all of them.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from serai.foundation.traces import span

_INLINE_ROWS_COUNT: Final = 200
"""Up to so many rows, handing over to a thread and back costs more than others wait."""
_GIVE_WAY_S: Final = 0.05
"""How long a step of a large batch waits at most for what goes first."""
_LARGE: Final = ThreadPoolExecutor(1, "large-batch")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class _First:
    """What goes first in this process: how many, and who waits until there is none."""

    def __init__(self) -> None:
        self.count = 0
        self.waiting: list[asyncio.Future[None]] = []


_FIRST: Final = _First()


@contextmanager
def going_first() -> Iterator[None]:
    """Let no step of a large batch begin meanwhile, for as long as it may wait."""
    _FIRST.count += 1
    try:
        yield
    finally:
        _FIRST.count -= 1
        if not _FIRST.count:
            waiting, _FIRST.waiting = _FIRST.waiting, []
            for one in waiting:
                if not one.done():
                    one.set_result(None)


async def beside_the_loop(
    row_count: int, work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Do pure work on a batch; the event loop goes on answering while a large one runs."""
    with span(_name_of(work), rows=row_count):
        if row_count <= _INLINE_ROWS_COUNT:
            return work(*args, **kwargs)
        if _FIRST.count:
            await _give_way()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_LARGE, partial(copy_context().run, work, *args, **kwargs))


async def _give_way() -> None:
    free = asyncio.get_running_loop().create_future()
    _FIRST.waiting.append(free)
    await asyncio.wait((free,), timeout=_GIVE_WAY_S)


def _name_of(work: Callable[..., Any]) -> str:
    """Return what work is called; of a partial, what it is one of."""
    return _name_of(work.func) if isinstance(work, partial) else getattr(work, "__name__", "work")
