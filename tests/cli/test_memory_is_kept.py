"""Web processes keep the memory of a batch for the next one."""

import os
import subprocess
import sys

import pytest

from serai.cli.web_processes import ALLOCATION

# Arrays of 4 MB, in a thread as a batch makes them; prints the pages that the kernel had to give afterwards.
_BATCHES = """
import resource, threading
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

def batch():
    for _ in range(8):
        numbers = pa.array(np.arange(500_000) + 1)
        pc.add(numbers, 1)

def work():
    batch()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        batch()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.in_turn
@pytest.mark.skipif(sys.platform != "linux", reason="settings of glibc")
def test_batches_after_the_first_take_no_new_pages() -> None:
    others = {name: value for name, value in os.environ.items() if name not in ALLOCATION}

    def new_pages(*names: str) -> int:
        environment = {**others, **{name: ALLOCATION[name] for name in names}}
        command = [sys.executable, "-c", _BATCHES]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert new_pages(*ALLOCATION) < 500
    assert new_pages("MALLOC_TRIM_THRESHOLD_") > 5_000
