"""Writing small secret files so that they are whole or absent, and nobody else's."""

import os
import tempfile
from pathlib import Path

from serai.model.errors import SeraiError


def open_key_folder(folder: Path) -> None:
    """Make the folder when missing, for its owner only. Raises SeraiError `key-folder-open`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_private(folder)


def check_private(path: Path) -> None:
    """Raise SeraiError `key-folder-open` if others than the owner may do anything with the path."""
    if path.stat().st_mode & 0o077:
        raise SeraiError(
            "key-folder-open",
            f"Others than its owner can reach {path}, which holds keys.",
            f"Take their rights away: chmod go= {path}",
        )


def write_once(path: Path, content: bytes) -> bool:
    """Write a new file (mode 0600), flushed to the disk; False if it exists, which then stays as it is.

    Of several writers at once one wins, and the others see its whole content.
    """
    # mkstemp makes the file for its owner only.
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return False
    finally:
        Path(name).unlink()
    _flush_folder(path.parent)
    return True


def _flush_folder(folder: Path) -> None:
    # The file's name is kept by its folder, and survives a power cut only when that is flushed too.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
