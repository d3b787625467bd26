"""A fresh clone becomes runnable: the bootstrap finds or brings uv, and says what to do when it cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap

ROOT = Path(__file__).parents[2]
_REACHING_OUT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
"""How this machine reaches the package index: behind a proxy nobody can do without."""


# A pyenv shim looks like the last one when no chosen Python has uv: there, and failing.
@pytest.mark.parametrize(
    ("answer", "taken"),
    [("echo uv 0.13.9", True), ("echo uv 1.0.0", True), ("echo uv 0.4.30", False), ("exit 127", False)],
)
def test_only_a_uv_that_runs_and_is_young_enough_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, taken: bool
) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "none")

    assert bootstrap.find_uv() == (str(program) if taken else None)


def test_a_changed_pip_wheel_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "pip-25.3-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    monkeypatch.setattr(bootstrap, "PIP_WHEEL_URL", wheel.as_uri())
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "tools")

    with pytest.raises(SystemExit, match="is not the file it should be"):
        bootstrap.fetch_pip_wheel()


@pytest.mark.slow
def test_a_fresh_clone_with_nothing_but_python_installs_itself(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    reaching_out = {name: os.environ[name] for name in _REACHING_OUT if name in os.environ}
    # No uv on PATH, no cache in HOME.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **reaching_out}

    subprocess.run(
        ["make", f"PYTHON={sys.executable}", ".venv/installed"], cwd=clone, env=environment, check=True
    )
    done = subprocess.run(
        [str(clone / ".venv" / "bin" / "serai"), "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout
