"""`serai witness` as a process of its own, for tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serai.evidence.notes import write_verifier_key
from tests.evidence.batches import ORIGIN, SIGNER

SERAI = [sys.executable, "-c", "from serai.cli.main import main; main()"]
LOG_KEY = write_verifier_key(ORIGIN, SIGNER.public_key)


def await_port(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


def make_witness(folder: Path, name: str) -> str:
    """Make a witness; return its public key as a line."""
    done = subprocess.run(
        [*SERAI, "witness", "init", str(folder), "--name", name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return (folder / "key").read_text().strip()


@contextmanager
def serving_witness(folder: Path, log_key: str, ends_by: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """Serve a witness that was made; give its address. log_key: of the log it signs for."""
    trusted = subprocess.run(
        [*SERAI, "witness", "trust", str(folder), log_key], capture_output=True, text=True, check=False
    )
    assert trusted.returncode == 0, trusted.stderr
    with subprocess.Popen(
        [*SERAI, "witness", "serve", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.stdout.readline().strip().removeprefix("listens on ")
        finally:
            process.send_signal(ends_by)
            process.wait(20)


@contextmanager
def running_witness(folder: Path, name: str, log_key: str = LOG_KEY) -> Iterator[tuple[str, str]]:
    """Make and serve a witness; give its address and its key."""
    key = make_witness(folder, name)
    with serving_witness(folder, log_key) as url:
        yield url, key
