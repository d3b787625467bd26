"""What a process tells its operator, caught for a test."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from serai.foundation.clock import Clock
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import start_telemetry


@contextmanager
def telling_to(stream: io.StringIO, clock: Clock, metrics: Metrics) -> Iterator[None]:
    """Tell a stream, line by line; afterwards all is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    start_telemetry(clock, metrics, stream)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
