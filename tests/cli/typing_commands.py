"""Typing commands in tests: in this process, where most of them run, or as a process of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.cli.main import run

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "examples" / "messages"


class Typed(msgspec.Struct, frozen=True):
    """What came of a command."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def typed(capfd: pytest.CaptureFixture[str], *words: str | Path) -> Typed:
    """Run a command in this process."""
    capfd.readouterr()
    code = run([str(word) for word in words])
    captured = capfd.readouterr()
    return Typed(code, captured.out, captured.err)


def start(*words: str | Path, folder: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from serai.cli.main import main; main()", *map(str, words)],
        cwd=folder,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )
