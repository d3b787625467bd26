"""Our tax lines beside those of published scenarios: the published ones, and small ones of our own."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from serai.formats.wco_dec_write import encode_dec
from serai.laboratory.oracle.comparing import ScenarioResult, hold_against, report, rounding_of
from serai.laboratory.oracle.scenarios import read_scenarios
from serai.laboratory.oracle.scope import as_free_circulation
from serai.model.documents import Consignment, GoodsItem, Person, Procedure
from serai.model.errors import SeraiError
from tests.beside import SHARED, needs
from tests.cli.typing_commands import typed
from tests.law.packs import shipped_files
from tools.oracle_report import build_page

CDS = SHARED / "reference" / "cds"
published = needs(CDS)
EXPLAINED = {
    "TT_IM026a": "security of 74.92 (CSD) in the base of a tax",
    "TT_IM040a": "suspended duty of 200.00 in no base of a tax",
    "TT_IM146a": "suspended duty of 250.00 in no base of a tax",
    "TT_IM164a": "bears another reference than the request",
}
"""Published scenarios that differ, and the reason that must be told."""
HEAD = (
    "scenario,tax_file,issued,status,declaration_version,is_oracle,item,tax_type,duty_regime,base_amount,"
    "base_quantity,base_unit,rate,deduct_amount,assessed_amount,payment_amount,currency,payment_method\n"
)
INDEX = "scenario,set,request_file,procedure_codes,lrn_match,self_consistent\n"


def line(tax_type: str, base: str, rate: str, amount: str, payment: str | None = None) -> str:
    paid = amount if payment is None else payment
    return f"OWN,f,20260301120000Z,4,1,1,1,{tax_type},100,{base},,,{rate},0.00,{amount},{paid},GBP,\n"


def own(folder: Path, lines: Sequence[str], *, value: str = "1000", region: str | None = None) -> Path:
    """Write a folder with one scenario of ours: leather bags from China into the United Kingdom."""
    document = Consignment(
        reference="OWN-1",
        goods_items=[
            GoodsItem(
                sequence_number=1,
                commodity_code="4202221000",
                description="leather handbags",
                quantity="10",
                invoice_amount=value,
                invoice_currency_code="GBP",
                origin_country_code="CN",
                gross_mass_kg="12",
                net_mass_kg="10",
            )
        ],
        consignor=Person(name="Invented Sender", country_code="CN"),
        consignee=Person(
            name="Invented Recipient",
            country_code="GB",
            region_code=region,
            postcode="BT1 5GS" if region else "SW1A 1AA",
        ),
        logistics_channel_code="express",
        sale_nature_code="B2B",
        transport_mode_code="4",
        procedure=Procedure(requested_procedure_code="40"),
        accepted_at="2026-03-01T12:00:00Z",
    )
    (folder / "request.xml").write_bytes(encode_dec(document))
    (folder / "scenarios.csv").write_text(f"{INDEX}OWN,oracle,request.xml,4000+000,1,1\n")
    (folder / "tax_lines.csv").write_text(HEAD + "".join(lines))
    return folder


def held(folder: Path) -> ScenarioResult:
    (scenario,) = read_scenarios(folder)
    return hold_against(scenario, shipped_files())


def test_base_order_and_rounding_are_the_laws(tmp_path: Path) -> None:
    result = held(
        own(tmp_path, [line("A00", "1000.00", "3.33", "33.30"), line("B00", "1033.30", "20.00", "206.66")])
    )

    assert (result.result, result.reasons) == ("matched", [])
    assert [(pair.stated_minor, pair.computed_minor) for pair in result.lines] == [
        (3330, 3330),
        (20666, 20666),
    ]


@pytest.mark.parametrize(
    ("duty", "tax", "told"),
    [
        (("1000.00", "3.33", "33.31"), ("1033.30", "20.00", "206.66"), "A00: 33.31 stated, 33.30 here"),
        (("1000.00", "3.33", "33.30"), ("1000.00", "20.00", "206.66"), "B00: base 1000.00 stated"),
        (("1000.00", "3.33", "33.30"), ("1033.30", "20.00", "200.00"), "B00: 200.00 stated, 206.66 here"),
    ],
)
def test_a_penny_more_or_another_base_differs(
    tmp_path: Path, duty: tuple[str, str, str], tax: tuple[str, str, str], told: str
) -> None:
    result = held(own(tmp_path, [line("A00", *duty), line("B00", *tax)]))

    assert result.result == "differs"
    assert told in result.reasons[0]


@pytest.mark.parametrize(
    ("tax", "result", "rounding"), [("206.66", "matched", "down"), ("206.67", "differs", "half_up")]
)
def test_tax_on_import_is_cut_down_to_the_penny_and_how_an_answer_rounds_is_told(
    tmp_path: Path, tax: str, result: str, rounding: str
) -> None:
    held_against = held(
        own(tmp_path, [line("A00", "1000.00", "3.334", "33.34"), line("B00", "1033.34", "20.00", tax)])
    )

    assert (held_against.result, held_against.roundings) == (result, [rounding])


@pytest.mark.parametrize(
    ("base", "rate", "amount", "how"),
    [
        ("100.00", "20.00", "20.00", None),
        ("", "20.00", "20.00", None),
        ("296.22", "20.00", "59.24", "either"),
        ("296.24", "20.00", "59.23", "neither"),
        ("0.05", "10.00", "0.01", "half_up"),
    ],
)
def test_rounding_shows_where_there_is_something_to_round(
    tmp_path: Path, base: str, rate: str, amount: str, how: str | None
) -> None:
    (scenario,) = read_scenarios(own(tmp_path, [line("B00", base, rate, amount)]))

    assert [rounding_of(one) for one in scenario.lines] == [how]


def test_excise_and_duty_by_quantity_are_given_and_come_into_the_base_of_the_tax(tmp_path: Path) -> None:
    lines = [
        line("A00", "", "", "97.51"),
        line("333", "", "", "12.34"),
        line("B00", "1109.85", "20.00", "221.97"),
    ]

    result = held(own(tmp_path, lines))

    assert (result.result, result.reasons) == ("matched", [])
    assert {pair.tax_types[0]: pair.is_given for pair in result.lines} == {
        "A00": True,
        "333": True,
        "B00": False,
    }
    counts = report([result])
    assert (counts["lines_compared"], counts["lines_given"]) == (1, 2)


def test_tax_stated_in_two_lines_is_held_against_one(tmp_path: Path) -> None:
    lines = [
        line("A50", "1000.00", "10.00", "100.00"),
        line("B05", "100.00", "20.00", "20.00"),
        line("B00", "1000.00", "20.00", "200.00"),
    ]

    result = held(own(tmp_path, lines))

    assert result.result == "matched"
    assert [pair.tax_types for pair in result.lines] == [("A50",), ("B05", "B00")]


def test_relief_of_the_law_is_told_where_the_answer_gives_none(tmp_path: Path) -> None:
    lines = [line("A00", "100.00", "10.00", "10.00"), line("B00", "110.00", "20.00", "22.00")]

    result = held(own(tmp_path, lines, value="100"))

    assert result.result == "differs"
    assert "item 1: the law (GB-2021) gives relief (LVI_135)" in result.reasons


def test_what_is_no_duty_tax_or_excise_is_out_of_scope(tmp_path: Path) -> None:
    result = held(own(tmp_path, [line("C10", "1000.00", "50.00", "500.00")]))

    assert result.result == "out_of_scope"
    assert "other charges (C10)" in result.reasons[0]


def test_a_duty_of_nothing_that_is_taken_as_a_security_is_that_duty(tmp_path: Path) -> None:
    lines = [
        line("A00", "1000.00", "3.00", "0.00"),
        "OWN,f,20260301120000Z,4,1,1,1,ACS,,,,,,,30.00,,GBP,\n",
        line("B00", "1030.00", "20.00", "206.00"),
    ]

    result = held(own(tmp_path, lines))

    assert (result.result, result.reasons) == ("matched", [])
    lines[1] = lines[1].replace("30.00", "31.00")
    assert held(own(tmp_path, lines)).result == "differs"


def test_a_match_of_nothing_is_counted_apart(tmp_path: Path) -> None:
    nothing = held(own(tmp_path, [line("A00", "1000.00", "0.00", "0.00")]))

    assert (nothing.result, nothing.is_of_nothing) == ("matched", True)
    counts = report([nothing])
    assert (counts["matched"], counts["matched_of_nothing"]) == (1, 1)


def test_goods_to_northern_ireland_are_judged_by_its_law_and_pay_no_less_for_a_low_value(
    tmp_path: Path,
) -> None:
    lines = [
        line("A50", "100.00", "10.00", "10.00"),
        line("B05", "10.00", "20.00", "2.00"),
        line("B00", "100.00", "20.00", "20.00"),
    ]
    result = held(own(tmp_path, lines, value="100", region="GB-NIR"))

    assert (result.result, result.law, result.reasons) == ("matched", "XI-2026", [])


def test_trade_remedies_are_charged_on_the_same_value_and_come_into_the_base_of_the_tax(
    tmp_path: Path,
) -> None:
    lines = [
        line("A00", "1000.00", "3.00", "30.00"),
        line("A80", "1000.00", "50.00", "500.00"),
        line("A90", "1000.00", "10.00", "100.00"),
        line("A70", "1000.00", "20.00", "200.00"),
        line("B00", "1830.00", "20.00", "366.00"),
    ]

    result = held(own(tmp_path, lines))

    assert (result.result, result.reasons) == ("matched", [])


def test_a_trade_remedy_of_nothing_changes_nothing(tmp_path: Path) -> None:
    lines = [
        line("A00", "1000.00", "3.00", "30.00"),
        line("A80", "1000.00", "0.00", "0.00"),
        line("B00", "1030.00", "20.00", "206.00"),
    ]

    assert held(own(tmp_path, lines)).result == "matched"


def test_codes_charged_like_free_circulation_are_read_as_that() -> None:
    request = b"<d:CurrentCode>44</d:CurrentCode><d:CurrentCode>42</d:CurrentCode><TypeCode>COA</TypeCode>"

    changed, notes = as_free_circulation(request)

    assert changed == (
        b"<d:CurrentCode>40</d:CurrentCode><d:CurrentCode>42</d:CurrentCode><TypeCode>IMA</TypeCode>"
    )
    assert len(notes) == 2


def test_a_declaration_that_cannot_be_read_is_out_of_scope_by_name(tmp_path: Path) -> None:
    folder = own(tmp_path, [line("A00", "1000.00", "3.00", "30.00")])
    (folder / "request.xml").write_bytes(b"<Declaration/>")

    result = held(folder)

    assert result.result == "out_of_scope"
    assert result.reasons[0].startswith("the declaration is not read")


def test_the_command_says_all_and_ends_with_one_where_something_differs(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = own(tmp_path, [line("A00", "1000.00", "3.00", "31.00")])

    said = typed(capfd, "law", "oracle", folder, "--output", "json")

    assert (said.code, said.json()["differs"], said.json()["matched"]) == (1, 1, 0)
    assert said.json()["scenarios"][0]["reasons"]
    missing = typed(capfd, "law", "oracle", tmp_path / "absent")
    assert (missing.code, "scenarios-unreadable" in missing.err) == (2, True)


def test_a_broken_index_is_an_error_and_no_crash(tmp_path: Path) -> None:
    folder = own(tmp_path, [line("A00", "one thousand", "3.00", "30.00")])

    with pytest.raises(SeraiError, match="one thousand"):
        list(read_scenarios(folder))


@pytest.mark.in_turn
@published
def test_published_scenarios_match_but_for_those_explained() -> None:
    results = {one.name: hold_against(one, shipped_files()) for one in read_scenarios(CDS)}

    assert len(results) == 48
    assert {name for name, one in results.items() if one.result == "differs"} == set(EXPLAINED)
    for name, told in EXPLAINED.items():
        assert any(told in reason for reason in results[name].reasons)
    assert sum(one.result == "matched" for one in results.values()) == 44
    assert sum(one.law == "XI-2026" for one in results.values()) == 30
    assert all(one.reasons for one in results.values() if one.result != "matched")


@published
def test_a_wrong_rate_of_the_law_would_be_noticed() -> None:
    (scenario,) = (one for one in read_scenarios(CDS) if one.name == "TT_IM001a")
    lines = tuple(
        dataclasses.replace(one, base_minor=one.base_minor and one.base_minor + 1) for one in scenario.lines
    )

    assert hold_against(scenario, shipped_files()).result == "matched"
    assert hold_against(dataclasses.replace(scenario, lines=lines), shipped_files()).result == "differs"


@published
def test_the_page_is_what_the_tool_writes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "oracle.md").read_text(encoding="utf-8")

    assert build_page([hold_against(one, shipped_files()) for one in read_scenarios(CDS)]) == page
