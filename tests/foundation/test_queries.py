"""Named SQL blocks."""

from pathlib import Path

import pytest

from serai.foundation.queries import load_queries


def test_blocks_come_by_name_with_their_comments(tmp_path: Path) -> None:
    file = tmp_path / "store.sql"
    file.write_text(
        "-- About this file.\n\n-- name: one\n-- Why.\nSELECT 1\n\n-- name: two\nSELECT 2;\nSELECT 3\n"
    )

    assert load_queries(file) == {"one": "-- Why.\nSELECT 1", "two": "SELECT 2;\nSELECT 3"}


@pytest.mark.parametrize(
    "text", ["-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n", "-- name: a\n-- name: b\nSELECT 1\n"]
)
def test_a_name_used_twice_or_an_empty_block_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "store.sql"
    file.write_text(text)

    with pytest.raises(AssertionError):
        load_queries(file)
