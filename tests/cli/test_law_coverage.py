"""`serai law coverage`: counts per pack, what no case reached, and a limit that can be missed."""

import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.cli.typing_commands import typed


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """A copy of two packs of Israel, and of the tables."""
    folder = tmp_path / "laws"
    for name in ("tables", "IL-2012", "IL-IMPORT"):
        shutil.copytree(find_shipped("laws") / name, folder / name)
    return folder


def test_counts_and_rules_are_data(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    said = typed(capfd, "law", "coverage", "--laws", laws, "--output", "json").json()

    assert [pack["code"] for pack in said["packs"]] == ["IL-2012", "IL-IMPORT"]
    assert said["reached"] == sum(pack["reached_count"] for pack in said["packs"]) < said["rules"]
    rules = said["packs"][1]["rules"]
    assert len([rule for rule in rules if rule["cases_count"]]) == said["packs"][1]["reached_count"]


def test_what_no_case_reached_stands_in_the_table_with_file_and_line(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    out = typed(capfd, "law", "coverage", "IL-IMPORT", "--laws", laws, "--output", "table").out

    assert "il-goods-that-return" in out
    assert "IL-IMPORT/pack.yaml:" in out
    assert "il-vat-only" not in out


def test_below_the_least_share_the_exit_code_is_one(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    assert typed(capfd, "law", "coverage", "--least", "50", "--laws", laws).code == 0
    assert typed(capfd, "law", "coverage", "--least", "100", "--laws", laws).code == 1


def test_other_case_files_may_be_measured(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    shutil.move(laws / "IL-2012" / "cases.yaml", laws.parent / "cases.yaml")

    without = typed(capfd, "law", "coverage", "IL-2012", "--laws", laws).json()
    measured = typed(capfd, "law", "coverage", "IL-2012", "--cases", "cases.yaml", "--laws", laws).json()

    assert without["packs"][0]["cases_count"] == 0
    assert measured["packs"][0]["cases_count"] > 0
    assert typed(capfd, "law", "coverage", "--cases", "absent.yaml").code == 2
