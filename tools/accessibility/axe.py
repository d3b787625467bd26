"""axe-core, which finds faults of accessibility: brought once from npm's registry, pinned, and checked here.

It is Deque's under MPL-2.0, is used as it is, and is not shipped.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
AXE_VERSION: Final = "4.14.1"
AXE_SHA256: Final = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
"""Of `axe.min.js`: what the registry sends is trusted only when it is this."""
_FOLDER: Final = ROOT / ".tools" / "node"
_FILE: Final = _FOLDER / "node_modules" / "axe-core" / "axe.min.js"
_FETCH_S_MAX: Final = 120


class AxeMissingError(Exception):
    """axe-core is not here; the text says what to do."""


def read_axe() -> str:
    """Return the script. Raises AxeMissingError where it is not here, or is not the pinned file."""
    if not _FILE.is_file():
        raise AxeMissingError(
            f"axe-core {AXE_VERSION} is not in {_FOLDER}. Next: `make axe` (needs npm and its registry)."
        )
    content = _FILE.read_bytes()
    if hashlib.sha256(content).hexdigest() != AXE_SHA256:
        raise AxeMissingError(f"{_FILE} is not axe-core {AXE_VERSION}. Next: remove it, then `make axe`.")
    return content.decode()


def bring_axe() -> None:
    """Fetch axe-core if it is not here. Raises AxeMissingError where it cannot be had."""
    if not _FILE.is_file():
        npm = shutil.which("npm")
        if npm is None:
            raise AxeMissingError("npm is not here, so axe-core cannot be fetched. Next: install Node.js.")
        command = [
            *(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"),
            *("--prefix", str(_FOLDER), f"axe-core@{AXE_VERSION}"),
        ]
        _FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_FETCH_S_MAX)
        except (OSError, subprocess.SubprocessError) as fault:
            raise AxeMissingError(
                f"npm could not fetch axe-core {AXE_VERSION} ({type(fault).__name__})."
                " Next: check the network and npm's registry, then `make axe`."
            ) from fault
    read_axe()
