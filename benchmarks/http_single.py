"""One document a request over kept connections: requests and goods items a second, latency, and this
client's own time.

Closed loop: each connection sends its next request when it has its answer. With `--rate` requests fall due
at even times whatever the server does, and latency counts from the due time, so that a stalled server
cannot hide. Bodies are encoded before the clock.

    uv run python benchmarks/http_single.py wire.ndjson --port 8000 --api-key KEY --requests 20000
    uv run python benchmarks/http_single.py wire.ndjson --port 8000 --api-key KEY --route /v1/quotes --rate
    500
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, cast

import httptools
import msgspec
import uvloop

from http_bulk import ROUTE, Address, head_of
from processor_time import tree_cpu_s
from wire_lines import Document, renamed, sound_documents

QUOTES = "/v1/quotes"


class Request(NamedTuple):
    """Bytes to send and the goods items in them."""

    data: bytes
    items_count: int


def requests_of(documents: Iterable[Document], address: Address, route: str = ROUTE) -> list[Request]:
    """Requests ready to be written."""
    encoded = ((msgspec.json.encode(d), len(d["goods_items"])) for d in documents)
    return [Request(head_of(address, route, "application/json", len(b)) + b, n) for b, n in encoded]


def distinct_documents(path: Path, count: int, suffix: str) -> list[Document]:
    """Sound documents of a file, each under numbers of its own; more than the file has are its documents
    again."""
    sound = list(sound_documents(path))
    rounds = range(-(-count // len(sound)))
    return list(islice((renamed(d, f"{suffix}{n}") for n in rounds for d in sound), count))


def send_each(
    address: Address,
    requests: Sequence[Request],
    *,
    connections: int = 50,
    rate_per_s: float | None = None,
    server_pids: Iterable[int] = (),
) -> dict[str, object]:
    """Send each request once; rate_per_s None: closed loop.

    Returns seconds, requests, items (goods items answered 2xx), requests_per_s, items_per_s, p50_ms,
    p95_ms, p99_ms, max_ms, codes (HTTP status -> count; 0: no answer), first_problem (text of the first
    that was not 2xx), client_us, server_us (per item sent).
    """
    return uvloop.run(_send_each(address, requests, connections, rate_per_s, list(server_pids)))


class _Load:
    """What all connections share."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = requests
        self.next = 0
        self.due: deque[tuple[float, Request]] = deque()
        # The longest idle goes first: a server hangs up on one that says nothing for long.
        self.idle: deque[_Connection] = deque()
        self.is_paced = False
        self.latencies_s: list[float] = []
        self.codes: Counter[int] = Counter()
        self.items_count = 0
        self.first_problem = ""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take(self, connection: "_Connection") -> tuple[float, Request] | None:
        """The next request and when it fell due; None: nothing now."""
        if self.is_paced:
            if self.due:
                return self.due.popleft()
            self.idle.append(connection)
            return None
        if self.next == len(self.requests):
            return None
        self.next += 1
        return time.perf_counter(), self.requests[self.next - 1]

    def record(self, began: float, request: Request, code: int, body: bytes) -> None:
        """Count an answer; the last one ends the run."""
        self.latencies_s.append(time.perf_counter() - began)
        self.codes[code] += 1
        if 200 <= code < 300:
            self.items_count += request.items_count
        elif not self.first_problem:
            self.first_problem = f"HTTP {code}: {body[:300].decode(errors='replace')}"
        if len(self.latencies_s) == len(self.requests) and not self.done.done():
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    """Writes a request, reads its answer, takes the next."""

    def __init__(self, load: _Load) -> None:
        self.load = load
        self.now: tuple[float, Request] | None = None
        self.body = b""
        self.transport: asyncio.Transport | None = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so

    def go_on(self) -> None:
        """Send the next request, if there is one."""
        assert self.transport is not None
        self.now = self.load.take(self)
        if self.now is not None:
            self.body, self.parser = b"", httptools.HttpResponseParser(self)
            self.transport.write(self.now[1].data)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        """Keep the body: its text is shown if it is a problem."""
        self.body += data

    def on_message_complete(self) -> None:
        """Count and go on."""
        assert self.now is not None
        began, request = self.now
        self.now = None
        self.load.record(began, request, self.parser.get_status_code(), self.body)
        self.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)
        if self.load.done.done():
            return
        # A server that hangs up in mid-load is a result, not something to hide behind a new connection.
        self.load.done.set_exception(ConnectionError(f"the server closed a connection: {exc}"))


async def _send_each(
    address: Address,
    requests: Sequence[Request],
    connections: int,
    rate_per_s: float | None,
    server_pids: list[int],
) -> dict[str, object]:
    load, loop = _Load(requests), asyncio.get_running_loop()
    pairs = [
        await loop.create_connection(lambda: _Connection(load), address.host, address.port)
        for _ in range(min(connections, len(requests)))
    ]
    load.is_paced = rate_per_s is not None
    server, client, begun = tree_cpu_s(server_pids), time.process_time(), time.perf_counter()
    for _, connection in pairs:
        connection.go_on()
    try:
        if rate_per_s is not None:
            await _pace(load, rate_per_s)
        await load.done
    except ConnectionError as fault:
        load.first_problem = load.first_problem or str(fault)
        load.codes[0] = len(requests) - len(load.latencies_s)
    seconds = time.perf_counter() - begun
    client, server = time.process_time() - client, tree_cpu_s(server_pids) - server
    if not load.done.done():
        load.done.cancel()
    for transport, _ in pairs:
        transport.close()
    await asyncio.gather(*(connection.gone for _, connection in pairs))
    sent_items = sum(request.items_count for request in requests)
    waits = sorted(load.latencies_s) or [0.0]
    return {
        "seconds": round(seconds, 3),
        "connections": len(pairs),
        "rate_per_s": rate_per_s,
        "requests": len(requests),
        "items": load.items_count,
        "requests_per_s": round(len(load.latencies_s) / seconds, 1),
        "items_per_s": round(load.items_count / seconds, 1),
        **{
            f"p{q}_ms": round(waits[min(len(waits) - 1, len(waits) * q // 100)] * 1e3, 2)
            for q in (50, 95, 99)
        },
        "max_ms": round(waits[-1] * 1e3, 2),
        "codes": dict(load.codes),
        "first_problem": load.first_problem or None,
        "client_us": round(client / sent_items * 1e6, 1),
        "server_us": round(server / sent_items * 1e6, 1) if server_pids else None,
    }


async def _pace(load: _Load, rate_per_s: float) -> None:
    """Let each request fall due at its time; an idle connection takes it at once."""
    begun = time.perf_counter()
    for n, request in enumerate(load.requests):
        due = begun + n / rate_per_s
        while (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        if load.done.done():
            return
        load.due.append((due, request))
        if load.idle:
            load.idle.popleft().go_on()


def main() -> None:
    """Print one JSON line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("file", type=Path)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--api-key", default=os.environ.get("SERAI_API_KEY", ""))
    p.add_argument("--route", default=ROUTE)
    p.add_argument("--requests", type=int, default=20_000)
    p.add_argument("--connections", type=int, default=50)
    p.add_argument("--rate", type=float, help="requests a second; without it a closed loop")
    p.add_argument("--suffix", default=f"r{os.getpid()}", help="makes the references of this run new")
    p.add_argument("--server-pid", type=int, nargs="*", default=[], help="whose processor time to report")
    a = p.parse_args()
    address = Address(a.host, a.port, a.api_key)
    requests = requests_of(distinct_documents(a.file, a.requests, a.suffix), address, a.route)
    figures = send_each(
        address, requests, connections=a.connections, rate_per_s=a.rate, server_pids=a.server_pid
    )
    print(json.dumps({"route": a.route} | figures))


if __name__ == "__main__":
    main()
