"""Small files that survive a crash whole, and files that are meant to be gone."""

import os
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner enters (mode 0700), its name on the disk before this returns."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file of mode 0600: either the old or the new content is there after a crash, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def destroy(path: Path) -> None:
    """Overwrite a file with zeros, then remove it.

    A disk or file system that keeps old blocks may still hold it: the key folder belongs on an encrypted
    volume.
    """
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's list of names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
