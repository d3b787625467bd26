"""Loading law and importing lists: what is in force changes whole, or not at all."""

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cli.typing_commands import ROOT, typed

RATES = ROOT / "examples" / "lists" / "invented-exchange-rates.csv"


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database of the test's own: what is in force before it begins is nothing."""
    return make_database()


@pytest.fixture(autouse=True)
def _node(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    shutil.copytree(ROOT / "laws", folder)
    return folder


def test_a_list_is_put_in_force_beside_the_shipped_packs(capfd: pytest.CaptureFixture[str]) -> None:
    imported = typed(capfd, "list", "import", "exchange-rates", RATES).json()
    newest = typed(capfd, "law", "generations").json()[0]

    assert imported["changed"]
    assert newest["generation"] == imported["generation"]
    assert newest["in_force"]
    assert newest["packs"] == len(list((ROOT / "laws").glob("*/pack.yaml")))
    assert newest["lists"] == [f"exchange-rates {RATES.name}"]


@pytest.mark.in_turn
def test_the_same_bytes_again_change_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    first = typed(capfd, "list", "import", "exchange-rates", RATES).json()

    again = typed(capfd, "list", "import", "exchange-rates", RATES).json()
    loaded = typed(capfd, "law", "load").json()

    assert (again["changed"], again["generation"]) == (False, first["generation"])
    assert (loaded["changed"], loaded["generation"]) == (False, first["generation"])


def test_a_faulty_list_changes_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = typed(capfd, "law", "generations").out
    faulty = tmp_path / "scheme.csv"
    faulty.write_text("kind,number,valid_from,valid_to\nIOSS,IM2760000018,yesterday,\n")

    said = typed(capfd, "list", "import", "scheme-register", faulty)

    assert said.code == 2
    assert "scheme.csv:2" in said.err
    assert typed(capfd, "law", "generations").out == before


@pytest.mark.in_turn
def test_faulty_law_never_replaces_law_in_force(capfd: pytest.CaptureFixture[str], laws: Path) -> None:
    typed(capfd, "law", "load")
    before = typed(capfd, "law", "generations").out
    pack = laws / "EU-2026" / "pack.yaml"
    head, charges, rest = pack.read_text().partition("\ncharges:")
    pack.write_text(head + charges + rest.replace("customs_value", "customs_valeu", 1))

    said = typed(capfd, "law", "load", laws)

    assert said.code == 2
    assert "EU-2026" in said.err
    assert typed(capfd, "law", "generations").out == before


@pytest.mark.in_turn
def test_other_packs_replace_all_packs_and_leave_the_lists(
    capfd: pytest.CaptureFixture[str], laws: Path, database: str
) -> None:
    typed(capfd, "list", "import", "exchange-rates", RATES)
    shutil.rmtree(laws / "JP-2024")

    loaded = typed(capfd, "law", "load", laws).json()
    newest = typed(capfd, "law", "generations").json()[0]

    assert loaded["changed"]
    assert newest["packs"] == len(list(laws.glob("*/pack.yaml")))
    assert newest["lists"] == [f"exchange-rates {RATES.name}"]
    with psycopg.connect(database) as connection:
        kept = connection.execute("SELECT 1 FROM basis_component WHERE name = 'JP-2024/pack.yaml'").fetchall()
    assert len(kept) == 1
