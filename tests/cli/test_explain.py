"""`serai explain`: by the packs, and by lists of one's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.typing_commands import MESSAGES, typed

LISTS = Path(__file__).parents[2] / "examples" / "lists"


def test_rates_of_a_folder_of_lists_are_counted_with(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (MESSAGES / "declaration.json").read_text("utf-8")
    foreign = tmp_path / "declaration.json"
    foreign.write_text(text.replace('"EUR"', '"BRL"'), "utf-8")
    command = ("explain", foreign, "--at", "2027-05-03", "--output", "json")

    without, with_lists = typed(capfd, *command), typed(capfd, *command, "--lists", LISTS)

    assert (without.code, "needed" in without.json()[0]) == (1, True)
    assert (with_lists.code, "needed" in with_lists.json()[0]) == (0, False)


def test_a_file_of_which_nothing_says_what_list_it_is_stops_the_explanation(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "exchange-rate.txt").write_text("a,b\n1,2\n", "utf-8")

    said = typed(capfd, "explain", MESSAGES / "declaration.json", "--at", "2026-07-02", "--lists", tmp_path)

    assert said.code == 2
    assert said.err.startswith("list-file-unknown: ")
    assert "Did you mean `exchange-rates`?" in said.err


def test_a_duty_annulled_backwards_is_owed_as_known_then_and_not_as_known_later(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parcel = json.loads((MESSAGES / "declaration.json").read_text("utf-8"))
    parcel["goods_items"] = [
        {**parcel["goods_items"][0], "quantity": "1", "invoice_amount": "40.00", "commodity_code": "610910",
         "invoice_currency_code": "USD", "origin_country_code": "VN"}
    ]  # fmt: skip
    parcel |= {"logistics_channel_code": "express", "charges_currency_code": "USD", "freight_amount": "0.00"}
    parcel["consignee"] |= {"country_code": "US", "postcode": "10001"}
    parcel.pop("additional_fiscal_references", None)
    (tmp_path / "parcel.json").write_text(json.dumps(parcel), "utf-8")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "tariff.csv").write_text(
        "measure,commodity_prefix,origin_code,territory_code,ad_valorem_ppm,valid_from,valid_to,source\n"
        "duty,610910,,US,165000,2020-01-01,,invented\ncountry_duty,610910,VN,US,200000,2020-01-01,,invented\n"
        "section_301,610910,,US,0,2020-01-01,,invented\nsection_232,610910,,US,0,2020-01-01,,invented\n",
        "utf-8",
    )
    command = ("explain", "parcel.json", "--at", "2025-11-03", "--lists", "lists", "--output", "json")

    known = {
        day: typed(capfd, *command, *(("--known", day) if day else ())).json()[0]
        for day in ("", "2026-03-03", "2026-03-04")
    }

    owed = {day: _duty_minor(one) for day, one in known.items()}
    assert owed == {"": 1460, "2026-03-03": 1460, "2026-03-04": 660}
    assert "US-2025-ANNULLED" in json.dumps(known["2026-03-04"]["law"])


def _duty_minor(explanation: dict[str, Any]) -> int:
    return sum(charge["amount_minor"] for one in explanation["items"] for charge in one["charges"])
