"""Bad law through `serai law check` and `serai law load`: the same faults, and what is in force stays."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.typing_commands import typed
from tests.law.bad_packs import BadPack, bad_packs

CASES = bad_packs()
THROUGH_LOAD = (
    "a base that needs itself",
    "no rate on some days",
    "a negative rate",
    "two laws in force",
    "a value without a source",
    "a YAML bomb",
    "a function that is forbidden",
    "an expression that takes very long",
    "a pattern that is none",
    "a pack in UTF-16",
    "semicolons",
    "several faults of one pack",
)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_check_tells_the_faults(capfd: pytest.CaptureFixture[str], tmp_path: Path, case: BadPack) -> None:
    said = typed(capfd, "law", "check", "--laws", write(tmp_path, case.files))

    faults = said.json()["faults"]
    assert said.code == 1
    assert [fault["code"] for fault in faults] == [one.code for one in case.expected]
    for fault, expected in zip(faults, case.expected, strict=True):
        assert expected.says in fault["message"]
        assert bool(fault["line"]) == bool(expected.line_holds)
        assert fault["where"] == (f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"])
        assert fault["next_step"]


@pytest.fixture
def _node(make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERAI_DATABASE_DSN", make_database())


@pytest.mark.slow
@pytest.mark.usefixtures("_node")
def test_load_tells_the_faults_and_what_is_in_force_stays(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    typed(capfd, "law", "load")
    before = typed(capfd, "law", "generations").out
    chosen = [case for case in CASES if case.name in THROUGH_LOAD]
    assert len(chosen) == len(THROUGH_LOAD)

    for number, case in enumerate(chosen):
        folder = write(tmp_path / str(number), case.files)
        told = typed(capfd, "law", "load", folder, "--output", "table")
        problem = typed(capfd, "law", "load", folder, "--output", "json")

        assert (told.code, problem.code) == (2, 2)
        assert told.err.startswith("law-faulty: The law in force stays in force")
        lines = told.err.splitlines()[1:]
        errors = json.loads(problem.err)["errors"]
        assert len(lines) == len(errors) == len(case.expected)
        for line, error, expected in zip(lines, errors, case.expected, strict=True):
            assert line.startswith(f"{error['pointer']}: {expected.code}: ")
            assert expected.says in line
            assert error["remedy"] in line
    assert typed(capfd, "law", "generations").out == before


def test_a_folder_that_is_no_plain_folder_is_refused_file_by_file(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "XX-2026").mkdir()
    (tmp_path / "XX-2026" / "pack.yaml").symlink_to("pack.yaml")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "endless.csv").open("wb") as endless:
        endless.truncate(100 * 2**20)

    said = typed(capfd, "law", "check", "--laws", tmp_path, "--output", "json")

    assert said.code == 2
    problem = json.loads(said.err)
    assert problem["code"] == "law-folder-faulty"
    assert {(one["pointer"], one["code"]) for one in problem["errors"]} == {
        (name, "law-file-unfit") for name in ("loop", "XX-2026/pack.yaml", "pipe", "endless.csv")
    }
