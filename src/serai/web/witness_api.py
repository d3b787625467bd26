"""A witness over HTTP (C2SP tlog-witness): an application of its own, without a database."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath

from serai.evidence.errors import EvidenceError
from serai.evidence.witness import Witness, WitnessConflictError
from serai.evidence.witness_request import REQUEST_BYTES_MAX
from serai.foundation.clock import Clock

_TEXT: Final = "text/plain; charset=utf-8"
_SIZE: Final = {"content-type": "text/x.tlog.size"}
_STATUSES: Final = {
    "witness-log-unknown": 404,
    "checkpoint-not-signed": 403,
    "witness-proof-wrong": 422,
    "witness-clock-behind": 503,
}
"""By the code of what was found; everything else is a request that cannot be read."""


def build_witness(witness: Witness, key: str, clock: Clock) -> Litestar:
    """Build the application. key: the witness's own, as a line."""
    lock = asyncio.Lock()

    @post("/add-checkpoint", status_code=200, media_type=_TEXT)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[str]:
        body = await request.body()
        async with lock:  # what is known is compared and written by one at a time
            try:
                line = await asyncio.to_thread(witness.add_checkpoint, body, clock.now())
            except WitnessConflictError as conflict:
                return Response(f"{conflict.known_size}\n", status_code=409, headers=_SIZE)
            except EvidenceError as fault:
                status = _STATUSES.get(fault.code, 400)
                return Response(f"{fault.code}: {fault.message}\n", status_code=status, media_type=_TEXT)
        return Response(f"{line}\n", media_type=_TEXT)

    @get("/{origin_hash:str}/checkpoint", media_type=_TEXT)
    async def read_checkpoint(origin_hash: FromPath[str]) -> Response[str]:
        is_hash = len(origin_hash) == 64 and set(origin_hash) <= set("0123456789abcdef")
        note = await asyncio.to_thread(witness.last_of, origin_hash) if is_hash else None
        if note is None:
            return Response("witness-log-unknown\n", status_code=404, media_type=_TEXT)
        return Response(note, media_type=_TEXT, headers={"cache-control": "no-store"})

    @get("/key", media_type=_TEXT)
    async def read_key() -> Response[str]:
        return Response(f"{key}\n", media_type=_TEXT)

    routes: list[Callable[..., Any]] = [add_checkpoint, read_checkpoint, read_key]
    return Litestar(
        routes,
        openapi_config=None,
        request_max_body_size=REQUEST_BYTES_MAX,
        exception_handlers={ClientException: _refuse},
    )


def _refuse(_: Request[Any, Any, Any], fault: ClientException) -> Response[str]:
    return Response(f"{fault.status_code}\n", status_code=fault.status_code, media_type=_TEXT)
