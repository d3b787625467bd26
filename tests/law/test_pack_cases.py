"""The worked examples that a complete law brings with it: every figure agrees under the shipped packs."""

from pathlib import Path
from typing import Any

import pytest

from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.running import run_case
from tests.cli.typing_commands import typed
from tests.law.packs import LAWS, shipped_files

CODES = ("EU-2021", "EU-2026", "GB-2021", "AU-2018")


def cases_of(code: str) -> list[dict[str, Any]]:
    return read_cases((LAWS / code / "cases.yaml").read_bytes())


@pytest.mark.parametrize("code", CODES)
def test_the_cases_of_a_pack_are_its_own(code: str) -> None:
    cases = cases_of(code)

    assert len({case["id"] for case in cases}) == len(cases)
    assert {case["regime"] for case in cases} == {code}


@pytest.mark.in_turn
@pytest.mark.parametrize("code", CODES)
def test_law_test_passes_every_case_of_a_pack(capfd: pytest.CaptureFixture[str], code: str) -> None:
    said = typed(capfd, "law", "test", "--cases", LAWS / code / "cases.yaml", "--output", "json")
    report = said.json()

    assert said.code == 0
    assert (report["passed"], report["failed"], report["no_law"]) == (len(cases_of(code)), 0, 0)


@pytest.mark.parametrize("code", CODES)
def test_one_minor_unit_more_tax_fails_a_case(code: str) -> None:
    case = cases_of(code)[0]
    case["expect"]["totals"]["tax_minor"] += 1

    result = run_case(case, shipped_files())

    assert result.result == "failed"
    assert any("tax_minor" in difference for difference in result.differences)


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in LAWS.glob("*/pack.yaml")), ids=lambda p: p.name
)
def test_every_pack_says_what_it_covers_and_what_not(folder: Path) -> None:
    text = (folder / "README.md").read_text("utf-8")

    assert text.startswith("# ")
    assert "open_questions" in text or "Not covered" in text
