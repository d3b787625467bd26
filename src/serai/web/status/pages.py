"""The page `/status` and the same as data: is the service up, how fast, how old is the log's checkpoint."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from psycopg_pool import PoolTimeout

from serai.app import Node
from serai.evidence.store import read_checkpoint, read_integrated_at
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import page, shared_page
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError
from serai.web.health import DATABASE_PATIENCE_S, find_checks
from serai.web.status.measured import Measured, MeasuredService

_AnyRequest = Request[Any, Any, Any]
_OPT: Final = {"act": "public.read"}
_KEPT: Final = timedelta(seconds=10)


class LogStatus(msgspec.Struct, frozen=True):
    """The newest checkpoint of the log. integrated_at: when the newest entry of this administration came in;
    None: it has none."""

    tree_size: int
    integrated_at: datetime | None


class ServiceStatus(msgspec.Struct, frozen=True):
    """How the service stands. troubles: names of what stands in the way of requests. hour, day: None: nothing
    is measured yet. log: None: it is empty, or the database does not answer."""

    at: datetime
    is_ready: bool
    troubles: list[str]
    hour: Measured | None
    day: Measured | None
    log: LogStatus | None


class StatusReader:
    """Looks at most every ten seconds, whoever asks."""

    def __init__(self, measured: MeasuredService) -> None:
        self._measured = measured
        self._turn = asyncio.Lock()
        self._known: ServiceStatus | None = None

    async def read(self, node: Node) -> ServiceStatus:
        """Return the status of this moment, or of ten seconds ago."""
        async with self._turn:
            now = node.clock.now()
            if self._known is None or now - self._known.at >= _KEPT:
                self._known = await self._look(node, now)
            return self._known

    async def _look(self, node: Node, now: datetime) -> ServiceStatus:
        troubles = [one.name for one in await find_checks(node) if not one.is_well]
        hour, day = await self._measured.read() or (None, None)
        return ServiceStatus(now, not troubles, troubles, hour, day, await _look_at_log(node))


async def _look_at_log(node: Node) -> LogStatus | None:
    try:
        async with (
            asyncio.timeout(DATABASE_PATIENCE_S),
            node.database.read(node.administration_id) as connection,
        ):
            checkpoint = await read_checkpoint(connection)
            if checkpoint is None:
                return None
            integrated_at = await read_integrated_at(connection, administration_id=node.administration_id)
            return LogStatus(checkpoint.tree_size, integrated_at)
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return None


@get("/status", opt=_OPT, include_in_schema=False)
async def show_status(request: _AnyRequest) -> Response[Any]:
    """Show it, also while something stands in the way."""
    status = await provided(request, StatusReader).read(provided(request, Node))
    more = {"time_zone": provided(request, Settings).administration.time_zone}
    kept = shared_page(request, "portal/status.html", status.at, lambda: (status, more))
    return page(request, status, "portal/status.html", more=more) if kept is None else kept


@get(
    "/v1/status",
    opt=_OPT,
    summary="Is the service up, how available and fast was it, how old is the log's checkpoint: open data.",
    responses={200: ResponseSpec(ServiceStatus, description="How it stands", generate_examples=False)},
)
async def read_status(request: _AnyRequest) -> Response[ServiceStatus]:
    """No key is asked for; 200 also while something stands in the way, for `/readyz` is what decides."""
    status = await provided(request, StatusReader).read(provided(request, Node))
    return Response(status, headers={"cache-control": "no-store"})


ROUTES = [show_status, read_status]
