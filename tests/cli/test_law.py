"""`serai law`: list, check with file and line, show, worked examples."""

import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.beside import SHARED, needs
from tests.cli.typing_commands import typed

REGIMES = SHARED / "regimes"


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """A copy of the shipped packs of the EU alone, to be spoiled."""
    folder = tmp_path / "laws"
    shutil.copytree(find_shipped("laws") / "tables", folder / "tables")
    for code in ("EU-2021", "EU-2026", "EU-VAT"):
        shutil.copytree(find_shipped("laws") / code, folder / code)
    return folder


def test_list_names_every_pack_with_its_days(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    packs = {pack["code"]: pack for pack in typed(capfd, "law", "list", "--laws", laws).json()}

    assert set(packs) == {"EU-2021", "EU-2026", "EU-VAT"}
    assert packs["EU-2021"]["valid_to"] == packs["EU-2026"]["valid_from"] == "2026-07-01"
    assert len(packs["EU-2021"]["content_hash"]) == 64


def test_sound_packs_pass(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    said = typed(capfd, "law", "check", "--laws", laws)

    assert (said.code, said.json()["faults"]) == (0, [])
    assert said.json()["compositions"] >= 2


def test_each_faulty_pack_is_told_with_file_and_line(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    for code in ("EU-2021", "EU-2026"):
        path = laws / code / "pack.yaml"
        path.write_text(path.read_text().replace("title:", "titel:", 1))

    said = typed(capfd, "law", "check", "--laws", laws)

    assert said.code == 1
    assert sorted({fault["place"].split(":")[0] for fault in said.json()["faults"]}) == [
        "EU-2021/pack.yaml",
        "EU-2026/pack.yaml",
    ]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("valid_to: 2026-07-01", "valid_to: 2026-06-30", ["gap"]),
        # Where the pack goes on for a day, the figures that end with it do not.
        ("valid_to: 2026-07-01", "valid_to: 2026-07-02", [*["value-missing"] * 5, "overlap"]),
    ],
)
def test_a_gap_and_an_overlap_are_faults(
    capfd: pytest.CaptureFixture[str], laws: Path, old: str, new: str, codes: list[str]
) -> None:
    path = laws / "EU-2021" / "pack.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    said = typed(capfd, "law", "check", "--laws", laws)

    assert said.code == 1
    assert [fault["code"] for fault in said.json()["faults"]] == codes


def test_an_unknown_word_in_a_condition_is_a_fault(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    path = laws / "EU-2026" / "pack.yaml"
    path.write_text(path.read_text().replace("intrinsic_value", "intrinsik_value", 1))

    said = typed(capfd, "law", "check", "--laws", laws)

    assert said.code == 1
    assert "EU-2026" in said.json()["faults"][0]["place"]


def test_show_tells_the_whole_pack(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    pack = typed(capfd, "law", "show", "EU-2026", "--laws", laws).json()
    table = typed(capfd, "law", "show", "EU-2026", "--laws", laws, "--output", "table").out

    assert pack["code"] == "EU-2026"
    assert pack["charges"]
    assert all(heading in table for heading in ("Values", "Charges", "Rules", "Sources"))


def test_a_misspelt_law_is_guessed(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    assert "Did you mean EU-2026?" in typed(capfd, "law", "show", "EU2026", "--laws", laws).err


CASES = """format: serai-regime-cases/1
cases:
  - id: RIGHT
    regime: EU-2026
    date: 2026-07-02
    currency: EUR
    input: &input
      destination: DE
      charges_currency: EUR
      sale: {platform_sale: false, purchase_date: 2026-07-01}
      buyer: {type: consumer}
      transport: {operator: express, mode: air, from: CN}
      items:
        - {sequence: 1, hs: "610910", description: shirt, quantity: 1, unit_price_minor: 2000, currency: EUR,
           origin: CN, weight_g: 200, duty_rate_ppm: 120000, tax_rate_ppm: 190000, flags: []}
    expect: {items: [{sequence: 1, duty_minor: 300}], totals: {duty_minor: 300}}
  - id: WRONG
    regime: EU-2026
    date: 2026-07-02
    currency: EUR
    input: *input
    expect: {items: [{sequence: 1, duty_minor: 301}], totals: {duty_minor: 301}}
  - id: NOWHERE
    regime: XX-1999
    date: 2026-07-02
    currency: EUR
    input: *input
    expect: {items: [], totals: {}}
"""


def test_worked_examples_pass_fail_or_have_no_law(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    (tmp_path / "cases.yaml").write_text(CASES)

    said = typed(capfd, "law", "test", "--cases", "cases.yaml", "--laws", laws, "--output", "json")
    report = said.json()

    assert said.code == 1
    assert {case["id"]: case["result"] for case in report["cases"]} == {
        "RIGHT": "passed",
        "WRONG": "failed",
        "NOWHERE": "no_law",
    }
    assert (report["passed"], report["failed"], report["no_law"]) == (1, 1, 1)
    assert "301 in the case, 300 here" in report["cases"][1]["differences"][0]
    assert report["cases"][0]["differences"] == []


def test_without_files_the_packs_own_cases_run(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    for path in laws.glob("*/cases.yaml"):
        path.unlink()
    (laws / "EU-2026" / "cases.yaml").write_text(CASES.partition("  - id: WRONG")[0])

    said = typed(capfd, "law", "test", "--laws", laws, "--output", "json")

    assert (said.code, said.json()["passed"]) == (0, 1)


def test_a_case_that_cannot_be_read_fails_alone(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    (tmp_path / "cases.yaml").write_text(CASES.replace("sale: {platform_sale", "sole: {platform_sale", 1))

    report = typed(capfd, "law", "test", "--cases", "cases.yaml", "--laws", laws, "--output", "json").json()

    assert [case["result"] for case in report["cases"]] == ["failed", "failed", "no_law"]
    assert "sale" in report["cases"][0]["differences"][0]


def test_a_file_without_cases_is_an_error(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("hello: world\n")

    assert typed(capfd, "law", "test", "--cases", "other.yaml").err.startswith("case-file: ")
    assert typed(capfd, "law", "test", "--cases", "absent.yaml").code == 2


@pytest.mark.slow
@needs(REGIMES)
@pytest.mark.parametrize("path", sorted(REGIMES.glob("cases-*.yaml")), ids=lambda path: path.stem)
def test_no_worked_example_of_the_regimes_fails(capfd: pytest.CaptureFixture[str], path: Path) -> None:
    assert typed(capfd, "law", "test", "--cases", path, "--output", "json").json()["failed"] == 0
