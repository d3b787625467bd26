"""Make a fresh clone runnable with only Python >= 3.11: find or bring uv, then install what `uv.lock` names.

Standard library only. uv is looked for on PATH, then in `.tools/`; where it is missing pip installs it into
`.tools/`. A Debian python3 may come without pip and forbid changes to the system (PEP 668): `--target`
changes nothing of the system, and a missing pip is fetched as one pinned wheel and run from it.
The last line printed is the path of uv.
"""

import sys

# Read before anything that an old Python cannot evaluate; the type checker knows only 3.11 and later.
if sys.version_info < (3, 11):  # noqa: UP036
    found = ".".join(str(number) for number in sys.version_info[:3])
    sys.exit(f"Serai needs Python 3.11 or later, this is {found}. Next: make PYTHON=/path/to/python3.12 demo")

import hashlib
import importlib.util
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
ENVIRONMENT = ROOT / ".venv"
UV_VERSION = "0.13.9"
UV_VERSION_MIN = (0, 8)  # reads the lock file's revision 3
PIP_WHEEL_URL = (
    "https://files.pythonhosted.org/packages/44/3c/d717024885424591d5376220b5e836c2d5293ce2011523c9de23ff7bf068/"
    "pip-25.3-py3-none-any.whl"
)
PIP_WHEEL_SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"


def main() -> None:
    """Install the project's environment, then say where uv is."""
    uv = find_uv() or bring_uv()
    install_environment(uv)
    if uv != shutil.which("uv"):
        folder = Path(uv).parent
        render(
            f'uv was brought into {folder}. For `uv run serai ...` type once: export PATH="{folder}:$PATH"'
        )
    render(uv)


def find_uv() -> str | None:
    """Return a uv that runs and is young enough, else None. A pyenv shim may exist and yet not run."""
    for candidate in (shutil.which("uv"), str(TOOLS / "bin" / "uv")):
        if candidate and version_of(candidate) >= UV_VERSION_MIN:
            return candidate
    return None


def version_of(uv: str) -> tuple[int, int]:
    """Return (major, minor) of a uv, (0, 0) where it does not run."""
    try:
        words = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout.split()
        major, minor = words[1].split(".")[:2]
        return int(major), int(minor)
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return 0, 0


def bring_uv() -> str:
    """Install uv into `.tools/` and return its path."""
    render(f"uv is missing: installing uv {UV_VERSION} into {TOOLS} (once)")
    TOOLS.mkdir(exist_ok=True)
    pip = ["-m", "pip"] if importlib.util.find_spec("pip") else [f"{fetch_pip_wheel()}/pip"]
    command = [sys.executable, *pip, "--disable-pip-version-check", "install", "--quiet", "--upgrade"]
    # No byte code of the target is needed, and --target leaves a PEP 668 system untouched.
    done = subprocess.run(
        [*command, "--no-compile", "--target", str(TOOLS), f"uv=={UV_VERSION}"], check=False
    )
    uv = str(TOOLS / "bin" / "uv")
    if done.returncode or version_of(uv) < UV_VERSION_MIN:
        sys.exit(
            f"pip could not install uv {UV_VERSION} (its words are above). "
            "Next: check the network or the package index, or install uv yourself "
            "(https://docs.astral.sh/uv), then type the command again."
        )
    return uv


def fetch_pip_wheel() -> Path:
    """Fetch the pinned pip wheel, check it, return its path. Python can run pip straight from the wheel."""
    wheel = TOOLS / PIP_WHEEL_URL.rsplit("/", 1)[1]
    render("this Python has no pip: fetching a pinned one (once)")
    try:
        with urllib.request.urlopen(PIP_WHEEL_URL, timeout=60) as answer:
            content = answer.read()
    except (urllib.error.URLError, OSError) as fault:
        sys.exit(
            f"Cannot fetch pip from {PIP_WHEEL_URL}: {fault}. "
            "Next: install pip (Debian: apt-get install python3-pip) or uv, then type the command again."
        )
    if hashlib.sha256(content).hexdigest() != PIP_WHEEL_SHA256:
        sys.exit(
            f"{PIP_WHEEL_URL} is not the file it should be; nothing was installed. Next: try another network."
        )
    wheel.write_bytes(content)
    return wheel


def install_environment(uv: str) -> None:
    """Install what the lock names into `.venv`, with this Python when the environment is new."""
    python = [] if (ENVIRONMENT / "pyvenv.cfg").exists() else ["--python", sys.executable]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)}
    environment.pop("VIRTUAL_ENV", None)  # somebody's active environment is not ours; uv would warn about it
    # Compiled once here, not by each program that starts where Python may not write beside its sources.
    command = [uv, "sync", "--frozen", "--compile-bytecode", *python]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit("uv could not install the environment: its words are above. Next: mend that and try again.")


def render(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
