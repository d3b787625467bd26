"""Telemetry: one JSON line on standard error for what an operator should know, without personal data.

Only fields on a list get through, and the name of what happened must be a word from the code. So a name or an
address cannot slip in by accident; what was kept out is counted.
"""

import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

import msgspec
import structlog

from serai.foundation.clock import Clock, SystemClock
from serai.foundation.metrics import Metrics
from serai.model.errors import SeraiError

# To add a field, be sure that nobody's data can be in it.
FIELDS = frozenset(
    {
        *(
            "event",
            "level",
            "at",
            "request_id",
            "incident",
            "error_type",
            "cause_type",
            "error_frames",
            "exit_code",
            "job",
            "library",
            "source",
        ),
        *("account_id", "administration_id", "key_id", "node_id", "party_id", "process_id", "worker_number"),
        *(
            "attempt_count",
            "batch_rows_count",
            "bytes_count",
            "lines_count",
            "queue_rows_count",
            "rows_count",
        ),
        *("code", "duration_ms", "law_code", "migration", "origin", "port", "route", "status", "tree_size"),
        *("method", "version"),
    }
)
_EVENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TEXT_LENGTH_MAX = 200
_FRAMES_COUNT = 12

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def start_telemetry(clock: Clock, metrics: Metrics, stream: TextIO = sys.stderr) -> None:
    """Set up structlog and the libraries' logging for this process."""
    _configure(clock, metrics, lambda *_: structlog.WriteLogger(stream))
    handler = _LibraryHandler(logging.WARNING)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def telemetry() -> Any:
    """Return the logger: `telemetry().info("batch-committed", rows_count=5000)`."""
    if not structlog.is_configured():
        # Its own form of a fault shows every variable of every frame, a person's address among them.
        _configure(SystemClock(), Metrics(), lambda *_: structlog.WriteLogger(sys.stderr))
    return structlog.get_logger()


def _configure(clock: Clock, metrics: Metrics, logger_factory: Callable[..., structlog.WriteLogger]) -> None:
    keep_allowed = _make_filter(metrics)

    def add_instant(
        _logger: object, _method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        line["at"] = clock.now().isoformat(timespec="milliseconds")
        return line

    structlog.configure(
        processors=[structlog.processors.add_log_level, _add_fault, keep_allowed, add_instant, _render],
        # A line in one piece with its end: several processes write to the same place.
        logger_factory=logger_factory,
        cache_logger_on_first_use=False,
    )


@contextmanager
def request_scope(request_id: str) -> Iterator[None]:
    """Put `request_id` on every line that is told within."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def current_request_id() -> str | None:
    """Return the id of the request that is being served, if any."""
    return _request_id.get()


def report_incident(fault: BaseException, incident: str, metrics: Metrics) -> None:
    """Tell of an internal error: its kind and place in the code, not its words, which may hold data."""
    metrics.incidents.inc()
    telemetry().error("internal-error", incident=incident, exc_info=fault)


def _make_filter(metrics: Metrics) -> Callable[[object, str, MutableMapping[str, Any]], dict[str, Any]]:
    def keep_allowed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
        event_name, level = line.pop("event", ""), line.pop("level")
        kept = {name: value for name, value in line.items() if name in FIELDS and _is_plain(value)}
        dropped_count = len(line) - len(kept)
        if not isinstance(event_name, str) or not _EVENT_NAME.fullmatch(event_name):
            event_name = "unnamed"
            dropped_count += 1
        if dropped_count:
            metrics.log_fields_dropped.inc(dropped_count)
            kept["fields_dropped_count"] = dropped_count
        if (request_id := current_request_id()) is not None:
            kept["request_id"] = request_id
        return {"event": event_name, "level": level, **kept}

    return keep_allowed


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _TEXT_LENGTH_MAX
    if isinstance(value, list):
        return len(value) <= _FRAMES_COUNT and all(isinstance(one, str) and _is_plain(one) for one in value)
    return value is None or isinstance(value, int | float)


def _add_fault(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the exception by its kind, its code, the kind of its cause, and its frames: never its words."""
    fault = line.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    if isinstance(fault, BaseException):
        frames = traceback.extract_tb(fault.__traceback__)[-_FRAMES_COUNT:]
        line["error_type"] = type(fault).__qualname__
        if isinstance(fault, SeraiError):
            line["code"] = fault.code
        if (cause := fault.__cause__ or fault.__context__) is not None:
            line["cause_type"] = type(cause).__qualname__
        line["error_frames"] = [
            f"{frame.filename[-120:]}:{frame.lineno} {frame.name}"[:_TEXT_LENGTH_MAX] for frame in frames
        ]
    return line


def _render(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    return msgspec.json.encode(line).decode()


class _LibraryHandler(logging.Handler):
    """Tells that a library warned, and where; its words may hold an address or a row, so they stay out."""

    def emit(self, record: logging.LogRecord) -> None:
        fault = record.exc_info[1] if record.exc_info else None
        source = f"{record.filename}:{record.lineno}"
        telemetry().warning("library-warned", library=record.name, source=source, exc_info=fault)
