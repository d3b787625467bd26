"""Commands of `serai` in processes forked from one that has loaded the program: to load it takes three
seconds, for web processes three more, and tests give some hundred commands and start some forty servers.

`tests/cli` and `tests/deploy` start some as a person does, with an interpreter of their own.
"""

import multiprocessing
import multiprocessing.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import prometheus_client.values

_LOADED = [
    *("serai.cli.proposal", "serai.cli.account", "serai.cli.party", "serai.cli.log", "serai.cli.person"),
    *("serai.cli.serve", "serai.cli.web_loaded"),
]
_SECONDS_MAX = 120
_NOTHING = Path("/dev/null")
_spawn_anew = multiprocessing.util.spawnv_passfds


class ForkedCommand:
    """A command that runs, for who would else have a `subprocess.Popen`."""

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None, "it was started"
        self._process, self.pid = process, process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start_forked(
    words: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    out: Path,
    err: Path,
    said_in: Path = _NOTHING,
) -> "ForkedCommand | subprocess.Popen[bytes]":
    """Start a command in a folder, under an environment. out, err: files that what it says is added to."""
    if "LD_PRELOAD" in environment:  # a library that has to be there before the interpreter
        return _start_anew(words, folder, environment, out=out, err=err, said_in=said_in)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    process = context.Process(
        target=_run,
        args=(list(words), str(folder), dict(environment), str(said_in), str(out), str(err)),
        name=" ".join(words),
    )
    process.start()
    return ForkedCommand(process)


def run_forked(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], words_in: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command as `start_forked`, and wait for it. words_in: its standard input."""
    with tempfile.TemporaryDirectory() as streams:
        said_in, out, err = (Path(streams) / name for name in ("in", "out", "err"))
        said_in.write_text(words_in)
        process = start_forked(
            words, folder=folder, environment=environment, out=out, err=err, said_in=said_in
        )
        try:
            code = process.wait(_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(list(words), code, out.read_text(), err.read_text())


def _start_anew(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], *, out: Path, err: Path, said_in: Path
) -> subprocess.Popen[bytes]:
    with out.open("ab") as told, err.open("ab") as faults, said_in.open("rb") as said:
        return subprocess.Popen(
            [sys.executable, "-c", "from serai.cli.main import main; main()", *words],
            cwd=folder,
            env=environment,
            stdin=said,
            stdout=told,
            stderr=faults,
            start_new_session=True,
        )


def _run(words: list[str], folder: str, environment: dict[str, str], *streams: str) -> None:
    """Be the command: its folder, its environment, its streams, its end."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin.close()
    adds = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, adds, adds), strict=True)):
        file = os.open(path, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.argv = ["serai", *words]
    vars(multiprocessing.util)["spawnv_passfds"] = _fork_web_starter
    from serai.cli.main import main  # noqa: PLC0415 (once the process is the command's)

    main()


def _fork_web_starter(path: Any, words: list[Any], descriptors: Sequence[int]) -> int:
    """Start what web processes are forked from as a fork of this process, which has loaded the service.

    It has the environment of a server by now; the figures of its processes are shared, as where that is so
    when the library is loaded.
    """
    if "multiprocessing.forkserver" not in str(words[-1]):
        return int(_spawn_anew(path, words, descriptors))
    if process_id := os.fork():
        return process_id
    try:
        _close_all_but({0, 1, 2, *descriptors})
        values: Any = prometheus_client.values
        values.ValueClass = values.get_value_class()
        exec(words[-1], {})  # what the interpreter would be told
    finally:
        os._exit(0)


def _close_all_but(kept: set[int]) -> None:
    for file in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # it was open to list them
            if int(file.name) not in kept:
                os.close(int(file.name))
