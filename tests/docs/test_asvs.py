"""The list after OWASP ASVS is whole, and what it names as proof is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| (\d+\.\d+\.\d+)(?: to \S+)? \| (.+?) \| (yes|partly|no|none) \| (.*?) \| (.*?) \|$", re.MULTILINE
)
PAGE = (ROOT / "docs/reference/asvs.md").read_text()
ROWS = ROW.findall(PAGE)
# How many sections a chapter has that ask something of levels 1 and 2.
SECTIONS = {1: 5, 2: 4, 3: 5, 4: 4, 5: 4, 6: 7, 7: 6, 8: 4, 9: 2, 11: 6, 12: 3, 13: 4, 14: 3, 15: 3, 16: 5}


def test_every_row_says_whether_it_holds_and_what_shows_it() -> None:
    assert len(ROWS) == PAGE.count("\n| ") - PAGE.count("\n| no. |")
    for number, _, holds, how, shown_by in ROWS:
        assert (holds != "yes") or shown_by, f"{number} holds, and nothing shows it"
        assert holds not in {"partly", "no"} or how, f"{number} does not say what is missing"
        assert not shown_by or (ROOT / shown_by).exists(), f"{number} names {shown_by}, which is not there"


def test_every_section_of_levels_one_and_two_is_answered_once() -> None:
    numbers = [row[0] for row in ROWS]
    sections = {number.rpartition(".")[0] for number in numbers}

    assert len(set(numbers)) == len(numbers)
    assert {
        chapter: sum(one.split(".")[0] == str(chapter) for one in sections) for chapter in SECTIONS
    } == SECTIONS
    counted = {word: sum(row[2] == word for row in ROWS) for word in ("yes", "partly", "no", "none")}
    assert (
        f"{counted['yes']} yes, {counted['partly']} partly, {counted['no']} no, {counted['none']} with"
        in PAGE
    )
