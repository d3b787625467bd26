"""Availability and latency of the last hour and day, from what all processes of this server have counted.

Each process remembers the sums of every five minutes of a day, in memory: a window is the difference of two.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from math import ceil, inf
from typing import Final, NamedTuple

import msgspec
from prometheus_client import Metric

from serai.foundation.clock import Clock
from serai.foundation.jobs import Job
from serai.foundation.metrics import Metrics

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
PAUSE: Final = timedelta(minutes=5)
_WATCHERS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""What watches over the service asks these, and a refusal there is an answer."""
_HUNDREDTH: Final = Decimal("0.01")


class Measured(msgspec.Struct, frozen=True):
    """What was measured between two instants; None: nothing was asked.

    failed_count: requests answered with a status of 500 or more, also those refused for overload.
    availability_percent: the others' share, never rounded up. answer_..._ms_max: so many of a hundred were
    answered within it; None, too: it took more than ten seconds.
    """

    measured_from: datetime
    until: datetime
    requests_count: int
    failed_count: int
    availability_percent: str | None
    answer_p50_ms_max: int | None
    answer_p95_ms_max: int | None
    answer_p99_ms_max: int | None


class Sample(NamedTuple):
    """Sums since the server started. within: requests by the upper bound of their time in seconds."""

    at: datetime
    requests_count: int
    failed_count: int
    within: dict[float, int]


class MeasuredService:
    """Remembers what was measured, as long as its context is open."""

    def __init__(self, metrics: Metrics, *, clock: Clock) -> None:
        self._metrics, self._clock = metrics, clock
        self._samples: deque[Sample] = deque(maxlen=DAY // PAUSE + 1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take a sample now and every five minutes, in the background."""
        task = asyncio.create_task(_JOB.keep(self), name=_JOB.name)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def remember(self) -> None:
        """Take a sample and keep it for a day."""
        self._samples.append(await self._take())

    async def read(self) -> tuple[Measured, Measured] | None:
        """Return what was measured in the last hour and in the last day; None: nothing was yet."""
        if not self._samples:
            return None
        now = await self._take()
        return measure(self._samples, now, HOUR), measure(self._samples, now, DAY)

    async def _take(self) -> Sample:
        families = await asyncio.to_thread(self._metrics.collect)
        return add_up(families, self._clock.now())


_JOB: Final = Job(
    "remember-figures",
    PAUSE.total_seconds(),
    "Sums of requests and their times are remembered for a day, for `/status`.",
    MeasuredService.remember,
    MeasuredService.remember,
)


def add_up(families: Iterable[Metric], at: datetime) -> Sample:
    """Return the sums over all routes but those of watchers. Who went away before an answer is not counted
    as failed."""
    requests_count = failed_count = 0
    within: dict[float, int] = {}
    for one in (sample for family in families for sample in family.samples):
        if one.labels.get("route") in _WATCHERS:
            continue
        if one.name == "serai_requests_total":
            requests_count += int(one.value)
            failed_count += int(one.value) if int(one.labels["status"]) >= 500 else 0
        elif one.name == "serai_request_seconds_bucket":
            bound = float(one.labels["le"])
            within[bound] = within.get(bound, 0) + int(one.value)
    return Sample(at, requests_count, failed_count, within)


def measure(samples: Sequence[Sample], now: Sample, window: timedelta) -> Measured:
    """Return what came between the newest sample that is a window old, else the oldest one, and now."""
    old = [one for one in samples if now.at - one.at >= window]
    before = old[-1] if old else samples[0]
    count = now.requests_count - before.requests_count
    failed = now.failed_count - before.failed_count
    within = {bound: number - before.within.get(bound, 0) for bound, number in now.within.items()}
    share = (Decimal(100 * (count - failed)) / count).quantize(_HUNDREDTH, ROUND_FLOOR) if count else None
    return Measured(
        before.at,
        now.at,
        count,
        failed,
        None if share is None else str(share),
        *(_bound_ms(within, percent) for percent in (50, 95, 99)),
    )


def _bound_ms(within: dict[float, int], percent: int) -> int | None:
    whole = within.get(inf, 0)
    if not whole:
        return None
    bound = min(bound for bound, number in within.items() if number * 100 >= whole * percent)
    return None if bound == inf else ceil(bound * 1000)
