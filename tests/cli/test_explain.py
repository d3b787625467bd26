"""`serai explain`: by the packs, and by lists of one's own."""

from pathlib import Path

import pytest

from tests.cli.typing_commands import MESSAGES, typed

LISTS = Path(__file__).parents[2] / "examples" / "lists"


def test_rates_of_a_folder_of_lists_are_counted_with(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (MESSAGES / "declaration.json").read_text("utf-8")
    foreign = tmp_path / "declaration.json"
    foreign.write_text(text.replace('"EUR"', '"BRL"'), "utf-8")
    command = ("explain", foreign, "--at", "2027-05-03", "--output", "json")

    without, with_lists = typed(capfd, *command), typed(capfd, *command, "--lists", LISTS)

    assert (without.code, "needed" in without.json()[0]) == (1, True)
    assert (with_lists.code, "needed" in with_lists.json()[0]) == (0, False)


def test_a_file_of_which_nothing_says_what_list_it_is_stops_the_explanation(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "exchange-rate.txt").write_text("a,b\n1,2\n", "utf-8")

    said = typed(capfd, "explain", MESSAGES / "declaration.json", "--at", "2026-07-02", "--lists", tmp_path)

    assert said.code == 2
    assert said.err.startswith("list-file-unknown: ")
    assert "Did you mean `exchange-rates`?" in said.err
