"""`serai law new`: a folder that checks at once, with one example that passes; nothing is overwritten."""

import shutil
from pathlib import Path

import pytest

from serai.foundation.shipped import find_shipped
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
        # What all versions of this law share is in a layer that says the same words.
        (("IL-2040", "--jurisdiction", "IL"), "law-scaffold"),
    ],
)
def test_what_cannot_become_a_pack_is_refused_and_nothing_written(
    capfd: pytest.CaptureFixture[str], laws: Path, words: tuple[str, ...], code: str
) -> None:
    before = sorted(laws.iterdir())

    said = typed(capfd, "law", "new", *words, "--laws", laws)

    assert (said.code, code in said.err) == (2, True)
    assert sorted(laws.iterdir()) == before


def test_a_country_with_shared_layers_is_led_to_its_latest_version(
    capfd: pytest.CaptureFixture[str], laws: Path
) -> None:
    said = typed(capfd, "law", "new", "IL-2040", "--jurisdiction", "IL", "--laws", laws)

    assert "Copy the folder IL-2026" in said.err
