"""What is said of a file that was asked for and cannot be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serai.model.errors import SeraiError


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Say of what fails inside that the file cannot be written. Raises SeraiError `output-unwritable`."""
    try:
        yield
    except OSError as fault:
        raise SeraiError(
            "output-unwritable",
            f"{path} cannot be written: {fault.strerror or fault}.",
            "Name a file in a folder you own.",
        ) from fault
