"""`serai quote`: baskets of a file for many destinations, without a database."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.typing_commands import MESSAGES, ROOT, typed

SHIRTS = {
    "reference": "SHIRTS",
    "goods_items": [
        {
            "commodity_code": "61091000",
            "description": "T-shirt, cotton, knitted",
            "quantity": "2",
            "invoice_amount": "50.00",
            "invoice_currency_code": "EUR",
            "origin_country_code": "CN",
        }
    ],
}


@pytest.fixture
def basket(tmp_path: Path) -> Path:
    path = tmp_path / "basket.json"
    path.write_text(json.dumps(SHIRTS, indent=2))
    (tmp_path / "lists").mkdir()
    shutil.copy(ROOT / "examples/lists/invented-exchange-rates.csv", tmp_path / "lists/exchange-rates.csv")
    return path


def test_a_basket_is_quoted_for_each_destination(capfd: pytest.CaptureFixture[str], basket: Path) -> None:
    words = ("quote", basket, "--to", "DE, GB,AU", "--lists", basket.parent / "lists", "--output", "json")
    done = typed(capfd, *words, "--at", "2026-08-01")

    assert done.code == 0, done.err
    assert [one["destination"]["country_code"] for one in done.json()] == ["DE", "GB", "AU"]
    germany: dict[str, Any] = done.json()[0]["quote"]
    # Two shirts of one heading: 3 EUR, and 19 % of 53 EUR.
    assert (germany["totals"]["duty_amount"], germany["totals"]["tax_amount"]) == ("3.00", "10.07")
    assert "offer" not in germany
    assert germany["assumptions"]


def test_a_table_shows_what_is_to_pay_and_what_is_missing(
    capfd: pytest.CaptureFixture[str], basket: Path
) -> None:
    done = typed(capfd, "quote", basket, "--to", "DE,GB,QQ", "--at", "2026-08-01", "--output", "table")

    assert done.code == 1
    assert "EUR 13.07" in done.out
    assert "no-exchange-rate" in done.out
    assert "unknown-country" in done.out


def test_the_postcode_says_which_part_of_a_country(capfd: pytest.CaptureFixture[str], basket: Path) -> None:
    done = typed(
        capfd, "quote", basket, "--to", "DE:10115,DE:27498", "--at", "2026-08-01", "--output", "json"
    )
    mainland, island = done.json()

    assert mainland["quote"]["is_complete"]
    assert [one["code"] for one in island["quote"]["missing"]] == ["no-law"]


def test_declarations_are_baskets_too_one_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    own = typed(capfd, "quote", MESSAGES / "declarations.ndjson", "--output", "json").json()
    sent = typed(capfd, "quote", MESSAGES / "declarations.ndjson", "--to", "NL", "--output", "json").json()

    assert len(own) == len(sent) >= 2
    assert {one["destination"]["country_code"] for one in sent} == {"NL"}


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        ("{}", (), "goods_items"),
        ("no json", ("--to", "DE"), "malformed"),
        (json.dumps(SHIRTS), (), "not said"),
        (json.dumps(SHIRTS), ("--to", "DE", "--at", "soon"), "at-unreadable"),
    ],
)
def test_what_cannot_be_quoted_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, content: str, words: tuple[str, ...], told: str
) -> None:
    path = tmp_path / "basket.json"
    path.write_text(content)
    done = typed(capfd, "quote", path, *words, "--output", "json")

    assert done.code == 2
    assert told in done.err
    assert json.loads(done.err)["next_step"]
