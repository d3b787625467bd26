"""Bad tariff files through `serai tariff import`: each row told with line and remedy; the tariff stays."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
from tests.cli.typing_commands import typed

PLAIN = "measure,commodity_code,duty,valid_from,valid_to,source\n"
TARIC = "commodity__code,measure__type__id,measure__duty_expression,measure__effective_start_date,origin\n"
SOUND = "duty,6109,12 %,2021-01-01,,Act 1\n"

ROWS = [
    ("taric-csv", TARIC + "6109100000,998,5%,2021-01-01,1011\n", "measure-type-unknown", 2),
    ("taric-csv", TARIC + "6109100000,690,5%,2021-01-01,1011\n", "measure-not-a-line", 2),
    ("plain-csv", PLAIN + SOUND + SOUND, "validity-overlaps", 3),
    ("plain-csv", PLAIN + "duty,6109,5 GBP / furlong,2021-01-01,,Act\n", "unit-unknown", 2),
    ("plain-csv", PLAIN + "duty,6109,-5 %,2021-01-01,,Act\n", "duty-not-understood", 2),
    ("plain-csv", PLAIN + "duty,6109,5 %,2021-01-01,2020-01-01,Act\n", "validity-empty", 2),
    ("plain-csv", PLAIN + "duty,6109,5 %,2021-02-31,,Act\n", "row-malformed", 2),
    ("plain-csv", PLAIN + SOUND + 'duty,6110,5 %,2021-01-01,,=HYPERLINK("x")\n', "cell-is-formula", 3),
    ("plain-csv", PLAIN + SOUND + "duty,6110,5 %,2021-01-01,,Act,more\n", "too-many-cells", 3),
    (
        "plain-csv",
        PLAIN + SOUND + "duty,6110," + "9" * 5_000 + " %,2021-01-01,,Act\n",
        "duty-not-understood",
        3,
    ),
]
FILES = [
    (PLAIN.encode("utf-16"), "tariff-file-not-utf-8"),
    (b"PK\x03\x04" + b"0" * 100, "tariff-file-packed"),
    (PLAIN.encode() + b"duty,61\x0009,5 %,2021-01-01,,Act\n", "tariff-file-not-utf-8"),
    (PLAIN.encode() + b'duty,6109,5 %,2021-01-01,,"Act\n', "tariff-file-malformed"),
    (b"", "tariff-file-empty"),
    (b"what,is,this\n1,2,3\n", "tariff-column-missing"),
]


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    for name in ("tables", "GB-2021"):
        shutil.copytree(find_shipped("laws") / name, folder / name)
    return folder


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[2]}-{len(row[1])}")
def test_a_bad_row_is_told_and_the_tariff_stays(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path, row: tuple[str, str, str, int]
) -> None:
    form, text, code, line = row
    file = tmp_path / "bad.csv"
    file.write_text(text)
    before = (laws / "GB-2021/tariff.csv").read_bytes()

    said = typed(capfd, "tariff", "import", file, "--form", form, "--into", "GB-2021", "--laws", laws)

    (fault,) = said.json()["faults"]
    assert said.code == 1
    assert (fault["code"], fault["place"]) == (code, f"bad.csv:{line}")
    assert fault["reason"]
    assert fault["next_step"]
    assert said.json()["not_understood"] == {code: 1}
    assert (laws / "GB-2021/tariff.csv").read_bytes() == before


@pytest.mark.parametrize(("content", "code"), FILES, ids=lambda value: str(value)[:24])
def test_a_file_that_cannot_be_read_is_an_error(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path, content: bytes, code: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    before = (laws / "GB-2021/tariff.csv").read_bytes()

    said = typed(capfd, "tariff", "import", file, "--form", "plain-csv", "--into", "GB-2021", "--laws", laws)

    assert said.code == 2
    assert said.err.startswith(f"{code}: bad.csv")
    assert (laws / "GB-2021/tariff.csv").read_bytes() == before


def test_latin_1_semicolons_and_a_byte_order_mark(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mixed.csv"
    rows = (PLAIN + SOUND).replace(",", ";").encode() + "duty;6110;5 %;2021-01-01;;Zölle\n".encode("latin-1")
    file.write_bytes(b"\xef\xbb\xbf" + rows)

    said = typed(capfd, "tariff", "import", file, "--form", "plain-csv", "--into", "GB-2021", "--laws", laws)

    facts = said.json()
    assert (facts["taken"], facts["refused"], facts["understood"]) == (1, 1, {"duty": 1})
    assert [(one["code"], one["place"]) for one in facts["faults"]] == [("not-utf-8", "mixed.csv:3")]


def test_conditions_are_said_not_to_be_looked_at(
    capfd: pytest.CaptureFixture[str], laws: Path, tmp_path: Path
) -> None:
    file = tmp_path / "measures.csv"
    head = TARIC.replace("origin", "origin,measure__conditions")
    file.write_text(f'{head}6109100000,142,0%,2021-01-01,KR,"condition:Q,certificate:N-990"\n')

    said = typed(capfd, "tariff", "import", file, "--form", "taric-csv", "--into", "GB-2021", "--laws", laws)

    assert said.json()["not_understood"] == {"conditions-not-looked-at": 1}
    assert said.json()["taken"] == 1


@pytest.mark.slow
def test_a_large_file_is_imported_in_bounded_memory(laws: Path, tmp_path: Path) -> None:
    """A million lines take some 640 MB; here a fifth of them, in a process of its own."""
    file = tmp_path / "large.csv"
    with file.open("w") as target:
        target.write(PLAIN)
        target.writelines(f"duty,{1_000_000_000 + 2 * n:010},5 %,2021-01-01,,Act\n" for n in range(200_000))
    words = ("tariff", "import", str(file), "--form", "plain-csv", "--into", "GB-2021", "--laws", str(laws))
    program = (
        "import resource, sys; from serai.cli.main import run; "
        f"code = run({words!r}); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); "
        "sys.exit(code)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lines"] == 200_000
    assert int(done.stderr.split()[-1]) < 350_000
