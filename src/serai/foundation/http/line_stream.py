"""An answer of NDJSON lines that goes out while the request is still coming in."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from serai.foundation.http.body import Body
from serai.foundation.http.incidents import record_incident
from serai.foundation.http.kit import Kit
from serai.foundation.http.negotiation import NDJSON
from serai.foundation.http.problems import problem_of
from serai.foundation.http.provided import provided
from serai.foundation.http.spill import Spill
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import telemetry
from serai.model.errors import SeraiError

FILE_BYTES_MAX: Final = 1 << 30
STALL_S: Final = 120.0


class LineStream(Response[None]):
    r"""Lines out while lines come in.

    answers: yields one or more whole lines at a time, each ending in `\n`; it reads `body` itself, and
    its own last line is the trailer. The server reads on whether or not the client reads: what the client
    has not fetched waits in memory and in a file of at most `file_bytes_max`, then reading slows down.

    An error before the first answer becomes an ordinary problem with its status. Later `answers` itself says
    of each line that it is not accepted; what it raises all the same becomes a last line
    `{"status": "stopped", "problem": {...}}`, and there is no trailer: the file is to be sent again.
    If the client goes away after its body was complete, the work is finished and the answers are dropped.
    """

    def __init__(
        self,
        body: Body,
        answers: AsyncGenerator[bytes],
        *,
        file_bytes_max: int = FILE_BYTES_MAX,
        stall_s: float = STALL_S,
        folder: Path | None = None,
    ) -> None:
        super().__init__(content=None, media_type=NDJSON)
        self._body = body
        self._answers = answers
        self._make_spill = partial(Spill, file_bytes_max=file_bytes_max, stall_s=stall_s, folder=folder)

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """Return what Litestar calls to send the answer."""
        return _Streaming(self._body, self._answers, self._make_spill)


class _Streaming(ASGIResponse):
    """Two tasks: one takes answers and spills them, one sends; neither waits for the other."""

    def __init__(
        self, incoming: Body, answers: AsyncGenerator[bytes], make_spill: Callable[[], Spill]
    ) -> None:
        # A proxy that buffers would undo the stream.
        super().__init__(media_type=NDJSON, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._incoming = incoming
        self._answers = answers
        self._make_spill = make_spill

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive  # the body holds it
        async with aclosing(self._answers) as answers:
            first = await anext(answers, b"")  # its error is still an ordinary problem
            headers = [header for header in self.encode_headers() if header[0] != b"content-length"]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            spill = self._make_spill()
            await spill.put(first)
            sender = asyncio.create_task(self._send_on(spill, send))
            try:
                await _fill(spill, answers, scope)
                await sender
            finally:
                sender.cancel()
                with suppress(asyncio.CancelledError):
                    await sender
                spill.close()

    async def _send_on(self, spill: Spill, send: Send) -> None:
        gone: asyncio.Task[None] | None = None
        try:
            while data := await spill.get():
                if gone is None and self._incoming.is_complete:
                    gone = asyncio.create_task(self._incoming.wait_until_gone())
                if gone is None or not gone.done():
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            if gone is None or not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if gone is not None:
                gone.cancel()


async def _fill(spill: Spill, answers: AsyncGenerator[bytes], scope: Scope) -> None:
    """Move all answers into the spill; an error becomes the last line."""
    try:
        async for lines in answers:
            await spill.put(lines)
    except SeraiError as error:
        if error.code in {"client-gone", "client-stalled"}:
            telemetry().info("stream-ended-early", code=error.code)
            raise
        await spill.put(_stopped(error, scope))
    except Exception as fault:  # noqa: BLE001 - the edge of the system: recorded, and said in the stream
        await spill.put(_stopped(record_incident(fault, _metrics_of(scope)), scope))
    spill.end()


def _metrics_of(scope: Scope) -> Metrics:
    return provided(ASGIConnection(scope), Kit).metrics


def _stopped(error: SeraiError, scope: Scope) -> bytes:
    problem = problem_of(error, str(scope["state"].get("request_id", "")))
    return msgspec.json.encode({"status": "stopped", "problem": problem}) + b"\n"
