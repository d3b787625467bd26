"""`serai risk`: a model out of a table of examined goods, tried in a process of its own."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from serai.laboratory.risk.customs_table import read_customs_table
from serai.model.errors import SeraiError
from tests.cli.typing_commands import typed

COLUMNS = (
    "Date,Declarant ID,Seller ID,Office ID,HS6 Code,Country of Departure,Country of Origin,Tax Rate,Tax Type,"
    "Country of Origin Indicator,Mode of Transport,Net Mass,Item Price,Fraud"
)


def table(count: int, seed: int) -> str:
    """Return a table in which one heading and cheap goods are found more often."""
    rng = np.random.default_rng(seed)
    out = io.StringIO()
    out.write(f"{COLUMNS}\r\n")
    writer = csv.writer(out)
    for number in range(count):
        code = str(rng.choice(["610910", "620342", "850440", "851713"]))
        mass = round(float(np.exp(rng.normal(2.0, 1.0))), 1)
        price = round(mass * float(np.exp(rng.normal(3.0, 0.8))), 2)
        is_odd = code == "850440" or price < 12 * mass
        found = int(rng.random() < (0.5 if is_odd else 0.05))
        day = f"2020-{1 + number * 12 // count:02d}-15"
        party = f"D{number % 9}"
        writer.writerow(
            [day, party, f"S{number % 31}", "30", code, "CN", "CN", "8.0", "A", "G", "10", mass, price, found]
        )
    return out.getvalue()


@pytest.mark.in_turn
def test_a_model_is_trained_looked_at_and_compared(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(table(1_500, seed=1))
    (tmp_path / "next.csv").write_text(table(700, seed=2))

    trained = typed(capfd, "risk", "train", "--input", "train.csv", "--model", "one.model")
    looked_at = typed(capfd, "risk", "evaluate", "--input", "next.csv", "--model", "one.model")
    compared = typed(capfd, "risk", "evaluate", "--input", "next.csv", "--train", "train.csv")

    assert (trained.code, looked_at.code, compared.code) == (0, 0, 0)
    assert trained.json()["cross_validated"]["auc"] > 0.6
    figures = compared.json()
    new = figures["new_goods"]["model"]
    assert new["auc"] > 0.6
    assert figures["new_goods"]["baseline"]["rows"] == new["rows"]
    rows = new["rows"] + (figures["repeated_goods"] or {"model": {"rows": 0}})["model"]["rows"]
    assert rows == looked_at.json()["rows"] == 700
    assert figures["shuffled"]["auc"] < new["auc"]


def test_a_file_that_is_no_model_is_refused_with_the_next_step(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "next.csv").write_text(table(20, seed=3))
    (tmp_path / "bad.model").write_bytes(b"no model")

    said = typed(capfd, "risk", "evaluate", "--input", "next.csv", "--model", "bad.model")

    assert said.code == 2
    assert "This is no file of a risk model." in said.err
    assert "serai risk train" in said.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Fraud", "Outcome", "lacks the column Fraud"),
        ("2020-01-15", "yesterday", "column Date"),
        (",8.0,", ",eight,", "column Tax Rate"),
        (",6", ",6,6", "row "),
        ("2020", "\udc80", "holds no examined goods"),
    ],
)
def test_a_faulty_table_says_where(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(table(20, seed=4).replace(old, new).encode("utf-8", "surrogateescape"))

    with pytest.raises(SeraiError) as refused:
        read_customs_table(path)

    assert refused.value.code == "risk-table"
    assert said in refused.value.message
