"""Folders that travel with Serai."""

from pathlib import Path

import pytest

import serai
from serai.foundation.shipped import find_shipped


def test_the_working_trees_folder_is_found() -> None:
    assert (find_shipped("migrations") / "0001_pre_foundation.sql").is_file()


def test_the_wheels_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "serai/_shipped/laws").mkdir(parents=True)
    monkeypatch.setattr(serai, "__file__", str(tmp_path / "serai/__init__.py"))

    assert find_shipped("laws") == tmp_path / "serai/_shipped/laws"
