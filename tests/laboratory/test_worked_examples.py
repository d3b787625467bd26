"""The worked examples of the regimes: every figure agrees; words that differ are known one by one."""

from pathlib import Path

import pytest

from serai.laboratory.worked_examples.case_file import CaseFileError, read_cases
from serai.laboratory.worked_examples.running import report, run_case
from tests.law.packs import shipped_files

REGIMES = Path("/work/shared/regimes")
COMPLETE = ("EU-2021", "EU-2026", "GB-2021", "AU-2018")
KNOWN_WORDING = {
    # The case names who would owe a duty of nothing; we name nobody where nothing is owed.
    "EU21-15": ["liable for duty: importer in the case, none here"],
    "EU26-06": ["liable for duty: importer in the case, none here"],
}


@pytest.mark.parametrize(
    ("file", "count"), [("cases-europe-americas.yaml", 36), ("cases-pacific-africa-gulf.yaml", 11)]
)
def test_every_case_of_the_complete_packs_passes(file: str, count: int) -> None:
    path = REGIMES / file
    if not path.exists():
        pytest.skip(f"the worked examples are not at {path}")
    files = shipped_files()

    results = [run_case(case, files) for case in read_cases(path.read_bytes()) if case["regime"] in COMPLETE]

    assert [r for r in results if r.result != "passed"] == []
    assert {r.id: r.wording for r in results if r.wording} == {
        key: value for key, value in KNOWN_WORDING.items() if key in {r.id for r in results}
    }
    assert report(results)["passed"] == count


def test_file_that_is_no_case_file_is_refused() -> None:
    for content in (b"[", b"format: other", b"- 1"):
        with pytest.raises(CaseFileError):
            read_cases(content)
