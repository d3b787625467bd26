"""How the work of a reader grows with its input: each body is doubled again and again, and the slope is held
against a straight line.

Work is time of the processor and the peak of memory, each as ratio between the longest and the shortest body;
so the figures say the same on a slow machine as on a fast one. Work that grows with the square of the length
multiplies by the square of the ratio of lengths.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable
from typing import Final, NamedTuple

DOUBLINGS_COUNT: Final = 4
SHORTEST_BYTES: Final = 16 * 1024
"""Below it, what every call costs hides how the rest grows."""
RATIO_OF_LENGTHS: Final = 2**DOUBLINGS_COUNT
RATIO_MAX: Final = 3 * RATIO_OF_LENGTHS
"""A straight line gives RATIO_OF_LENGTHS at most, a square its square: 16 and 256."""
_TRIES_COUNT: Final = 4

Body = Callable[[int], bytes]
"""Makes a body of about so many bytes."""


class Growth(NamedTuple):
    """By how much work multiplied while the body grew by RATIO_OF_LENGTHS."""

    time_ratio: float
    memory_ratio: float

    @property
    def is_straight(self) -> bool:
        """Say whether neither time nor memory grew faster than the body."""
        return max(self.time_ratio, self.memory_ratio) <= RATIO_MAX


def measure_growth(
    read: Callable[[bytes], object], body: Body, shortest_bytes: int = SHORTEST_BYTES
) -> Growth:
    """Measure the growth of the work of `read` from bodies of `shortest_bytes` to RATIO_OF_LENGTHS as many.

    Time is doubtful on a busy machine: the calmest of some tries counts, and a straight one is enough.
    """
    short, long = body(shortest_bytes), body(shortest_bytes * RATIO_OF_LENGTHS)
    # What is made once for all bodies belongs to neither.
    read(short)
    memory_ratio = _peak_bytes(read, long) / max(_peak_bytes(read, short), shortest_bytes)
    time_ratio = float("inf")
    for _ in range(_TRIES_COUNT):
        shortest = min(_time_ns(read, short) for _ in range(3))
        time_ratio = min(time_ratio, _time_ns(read, long) / shortest)
        if time_ratio <= RATIO_MAX:
            break
    return Growth(time_ratio, memory_ratio)


def _time_ns(read: Callable[[bytes], object], content: bytes) -> int:
    gc.collect()
    gc.disable()
    try:
        begin = time.process_time_ns()
        read(content)
        return max(time.process_time_ns() - begin, 1)
    finally:
        gc.enable()


def _peak_bytes(read: Callable[[bytes], object], content: bytes) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        read(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
