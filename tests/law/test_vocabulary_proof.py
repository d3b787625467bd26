"""Five more regimes prove the vocabulary: Brazil, China, Japan, Korea and Norway are said without code."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.validation.columns import read_columns
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.running import run_case
from serai.law.composition import compile_program
from serai.law.exchange import ExchangeRate
from serai.law.library import load_book, read_packs
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.model.documents import (
    VENDOR,
    AdditionalFiscalReference,
    Consignment,
    GoodsItem,
    Person,
    Procedure,
)

LAWS = Path(__file__).parents[2] / "laws"
CODES = ("BR-PRC-2024", "CN-CBEC-2019", "JP-2024", "KR-2024", "NO-VOEC-2024")


def read_laws() -> dict[str, bytes]:
    return {str(path.relative_to(LAWS)): path.read_bytes() for path in LAWS.rglob("*") if path.is_file()}


def of_one_law(files: Mapping[str, bytes], code: str) -> dict[str, bytes]:
    """Leave the other laws out, save what is restricted there: a worked example reads all it is given."""
    kept = (f"{code}/", f"{code[:2]}-RESTRICTED/", "tables/")
    return {path: content for path, content in files.items() if path.startswith(kept)}


FILES = read_laws()


ALL_CASES = [
    pytest.param(case, id=case["id"])
    for code in CODES
    for case in read_cases((LAWS / code / "cases.yaml").read_bytes())
]


# ---- the packs ----


@pytest.mark.parametrize("code", CODES)
def test_pack_loads_and_compiles(code: str) -> None:
    (loaded,) = read_packs(FILES, [code])

    program = compile_program([loaded.pack], [loaded.content_hash])

    assert program.code == code
    assert program.charges


@pytest.mark.parametrize("code", CODES)
def test_every_number_is_dated_and_its_source_is_named(code: str) -> None:
    (loaded,) = read_packs(FILES, [code])

    values = [value for parameter in loaded.pack.parameters for value in parameter.values]

    assert values
    assert all(value.source in loaded.pack.sources for value in values)
    assert loaded.pack.open_questions


@pytest.mark.parametrize(
    ("territory", "code"),
    [
        ("BR", "BR-PRC-2024"),
        ("CN", "CN-CBEC-2019"),
        ("JP", "JP-2024"),
        ("KR", "KR-2024"),
        ("NO", "NO-VOEC-2024"),
    ],
)
def test_a_date_alone_picks_the_law(territory: str, code: str) -> None:
    day = (dt.date(2026, 3, 3) - dt.date(1970, 1, 1)).days

    codes = load_book(FILES).codes_on(territory, territory, "express", day)

    assert codes is not None
    assert codes[0] == code


@pytest.mark.parametrize(
    ("territory", "day"),
    [("EAEU", dt.date(2026, 8, 1)), ("JP", dt.date(2028, 5, 1)), ("EG", dt.date(2026, 3, 3))],
)
def test_drafts_and_plans_are_not_the_law_of_any_day(territory: str, day: dt.date) -> None:
    codes = load_book(FILES).codes_on(territory, territory, "express", (day - dt.date(1970, 1, 1)).days)

    assert not {"EAEU-2026", "JP-2028", "EG-2026"} & set(codes or ())


# ---- their worked examples ----


@pytest.mark.parametrize("case", ALL_CASES)
def test_worked_example_agrees_in_every_figure(case: dict[str, Any]) -> None:
    result = run_case(case, of_one_law(FILES, case["regime"]))

    assert (result.result, result.differences) == ("passed", [])


@pytest.mark.parametrize(
    ("code", "figure"), [("BR-PRC-2024", "threshold_value_minor"), ("CN-CBEC-2019", "quota_used_after_minor")]
)
def test_one_minor_unit_off_fails_a_worked_example(code: str, figure: str) -> None:
    case = read_cases((LAWS / code / "cases.yaml").read_bytes())[0]
    for place, name in ((case["expect"], figure), (case["expect"]["totals"], "tax_minor")):
        place[name] += 1

    result = run_case(case, FILES)

    assert result.result == "failed"
    assert {difference.split(":")[0] for difference in result.differences} == {
        f"case {figure}",
        "totals tax_minor",
    }


# ---- what the words mean ----


def parcel(destination: str, items: list[GoodsItem], **fields: Any) -> Consignment:
    given: dict[str, Any] = {
        "reference": "P-1",
        "logistics_channel_code": "express",
        "sale_nature_code": "B2C",
        "accepted_at": "2026-03-03T12:00:00+00:00",
        "consignee": Person(
            name="Invented Recipient", country_code=destination, region_code=fields.pop("region", None)
        ),
    }
    return Consignment(
        goods_items=items, consignor=Person(name="Invented Sender", country_code="CN"), **{**given, **fields}
    )


def item(sequence: int, amount: str, currency: str, code: str = "851830", quantity: str = "1") -> GoodsItem:
    return GoodsItem(
        sequence_number=sequence,
        commodity_code=code,
        description="headphones",
        quantity=quantity,
        invoice_amount=amount,
        invoice_currency_code=currency,
        origin_country_code="CN",
        gross_mass_kg="0.5",
    )


def tariff(measure: str, prefix: str, rate_ppm: int) -> TariffLine:
    return TariffLine(
        measure=measure,
        commodity_prefix=prefix,
        ad_valorem_ppm=rate_ppm,
        valid_from=dt.date(2019, 1, 1),
        valid_to=None,
        source="stated by the test",
    )


def registered(kind: str, number: str) -> SchemeEntry:
    return SchemeEntry(kind=kind, number=number, valid_from=dt.date(2019, 1, 1), valid_to=None)


def usd(table: str, home: str, numerator: int, denominator: int) -> ExchangeRate:
    return ExchangeRate(
        table=table,
        home=home,
        currency="USD",
        numerator=numerator,
        denominator=denominator,
        direction="home_per_foreign",
        valid_from=dt.date(2019, 1, 1),
        valid_to=None,
        source="stated by the test",
    )


def assess_one(document: Consignment, code: str, **lists: Any) -> Assessment:
    """Assess one consignment: nothing matched, nothing else of the day, no allowance read unless given."""
    context = {"same_day_value": 0, **lists.pop("context", {})}
    book = load_book(FILES, codes=[code], **lists)
    columns = read_columns([document], ["filer"], 0, book)
    no = np.zeros(1, dtype=np.bool_)
    consignments = columns.consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        is_value_contradicted=no,
        **{name: np.array([value], dtype=np.int64) for name, value in context.items()},
    )
    return assess(consignments, columns.items, columns.first_items, book)


def amounts(assessed: Assessment, rule_id: str) -> list[int]:
    program = assessed.runs[0].run.program
    numbers = [one.number for one in program.charges if one.charge.rule_id == rule_id]
    charges = assessed.charges
    return charges.numbers("amount_minor")[np.isin(charges.numbers("charge_number"), numbers)].tolist()  # type: ignore[no-any-return]


def finding_codes(assessed: Assessment) -> set[tuple[str | None, str | None]]:
    return set(
        zip(assessed.findings.words("code").texts(), assessed.findings.words("word").texts(), strict=True)
    )


BRAZIL: dict[str, Any] = {"exchange_rates": [usd("br-receita", "BRL", 552, 100)]}


def test_deduction_is_shared_over_the_items_and_falls_once() -> None:
    document = parcel(
        "BR", [item(1, "100.00", "USD"), item(2, "50.00", "USD"), item(3, "33.33", "USD")],
        region="BR-SP", scheme_kind_code="PRC",
        additional_fiscal_references=[AdditionalFiscalReference(VENDOR, "00000000000000")],
    )  # fmt: skip

    assessed = assess_one(
        document, "BR-PRC-2024", scheme_entries=[registered("PRC", "00000000000000")], **BRAZIL
    )

    # 55200, 27600 and 18398 centavos at 60 % each half up, less USD 20 = 11040 in all.
    assert sum(amounts(assessed, "br-import-tax-high")) == 33120 + 16560 + 11039 - 11040
    assert len(amounts(assessed, "br-import-tax-high")) == 3


@pytest.mark.parametrize("amount", ["0.01", "9.99", "49.99", "123.45", "2999.99"])
@pytest.mark.parametrize(("region", "rate_percent"), [("BR-SP", 17), ("BR-MG", 20)])
def test_tax_inside_its_base_is_its_rate_of_the_price_with_tax(
    amount: str, region: str, rate_percent: int
) -> None:
    assessed = assess_one(parcel("BR", [item(1, amount, "USD")], region=region), "BR-PRC-2024", **BRAZIL)

    (icms,), (duty,) = amounts(assessed, "br-icms"), amounts(assessed, "br-import-tax")
    with_tax = int(assessed.items.numbers("customs_value_minor")[0]) + duty + icms
    # Base and tax are each rounded half up, so that the two can be one centavo apart, no more.
    assert abs(100 * icms - rate_percent * with_tax) <= 100


def test_state_not_given_is_a_finding_and_no_rate_is_guessed() -> None:
    assessed = assess_one(parcel("BR", [item(1, "40.00", "USD")]), "BR-PRC-2024", **BRAZIL)

    assert ("data-needed", "consignee_region_code") in finding_codes(assessed) or (
        "parameter-not-known", "icms_rate",
    ) in finding_codes(assessed)  # fmt: skip
    assert amounts(assessed, "br-icms") == []


def test_limit_in_dollars_without_a_rate_decides_nothing() -> None:
    assessed = assess_one(parcel("BR", [item(1, "40.00", "BRL")], region="BR-SP"), "BR-PRC-2024")

    assert amounts(assessed, "br-import-tax") == []
    assert not amounts(assessed, "br-icms")


def chinese_order(price: str) -> Consignment:
    return parcel("CN", [item(1, price, "CNY")], procedure=Procedure(requested_procedure_code="9610"))


CHINA: dict[str, Any] = {
    "tariff_lines": [tariff("duty", "8518", 100_000), tariff("admission", "8518", 1_000_000)]
}


def test_allowance_that_nobody_read_is_a_finding_and_decides_nothing() -> None:
    assessed = assess_one(chinese_order("1000.00"), "CN-CBEC-2019", **CHINA)

    assert ("data-needed", "allowance_used") in finding_codes(assessed)
    assert amounts(assessed, "cn-vat") == []
    assert assessed.items.words("relief_code").texts() == [None]


@pytest.mark.parametrize(("used_minor", "relief"), [(2_500_000, "cbec-70"), (2_500_001, "none")])
def test_one_fen_of_the_year_decides(used_minor: int, relief: str) -> None:
    assessed = assess_one(
        chinese_order("1000.00"), "CN-CBEC-2019", context={"allowance_used": used_minor}, **CHINA
    )

    assert assessed.items.words("relief_code").texts() == [relief]


def test_goods_no_list_speaks_of_are_not_taken_as_admitted_nor_as_barred() -> None:
    lists: dict[str, Any] = {"tariff_lines": CHINA["tariff_lines"][:1]}

    assessed = assess_one(chinese_order("1000.00"), "CN-CBEC-2019", context={"allowance_used": 0}, **lists)

    assert ("data-needed", "is_admitted") in finding_codes(assessed)
    assert assessed.items.words("relief_code").texts() == [None]


JAPAN: dict[str, Any] = {
    "tariff_lines": [tariff("duty", "8518", 33_333), tariff("simplified_duty", "8518", 50_000)]
}


@pytest.mark.parametrize(
    "prices", [("30001", "29999"), ("12345", "6789", "101"), ("25000",), ("333333", "77777")]
)
def test_items_keep_uncut_amounts_and_the_bill_adds_up_to_hundreds_of_yen(prices: tuple[str, ...]) -> None:
    document = parcel("JP", [item(number, price, "JPY") for number, price in enumerate(prices, start=1)])

    assessed = assess_one(document, "JP-2024", **JAPAN)

    for rule_id in ("jp-duty", "jp-national", "jp-local"):
        uncut, rounding = sum(amounts(assessed, rule_id)), sum(amounts(assessed, f"{rule_id}-rounding"))
        assert uncut > 0
        assert uncut + rounding == uncut // 100 * 100
    of_consignment = assessed.charges.numbers("item")[assessed.charges.numbers("amount_minor") < 0]
    assert (of_consignment == -1).all()


def test_exempt_consignment_has_no_rounding_row() -> None:
    assessed = assess_one(parcel("JP", [item(1, "16666", "JPY")]), "JP-2024", **JAPAN)

    assert assessed.charges.row_count == 0


KOREA: dict[str, Any] = {
    "tariff_lines": [tariff("duty", "8518", 80_000)],
    "exchange_rates": [usd("kr-customs-weekly", "KRW", 1400, 1)],
}


def test_tax_on_the_sum_is_not_the_sum_of_cut_taxes() -> None:
    # Three taxes of 10,803.6 won: their sum owes 32,410, the sum of the cut ones would owe 32,400.
    document = parcel("KR", [item(number, "100034", "KRW") for number in (1, 2, 3)])

    assessed = assess_one(document, "KR-2024", **KOREA)

    duty = sum(amounts(assessed, "kr-duty")) + sum(amounts(assessed, "kr-duty-rounding"))
    vat = sum(amounts(assessed, "kr-vat")) + sum(amounts(assessed, "kr-vat-rounding"))
    assert sum(amounts(assessed, "kr-vat")) == 3 * 10_803
    assert (duty, vat) == (24_000, 32_410)


# 53,220: 4,257 and 5,747 before cutting are not below 10,000; 4,250 and 5,740 after it are.
@pytest.mark.parametrize(("price", "is_waived"), [("53220", True), ("53280", False)])
def test_minimum_is_tested_on_the_rounded_sum(price: str, is_waived: bool) -> None:
    assessed = assess_one(parcel("KR", [item(1, price, "KRW")], sale_nature_code="B2B"), "KR-2024", **KOREA)

    total = int(assessed.charges.numbers("amount_minor").sum())
    assert (total < 10_000) == is_waived
    assert set(assessed.charges.flags("is_waived").tolist()) == {is_waived}


def test_one_parcel_may_hold_goods_on_both_sides_of_a_limit_per_item() -> None:
    document = parcel(
        "NO", [item(1, "5998.00", "NOK", quantity="2"), item(2, "3000.00", "NOK")],
        scheme_kind_code="VOEC", additional_fiscal_references=[AdditionalFiscalReference(VENDOR, "2000001")],
    )  # fmt: skip

    assessed = assess_one(
        document,
        "NO-VOEC-2024",
        tariff_lines=[tariff("duty", "8518", 0)],
        scheme_entries=[registered("VOEC", "2000001")],
    )

    assert assessed.items.words("relief_code").texts() == ["VOEC", "none"]
    assert assessed.charges.words("due_code").texts()[-1] == "border"
    assert "sale" in assessed.charges.words("due_code").texts()


# ---- what the compiler refuses ----


def compile_changed(code: str, old: bytes, new: bytes) -> None:
    path = f"{code}/pack.yaml"
    assert old in FILES[path]
    (loaded,) = read_packs({path: FILES[path].replace(old, new)})
    compile_program([loaded.pack], [loaded.content_hash])


DUTY_BASE = b"value: FLOOR_TO(customs_value, base_unit)"
CUT_TO_100 = b"  total: {rounding: {mode: down, unit_minor: 100}}\n  due: border\n  debtor: [{code: importer"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # A total is for charges of goods items.
        (b"  amount: post_fee\n", b"  amount: post_fee\n  total: {rounding: {mode: down}}\n", "wrong-level"),
        # Who owes the sum cannot hang on one item.
        (CUT_TO_100 + b"}]", CUT_TO_100 + b", when: is_exempt}]", "wrong-level"),
        (DUTY_BASE, b"value: ROUNDED(retail_factor)", "wrong-type"),
        (DUTY_BASE, b"value: SHARE_OUT(customs_value, customs_value)", "wrong-level"),
        (DUTY_BASE, b"value: IN_CURRENCY(0, 'USD')", "wrong-type"),
        (DUTY_BASE, b"value: customs_value + IN_CURRENCY(freight, 'USD')", "mixed-currency"),
    ],
)
def test_wrong_use_of_the_words_is_refused(old: bytes, new: bytes, code: str) -> None:
    with pytest.raises(LawPackError) as fault:
        compile_changed("JP-2024", old, new)

    assert fault.value.code == code
    assert "JP-2024" in fault.value.place
