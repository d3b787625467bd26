"""Finding the folders that travel with Serai: laws, migrations, examples."""

from pathlib import Path
from typing import Literal

import serai


def find_shipped(name: Literal["laws", "migrations", "examples"]) -> Path:
    """Return the folder `name`: inside the wheel, else at the top of the working tree.

    hatchling puts the folders of the tree into the wheel as `serai/_shipped/<name>`.
    """
    package = Path(serai.__file__).resolve().parent
    inside_wheel = package / "_shipped" / name
    return inside_wheel if inside_wheel.is_dir() else package.parents[1] / name
