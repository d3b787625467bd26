"""Finding the folders that travel with Serai: laws, migrations, examples, the conformance suite."""

import os
import stat
from pathlib import Path
from typing import Final, Literal

import serai
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.model.errors import SeraiError


def find_shipped(name: Literal["laws", "migrations", "examples", "conformance"]) -> Path:
    """Return the folder `name`: inside the wheel, else at the top of the working tree.

    hatchling puts the folders of the tree into the wheel as `serai/_shipped/<name>`.
    """
    package = Path(serai.__file__).resolve().parent
    inside_wheel = package / "_shipped" / name
    return inside_wheel if inside_wheel.is_dir() else package.parents[1] / name


FILE_BYTES_MAX: Final = 96 * 2**20
"""A tariff of a million lines."""
FOLDER_BYTES_MAX: Final = 512 * 2**20
FILES_COUNT_MAX: Final = 5_000


def read_law_files(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder of packs; paths are relative to it, with `/`.

    Raises SeraiError `law-folder-missing`; InputFaultyError `law-folder-faulty` with everything in it that is
    no plain file of bearable size (`law-file-unfit`): nothing is followed out of the folder, nor left out
    without a word.
    """
    if not folder.is_dir():
        raise SeraiError(
            "law-folder-missing", f"There is no folder {folder}.", "Name a folder that holds law packs."
        )
    files: dict[str, bytes] = {}
    faults: list[InputFault] = []
    left = FOLDER_BYTES_MAX
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        what = _unfit(path, left) if len(files) < FILES_COUNT_MAX else f"it is beyond {FILES_COUNT_MAX} files"
        if what:
            faults.append(InputFault(name, "law-file-unfit", f"{name}: {what}.", _PUT_A_COPY))
            continue
        files[name] = path.read_bytes()
        left -= len(files[name])
    if faults:
        raise LawFolderFaultyError(folder, tuple(faults))
    return files


_PUT_A_COPY: Final = "Put a copy in its place, or take it out of the folder."


class LawFolderFaultyError(InputFaultyError):
    """A folder of packs that cannot be read whole; `faults` names each file."""

    def __init__(self, folder: Path, faults: tuple[InputFault, ...]) -> None:
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        message = f"The folder {folder} cannot be read: {faults[0].sentence}{more}"
        super().__init__(faults, message, "Correct the folder and try again.")
        self.code = "law-folder-faulty"


def _unfit(path: Path, left_bytes: int) -> str:
    """Say why a path is not read; empty: it is."""
    try:
        status = path.lstat()
    except OSError as fault:
        return f"it cannot be read: {fault.strerror}"
    if stat.S_ISLNK(status.st_mode):
        return "it is a link, and links are not followed"
    if not stat.S_ISREG(status.st_mode):
        return "it is no plain file"
    if status.st_size > FILE_BYTES_MAX:
        return f"{status.st_size} bytes, {FILE_BYTES_MAX} is the most"
    if status.st_size > left_bytes:
        return f"with it the folder has more than {FOLDER_BYTES_MAX} bytes"
    return "" if os.access(path, os.R_OK) else "it may not be read"
