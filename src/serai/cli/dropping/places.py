"""The folders of a drop folder, and moving files between them so that no reader ever sees half of one."""

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from serai.model.errors import SeraiError

FOLDERS: Final = ("in", "work", "out", "refused")
_UNFINISHED: Final = (".part", ".partial", ".filepart", ".tmp", ".crdownload")
DONE: Final = ".done"
_NAME_BYTES_MAX: Final = 150
_SUFFIX_LENGTH_MAX: Final = 10


class Places:
    """in: put by the sender. work: taken, under way. out: what was taken, with answers. refused: the rest."""

    def __init__(self, folder: Path, *, inner: Iterable[str]) -> None:
        """Make the folders that are missing. inner: of `in`."""
        self.root = folder
        for name in (*FOLDERS, *(f"in/{one}" for one in inner)):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.incoming, self.work, self.out, self.refused = (folder / name for name in FOLDERS)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one worker. Raises SeraiError `drop-folder-in-use`."""
        with (self.root / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise SeraiError(
                    "drop-folder-in-use", "Another worker has this folder.", "Let it run, or end it first."
                ) from fault
            yield

    def waiting(self) -> list[Path]:
        """Return the files that were put in and are not marked as unfinished, in the order of their names.

        Only regular files: a link could lead to what its sender may not read.
        """
        found = [*self.incoming.glob("*"), *self.incoming.glob("*/*")]
        return sorted(path for path in found if _is_regular(path) and not _is_unfinished(path.name))

    def take(self, path: Path) -> Path:
        """Move a file from `in` to `work` in one step; its name there says from which folder it came."""
        folder = path.parent.relative_to(self.incoming).as_posix()
        taken = self.work / f"{'' if folder == '.' else folder}@{_bearable(path.name)}"
        path.replace(taken)
        if self.is_marked(path):
            _mark_of(path).unlink(missing_ok=True)
        return taken

    def is_marked(self, path: Path) -> bool:
        """Say whether a mark beside a file says that it is whole; a name of full length cannot have one."""
        with suppress(OSError):
            return _mark_of(path).exists()
        return False

    def taken(self) -> list[Path]:
        """Return what is under way: after a crash it is done again, which is harmless."""
        return sorted(path for path in self.work.glob("*@*") if _is_regular(path))


def _mark_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{DONE}")


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that is there whole or not at all, also after a crash."""
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as target:
        for part in parts:
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(path)


def own_name(path: Path, content_hash: str) -> str:
    """Return a name under which one content of one file goes out: another content does not overwrite it."""
    name = path.name.partition("@")[2]
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{content_hash}{dot}{suffix}" if dot and stem else f"{name}.{content_hash}"


def _bearable(name: str) -> str:
    """Return a name to which more can be added: file systems end at 255 bytes, answers have longer names."""
    encoded = name.encode(errors="surrogateescape")
    if len(encoded) <= _NAME_BYTES_MAX:
        return name
    _, dot, suffix = name.rpartition(".")
    ending = f"{dot}{suffix}" if dot and len(suffix) <= _SUFFIX_LENGTH_MAX else ""
    told_apart = hashlib.sha256(encoded).hexdigest()[:8]
    return f"{encoded[:_NAME_BYTES_MAX].decode(errors='ignore')}.{told_apart}{ending}"


def hash_of(path: Path) -> str:
    """Return the first letters of a file's SHA-256."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()[:8]


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith((*_UNFINISHED, DONE))
