"""A real server on the loopback for the tests of the HTTP kit, with routes that do what tests need."""

import asyncio
import itertools
import threading
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import uvicorn
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromQuery, JSONBody

from serai.foundation.access.rate_limit import AskingLimits, AtOnce, RateLimit
from serai.foundation.access.sign_in import SignInRules
from serai.foundation.access.sign_in_tries import TriesAllowed
from serai.foundation.clock import FixedClock
from serai.foundation.database import Database
from serai.foundation.disk_room import DiskRoom, SpoolRoom
from serai.foundation.http.application import build_litestar
from serai.foundation.http.body import open_body, read_lines
from serai.foundation.http.document_routes import DIRECT
from serai.foundation.http.kit import Kit, Rooms
from serai.foundation.http.line_stream import LineStream
from serai.foundation.http.page_maker import PageMaker
from serai.foundation.http.respond import actor_of, answer_document, page, respond
from serai.foundation.http.site import Site
from serai.foundation.keys import KeyFolder
from serai.foundation.memory_room import MemoryRoom
from serai.foundation.metrics import Metrics
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError

AT = datetime(2026, 11, 25, 13, 2, 7, tzinfo=UTC)
NDJSON = "application/x-ndjson"
LINE_BYTES_MAX = 1 << 20
_IDS = itertools.count(1_000)
STREAM_BYTES_MAX = 1 << 29


class Wares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    pieces_count: Annotated[int, msgspec.Meta(ge=1)]


class Shipment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reference: str
    goods_items: list[Wares]


@get("/thing", opt={"act": "public.read"})
async def read_thing(request: Request[Any, Any, Any]) -> Response[Wares]:
    return respond(request, Wares("pen", 3), "tests/thing.html")


@get("/styleguide", opt={"act": "public.read"})
async def show_styleguide(request: Request[Any, Any, Any]) -> Response[str]:
    return page(
        request, Wares("pen", 3), "tests/styleguide.html", more={"landing": AT + timedelta(minutes=192)}
    )


@post("/filings", opt={"act": "declarations.lodge"})
async def file_one(data: JSONBody[Shipment]) -> dict[str, str]:
    return {"reference": data.reference}


@get("/whose", opt={"act": "cases.read"})
async def read_whose(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"name": actor_of(request).display_name}


@get("/statistics", opt={"act": "statistics.read"})
async def read_statistics(
    page_size: FromQuery[int] = 10,
    *,
    lane: FromQuery[Literal["proceed", "await"] | None] = None,  # noqa: ARG001 - it is read, and refused
) -> dict[str, int]:
    return {"page_size": page_size}


@get("/", opt={"act": "public.read"})
async def read_home(request: Request[Any, Any, Any]) -> Response[Wares]:
    return respond(request, Wares("home", 1), "tests/thing.html")


@get("/arrivals", opt={"act": "arrivals.read"})
async def read_expected_arrivals(request: Request[Any, Any, Any]) -> Response[Wares]:
    return respond(request, Wares("flight", 1), "tests/thing.html")


@post("/changes", opt={"act": "cases.try"})
async def change(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"by": actor_of(request).display_name}


@get("/broken", opt={"act": "public.read"})
async def break_down() -> None:
    raise RuntimeError("Jane Roe, 12 Harbour Street")


@get("/busy", opt={"act": "public.read"})
async def be_busy() -> None:
    raise SeraiError("busy", "All hands are full.", "Come back soon.")


async def _answers(body: Any) -> AsyncGenerator[bytes]:
    count = 0
    async for lines in read_lines(body, line_bytes_max=LINE_BYTES_MAX):
        out = []
        for index, line in enumerate(lines.lines):
            number = lines.first_number + index
            status = "too_long" if number in lines.too_long else "accepted"
            out.append(b'{"line":%d,"bytes":%d,"status":"%s"}\n' % (number, len(line), status.encode()))
            if line == b"break":
                raise RuntimeError("Jane Roe")
        count += len(lines.lines)
        yield b"".join(out)
    yield b'{"complete":true,"lines":%d}\n' % count


@post("/letters", opt={"act": "declarations.lodge", **DIRECT}, status_code=200)
async def take_letter(request: Request[Any, Any, Any]) -> Response[bytes]:
    content = await open_body(request, media_types=("application/json",), bytes_max=100).read()
    if content == b'"break"':
        raise RuntimeError("Jane Roe")
    return answer_document(200, content)


@post("/lines", opt={"act": "public.read", **DIRECT}, status_code=200, request_max_body_size=None)
async def answer_lines(request: Request[Any, Any, Any]) -> LineStream:
    body = open_body(request, media_types=(NDJSON,), bytes_max=STREAM_BYTES_MAX)
    return LineStream(body, _answers(body))


@post("/swallow", opt={"act": "public.read"}, status_code=200, request_max_body_size=None)
async def swallow(request: Request[Any, Any, Any]) -> dict[str, int]:
    body = open_body(request, media_types=(NDJSON,), bytes_max=STREAM_BYTES_MAX)
    count = 0
    async for lines in read_lines(body, line_bytes_max=LINE_BYTES_MAX):
        count += len(lines.lines)
    return {"lines": count, "bytes": body.bytes_count}


@post("/small", opt={"act": "public.read"}, status_code=200, request_max_body_size=None)
async def read_small(request: Request[Any, Any, Any]) -> dict[str, int]:
    body = open_body(request, media_types=("application/json",), bytes_max=1000)
    return {"bytes": len(await body.read())}


ROUTES = [
    read_thing, show_styleguide, file_one, read_whose, read_statistics, read_home, read_expected_arrivals,
    change, break_down, be_busy, take_letter, answer_lines, swallow, read_small,
]  # fmt: skip


def sign_in_rules(*, needs_second_factor: bool = False) -> SignInRules:
    """Sessions of eight hours; five tries a name, twelve a network, in a quarter of an hour."""
    tries = TriesAllowed(5, 12, timedelta(minutes=15))
    return SignInRules(timedelta(hours=8), tries, needs_second_factor, "Testland Customs")


def build_app(
    dsn: str,
    clock: FixedClock,
    metrics: Metrics,
    keys: Path,
    *,
    per_second: float = 10_000,
    bodies_count: int = 1_000,
    memory_free_min_bytes: int = 0,
    rules: SignInRules | None = None,
    sign_in_limit: RateLimit | None = None,
) -> Litestar:
    """keys: folder of the node's keys."""
    database = Database(dsn, pool_size_count=2, statement_timeout_ms=10_000)
    site = Site("Testland Customs", is_test=True)
    kit = Kit(
        pages=PageMaker(site, {"tests": Path(__file__).with_name("templates")}),
        clock=clock,
        database=database,
        metrics=metrics,
        limits=AskingLimits(
            party=RateLimit(per_second=per_second, burst=10_000 if per_second > 1 else 3),
            public=RateLimit(per_second=per_second, burst=10_000 if per_second > 1 else 3),
            bodies=AtOnce(bodies_count),
        ),
        sign_in_limit=sign_in_limit or RateLimit(per_second=1_000, burst=1_000),
        sign_in_rules=rules or sign_in_rules(),
        session_idles=timedelta(hours=1),
        rooms=Rooms(
            disk=DiskRoom(keys.parent, free_min_bytes=0),
            spool=SpoolRoom(bytes_max=1 << 30, free_min_bytes=0),
            memory=MemoryRoom(free_min_bytes=memory_free_min_bytes),
        ),
    )
    kit.serve(1, take_id=_IDS.__next__, seal=SecretSeal(KeyFolder(keys), "second-factor"))
    return build_litestar(kit, ROUTES, on_startup=[database.open], on_shutdown=[database.close])


class RunningServer:
    """uvicorn in a thread, as in production but for the signals."""

    def __init__(self, app: Any) -> None:
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_level="error",
            access_log=False,
            loop="uvloop",
            http="httptools",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the server did not start"
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
