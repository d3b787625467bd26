"""Reading the named SQL blocks of a `store.sql` file."""

import re
from pathlib import Path

_HEADING = re.compile(r"^-- (name|piece): ([a-z][a-z0-9_]*)$", re.MULTILINE)
_HERE = re.compile(r"^ *-- here: ([a-z][a-z0-9_]*)$", re.MULTILINE)


def load_queries(path: Path) -> dict[str, str]:
    """Read the blocks of an SQL file, each headed by a line `-- name: insert_assessment`.

    What several blocks say alike (columns, conditions) stands once, headed `-- piece: assessment_columns`;
    where it goes in each of them is a line `-- here: assessment_columns`.

    Returns the text below each heading by its name; what stands before the first heading is about the file.
    A name used twice, an empty block, a piece that is missing or that nothing uses is our own mistake and
    asserts.
    """
    parts = _HEADING.split(path.read_text(encoding="utf-8"))
    kinds, names, texts = parts[1::3], parts[2::3], [text.strip() for text in parts[3::3]]
    assert len(set(names)) == len(names), f"{path}: a name is used twice"
    assert all(texts), f"{path}: a block is empty"
    blocks = list(zip(kinds, names, texts, strict=True))
    pieces = {name: text for kind, name, text in blocks if kind == "piece"}
    queries = {name: text for kind, name, text in blocks if kind == "name"}
    used = {one for text in queries.values() for one in _HERE.findall(text)}
    assert used == set(pieces), f"{path}: pieces used {sorted(used)}, pieces there {sorted(pieces)}"
    return {name: _HERE.sub(lambda found: pieces[found[1]], text) for name, text in queries.items()}
