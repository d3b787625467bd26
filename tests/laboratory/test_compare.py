"""The same parcels through many laws: every figure is the pipeline's own, and what is assumed is said."""

import dataclasses
import datetime as dt
import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from serai.journey.pipeline import Context, run_pipeline
from serai.journey.screening.lists import Lists
from serai.laboratory.compare.assumed_rates import IN_EUR, SOURCE, assumed_tariff
from serai.laboratory.compare.measuring import KINDS, Outcome, RegimeFigures, in_currency, measure
from serai.laboratory.compare.parcels import Parcels, invent, read_parcels
from serai.laboratory.compare.plot import draw
from serai.laboratory.compare.regimes import Regime, book_of_regime, find_regimes
from serai.laboratory.compare.running import compare_regimes
from serai.laboratory.compare.table import percent, row_of
from serai.law.book import LawBook
from serai.law.library import load_book
from serai.law.tariff import TariffLine
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from tests.cli.typing_commands import typed
from tests.law.packs import shipped_files

DAY = dt.date(2026, 11, 25)
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
COUNT = 400
# With a fee in a currency of its own, tax inside its base, a channel of its own, USD beside the currency, a
# moment of purchase, a union.
CODES = ("AR-2024", "BR-PRC-2024", "CL-2025", "EU-2026", "GB-2021", "JP-2024", "KE-2024", "NZ-2019")


@pytest.fixture(scope="module")
def documents() -> list[Consignment]:
    return [one for one in invent(COUNT, 1, NOON) if one is not None]


@pytest.fixture(scope="module")
def parcels(documents: list[Consignment]) -> Parcels:
    return read_parcels(documents, load_book(shipped_files()), int(NOON.timestamp() * 1000))


def regime_of(code: str) -> Regime:
    (regime,) = find_regimes(shipped_files(), DAY, with_drafts=True, codes=[code])
    return regime


def measured(code: str, parcels: Parcels) -> tuple[RegimeFigures, Outcome]:
    regime = regime_of(code)
    return measure(regime, book_of_regime(regime, shipped_files()), parcels)


def readdressed(document: Consignment, regime: Regime) -> Consignment:
    """The document as its declarant would have written it for the regime: another way to the same columns."""
    zone = ZoneInfo(regime.territory.time_zone)
    noon = dt.datetime.combine(regime.on, dt.time(12), zone).isoformat()
    consignee = replace(
        document.consignee,
        country_code=regime.territory.country_code,
        region_code=regime.region_code,
        postcode="SW1A 1AA" if regime.territory.country_code == "GB" else "10115",
    )
    channels = regime.channel_codes
    return replace(
        document,
        consignee=consignee,
        logistics_channel_code=document.logistics_channel_code
        if not channels or document.logistics_channel_code in channels
        else channels[0],
        purchased_at=document.purchased_at and noon,
        paid_at=document.paid_at and noon,
        exported_at=document.exported_at and noon,
        accepted_at=noon,
        expected_arrival_at=noon,
        scheme_kind_code=None,
        additional_fiscal_references=[],
        procedure=None,
    )


def by_pipeline(documents: list[Consignment], book: LawBook) -> list[Counter[str]]:
    """Charges by kind of each accepted document, in the law's currency."""
    none = np.zeros(len(documents), dtype=np.int64)
    context = dataclasses.replace(Context.empty(len(documents)), allowance_used=none, same_day_value=none)
    processed = run_pipeline(documents, ["test"] * len(documents), 0, book, Lists.empty(), context=context)
    sums: list[Counter[str]] = [Counter() for _ in processed.accepted_rows]
    charges = processed.charges
    for row, kind, amount, currency, waived in zip(
        charges.numbers("consignment").tolist(),
        charges.words("kind_code").texts(),
        charges.numbers("amount_minor").tolist(),
        charges.words("currency_code").texts(),
        charges.flags("is_waived").tolist(),
        strict=True,
    ):
        home = book.programs[0].currency
        assert currency is not None
        if not waived:
            factor = Fraction(IN_EUR[currency], IN_EUR[home])
            sums[row][str(kind)] += int(amount * factor + Fraction(1, 2)) if currency != home else amount
    return sums


@pytest.mark.parametrize("code", CODES)
def test_columns_sent_elsewhere_give_what_documents_sent_there_give(
    code: str, documents: list[Consignment]
) -> None:
    # Registrations are assumed by column alone, so parcels without any are compared.
    plain = [one for one in documents if one.vendor_number is None]
    parcels = read_parcels(plain, load_book(shipped_files()), 0)
    regime = regime_of(code)
    book = book_of_regime(regime, shipped_files())

    _, outcome = measure(regime, book, parcels)

    expected = by_pipeline([readdressed(one, regime) for one in plain], book)
    assert len(expected) == parcels.count > 100
    for kind in KINDS:
        assert outcome.charged_minor[kind].tolist() == [one[kind] for one in expected], kind
    assert sum(outcome.total_minor.tolist()) > 0


def test_sums_leave_out_what_the_law_cannot_decide(parcels: Parcels) -> None:
    figures, outcome = measured("IN-2026", parcels)

    assert 0 < figures.undecided_ppm < 1_000_000
    assert "parameter-not-known purchase_surcharge_rate" in figures.missing
    decided = outcome.is_decided
    assert figures.duty_minor == int(outcome.charged_minor["duty"][decided].sum())
    assert figures.undecided_ppm == int((~decided).sum()) * 1_000_000 // parcels.count
    assert figures.undecided_ppm <= figures.assumed_ppm


def test_a_registered_seller_is_registered_under_each_law(parcels: Parcels) -> None:
    regime = regime_of("NO-VOEC-2024")
    book = book_of_regime(regime, shipped_files())
    has_number = np.concatenate(
        [one.consignments.words("scheme_kind_code").codes >= 0 for one in parcels.chunks]
    )

    _, with_scheme = measure(regime, book, parcels)
    _, without = measure(dataclasses.replace(regime, scheme_kind_code=None), book, parcels)

    is_other = with_scheme.charged_minor["duty"] != without.charged_minor["duty"]
    assert is_other.any()
    assert not (is_other & ~has_number).any()


def test_goods_priced_in_the_currency_of_the_law_need_no_invented_rate(documents: list[Consignment]) -> None:
    def priced(currency: str) -> list[Consignment]:
        found = []
        for one in documents[:50]:
            items = [replace(item, invoice_currency_code=currency) for item in one.goods_items]
            found.append(replace(one, goods_items=items, freight_amount=None, charges_currency_code=None))
        return found

    book = load_book(shipped_files())
    own, _ = measured("GB-2021", read_parcels(priced("GBP"), book, 0))
    foreign, _ = measured("GB-2021", read_parcels(priced("USD"), book, 0))

    assert own.invented_exchange_ppm == 0
    assert foreign.invented_exchange_ppm == 1_000_000 == foreign.assumed_ppm


def test_a_line_of_the_law_goes_before_the_invented_one() -> None:
    ever = dt.date(2000, 1, 1)

    def own(prefix: str, origin_code: str = "") -> TariffLine:
        return TariffLine(
            measure="duty",
            commodity_prefix=prefix,
            valid_from=ever,
            valid_to=None,
            source="law",
            origin_code=origin_code,
        )

    lines = assumed_tariff([own("61"), own("64041100"), own("950300", origin_code="CN")], DAY)
    invented = {line.commodity_prefix for line in lines if line.measure == "duty"}

    assert all(line.source == SOURCE for line in lines)
    assert not any(code.startswith("61") for code in invented)
    assert "640411" not in invented
    assert {"640299", "950300"} <= invented


def test_duty_by_an_invented_line_is_counted_as_assumed(parcels: Parcels) -> None:
    kenya, outcome = measured("KE-2024", parcels)
    swiss, _ = measured("CH-2025", parcels)

    assert kenya.invented_tariff_ppm == 1_000_000
    assert outcome.is_invented_tariff.all()
    assert swiss.invented_tariff_ppm == 0


@given(st.integers(0, 10**12), st.sampled_from(sorted(IN_EUR)), st.sampled_from(sorted(IN_EUR)))
def test_conversion_is_exact_and_half_up(minor: int, source: str, target: str) -> None:
    exact = Fraction(minor * IN_EUR[source], IN_EUR[target])
    if exact >= 2**62:
        return

    converted = in_currency(np.array([minor], dtype=np.int64), source, target)

    assert int(converted[0]) == (exact + Fraction(1, 2)).__floor__()


def test_a_law_of_other_days_takes_its_nearest() -> None:
    packs = {one.code: one for one in find_regimes(shipped_files(), DAY, with_drafts=True)}

    assert packs["EU-2021"].on == dt.date(2026, 6, 30)
    assert packs["EU-2026"].on == DAY
    assert packs["EU-2028-PLANNED"].on == dt.date(2028, 7, 1)


def test_drafts_and_planned_law_are_taken_only_when_asked_for() -> None:
    in_force = {one.code for one in find_regimes(shipped_files(), DAY, with_drafts=False)}
    everything = {one.code for one in find_regimes(shipped_files(), DAY, with_drafts=True)}

    assert "EU-2026" in in_force
    assert "EU-2028-PLANNED" in everything - in_force
    with pytest.raises(SeraiError, match="EU-2028-PLANNED") as said:
        find_regimes(shipped_files(), DAY, with_drafts=False, codes=["EU-2028-PLANNED"])
    assert said.value.code == "law-unknown"


@pytest.mark.in_turn
def test_every_regime_says_something_and_workers_say_the_same(parcels: Parcels) -> None:
    files = shipped_files()
    regimes = find_regimes(files, DAY, with_drafts=True)
    alone = [one.figures for one in compare_regimes(regimes, files, parcels, workers_count=1)]
    spread = [one.figures for one in compare_regimes(regimes, files, parcels, workers_count=2)]

    assert alone == spread
    assert [row.code for row in alone] == [one.code for one in regimes]
    assert not [row.code for row in alone if "no-law" in " ".join(row.missing)]
    assert not [row.code for row in alone if "no-exchange-rate" in " ".join(row.missing)]


def test_the_picture_has_a_bar_for_each_law_as_long_as_its_charges(parcels: Parcels) -> None:
    rows = [measured(code, parcels)[0] for code in ("EU-2026", "GB-2021")]

    picture = ET.fromstring(draw(rows))

    names = [one.text for one in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"EU-2026", "GB-2021"} <= set(names)
    lengths: Counter[str] = Counter()
    for bar in picture.iter("{http://www.w3.org/2000/svg}rect"):
        if (title := bar.find("{http://www.w3.org/2000/svg}title")) is not None:
            lengths[str(title.text).partition(":")[0]] += int(bar.attrib["width"])
    shares = {
        row.code: Fraction(row.duty_eur_minor + row.tax_eur_minor + row.fee_eur_minor, row.value_eur_minor)
        for row in rows
    }
    ratio = Fraction(lengths["EU-2026"], lengths["GB-2021"])
    assert abs(ratio / (shares["EU-2026"] / shares["GB-2021"]) - 1) < Fraction(1, 20)


def test_the_table_says_sums_in_both_currencies_and_cuts_shares_down(parcels: Parcels) -> None:
    row = row_of(measured("GB-2021", parcels)[0])

    assert [str(one).partition(" ")[0] for one in row["tax"]] == ["GBP", "EUR"]
    assert (percent(999_999), percent(1_000_000), percent(0)) == ("99.9 %", "100.0 %", "0.0 %")


def test_a_layer_that_is_no_law_yet_is_named_beside_a_law_in_force(parcels: Parcels) -> None:
    figures, _ = measured("EU-2026", parcels)

    assert figures.status == "in_force"
    assert figures.layers_not_law == ["EU-HANDLING-FEE"]
    assert "EU-HANDLING-FEE (not in force)" in row_of(figures)["law"]
    (without,) = find_regimes(shipped_files(), DAY, with_drafts=False, codes=["EU-2026"])
    assert "EU-HANDLING-FEE" not in without.codes


def test_the_command_counts_faulty_lines_and_writes_what_became_of_each_parcel(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, documents: list[Consignment]
) -> None:
    source = tmp_path / "parcels.ndjson"
    lines = [msgspec.json.encode(one) for one in documents[:60]]
    source.write_bytes(b"\n".join([*lines, b"{not json", b'{"reference": 1}', b""]))
    picture, rows = tmp_path / "laws.svg", tmp_path / "parcels.parquet"
    words: list[str | Path] = [
        "law",
        "compare",
        source,
        "--codes",
        "EU-2026",
        "GB-2021",
        "--on",
        "2026-11-25",
    ]

    said = typed(capfd, *words, "--plot", picture, "--parquet", rows, "--workers", "1")

    facts = said.json()
    assert said.code == 0
    assert facts["parcels"] + facts["refused"] == 62
    assert facts["refused"] >= 2
    table = pq.read_table(rows).to_pylist()
    assert len(table) == 2 * facts["parcels"]
    for law in facts["laws"]:
        mine = [row for row in table if row["law_code"] == law["code"] and row["is_decided"]]
        assert sum(row["tax_minor"] + row["excise_minor"] for row in mine) == law["tax_minor"]
        assert sum(row["duty_minor"] for row in mine) == law["duty_minor"]
    ET.fromstring(picture.read_text(encoding="utf-8"))


def test_parcels_come_from_one_place(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "none.ndjson"
    empty.write_bytes(b"nothing\n")

    assert "command-misused" in typed(capfd, "law", "compare").err
    assert "no-parcels" in typed(capfd, "law", "compare", empty).err
    assert "input-unreadable" in typed(capfd, "law", "compare", tmp_path / "absent.ndjson").err


def test_invented_parcels_need_no_file(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "law", "compare", "--invented", "50", "--codes", "GB-2021", "--workers", "1")

    assert said.code == 0
    assert json.loads(said.out)["laws"][0]["parcels"] >= 45
