"""Reading the named SQL blocks of a `store.sql` file."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


def load_queries(path: Path) -> dict[str, str]:
    """Read the blocks of an SQL file, each headed by a line `-- name: insert_assessment`.

    Returns the text below each heading by its name; what stands before the first heading is about the file.
    A name used twice or an empty block is our own mistake and asserts.
    """
    pieces = _NAME.split(path.read_text(encoding="utf-8"))
    names, texts = pieces[1::2], [text.strip() for text in pieces[2::2]]
    assert len(set(names)) == len(names), f"{path}: a name is used twice"
    assert all(texts), f"{path}: a block is empty"
    return dict(zip(names, texts, strict=True))
