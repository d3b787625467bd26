"""`serai law diff`: two packs, or one pack in two folders, in words and as data."""

import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.cli.typing_commands import typed


def test_two_versions_differ_in_words_and_data(capfd: pytest.CaptureFixture[str]) -> None:
    words = typed(capfd, "law", "diff", "IL-2012", "IL-2025", "--output", "table")
    data = typed(capfd, "law", "diff", "IL-2012", "IL-2025", "--output", "json").json()

    assert words.code == 1
    assert "(`free_limit`) rises from USD 75.00 to USD 150.00" in words.out
    (limit,) = [one for one in data["laws"][0]["differences"] if one["name"] == "free_limit"]
    assert (limit["before"], limit["after"], limit["valid_from"]) == (7500, 15000, "2025-12-24")
    assert limit["sentence"] in words.out


def test_one_code_in_two_folders_differs_by_what_was_edited(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shutil.copytree(find_shipped("laws") / "EU-2026", tmp_path / "EU-2026")
    path = tmp_path / "EU-2026" / "pack.yaml"
    text = path.read_text("utf-8")

    same = typed(capfd, "law", "diff", "EU-2026", "--against", tmp_path, "--output", "table")
    path.write_text(text.replace("value: 3.00 EUR,", "value: 4.50 EUR,"), "utf-8")
    edited = typed(capfd, "law", "diff", "EU-2026", "--against", tmp_path, "--output", "json")

    assert (same.code, "The two say the same." in same.out) == (0, True)
    ((one,),) = [law["differences"] for law in edited.json()["laws"]]
    assert (edited.code, one["name"], one["before"], one["after"]) == (1, "flat_duty", 300, 450)


def test_two_days_of_a_place_differ_in_sentences_and_expressions_are_folded_away(
    capfd: pytest.CaptureFixture[str],
) -> None:
    command = ("law", "diff", "EU", "2026-06-30", "2026-07-01", "--output", "table")

    folded, whole = typed(capfd, *command), typed(capfd, *command, "--expressions")

    assert folded.code == 1
    assert "(`flat_duty`) is new: EUR 3.00." in folded.out
    assert "- Charge `eu-vat` (Value added tax): the base is another." in folded.out
    assert "charges_in_tax_base" not in folded.out
    assert "is: `charged_value + charge_eu_duty" in whole.out


def test_one_day_does_not_differ_from_itself(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "law", "diff", "de", "2026-07-02", "2026-07-02", "--output", "table")

    assert (said.code, "The two say the same." in said.out) == (0, True)


def test_a_place_without_two_days_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "law", "diff", "EU", "EU-2026", "2026-07-01")

    assert (said.code, "command-misused" in said.err) == (2, True)


def test_a_code_that_is_not_there_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "law", "diff", "EU2026", "EU-2021")

    assert (said.code, "Did you mean EU-2026?" in said.err) == (2, True)
