"""The clock of the machine is stepped under a running node, back and forth: filing goes on, and every answer
keeps its promise."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.serving import Serving, encoded, parcel, serving, short_folder

pytestmark = pytest.mark.slow

PATIENCE_S = 60
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Seconds that the real clock is off by, from the file that CLOCK_OFFSET_FILE names. */
static long offset(void) {
    const char *path = getenv("CLOCK_OFFSET_FILE");
    char text[32] = {0};
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) return 0;
    long length = read(file, text, 31);
    close(file);
    return length > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*original)(clockid_t, struct timespec *);
    if (!original) original = dlsym(RTLD_NEXT, "clock_gettime");
    int outcome = original(clock, at);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += offset();
    return outcome;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


class Machine:
    """A node on a machine whose clock can be stepped: its web process and its PostgreSQL together."""

    def __init__(self, node: Serving, offset: Path) -> None:
        self.node = node
        self._offset = offset
        self._count = 0
        _, self.key = node.add_party("Invented Clock")

    def step(self, seconds: int) -> None:
        """Let the clock be off by so much, at once."""
        # Whole or not at all: its readers read it at every look at the clock.
        written = self._offset.with_suffix(".new")
        written.write_text(str(seconds))
        written.chmod(0o644)
        written.replace(self._offset)

    def file(self) -> tuple[int, str]:
        """File a parcel; returns the status and the case, or what was said."""
        self._count += 1
        reply = self.node.send(encoded(parcel(f"CLOCK-{self._count}")), self.key)
        return reply.status, reply.json().get("case_id") or reply.json()["code"]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is here to make a clock that can be stepped")
    with short_folder() as folder:
        source, shim, offset = folder / "clock.c", folder / "clock.so", folder / "offset"
        source.write_text(SHIM)
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
        offset.write_text("0")
        for path in (shim, offset):
            path.chmod(0o644)
        preload = " ".join(filter(None, (str(shim), os.environ.get("LD_PRELOAD"))))
        environment = {"LD_PRELOAD": preload, "CLOCK_OFFSET_FILE": str(offset)}
        with serving(folder, workers=1, environment=environment) as node:
            yield Machine(node, offset)


@pytest.mark.parametrize("seconds", [-3_600, 3_600, -90, 120, -86_400])
def test_filing_goes_on_over_a_step_of_the_clock(machine: Machine, seconds: int) -> None:
    assert machine.file()[0] == 201

    machine.step(seconds)
    answers = [machine.file()]
    end = time.monotonic() + PATIENCE_S
    while [status for status, _ in answers[-3:]] != [201] * 3:
        assert time.monotonic() < end, answers
        time.sleep(0.1 if answers[-1][0] == 201 else 0.5)
        answers.append(machine.file())

    assert {said for status, said in answers if status != 201} <= {"node-lease-ended"}
    for _, case_id in answers[-3:]:
        end = time.monotonic() + PATIENCE_S
        while "proof" not in machine.node.get(f"/v1/cases/{case_id}/receipt", machine.key).content.decode():
            assert time.monotonic() < end, "its promise is not kept"
            time.sleep(0.2)
    assert machine.node.get("/readyz").status == 200
    machine.step(0)
    end = time.monotonic() + PATIENCE_S
    while machine.file()[0] != 201:
        assert time.monotonic() < end, "nor back to the right time"
        time.sleep(0.5)
