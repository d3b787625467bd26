"""A wall clock that a test steps: of whoever preloads it, a node's processes and its PostgreSQL together."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

_SHIM: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Seconds that the real clock is off by, from the file that CLOCK_OFFSET_FILE names. */
static long offset_s(void) {
    char text[32] = {0};
    const char *path = getenv("CLOCK_OFFSET_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) return 0;
    ssize_t length = read(file, text, 31);
    close(file);
    return length > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*original)(clockid_t, struct timespec *);
    if (!original) original = dlsym(RTLD_NEXT, "clock_gettime");
    int outcome = original(clock, at);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += offset_s();
    return outcome;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
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


class SteppedClock:
    """A clock that is right until it is stepped. environment: with which a node starts to see it; empty where
    no C compiler is here to make it."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "clock-offset"
        self.offset_s = 0
        self.environment: dict[str, str] = {}
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            return
        library = folder / "clock.so"
        words = [compiler, "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(words, input=_SHIM, text=True, check=True)
        library.chmod(0o644)
        self.step(0)
        preload = " ".join(filter(None, (str(library), os.environ.get("LD_PRELOAD"))))
        self.environment = {"LD_PRELOAD": preload, "CLOCK_OFFSET_FILE": str(self._offset)}

    def step(self, offset_s: int) -> None:
        """Let the clock be off by so many seconds, at once."""
        # Whole or not at all: its readers read it at every look at the clock.
        written = self._offset.with_suffix(".new")
        written.write_text(str(offset_s))
        written.chmod(0o644)
        written.replace(self._offset)
        self.offset_s = offset_s
