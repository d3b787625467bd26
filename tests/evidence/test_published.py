"""What was signed last is kept outside the database, and an older database does not go on from before it."""

from pathlib import Path

import pytest

from serai.evidence.errors import EvidenceError
from serai.evidence.notes import Checkpoint, sign_checkpoint
from serai.evidence.published import PublishedCheckpoint
from serai.foundation.keys import KeyFolder

ORIGIN = "customs.example/log"


def published(folder: Path, keys: Path, origin: str = ORIGIN) -> PublishedCheckpoint:
    key = KeyFolder(keys).signing_key(())
    return PublishedCheckpoint(folder / "log", origin=origin, public_key=key.public_key)


def note(keys: Path, size: int, origin: str = ORIGIN) -> str:
    return sign_checkpoint(Checkpoint(origin, size, bytes([size]) * 32), KeyFolder(keys).signing_key(()))


def test_before_the_first_there_is_none_and_then_the_last_written(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    kept = published(tmp_path, keys)
    assert kept.read() is None

    kept.write(note(keys, 5))
    kept.write(note(keys, 9))

    read = published(tmp_path, keys).read()
    assert read is not None
    assert (read.origin, read.tree_size) == (ORIGIN, 9)
    assert {path.name for path in (tmp_path / "log").iterdir()} == {"checkpoint", ".lock"}


def test_a_process_that_comes_late_takes_nothing_back(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    kept = published(tmp_path, keys)
    kept.write(note(keys, 9))

    published(tmp_path, keys).write(note(keys, 5))

    read = kept.read()
    assert read is not None
    assert read.tree_size == 9


@pytest.mark.parametrize("change", ["other log", "changed size", "cut off"])
def test_a_file_that_is_not_the_logs_own_is_not_believed(tmp_path: Path, change: str) -> None:
    keys = tmp_path / "keys"
    kept = published(tmp_path, keys)
    kept.write(note(keys, 9, "other.example/log" if change == "other log" else ORIGIN))
    path = tmp_path / "log" / "checkpoint"
    if change == "changed size":
        path.write_text(path.read_text().replace("9", "3", 1))
    if change == "cut off":
        path.write_text(path.read_text()[:40])

    with pytest.raises(EvidenceError) as refused:
        kept.read()

    assert refused.value.code in {"checkpoint-not-signed", "note-unreadable"}
