"""The web server beside another command: its processes, the address they answer at, and what they take."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from serai.cli.web_processes import run_workers
from serai.foundation.clock import SystemClock
from serai.foundation.metrics import Metrics
from serai.foundation.settings import Settings
from serai.foundation.telemetry import start_telemetry
from serai.model.errors import SeraiError

_START_PATIENCE_S = 120
_STOP_PATIENCE_S = 40
_LAST_WORDS_LENGTH = 2_000
_SPAWN = multiprocessing.get_context("spawn")


class BackgroundServer:
    """Web processes under a keeper process that replaces one that dies; use as `with`.

    The keeper ends with its parent, however that ends. log_file: takes what the web processes say on standard
    error; without one they say it here.
    """

    def __init__(
        self,
        settings: Settings,
        dsn: str,
        listener: socket.socket,
        workers_count: int,
        *,
        log_file: Path | None = None,
    ) -> None:
        self._log_file = log_file
        self.host, self.port = listener.getsockname()[:2]
        self._keeper = _SPAWN.Process(
            target=_keep_workers, args=(settings, dsn, listener, workers_count, log_file), name="serai-keeper"
        )

    def __enter__(self) -> Self:
        # Ctrl-C reaches every process of the terminal; this one alone answers it, and ends the others.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._keeper.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            self._await_answer()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def url(self) -> str:
        """Address of the server, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    @property
    def is_alive(self) -> bool:
        """Whether the keeper still runs."""
        return self._keeper.is_alive()

    @property
    def process_id(self) -> int:
        """Process id of the keeper: the web processes are its children."""
        assert self._keeper.pid is not None
        return self._keeper.pid

    def peak_memory_bytes(self) -> list[int]:
        """Peak resident memory of each web process so far (Linux; else nothing)."""
        peaks = []
        for process_id in self._web_process_ids():
            words = _read(Path(f"/proc/{process_id}/status")).partition("VmHWM:")[2].split(maxsplit=2)
            if words:
                peaks.append(int(words[0]) * 1024)
        return peaks

    def renew(self) -> None:
        """Let new web processes take the place of those that run, and wait until they answer (Linux)."""
        old = self._web_process_ids()
        for process_id in old:
            os.kill(process_id, signal.SIGTERM)
        until_s = time.monotonic() + _START_PATIENCE_S
        while time.monotonic() < until_s:
            new = set(self._web_process_ids()) - set(old)
            if len(new) == len(old):
                break
            time.sleep(0.1)
        self._await_answer()

    def _web_process_ids(self) -> list[int]:
        return [web for child in _children_of(self.process_id) for web in _children_of(child)]

    def _await_answer(self) -> None:
        # Connections wait in the socket until the first web process has opened its node.
        connection = HTTPConnection(self.host, self.port, timeout=1)
        for _ in range(_START_PATIENCE_S):
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except (OSError, HTTPException):
                connection.close()
                if not self.is_alive:
                    break
                continue
            connection.close()
            return
        said = "" if self._log_file is None else _read(self._log_file)[-_LAST_WORDS_LENGTH:].strip()
        raise SeraiError(
            "server-did-not-start",
            f"The web server did not answer. It said last:\n{said}"
            if said
            else "The web server did not answer.",
            "Read its messages for the reason.",
        )

    def _stop(self) -> None:
        if self._keeper.pid is not None and self._keeper.is_alive():
            os.kill(self._keeper.pid, signal.SIGTERM)
        self._keeper.join(_STOP_PATIENCE_S)
        if self._keeper.is_alive():
            self._keeper.kill()
            self._keeper.join()


def _keep_workers(
    settings: Settings, dsn: str, listener: socket.socket, workers_count: int, log_file: Path | None
) -> None:
    if log_file is not None:
        # Web processes inherit the descriptor.
        with log_file.open("ab") as log:
            os.dup2(log.fileno(), 2)
    start_telemetry(SystemClock(), Metrics())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run_workers(settings, dsn, listener, workers_count, lambda: settings)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _children_of(process_id: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _read(folder / "stat").rpartition(")")[2].split()
        if len(fields) > 1 and int(fields[1]) == process_id:
            found.append(int(folder.name))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        # The process ended meanwhile, or the system is not Linux.
        return ""
