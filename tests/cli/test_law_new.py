"""`serai law new`: a folder that checks at once, with one example that passes; nothing is overwritten."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.scaffold import write_pack
from serai.law.library import TERRITORIES
from serai.law.load import decode_table
from serai.law.territory import Territory
from serai.model.errors import SeraiError
from tests.cli.typing_commands import typed

_TERRITORY = 'XX,,,XX,XX,Etc/UTC,2000-01-01,,"Nowhere","an act"\n'


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """A copy of the packs of Great Britain and Israel, and of the tables, with a territory nobody has."""
    folder = tmp_path / "laws"
    for name in ("tables", "GB-2021", "IL-2026", "IL-IMPORT"):
        shutil.copytree(find_shipped("laws") / name, folder / name)
    with (folder / "tables" / "territories.csv").open("a", encoding="utf-8") as table:
        table.write(_TERRITORY)
    return folder


@pytest.mark.parametrize("currency", ["EUR", "JPY", "BHD"])
def test_a_new_pack_checks_at_once_and_its_example_passes(
    capfd: pytest.CaptureFixture[str], laws: Path, currency: str
) -> None:
    said = typed(
        capfd, "law", "new", "XX-2027", "--jurisdiction", "XX", "--from", "2027-04-01",
        "--currency", currency, "--laws", laws,
    )  # fmt: skip
    folder = laws / "XX-2027"
    checked = typed(capfd, "law", "check", "XX-2027", "--laws", laws).json()
    tested = typed(capfd, "law", "test", "--cases", folder / "cases.yaml", "--laws", laws)

    assert said.code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "cases.yaml", "pack.yaml", "tariff.csv",
    ]  # fmt: skip
    assert (checked["faults"], checked["remarks"]) == ([], [])
    assert (tested.code, tested.json()["passed"], tested.json()["cases"][0]["differences"]) == (0, 1, [])
    assert "valid_from: 2027-04-01" in (folder / "pack.yaml").read_text("utf-8")


def test_a_new_pack_of_a_country_takes_its_currency_and_is_no_law_yet(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    typed(capfd, "law", "new", "GB-2040", "--jurisdiction", "GB", "--laws", laws)

    pack = typed(capfd, "law", "show", "GB-2040", "--laws", laws).json()

    assert (pack["currency"], pack["status"], pack["valid_from"][4:]) == ("GBP", "draft", "-01-01")


def test_nothing_is_overwritten(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    before = (laws / "GB-2021" / "pack.yaml").read_bytes()

    said = typed(capfd, "law", "new", "GB-2021", "--jurisdiction", "GB", "--laws", laws)

    assert (said.code, "law-there-already" in said.err) == (2, True)
    assert (laws / "GB-2021" / "pack.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("XX-2027", "--jurisdiction", "XX"), "law-currency-unknown"),
        (("XX-2027", "--jurisdiction", "XX", "--currency", "ECU"), "law-currency-unknown"),
        (("QQ-2027", "--jurisdiction", "QQ", "--currency", "EUR"), "law-territory-unknown"),
        (("../evil", "--jurisdiction", "GB"), "law-code"),
    ],
)
def test_what_cannot_become_a_pack_is_refused_and_nothing_written(
    capfd: pytest.CaptureFixture[str], laws: Path, words: tuple[str, ...], code: str
) -> None:
    before = sorted(laws.iterdir())

    said = typed(capfd, "law", "new", *words, "--laws", laws)

    assert (said.code, code in said.err) == (2, True)
    assert sorted(laws.iterdir()) == before


def test_a_country_whose_layers_speak_its_words_begins_with_the_next_version_of_its_law(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    said = typed(
        capfd, "law", "new", "IL-2040", "--jurisdiction", "IL", "--from", "2040-01-01", "--laws", laws
    )
    checked = typed(capfd, "law", "check", "IL-2040", "--laws", laws).json()
    tested = typed(capfd, "law", "test", "--cases", laws / "IL-2040" / "cases.yaml", "--laws", laws)

    assert said.json()["next_version_of"] == "IL-2026"
    assert checked["faults"] == []
    assert (tested.code, tested.json()["passed"]) == (0, 1)


def test_a_law_whose_example_would_not_pass_is_not_continued(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    (laws / "IL-2026" / "cases.yaml").unlink()

    said = typed(capfd, "law", "new", "IL-2040", "--jurisdiction", "IL", "--laws", laws)

    assert (said.code, "law-scaffold" in said.err, "it has no example" in said.err) == (2, True, True)
    assert not (laws / "IL-2040").exists()


def test_a_territory_near_one_that_is_meant_is_named(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    said = typed(capfd, "law", "new", "UK-2040", "--jurisdiction", "gb", "--laws", laws)

    assert "Did you mean GB?" in said.err


@pytest.mark.slow
def test_every_territory_of_the_table_can_begin_a_law() -> None:
    files = read_law_files(find_shipped("laws"))
    rows = list(decode_table(files[TERRITORIES], Territory, TERRITORIES))
    codes = {
        code
        for row in rows
        for code in (row.country_code, row.customs_territory_code, row.tax_territory_code)
    }
    refused = {}
    for code in sorted(codes):
        try:
            written = write_pack(files, "ZZ-2027", code, dt.date(2027, 1, 1), "EUR")
        except SeraiError as fault:
            refused[code] = fault.message
        else:
            assert "ZZ-2027/cases.yaml" in written.files

    assert refused == {}
