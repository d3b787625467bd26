"""The files of `laws/` as bytes by path: what the law is built from."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError

LawsOption = Annotated[
    Path | None, Parameter(name="--laws", help="Folder of law packs; without it those that came with Serai.")
]


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


def read_chosen_laws(folder: Path | None) -> dict[str, bytes]:
    """Read the folder that was asked for, else the shipped one."""
    return read_law_files(folder or find_shipped("laws"))
