"""The pages around the code tell the truth: commands exist, links lead somewhere, records have their form."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^(`{3,})[^\n]*\n.*?^\1\s*$", re.MULTILINE | re.DOTALL)
CALLED = re.compile(r"^\$ make ([a-z-]+)|`make ([a-z-]+)[^`]*`", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
FIELDS = ("Date: ", "Problem: ", "Options: ", "Decision: ", "Because: ", "Cost: ", "Seen by: ")
# Made by the browser tests (SERAI_PICTURES=1); may be missing until the page that it shows is built.
PICTURES_TO_COME = {"docs/pictures/case-desktop.png"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_two_commands_of_the_first_screen_are_demo_and_test() -> None:
    first_screen = (ROOT / "README.md").read_text("utf-8").split("```")[1]

    assert first_screen.split() == ["console", "$", "make", "demo", "$", "make", "test"]


def test_every_make_command_that_a_page_names_is_a_target() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    called = {
        (name(path), word)
        for path in PAGES
        for found in CALLED.findall(path.read_text("utf-8"))
        for word in found
        if word
    }

    assert {word for _, word in called} >= {"demo", "test", "check"}
    assert {call for call in called if call[1] not in targets} == set()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_to_a_file_leads_somewhere(path: Path) -> None:
    text = CODE_BLOCK.sub("", path.read_text("utf-8"))
    targets = [unquote(link.split("#")[0]) for link in LINK.findall(text) if "://" not in link]
    lost = [target for target in targets if target and not (path.parent / target).exists()]

    assert set(lost) - PICTURES_TO_COME == set()


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_a_decision_record_has_its_eight_lines(path: Path) -> None:
    lines = path.read_text("utf-8").strip().splitlines()

    assert re.match(rf"^# {int(path.name[:4])}\. \S", lines[0])
    assert re.match(r"^Date: \d{4}-\d{2}-\d{2}\. Status: (proposed|accepted|replaced by \d{4})\b", lines[1])
    assert [line[: len(field)] for line, field in zip(lines[1:], FIELDS, strict=True)] == list(FIELDS)


def test_no_two_decision_records_have_one_number() -> None:
    numbers = [path.name[:4] for path in RECORDS]

    assert len(set(numbers)) == len(numbers)


def test_change_notes_have_a_known_kind_and_words() -> None:
    notes = [path for path in (ROOT / "changelog.d").iterdir() if path.name != ".gitkeep"]
    faulty = [
        path.name
        for path in notes
        if not re.match(r"^[a-z0-9-]+\.(added|changed|fixed|law)\.md$", path.name)
        or len(path.read_text("utf-8").strip().splitlines()) != 1
    ]

    assert faulty == []
