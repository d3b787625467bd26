"""`serai tariff correlate`: a pack's lists and tariff under the next edition."""

import csv
import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.cli.typing_commands import typed

HEAD = "from_code,to_code,extent,confidence,source\n"


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    for name in ("tables", "GB-2021"):
        shutil.copytree(find_shipped("laws") / name, folder / name)
    return folder


def test_a_pack_is_moved_and_what_needs_a_person_is_said(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    head = "measure,commodity_prefix,ad_valorem_ppm,valid_from,valid_to,source\n"
    lines = (
        "duty,610910,120000,2021-01-01,,Act\nduty,300241,0,2021-01-01,,Act\nduty,42,30000,2021-01-01,,Act\n"
    )
    (laws / "GB-2021/tariff.csv").write_text(head + lines)
    table, new = tmp_path / "table.csv", tmp_path / "tariff.csv"
    table.write_text(f"{HEAD}610910,610911,whole,sourced,Act\n300241,3007,whole,sourced,Act\n")

    said = typed(capfd, "tariff", "correlate", "GB-2021", "--laws", laws, "--table", table, "--tariff", new)

    facts = said.json()
    told = {
        one["where"]: (one["kind"], one["new_prefixes"])
        for one in facts["moves"]
        if "tariff.csv" in one["where"]
    }
    assert said.code == 1
    assert told == {
        "GB-2021/tariff.csv:2": ("renamed", ["610911"]),
        "GB-2021/tariff.csv:3": ("person", ["3007"]),
        "GB-2021/tariff.csv:4": ("assumed", ["42"]),
    }
    with new.open() as file:
        moved = [
            (one["commodity_prefix"], one["valid_from"], one["valid_to"]) for one in csv.DictReader(file)
        ]
    assert moved == [
        ("610910", "2021-01-01", "2028-01-01"),
        ("610911", "2028-01-01", ""),
        ("300241", "2021-01-01", ""),
        ("42", "2021-01-01", ""),
    ]
    shutil.copy(new, laws / "GB-2021/tariff.csv")
    assert typed(capfd, "law", "check", "--laws", laws).code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("XX-1",), "law-unknown"),
        (("GB-2021", "--to", "2022"), "edition-unknown"),
        (("GB-2021", "--to", "2034"), "edition-unknown"),
    ],
)
def test_a_call_that_cannot_be_answered_says_why(
    capfd: pytest.CaptureFixture[str], laws: Path, words: tuple[str, ...], code: str
) -> None:
    said = typed(capfd, "tariff", "correlate", *words, "--laws", laws)

    assert said.code == 2
    assert said.err.startswith(f"{code}: ")


def test_a_faulty_table_is_told_with_its_line(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"{HEAD}123456,610911,whole,sourced,Act\n")

    said = typed(capfd, "tariff", "correlate", "GB-2021", "--laws", laws, "--table", table)

    assert said.err.startswith("unknown-name: table.csv:2: 123456 is no code of the old edition")
