"""Programs of others that check what we deploy."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from tools.bootstrap import find_uv

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def program(name: str) -> str:
    """The path of a program; without it the test is left out, and in the gate it fails."""
    found = find_uv() if name == "uv" else shutil.which(name)
    if found is None:
        leave_out(f"{name} is not on this machine")
    return found


def leave_out(reason: str) -> NoReturn:
    """Skip, but fail where DEPLOY_TOOLS=required says that everything should be here."""
    if os.environ.get("DEPLOY_TOOLS") == "required":
        pytest.fail(f"{reason}, though DEPLOY_TOOLS=required")
    pytest.skip(reason)


def run(
    *words: str | Path, folder: Path = ROOT, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program, without settings of ours but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SERAI_")}
    return subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env={**clean, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
