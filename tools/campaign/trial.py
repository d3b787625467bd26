"""Spoilt inputs through one reader: what came of each, how long the slowest took, and what memory it left."""

import gc
import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import Final

import msgspec
from serai.model.errors import SeraiError

from tools.campaign.mutation import spoil
from tools.campaign.readers import Reader

ROUNDS_COUNT: Final = 4
"""Equal rounds; memory after the second is held against memory after the last."""
GROWTH_BYTES_MAX: Final = 24 * 2**20
TIME_MS_MAX: Final = 1_000
TIME_MS_PER_KB_MAX: Final = 100
_HANG_S: Final = 30
_FAULTS_KEPT_MAX: Final = 5


class Fault(msgspec.Struct, frozen=True):
    """Something that must not be. number: of the input, which with the seed makes it again."""

    number: int
    what: str


class Outcome(msgspec.Struct, frozen=True):
    """What came of a campaign against one reader. Times are of the processor, memory is resident."""

    reader: str
    samples_count: int
    inputs_count: int
    taken_count: int
    refused_count: int
    bytes_count: int
    slowest_ms: float
    slowest_ms_per_kb: float
    memory_growth_bytes: int
    faults_count: int
    faults: list[Fault]


class HangError(Exception):
    """A reader was still at work after very long."""


def try_reader(reader: Reader, count: int, seed: int) -> Outcome:
    """Give a reader `count` spoilt inputs in equal rounds."""
    per_round = max(1, count // ROUNDS_COUNT)
    cumulative_allowance = _CumulativeAllowance(reader, seed)
    after_rounds = []
    for number in range(per_round * ROUNDS_COUNT):
        cumulative_allowance.try_one(number)
        if (number + 1) % per_round == 0:
            gc.collect()
            after_rounds.append(_resident_bytes())
    growth = after_rounds[-1] - after_rounds[1]
    if growth > GROWTH_BYTES_MAX:
        cumulative_allowance.add(-1, f"memory grew by {growth:,} bytes")
    return cumulative_allowance.outcome(per_round * ROUNDS_COUNT, growth)


def make_input(reader: Reader, number: int, seed: int) -> bytes:
    """Make one spoilt input again."""
    return spoil(reader.samples(), reader.shape, Random(f"{reader.name} {seed} {number}"))


class _CumulativeAllowance:
    def __init__(self, reader: Reader, seed: int) -> None:
        self._reader, self._seed = reader, seed
        self._counts = {True: 0, False: 0}
        self._bytes_count = self._faults_count = 0
        self._slowest_ms = self._slowest_ms_per_kb = 0.0
        self._faults: list[Fault] = []

    def try_one(self, number: int) -> None:
        content = make_input(self._reader, number, self._seed)
        self._bytes_count += len(content)
        begun_s = time.process_time()
        try:
            with _alarm():
                self._counts[self._reader.read(content)] += 1
        except SeraiError as fault:
            self._counts[False] += 1
            if not (self._reader.is_raising and fault.code and fault.message and fault.next_step):
                self.add(number, f"raised {fault.code}")
        except Exception as fault:  # noqa: BLE001 whatever it raises is what is looked for
            self.add(number, _told(fault))
        self._time(number, len(content), (time.process_time() - begun_s) * 1000)

    def _time(self, number: int, bytes_count: int, taken_ms: float) -> None:
        per_kb = taken_ms / max(1.0, bytes_count / 1024)
        self._slowest_ms = max(self._slowest_ms, taken_ms)
        self._slowest_ms_per_kb = max(self._slowest_ms_per_kb, per_kb)
        if taken_ms > TIME_MS_MAX and per_kb > TIME_MS_PER_KB_MAX:
            self.add(number, f"took {taken_ms:.0f} ms for {bytes_count} bytes")

    def add(self, number: int, what: str) -> None:
        self._faults_count += 1
        if len(self._faults) < _FAULTS_KEPT_MAX and all(one.what != what for one in self._faults):
            self._faults.append(Fault(number, what))

    def outcome(self, inputs_count: int, growth: int) -> Outcome:
        return Outcome(
            self._reader.name,
            len(self._reader.samples()),
            inputs_count,
            self._counts[True],
            self._counts[False],
            self._bytes_count,
            round(self._slowest_ms, 1),
            round(self._slowest_ms_per_kb, 1),
            growth,
            self._faults_count,
            self._faults,
        )


def _told(fault: Exception) -> str:
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__}: {str(fault)[:200]} ({Path(last.filename).name}:{last.lineno})"


@contextmanager
def _alarm() -> Iterator[None]:
    """Raise HangError after much time of the processor; a loaded machine alone is no hang."""

    def ring(_: int, __: FrameType | None) -> None:
        raise HangError(f"not done after {_HANG_S} s of the processor")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
