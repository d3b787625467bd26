"""Commands of `serai` in processes forked from one that has loaded the program: to load it takes up to three
seconds, and tests give some hundred commands.

`tests/cli` starts some as a person does, with an interpreter of their own.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

_LOADED = ["serai.cli.proposal", "serai.cli.account", "serai.cli.party", "serai.cli.log", "serai.cli.person"]
_SECONDS_MAX = 120


def run_forked(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], words_in: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, under an environment, and wait for it. words_in: its standard input."""
    if "LD_PRELOAD" in environment:  # a library that has to be there before the interpreter
        return _run_anew(words, folder, environment, words_in)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    with tempfile.TemporaryDirectory() as streams:
        said_in, out, err = (Path(streams) / name for name in ("in", "out", "err"))
        said_in.write_text(words_in)
        process = context.Process(
            target=_run, args=(list(words), str(folder), dict(environment), str(said_in), str(out), str(err))
        )
        process.start()
        code = _wait(process, words)
        return subprocess.CompletedProcess(list(words), code, out.read_text(), err.read_text())


def _run_anew(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], words_in: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from serai.cli.main import main; main()", *words],
        cwd=folder,
        env=environment,
        input=words_in,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
    )


def _wait(process: BaseProcess, words: Sequence[str]) -> int:
    process.join(_SECONDS_MAX)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(list(words), _SECONDS_MAX)
    return process.exitcode


def _run(words: list[str], folder: str, environment: dict[str, str], *streams: str) -> None:
    """Be the command: its folder, its environment, its streams, its end."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin.close()
    for number, (path, flags) in enumerate(
        zip(streams, (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT), strict=True)
    ):
        file = os.open(path, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    sys.argv = ["serai", *words]
    from serai.cli.main import main  # noqa: PLC0415 (once the process is the command's)

    main()
