"""What a piece of work costs at most, however busy the machine is and whatever else the process does.

A bound far above what the work takes: it catches a loop gone quadratic in what a stranger may send.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def costs_at_most(cpu_s: float) -> Iterator[None]:
    """Fail where the block takes more processor time of its own thread.

    Other threads of the process do not count, and what earlier tests left is not collected meanwhile.
    """
    gc.freeze()
    try:
        begun_s = time.thread_time()
        yield
        taken_s = time.thread_time() - begun_s
    finally:
        gc.unfreeze()
    assert taken_s < cpu_s, f"{taken_s:.2f} s of processor time"
