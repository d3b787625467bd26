"""Where computing happens: a large batch in a thread beside the event loop, a small one where it is."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from serai.foundation.traces import span

_INLINE_ROWS_COUNT = 200
"""Up to so many rows, handing over to a thread and back costs more than others wait."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def beside_the_loop(
    row_count: int, work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Do pure work on a batch; the event loop goes on answering while a large one runs."""
    with span(_name_of(work), rows=row_count):
        if row_count <= _INLINE_ROWS_COUNT:
            return work(*args, **kwargs)
        return await asyncio.to_thread(work, *args, **kwargs)


def _name_of(work: Callable[..., Any]) -> str:
    """Return what work is called; of a partial, what it is one of."""
    return _name_of(work.func) if isinstance(work, partial) else getattr(work, "__name__", "work")
