"""Web processes: one that dies is replaced, its neighbours go on; all end with who started them.

When settings are read again each is replaced by one that has them, and ends when it has answered.
"""

import multiprocessing
import multiprocessing.process
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, SpawnContext
from types import FrameType, MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
import uvicorn

from serai.cli.connections import Channel, HandedServer, Handout
from serai.cli.watched_connections import ConnectionWatch
from serai.foundation.garbage_collection import collect_rarely
from serai.foundation.settings import Settings
from serai.foundation.shared_figures import FiguresFolder, make_room
from serai.foundation.telemetry import telemetry
from serai.model.errors import SeraiError

_STOP_S = 12
"""How long requests that run are waited for when the server ends."""
_KILL_AFTER_S = 16
"""From the word to end until a web process that is still there is killed."""
_HUNG_S = 15
"""After so long without a turn of its event loop a web process is killed, and replaced."""
# Longer than the minute for which proxies and clients' pools keep an idle connection: they hang up, not we.
_KEEP_ALIVE_S = 75
_LOADED: Final = "serai.cli.web_loaded"
_LEAVE_S = 600.0
"""How long a web process that was replaced may go on with what it has begun, long streams above all."""
_LOOK_S = 0.2
_EXIT_NOT_STARTED = 3
_EXIT_ORPHANED = 4
_EXIT_BROKEN = 5
_RESTART_PAUSE_S = 1.0
_RESTART_PAUSE_S_MAX = 30.0

_UNCHANGEABLE = (
    ("data", "folder"),
    ("database", "dsn"),
    ("server", "host"),
    ("server", "port"),
    ("server", "workers_count"),
    ("log", "origin"),
    ("administration", "code"),
)
"""Settings that a running server keeps: where it listens, and whose data it has opened."""

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


def run_workers(
    settings: Settings,
    dsn: str,
    listener: socket.socket,
    count: int,
    read_settings: Callable[[], Settings],
) -> None:
    """Run web processes until a signal; one that dies or hangs is replaced, its neighbours go on.

    read_settings: reads them again when the operator asks for it by SIGHUP; then the web processes are
    replaced one by one, each when its successor is ready.
    """
    for name, value in ALLOCATION.items():
        os.environ.setdefault(name, value)
    with FiguresFolder() as figures:
        Supervisor(settings, dsn, listener, count, read_settings=read_settings, figures=figures).run()


def _processes_of_the_service() -> SpawnContext | ForkServerContext:
    """Return how processes are started: forked from one that has loaded the service and does nothing else.

    To load it takes three seconds of a core and a hundred megabytes: so once for all web processes, and not
    again when one that died is replaced. Elsewhere than on Linux a fork is not safe, and each loads it.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_LOADED])
    return context


class WebProcess(NamedTuple):
    """A web process, and what tells whether its event loop turns."""

    process: multiprocessing.process.BaseProcess
    channel: Channel

    def end(self) -> None:
        """Kill it, unless it has ended."""
        self.process.kill()
        self.process.join()


class _Place:
    """Where one web process runs, and after it the next. pause_s: until another try to start one."""

    def __init__(self, web: WebProcess) -> None:
        self.web = web
        self.pause_s = _RESTART_PAUSE_S
        self.restart_at_s: float | None = None


class Supervisor:
    """Keeps web processes running, as `run_workers` says."""

    def __init__(
        self,
        settings: Settings,
        dsn: str,
        listener: socket.socket,
        count: int,
        *,
        read_settings: Callable[[], Settings],
        figures: FiguresFolder,
    ) -> None:
        self._settings = settings
        self._figures = figures
        self._settings_before = settings
        self._dsn = dsn
        self._handout = Handout(listener)
        self._listener = listener
        self._read_settings = read_settings
        self._processes = _processes_of_the_service()
        self._count = count
        self._places = [_Place(self._start()) for _ in range(count)]
        self._to_replace: list[_Place] = []
        self._coming: WebProcess | None = None
        self._leaving: list[tuple[WebProcess, float]] = []
        self._is_stopping = False
        self._is_to_reload = False

    def run(self) -> None:
        """Keep them running until SIGINT or SIGTERM."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._is_stopping = True

        def reload(_number: int, _frame: FrameType | None) -> None:
            self._is_to_reload = True

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        # Who closes the terminal means the end; elsewhere the signal has no other use.
        signal.signal(signal.SIGHUP, stop if sys.stdin is not None and sys.stdin.isatty() else reload)
        while not self._is_stopping:
            wait([one.web.process.sentinel for one in self._places if one.restart_at_s is None], _LOOK_S)
            for place in self._places:
                self._look_at(place)
            self._look_at_leaving()
            if self._is_to_reload and not self._to_replace:
                self._is_to_reload = False
                self._reload()
            if self._to_replace and not self._is_stopping:
                self._replace_next()
        self._stop()

    def _start(self) -> WebProcess:
        theirs, channel = self._handout.open_channel()
        # The command may have said another number than the settings.
        server = msgspec.structs.replace(self._settings.server, workers_count=self._count)
        settings = msgspec.structs.replace(self._settings, server=server)
        with theirs:
            process = self._processes.Process(
                target=run_worker, args=(settings, self._dsn, theirs), name="serai-web"
            )
            process.start()
        return WebProcess(process, channel)

    def _look_at(self, place: _Place) -> None:
        """Replace what has ended or hangs."""
        process, channel = place.web
        if channel.silent_s() > _HUNG_S and process.is_alive():
            telemetry().error("web-process-hangs", process_id=process.pid)
            place.web.end()
        elif self._is_late(place.web):
            telemetry().error("web-process-not-begun", process_id=process.pid)
            place.web.end()
        if process.is_alive() or self._is_stopping:
            return
        if place.restart_at_s is None:
            # One that could not start would fail again at once: the next tries come ever later.
            has_served = process.exitcode != _EXIT_NOT_STARTED
            place.pause_s = _RESTART_PAUSE_S if has_served else min(2 * place.pause_s, _RESTART_PAUSE_S_MAX)
            place.restart_at_s = time.monotonic() + (0 if has_served else place.pause_s)
            telemetry().error("web-process-ended", process_id=process.pid, exit_code=process.exitcode)
            # Where the process that forked it was killed, it lives on unseen: without its channel it ends.
            self._handout.retire(place.web.channel)
            self._add_up(process)
        if time.monotonic() >= place.restart_at_s:
            place.restart_at_s = None
            place.web = self._start()

    def _reload(self) -> None:
        """Read the settings again, and replace all web processes if they can be used."""
        try:
            settings = self._read_settings()
            _require_only_changeable(self._settings, settings)
        except SeraiError as error:
            telemetry().error("settings-not-reloaded", code=error.code)
            return
        telemetry().info("settings-reloading")
        self._settings_before, self._settings = self._settings, settings
        self._to_replace = list(self._places)

    def _replace_next(self) -> None:
        """Go on with replacing: the next one comes, is ready, and takes the place of the one before."""
        if self._coming is None:
            self._coming = self._start()
        elif self._coming.channel.has_begun:
            place = self._to_replace.pop(0)
            self._handout.retire(place.web.channel)
            self._leaving.append((place.web, time.monotonic() + _LEAVE_S))
            telemetry().info("web-process-replaced", process_id=place.web.process.pid)
            place.web, self._coming = self._coming, None
            place.restart_at_s = None
            if not self._to_replace:
                telemetry().info("settings-reloaded")
        elif self._is_late(self._coming):
            self._coming.end()
            self._give_reload_up(self._coming, "web-process-not-begun")
        elif not self._coming.process.is_alive():
            self._give_reload_up(self._coming, "web-process-not-started")

    def _give_reload_up(self, coming: WebProcess, code: str) -> None:
        """Let those before serve on. What cannot start with these settings is not tried again with them."""
        telemetry().error("settings-not-reloaded", code=code, exit_code=coming.process.exitcode)
        self._add_up(coming.process)
        self._settings = self._settings_before
        self._to_replace, self._coming = [], None

    def _is_late(self, web: WebProcess) -> bool:
        """Say whether it was started, and neither takes requests nor ends."""
        is_late = web.channel.awaited_s() > self._settings.server.start_timeout_ms / 1000
        return is_late and web.process.is_alive()

    def _look_at_leaving(self) -> None:
        """End those who were replaced and still have not ended."""
        for web, until_s in list(self._leaving):
            if web.process.is_alive() and (time.monotonic() > until_s or web.channel.silent_s() > _HUNG_S):
                web.end()
            if not web.process.is_alive():
                web.process.join()
                self._add_up(web.process)
                self._leaving.remove((web, until_s))

    def _add_up(self, process: multiprocessing.process.BaseProcess) -> None:
        assert process.pid is not None, "it was started"
        self._figures.add_up(process.pid)

    def _stop(self) -> None:
        telemetry().info("stopping")
        self._listener.close()
        coming = [] if self._coming is None else [self._coming]
        all_of_them = [*(place.web for place in self._places), *(web for web, _ in self._leaving), *coming]
        for web in all_of_them:
            web.process.terminate()
        until_s = time.monotonic() + _KILL_AFTER_S
        for web in all_of_them:
            web.process.join(max(0.0, until_s - time.monotonic()))
            web.end()


def _require_only_changeable(before: Settings, after: Settings) -> None:
    """Raise SeraiError `restart-needed` if a setting has changed that no running server can change."""
    changed = [
        f"{section}.{name}"
        for section, name in _UNCHANGEABLE
        if getattr(getattr(before, section), name) != getattr(getattr(after, section), name)
    ]
    if changed:
        raise SeraiError(
            "restart-needed",
            f"Only a start can change {', '.join(changed)}.",
            "End the server and start it again, or take the change back.",
        )


def run_worker(settings: Settings, dsn: str, channel: socket.socket) -> None:
    """Run one web process on the connections handed to it (see `Handout`)."""
    from serai.web.application import build_application  # noqa: PLC0415 - only in the web process

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is for who started us, also when a terminal closes
    make_room()
    config = web_config(settings, build_application(settings, dsn))
    collect_rarely()
    parent = multiprocessing.parent_process()
    if parent is not None:
        # Who was killed cannot stop us: without this we would hold the port, in front of no database.
        threading.Thread(target=_end_with, args=(parent,), name="watch-parent", daemon=True).start()
    server = HandedServer(config, channel, ConnectionWatch.of(settings.server))
    try:
        server.run()
    except Exception as fault:  # noqa: BLE001 - a process that breaks says so in the log's form
        telemetry().critical("web-process-broke", exc_info=fault)
        sys.exit(_EXIT_BROKEN)
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
