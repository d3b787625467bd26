"""The file a command is given: its bytes, and the format it is in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import Parameter

from serai.formats.decoded import KINDS
from serai.formats.registry import FORMATS, Form, FormatName, find_by_file_name
from serai.model.errors import SeraiError

STANDARD_INPUT = Path("-")
InputPath = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file to read; `-` is standard input, and no option."""


def read_input(path: Path) -> bytes:
    """Read a file, or standard input for `-`. Raises SeraiError `input-unreadable`."""
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as fault:
        raise unreadable(path, fault) from fault


@contextmanager
def open_input(path: Path) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`. Raises SeraiError `input-unreadable`."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        source = path.open("rb")
    except OSError as fault:
        raise unreadable(path, fault) from fault
    with source:
        yield source


def unreadable(path: Path, fault: OSError) -> SeraiError:
    """Return the error of a file that cannot be read."""
    return SeraiError("input-unreadable", f"{path} cannot be read: {fault.strerror}.", "Name a file.")


def choose_format(path: Path, wanted: FormatName | None, kind: str) -> Form:
    """Return the format asked for, else the one that the file's name says.

    kind: of document. Raises SeraiError `format-unknown`, `kind-unknown`.
    """
    if kind not in KINDS:
        raise SeraiError("kind-unknown", f"There is no document {kind}.", f"Kinds are: {', '.join(KINDS)}.")
    found = find_by_file_name(path.name, kind) if wanted is None else FORMATS[wanted]
    if found is None or kind not in found.kinds:
        known = ", ".join(name for name, form in FORMATS.items() if kind in form.kinds)
        raise SeraiError(
            "format-unknown", f"{path} is in no format that carries a {kind}.", f"Say --format: {known}."
        )
    return found
