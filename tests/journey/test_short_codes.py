"""A code above lines that differ reaches its reader once, with its place, the range and the candidates."""

import datetime as dt

from serai.journey.finding_messages import sentence_of
from serai.journey.pipeline import Context, run_pipeline
from serai.law.library import load_book
from serai.law.tariff import TariffLine
from serai.model.findings import Finding
from tests.journey.batches import AT_MS, item, lists, pack_files, parcel


def test_a_short_code_is_told_once_with_its_place_and_what_stands_below() -> None:
    tariff = [
        TariffLine(
            measure="duty",
            commodity_prefix=f"851679{place}0",
            ad_valorem_ppm=place * 10_000,
            territory_code="EU",
            valid_from=dt.date(2000, 1, 1),
            valid_to=None,
            source="test",
        )
        for place in range(1, 8)
    ]
    book = load_book(pack_files(), codes=["EU-2021", "EU-2026", "EU-VAT", "SCREENING"], tariff_lines=tariff)
    kettle = item(commodity_code="851679", invoice_amount="200.00")

    processed = run_pipeline(
        [parcel("T-1", kettle)], ["filer"], AT_MS, book, lists(), context=Context.empty(1)
    )

    codes = processed.findings.words("code").texts()
    place = codes.index("commodity-code-too-short")
    word = processed.findings.words("word").texts()[place] or ""
    assert codes.count("commodity-code-too-short") == 1
    assert processed.findings.words("pointer").texts()[place] == "/goods_items/0/commodity_code"
    assert word == (
        "1 % to 7 %; 85167910: 1 %, 85167920: 2 %, 85167930: 3 %, 85167940: 4 %, 85167950: 5 %, 2 more"
    )
    assert word in sentence_of(Finding(codes[place] or "", "", parameters={"value": word})).sentence
