"""`serai tariff import`: the tariff changes only when all of a file is accepted, or what is sound is asked
for.
"""

import json
import shutil
from pathlib import Path

import pytest

from serai.explanation.words import _TARIFF_MEASURES
from serai.foundation.shipped import find_shipped
from serai.law.tariff_measures import OF_THE_VOCABULARY
from tests.cli.typing_commands import typed

HEAD = "measure,commodity_code,duty,valid_from,valid_to,source\n"
SOUND = "duty,620211,12 %,2021-01-01,,Act 1\n"
FAULTY = "duty,620212,9 % + EA,2021-01-01,,Act 1\n"


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    shutil.copytree(find_shipped("laws") / "tables", folder / "tables")
    shutil.copytree(find_shipped("laws") / "GB-2021", folder / "GB-2021")
    return folder


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text)
    return path


def test_a_sound_file_takes_the_place_of_the_tariff(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    file = write(tmp_path, HEAD + SOUND)

    said = typed(capfd, "tariff", "import", file, "--form", "plain-csv", "--into", "GB-2021", "--laws", laws)

    assert said.code == 0, said.err
    assert (said.json()["taken"], said.json()["written"]) == (1, True)
    assert (laws / "GB-2021" / "tariff.csv").read_text().count("\n") == 2
    assert typed(capfd, "law", "check", "--laws", laws).code == 0


def test_one_refused_row_leaves_the_tariff_as_it_was(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    before = (laws / "GB-2021" / "tariff.csv").read_bytes()
    file, report = write(tmp_path, HEAD + SOUND + FAULTY), tmp_path / "report.json"
    words = ("tariff", "import", file, "--format", "plain-csv", "--into", "GB-2021", "--laws", laws)

    said = typed(capfd, *words, "--report", report)

    assert said.code == 1
    assert (laws / "GB-2021" / "tariff.csv").read_bytes() == before
    assert said.json()["faults"][0]["place"] == "mine.csv:3"
    told = json.loads(report.read_text())["outcomes"]
    assert [(one["line"], one["outcome"]) for one in told] == [(2, "taken"), (3, "refused")]

    assert typed(capfd, *words, "--take-what-is-sound").code == 1
    assert (laws / "GB-2021" / "tariff.csv").read_text().splitlines()[1:] == [
        "duty,620211,2021-01-01,,Act 1,120000"
    ]


def test_added_lines_stand_beside_those_that_were_there(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    words = ("--form", "plain-csv", "--into", "GB-2021", "--laws", laws, "--add")
    before = len((laws / "GB-2021" / "tariff.csv").read_text().splitlines())

    first = typed(capfd, "tariff", "import", write(tmp_path, HEAD + SOUND), *words)
    again = typed(capfd, "tariff", "import", write(tmp_path, HEAD + SOUND), *words)

    assert (first.code, again.code) == (0, 1)
    assert again.json()["faults"][0]["code"] == "validity-overlaps"
    assert len((laws / "GB-2021" / "tariff.csv").read_text().splitlines()) == before + 1


def test_a_measure_no_law_reads_is_remarked(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    file = write(tmp_path, HEAD + SOUND.replace("duty", "whimsy", 1))

    said = typed(capfd, "tariff", "import", file, "--form", "plain-csv", "--into", "GB-2021", "--laws", laws)

    assert any("whimsy" in remark for remark in said.json()["remarks"])
    assert {measure for measure, _ in _TARIFF_MEASURES.values()} == OF_THE_VOCABULARY


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--form", "plain-csv", "--into", "XX-1"), "law-unknown"),
        (("--form", "plain-csv", "--into", "../GB-2021"), "law-unknown"),
        (("--form", "hts-csv", "--into", "GB-2021"), "tariff-day-missing"),
        (("--form", "taric-csv", "--into", "GB-2021"), "tariff-column-missing"),
    ],
)
def test_a_call_that_cannot_be_answered_says_why(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    file = write(tmp_path, HEAD.replace("measure", "kind") + SOUND)

    said = typed(capfd, "tariff", "import", file, *words, "--laws", laws)

    assert said.code == 2
    assert said.err.startswith(f"{code}: ")
