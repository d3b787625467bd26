"""Each test types its commands in an empty folder, under no settings but its own."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("SERAI_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
