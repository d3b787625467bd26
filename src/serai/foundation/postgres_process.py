"""What the system knows about a running PostgreSQL server: its pid file, its process, its sessions."""

import os
import signal
import time
from pathlib import Path

import msgspec
import psycopg

_PROC = Path("/proc")


class PidFile(msgspec.Struct, frozen=True):
    """The lines of `postmaster.pid` that matter. A file still being written has an empty socket folder."""

    process_id: int
    port: int
    socket_folder: str


def read_pid_file(data: Path) -> PidFile | None:
    """Read `postmaster.pid` of the data folder; None without one. An empty file gives process 0."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    lines += [""] * (5 - len(lines))
    return PidFile(int(lines[0] or 0), int(lines[3] or 0), lines[4])


def is_alive(process_id: int) -> bool:
    """Say whether a process lives. One that ended but was not yet collected by its parent does not."""
    if process_id <= 0:
        return False
    if not _PROC.exists():
        return _answers_signal(process_id)
    try:
        # The state follows the program's name, which stands in brackets and may itself hold brackets.
        return (_PROC / str(process_id) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_server_of(process_id: int, data: Path) -> bool:
    """Say whether a living process serves this data folder, and is no stranger with a reused number."""
    if not is_alive(process_id):
        return False
    return _works_in(process_id, data) if _PROC.exists() else True


def refuses_for_good(fault: psycopg.OperationalError) -> bool:
    """Say whether a server refused a connection for another cause than that it starts, recovers, stops, or is
    full."""
    words = str(fault)
    return "FATAL:" in words and "the database system is" not in words and "too many clients" not in words


def end_leftover_sessions(data: Path, *, patience_ms: int = 5000) -> None:
    """End the sessions that outlived their killed server; call only when that server is known to be gone.

    A session that computes does not notice its server's death, and keeps the next server from starting.
    """
    leftovers = [pid for pid in _process_ids() if _works_in(pid, data)]
    for process_id in leftovers:
        _send(process_id, signal.SIGQUIT)
    deadline = time.monotonic() + patience_ms / 1000
    while any(map(is_alive, leftovers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    for process_id in filter(is_alive, leftovers):
        _send(process_id, signal.SIGKILL)


def _process_ids() -> list[int]:
    if not _PROC.exists():
        return []
    return [
        int(entry.name)
        for entry in _PROC.iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid()
    ]


def _works_in(process_id: int, data: Path) -> bool:
    try:
        return (_PROC / str(process_id) / "cwd").samefile(data)
    except OSError:
        return False


def _answers_signal(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(process_id: int, number: signal.Signals) -> None:
    try:
        os.kill(process_id, number)
    except ProcessLookupError:
        return
