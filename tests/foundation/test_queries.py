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


def test_a_piece_stands_where_blocks_say_here(tmp_path: Path) -> None:
    file = tmp_path / "store.sql"
    file.write_text(
        "-- piece: columns\na,\n    b\n\n-- name: one\nSELECT\n    -- here: columns\nFROM t\n\n"
        "-- name: two\nSELECT\n    -- here: columns\nFROM t WHERE c\n"
    )

    assert load_queries(file) == {
        "one": "SELECT\na,\n    b\nFROM t",
        "two": "SELECT\na,\n    b\nFROM t WHERE c",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n", id="name used twice"),
        pytest.param("-- name: a\n-- name: b\nSELECT 1\n", id="empty block"),
        pytest.param("-- name: a\nSELECT\n-- here: b\n", id="missing piece"),
        pytest.param("-- piece: b\nc\n\n-- name: a\nSELECT 1\n", id="unused piece"),
        pytest.param(
            "-- piece: b\n-- here: c\n\n-- piece: c\nd\n\n-- name: a\nSELECT\n-- here: b\n", id="nested"
        ),
    ],
)
def test_a_file_that_was_written_wrongly_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "store.sql"
    file.write_text(text)

    with pytest.raises(AssertionError):
        load_queries(file)
