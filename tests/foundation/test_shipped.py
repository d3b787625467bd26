"""Folders that travel with Serai."""

from pathlib import Path

import pytest

import serai
from serai.foundation.shipped import find_shipped, read_law_files
from serai.model.errors import SeraiError


def test_the_working_trees_folder_is_found() -> None:
    assert (find_shipped("migrations") / "0001_pre_foundation.sql").is_file()


def test_the_wheels_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "serai/_shipped/laws").mkdir(parents=True)
    monkeypatch.setattr(serai, "__file__", str(tmp_path / "serai/__init__.py"))

    assert find_shipped("laws") == tmp_path / "serai/_shipped/laws"


def test_a_folder_of_laws_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeraiError, match="no folder"):
        read_law_files(tmp_path / "laws")


def test_files_of_laws_are_named_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "XX-1").mkdir()
    (tmp_path / "XX-1" / "pack.yaml").write_bytes(b"code: XX-1\n")

    assert read_law_files(tmp_path) == {"XX-1/pack.yaml": b"code: XX-1\n"}
