"""The files of `laws/` as bytes by path: what the law is built from."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.foundation.shipped import find_shipped, read_law_files

LawsOption = Annotated[
    Path | None, Parameter(name="--laws", help="Folder of law packs; without it those that came with Serai.")
]


def read_chosen_laws(folder: Path | None) -> dict[str, bytes]:
    """Read the folder that was asked for, else the shipped one."""
    return read_law_files(folder or find_shipped("laws"))
