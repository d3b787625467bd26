"""Finding the folders that travel with Serai: laws, migrations, examples."""

from pathlib import Path
from typing import Literal

import serai
from serai.model.errors import SeraiError


def find_shipped(name: Literal["laws", "migrations", "examples"]) -> Path:
    """Return the folder `name`: inside the wheel, else at the top of the working tree.

    hatchling puts the folders of the tree into the wheel as `serai/_shipped/<name>`.
    """
    package = Path(serai.__file__).resolve().parent
    inside_wheel = package / "_shipped" / name
    return inside_wheel if inside_wheel.is_dir() else package.parents[1] / name


def read_law_files(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder of packs; paths are relative to it, with `/`.

    Raises SeraiError `law-folder-missing`.
    """
    if not folder.is_dir():
        raise SeraiError(
            "law-folder-missing", f"There is no folder {folder}.", "Name a folder that holds law packs."
        )
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
