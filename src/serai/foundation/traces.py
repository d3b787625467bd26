"""Traces: what a request went through, as spans of OpenTelemetry, where the settings name a collector.

Without one nothing of OpenTelemetry is imported, and a span costs some tenths of a microsecond. No span holds
data: its attributes are words of the code, patterns of routes, numbers, and statements without parameters.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any

from psycopg import AsyncCursor

from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_OFF: AbstractContextManager[Any] = nullcontext()
_STATEMENT_LENGTH_MAX = 500
_tracers: list[Any] = []


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """Tell how long what is done within takes. Gives the span, to add to, or None where none is kept."""
    return _kept(name, attributes) if _tracers else _OFF


@contextmanager
def running_traces(settings: Settings) -> Iterator[None]:
    """Send the spans of this process to the collector that the settings name, if they do.

    Raises SeraiError `traces-not-installed`.
    """
    if not settings.server.traces_url:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as fault:
        raise SeraiError(
            "traces-not-installed",
            "server.traces_url names a collector, but OpenTelemetry is not installed.",
            "Install serai[traces], or leave server.traces_url empty.",
        ) from fault
    about: dict[str, str | int] = {
        "service.name": "serai",
        "process.pid": os.getpid(),
        "serai.log": settings.log.origin,
    }
    provider = TracerProvider(resource=Resource.create({**about}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.server.traces_url)))
    _tracers.append(provider.get_tracer("serai"))
    try:
        yield
    finally:
        _tracers.pop()
        provider.shutdown()


def cursor_factory() -> type[AsyncCursor[Any]]:
    """Return what a pool makes cursors of: of psycopg's own kind where no spans are kept."""
    return _TracedCursor if _tracers else AsyncCursor


@contextmanager
def _kept(name: str, attributes: dict[str, str | int]) -> Iterator[Any]:
    # An exception's words may hold data: its kind alone is told.
    with _tracers[-1].start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as kept:
        try:
            yield kept
        except BaseException as fault:
            kept.set_attribute("error.type", type(fault).__qualname__)
            raise


class _TracedCursor(AsyncCursor[Any]):
    """A cursor each of whose statements is a span."""

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Execute within a span."""
        with _statement(query):
            return await super().execute(query, params, **options)

    async def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """Execute within a span."""
        with _statement(query):
            await super().executemany(query, params_seq, **options)

    @asynccontextmanager
    async def copy(self, statement: Any, *args: Any, **options: Any) -> Any:
        """Copy within a span."""
        with _statement(statement):
            async with super().copy(statement, *args, **options) as copy:
                yield copy


def _statement(query: Any) -> AbstractContextManager[Any]:
    words = query.decode() if isinstance(query, bytes) else query
    # One that is put together of parts is told by its kind: its text would need the connection.
    text = words[:_STATEMENT_LENGTH_MAX] if isinstance(words, str) else type(query).__name__
    return span("sql", **{"db.system.name": "postgresql", "db.query.text": text})
