"""`serai law test` on the worked examples of all regimes: every one passes."""

from pathlib import Path

import pytest

from serai.laboratory.worked_examples.case_file import read_cases
from tests.beside import SHARED, needs
from tests.cli.typing_commands import typed
from tests.conformance.test_worked_cases import is_bench_only
from tests.law.packs import LAW_WAS_ANOTHER
from tools.law_cases import FILES, build_page, read_doubts

REGIMES = SHARED / "regimes"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "law-cases.md"
COUNTS = {
    "cases-europe-americas.yaml": 81,
    "cases-east-asia.yaml": 118,
    "cases-pacific-africa-gulf.yaml": 88,
}
NO_LAW_YET = {"JP28-01", "JP28-02", "EU28-01", "EAEU-06", "EAEU-07"}
"""Cases of planned law and drafts."""

pytestmark = needs(REGIMES)


@pytest.mark.in_turn
@pytest.mark.parametrize("name", COUNTS)
def test_every_case_of_every_regime_passes_but_those_whose_law_was_another(
    capfd: pytest.CaptureFixture[str], name: str
) -> None:
    said = typed(capfd, "law", "test", "--cases", REGIMES / name, "--output", "json")
    report = said.json()
    failing = {case["id"] for case in report["cases"]} & LAW_WAS_ANOTHER

    assert said.code == (1 if failing else 0)
    assert list(report) == ["passed", "failed", "no_law", "cases"]
    assert {key: report[key] for key in ("passed", "failed", "no_law")} == {
        "passed": COUNTS[name] - len(failing),
        "failed": len(failing),
        "no_law": 0,
    }
    assert {case["id"] for case in report["cases"] if case["result"] != "passed"} == failing
    for case in report["cases"]:
        assert (case["law_status"] in ("planned", "draft")) == (case["id"] in NO_LAW_YET), case["id"]


def test_one_wrong_cent_fails_its_case_alone_and_the_command(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    content = (REGIMES / "cases-pacific-africa-gulf.yaml").read_text()
    wrong = content.replace("tax_minor: 10250", "tax_minor: 10251")
    assert wrong != content
    (tmp_path / "cases.yaml").write_text(wrong)

    said = typed(capfd, "law", "test", "--cases", tmp_path / "cases.yaml", "--output", "json")
    report = said.json()

    assert said.code == 1
    failed = {case["id"]: case["differences"][0] for case in report["cases"] if case["result"] == "failed"}
    assert failed.keys() - LAW_WAS_ANOTHER == {"AU-01"}
    assert "10251 in the case, 10250 here" in failed["AU-01"]


def test_the_page_of_figures_is_current() -> None:
    """Stale: `python -m tools.law_cases ../shared/regimes > docs/reference/law-cases.md`."""
    assert PAGE.read_text() == build_page(REGIMES)


def test_every_doubt_is_of_a_case_that_is_there_and_is_argued() -> None:
    cases = [case for name in FILES for case in read_cases((REGIMES / name).read_bytes())]
    doubts = read_doubts()

    assert {case_id for one in doubts for case_id in one.cases} <= {case["id"] for case in cases}
    assert all(one.instead or one.here for one in doubts if one.kind == "wrong")
    assert {case_id for one in doubts if one.kind == "wrong" for case_id in one.cases} >= LAW_WAS_ANOTHER
    assert all(one.sources for one in doubts if one.kind in ("wrong", "doubt", "incomplete"))


def test_what_only_the_bench_can_test_is_told() -> None:
    cases = [case for name in FILES for case in read_cases((REGIMES / name).read_bytes())]
    told = {case_id for one in read_doubts() if one.kind == "bench-only" for case_id in one.cases}

    assert told == {case["id"] for case in cases if is_bench_only(case)}
