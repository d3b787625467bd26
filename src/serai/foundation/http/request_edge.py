"""The outermost layer, around 404s, too: a request id, headers of safety, HEAD as GET, figures and log, a
bound on addresses and headers.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from serai.foundation.access.actor import Actor
from serai.foundation.http.incidents import record_incident
from serai.foundation.http.one_by_one import OneByOne
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, problem_of
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import request_scope, telemetry
from serai.foundation.traces import span
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SLOW_S: Final = 5.0
HEAD_BYTES_MAX: Final = 16 << 10
"""Address and headers together. Litestar keeps the last thousand addresses, queries and cookies: strangers
could fill memory with long ones.
"""
# No inline style or script anywhere, no other host: a page cannot be made to do what we did not write.
_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    # What may be kept, says so itself: nothing private is found in a browser or a proxy by omission.
    (b"cache-control", b"no-store"),
)


_HEAD: Final = "asks_for_head"


def asks_for_head(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Say whether only the headers of the answer are wanted, for a GET that changes something."""
    return bool(connection.scope["state"].get(_HEAD))


LANGUAGE_STATE: Final = "language"
"""Where the language of the answer stands once it was chosen."""
_STATUS: Final = "answered_with"
_WHEN_ANSWERED: Final = "when_answered"


def when_answered(scope: Any, do: Callable[[], None]) -> None:
    """Have something done when a request has been answered, or has broken off."""
    scope["state"].setdefault(_WHEN_ANSWERED, []).append(do)


class RequestEdge:
    """Wraps Litestar's own handler (`app.asgi_handler = RequestEdge(app.asgi_handler, ...)`).

    tells_all: whether every request has its line in the log; else those alone that failed or were slow.
    body_stall_s: how long a body may stand still. authentic_language: what Serai-Authentic-Language names.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        *,
        is_test: bool,
        has_https: bool,
        tells_all: bool,
        body_stall_s: float,
        authentic_language: str,
    ) -> None:
        self._app = app
        self._authentic_language = authentic_language.encode()
        self._body_stall_s = body_stall_s
        self._metrics = metrics
        self._reads = OneByOne()
        self._tells_all = tells_all
        extra = [(b"serai-environment", b"test")] if is_test else []
        if has_https:
            extra.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        self._headers = [*_HEADERS, *extra]
        self._figures: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == ScopeType.WEBSOCKET:
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope["state"]["request_id"] = request_id
        method = str(scope["method"])
        is_head = method == "HEAD"
        if is_head:
            scope = {**scope, "method": "GET"}  # a copy: uvicorn must go on knowing that it is HEAD
            scope["state"][_HEAD] = True
        headers = [(b"x-request-id", request_id.encode()), *self._headers]
        state = scope["state"]
        started_s = time.perf_counter()
        receive_in_time = _InTime(receive, self._body_stall_s)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                state[_STATUS] = message["status"]
                own = {name for name, _ in message["headers"]}
                if receive_in_time.has_stalled:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
                message["headers"] = [*message["headers"], *(one for one in headers if one[0] not in own)]
                if (language := state.get(LANGUAGE_STATE)) is not None:
                    message["headers"] = self._with_language(message["headers"], language)
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        with request_scope(request_id), span("request") as kept:
            try:
                if _head_bytes(scope) > HEAD_BYTES_MAX:
                    await _refuse_head(request_id, send_with_headers)
                elif scope["method"] == "GET":
                    await self._reads.begin()
                    await self._app(scope, receive_in_time, send_with_headers)
                else:
                    with self._reads.writing():
                        await self._app(scope, receive_in_time, send_with_headers)
            except Exception as fault:  # noqa: BLE001 - the edge: the answer had begun, so it can only be broken off
                # What is Serai's own has been told where it was raised.
                if not isinstance(fault, SeraiError) and not isinstance(fault.__cause__, SeraiError):
                    record_incident(fault, self._metrics)
            finally:
                for do in state.get(_WHEN_ANSWERED, ()):
                    do()
                self._tell(method, scope, time.perf_counter() - started_s)
                if kept is not None:
                    told = {"http.route": _route_of(scope), "http.request.method": method}
                    kept.set_attributes({**told, "http.response.status_code": state.get(_STATUS, 0)})

    def _with_language(
        self, headers: Iterable[tuple[bytes, bytes]], language: str
    ) -> list[tuple[bytes, bytes]]:
        """Say in which language the answer is, which one is authentic, and what chose it."""
        headers = list(headers)
        vary = [value for name, value in headers if name == b"vary"]
        return [
            *(one for one in headers if one[0] != b"vary"),
            (b"vary", b", ".join(dict.fromkeys([*vary, b"accept-language"]))),
            (b"content-language", language.encode()),
            (b"serai-authentic-language", self._authentic_language),
        ]

    def _tell(self, method: str, scope: Scope, duration_s: float) -> None:
        """Count a request; give it a line in the log if it failed, was slow, or all have one."""
        method = method if method in _METHODS else "other"  # anyone may invent one; a label is for ever
        route, status = _route_of(scope), scope["state"].get(_STATUS, 0)
        figures = self._figures.get((method, route, status))
        if figures is None:
            figures = self._figures[method, route, status] = (
                self._metrics.requests.labels(method, route, str(status)),
                self._metrics.request_seconds.labels(route),
            )
        counter, histogram = figures
        counter.inc()
        histogram.observe(duration_s)
        if self._tells_all or status >= 400 or status == 0 or duration_s > SLOW_S:
            actor: Actor | None = scope["state"].get("actor")
            telemetry().info(
                "request-answered",
                route=f"{method} {route}",
                status=status,
                duration_ms=round(duration_s * 1000, 1),
                party_id=None if actor is None else actor.party_id,
            )


class _InTime:
    """Receives a body of which something must come within `stall_s`; once it is whole, nothing needs to.

    Whatever reads the body raises SeraiError `client-stalled`.
    """

    __slots__ = ("_is_whole", "_receive", "_stall_s", "has_stalled")

    def __init__(self, receive: Receive, stall_s: float) -> None:
        self._receive = receive
        self._stall_s = stall_s
        self._is_whole = False
        self.has_stalled = False

    async def __call__(self) -> Any:
        """Return the next message."""
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._stall_s):
                message = await self._receive()
        except TimeoutError as fault:
            self.has_stalled = True
            raise SeraiError(
                "client-stalled",
                MessageText("Nothing of the body came for {seconds} seconds.", seconds=self._stall_s),
                "Send the whole of it again: what was accepted is known, repeats are harmless.",
            ) from fault
        self._is_whole = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message


def has_begun(scope: Any) -> bool:
    """Say whether the answer of a request is on its way, so that no other can be given."""
    return _STATUS in scope["state"]


def _head_bytes(scope: Any) -> int:
    return (
        len(scope["raw_path"])
        + len(scope["query_string"])
        + sum(len(name) + len(value) for name, value in scope["headers"])
    )


async def _refuse_head(request_id: str, send: Send) -> None:
    error = SeraiError(
        "head-too-large",
        MessageText(
            "Address and headers of the request are larger than {bytes_max} bytes.", bytes_max=HEAD_BYTES_MAX
        ),
        "Send less in them; much data goes into a body.",
    )
    problem = problem_of(error, request_id)
    headers = [(b"content-type", PROBLEM_MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode(problem), "more_body": False})


def _route_of(scope: Any) -> str:
    """The route's pattern: the path itself may hold a reference, which the log must not."""
    return str(scope.get("path_template") or "none")
