"""Decision records have their eight lines, a number of their own, and evidence that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
FIELDS = ("Date: ", "Problem: ", "Options: ", "Decision: ", "Because: ", "Cost: ", "Seen by: ")
FILE = re.compile(r"\b(?:tests|benchmarks|src|laws|tools)/[\w./-]*\w")


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_a_decision_record_has_its_eight_lines(path: Path) -> None:
    lines = path.read_text("utf-8").strip().splitlines()

    assert re.match(rf"^# {int(path.name[:4])}\. \S", lines[0])
    assert re.match(r"^Date: \d{4}-\d{2}-\d{2}\. Status: (proposed|accepted|replaced by \d{4})\b", lines[1])
    assert [line[: len(field)] for line, field in zip(lines[1:], FIELDS, strict=True)] == list(FIELDS)


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_what_a_decision_record_names_as_evidence_is_there(path: Path) -> None:
    seen_by = path.read_text("utf-8").strip().splitlines()[-1]
    named = FILE.findall(seen_by)

    assert named
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_no_two_decision_records_have_one_number() -> None:
    numbers = [path.name[:4] for path in RECORDS]

    assert len(set(numbers)) == len(numbers)
