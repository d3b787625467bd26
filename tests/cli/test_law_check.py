"""`serai law check`: file and line of every fault the loader knows, and remarks that are no faults."""

import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.cli.typing_commands import typed


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """A copy of the shipped packs of the EU alone, to be spoiled."""
    folder = tmp_path / "laws"
    for name in ("tables", "EU-2021", "EU-2026", "EU-VAT"):
        shutil.copytree(find_shipped("laws") / name, folder / name)
    return folder


def _spoil(laws: Path, old: str, new: str) -> list[str]:
    path = laws / "EU-2026" / "pack.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path.read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("old", "new", "line_holds"),
    [
        ("title:", "titel:", "format:"),
        ("value: 3.00 EUR,", "value: 300,", "value: 300,"),
        ("source: flat_duty", "source: nowhere", "name:"),
        ("value: SUM(", "value: SUMM(", "name:"),
    ],
)
def test_a_fault_has_file_and_line(
    capfd: pytest.CaptureFixture[str], laws: Path, old: str, new: str, line_holds: str
) -> None:
    lines = _spoil(laws, old, new)

    said = typed(capfd, "law", "check", "--laws", laws)
    fault = said.json()["faults"][0]

    assert said.code == 1
    assert fault["file"] == "EU-2026/pack.yaml"
    assert line_holds in lines[fault["line"] - 1]
    assert fault["where"] == f"EU-2026/pack.yaml:{fault['line']}"


def test_a_fault_in_several_compositions_is_told_once(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    _spoil(laws, "value: 3.00 EUR,", "value: 300,")

    assert len(typed(capfd, "law", "check", "--laws", laws).json()["faults"]) == 1


def test_remarks_are_no_faults_unless_strict(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    _spoil(laws, "sources:\n", "sources:\n  nobody: {title: X}\n")

    said = typed(capfd, "law", "check", "--laws", laws)

    assert said.code == 0
    assert ["nobody" in one["message"] for one in said.json()["remarks"]].count(True) == 1
    assert typed(capfd, "law", "check", "--laws", laws, "--strict").code == 1
    assert typed(capfd, "law", "check", "EU-VAT", "--laws", laws).json()["remarks"] == []


def test_a_table_lists_the_remarks_on_the_packs_that_are_named(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    _spoil(laws, "sources:\n", "sources:\n  nobody: {title: X}\n")

    silent = typed(capfd, "law", "check", "--laws", laws, "--output", "table")
    named = typed(capfd, "law", "check", "EU-2026", "--laws", laws, "--output", "table")

    assert "nobody" not in silent.out
    assert "nobody" in named.out
    assert typed(capfd, "law", "check", "EU-1957", "--laws", laws).code == 2


@pytest.mark.in_turn
def test_nothing_is_to_be_remarked_on_the_packs_that_come_with_serai(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = typed(capfd, "law", "check", "--strict", "--output", "json")

    assert (said.code, said.json()["faults"], said.json()["remarks"]) == (0, [], [])
