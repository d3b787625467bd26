"""Web processes: one that dies is replaced, its neighbours go on; all end with who started them."""

import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType, MappingProxyType
from typing import Any, Final, NamedTuple

import uvicorn

from serai.cli.connections import Channel, HandedServer, Handout
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

_STOP_S = 12
"""How long requests that run are waited for when the server ends."""
_KILL_AFTER_S = 16
"""From the word to end until a web process that is still there is killed."""
_HUNG_S = 15
"""After so long without a turn of its event loop a web process is killed, and replaced."""
# Longer than the minute for which proxies and clients' pools keep an idle connection: they hang up, not we.
_KEEP_ALIVE_S = 75
_EXIT_NOT_STARTED = 3
_EXIT_ORPHANED = 4
_RESTART_PAUSE_S = 1.0
_RESTART_PAUSE_S_MAX = 30.0

ALLOCATION: Final = MappingProxyType(
    {
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MALLOC_TOP_PAD_": str(64 << 20),
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
)
"""Environment of web processes. Batches take and give back the same megabytes, for NumPy and Arrow alike: so
the allocator keeps them instead of having the kernel clear new pages each time (figures in
docs/decisions/0003-evaluator.md)."""


def listen(settings: Settings, port: int | None) -> socket.socket:
    """Listen before anything else is started, so that a port in use is told at once.

    port: default server.port; 0 takes a free one. Raises SeraiError `port-in-use`.
    """
    port = settings.server.port if port is None else port
    try:
        return socket.create_server((settings.server.host, port), backlog=2_048, reuse_port=False)
    except OSError as fault:
        raise SeraiError(
            "port-in-use",
            f"Serai cannot listen on {settings.server.host}:{port}: {os.strerror(fault.errno or 0)}.",
            "Choose another one with --port; 0 takes a free one.",
        ) from fault


def run_workers(settings: Settings, dsn: str, listener: socket.socket, count: int) -> None:
    """Run web processes until a signal; one that dies or hangs is replaced, its neighbours go on."""
    spawn = multiprocessing.get_context("spawn")
    for name, value in ALLOCATION.items():
        os.environ.setdefault(name, value)

    handout = Handout(listener)

    def start() -> WebProcess:
        theirs, channel = handout.open_channel()
        with theirs:
            process = spawn.Process(target=run_worker, args=(settings, dsn, theirs), name="serai-web")
            process.start()
        return WebProcess(process, channel)

    processes = [start() for _ in range(count)]
    pauses_s = [_RESTART_PAUSE_S] * count
    restart_at_s: dict[int, float] = {}
    is_stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_stopping
        is_stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    while not is_stopping:
        for place, (process, channel) in enumerate(processes):
            process.join(0.2 / count)
            if channel.silent_s() > _HUNG_S and process.is_alive():
                print(f"web process {process.pid} hangs and is killed", file=sys.stderr)
                process.kill()
                process.join()
            if process.is_alive() or is_stopping:
                continue
            if place not in restart_at_s:
                # One that could not start would fail again at once: the next tries come ever later.
                has_served = process.exitcode != _EXIT_NOT_STARTED
                pauses_s[place] = (
                    _RESTART_PAUSE_S if has_served else min(2 * pauses_s[place], _RESTART_PAUSE_S_MAX)
                )
                restart_at_s[place] = time.monotonic() + (0 if has_served else pauses_s[place])
                print(
                    f"web process {process.pid} ended with code {process.exitcode}; a new one starts",
                    file=sys.stderr,
                )
            if time.monotonic() >= restart_at_s[place]:
                del restart_at_s[place]
                processes[place] = start()
    listener.close()
    for process, _ in processes:
        process.terminate()
    until_s = time.monotonic() + _KILL_AFTER_S
    for process, _ in processes:
        process.join(max(0.0, until_s - time.monotonic()))
        process.kill()
        process.join()


class WebProcess(NamedTuple):
    """A web process, and what tells whether its event loop turns."""

    process: multiprocessing.process.BaseProcess
    channel: Channel


def run_worker(settings: Settings, dsn: str, channel: socket.socket) -> None:
    """Run one web process on the connections handed to it (see `Handout`)."""
    from serai.web.application import build_application  # noqa: PLC0415 - only in the web process

    config = web_config(settings, build_application(settings, dsn))
    # What is loaded stays; batches make many objects without cycles, so the collector need not look often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # Who was killed cannot stop us: without this we would hold the port, in front of no database.
        threading.Thread(target=_end_with, args=(parent,), name="watch-parent", daemon=True).start()
    server = HandedServer(config, channel)
    server.run()
    if not server.started:
        sys.exit(_EXIT_NOT_STARTED)


def web_config(settings: Settings, application: Any) -> uvicorn.Config:
    """Return how the web server runs an application."""
    return uvicorn.Config(
        application,
        # A sender's address is what the network says, unless a proxy of ours says it.
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=settings.server.trusted_proxies.split(),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_STOP_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    """End cleanly when the parent has ended; not at all cleanly if that takes too long without a database."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_S)
    os._exit(_EXIT_ORPHANED)
