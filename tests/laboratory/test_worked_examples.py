"""The worked examples of the regimes: every figure, debtor, relief, form and rate agrees."""

import datetime as dt
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.laboratory.worked_examples.case_file import CaseFileError, read_cases
from serai.laboratory.worked_examples.documents import document_of_case
from serai.laboratory.worked_examples.laws import TAXES_OF_THE_TARIFF, law_of_case, stated_lines
from serai.laboratory.worked_examples.running import assess_case, report, run_case
from serai.law.load import decode_pack
from serai.model.documents import ConsignmentDetail, Procedure, ValuationCharge
from tests.beside import SHARED, needs
from tests.law.packs import LAW_WAS_ANOTHER, shipped_files

REGIMES = SHARED / "regimes"
COMPLETE = ("EU-2021", "EU-2026", "GB-2021", "AU-2018")


@needs(REGIMES)
@pytest.mark.parametrize(
    ("file", "count"), [("cases-europe-americas.yaml", 35), ("cases-pacific-africa-gulf.yaml", 11)]
)
def test_every_case_of_the_complete_packs_passes(file: str, count: int) -> None:
    path = REGIMES / file
    files = shipped_files()

    results = [run_case(case, files) for case in read_cases(path.read_bytes()) if case["regime"] in COMPLETE]

    assert {r.id for r in results if r.result != "passed"} <= LAW_WAS_ANOTHER
    assert report(results)["passed"] == count


def test_file_that_is_no_case_file_is_refused() -> None:
    for content in (b"[", b"format: other", b"- 1"):
        with pytest.raises(CaseFileError):
            read_cases(content)


@needs(REGIMES)
def test_every_worked_example_of_every_regime_is_read_and_passes() -> None:
    files = shipped_files()
    results = []
    for path in sorted(REGIMES.glob("cases-*.yaml")):
        results += [run_case(case, files) for case in read_cases(path.read_bytes())]

    assert {r.id for r in results if r.result != "passed"} == LAW_WAS_ANOTHER
    assert len(results) == 287


# ---- a case and its law ----

CASES = Path(__file__).parents[2] / "laws"


def case_of(code: str, number: int = 0) -> dict[str, Any]:
    return read_cases((CASES / code / "cases.yaml").read_bytes())[number]


def changed(case: dict[str, Any], place: str, **values: Any) -> dict[str, Any]:
    """Return a case with some keys of `input`, or of a part of it, changed."""
    copy = deepcopy(case)
    (copy["input"][place] if place else copy["input"]).update(values)
    return copy


def switched(code: str, status: str) -> dict[str, bytes]:
    path = f"{code}/pack.yaml"
    text = re.sub(rb"(?m)^status: .*$", f"status: {status}".encode(), shipped_files()[path])
    return {**shipped_files(), path: text}


@pytest.mark.parametrize("status", ["in_force", "ended", "planned", "draft"])
def test_a_case_names_its_law_whatever_its_status_and_the_result_tells_it(status: str) -> None:
    result = run_case(case_of("TW-2024"), switched("TW-2024", status))

    assert (result.result, result.law_status) == ("passed", status)


def test_of_a_law_and_an_overlay_the_result_tells_what_is_further_from_being_law() -> None:
    case = next(
        c for c in read_cases((CASES / "EU-2021" / "cases.yaml").read_bytes()) if c["id"] == "EU21-11"
    )

    assert run_case(case, shipped_files()).law_status == "ended"
    assert run_case(case, switched("FR-TPC-2026", "draft")).law_status == "draft"
    assert run_case(case, switched("EU-2021", "planned")).law_status == "planned"


def test_a_draft_that_a_case_does_not_name_is_no_law_for_it() -> None:
    """Its layer comes unnamed with every case, and Ghana's taxes are in that layer."""
    (case, *_), files = read_cases((CASES / "GH-2023" / "cases.yaml").read_bytes()), shipped_files()
    assert run_case(case, files).result == "passed"

    result = run_case(case, switched("GH-IMPORT", "draft"))

    assert result.result == "failed"


@pytest.mark.parametrize("missing", ["EU-2021", "FR-TPC-2026"])
def test_a_case_of_a_law_or_overlay_without_a_pack_has_no_law(missing: str) -> None:
    case = next(
        c for c in read_cases((CASES / "EU-2021" / "cases.yaml").read_bytes()) if c["id"] == "EU21-11"
    )
    others = {path: text for path, text in shipped_files().items() if not path.startswith(f"{missing}/")}

    result = run_case(case, others)

    assert (result.result, result.law_status) == ("no_law", None)
    assert assess_case(case, others) is None


def test_a_key_that_nobody_reads_is_no_silent_default() -> None:
    case = changed(case_of("TW-2024"), "", freigt_minor=500)
    item = case_of("TW-2024")
    item["input"]["items"][0]["wieght_g"] = 1
    figure = case_of("TW-2024")
    figure["expect"]["totals"]["dutty_minor"] = 0

    for one, said in ((case, "input.freigt_minor"), (item, "input.items.wieght_g"), (figure, "dutty_minor")):
        with pytest.raises(CaseFileError, match=said):
            run_case(one, shipped_files())


def test_rules_and_form_that_a_case_names_are_compared_exactly() -> None:
    case, files = case_of("TW-2024"), shipped_files()
    assessed = assess_case(case, files)
    assert assessed is not None
    run = assessed.assessment.runs[0].run
    applying = [run.program.rules[number].rule_id for number, applies in run.applying if applies.any()]
    form = assessed.assessment.consignments.words("declaration_form_code").texts()[0]

    case["expect"] |= {"rules": applying[::-1], "declaration_form_code": form}
    assert run_case(case, files).result == "passed"

    case["expect"] |= {"rules": [*applying, "another"], "declaration_form_code": "another"}
    result = run_case(case, files)
    assert [difference.partition(":")[0] for difference in result.differences] == [
        "case rules",
        "case declaration_form_code",
    ]


def test_a_pack_may_stand_in_for_the_one_in_the_files() -> None:
    case, files = case_of("TW-2024"), shipped_files()
    pack = decode_pack(files["TW-2024/pack.yaml"], "TW-2024/pack.yaml")
    never = msgspec.structs.replace(pack, valid_to=dt.date(2019, 1, 1))

    assert run_case(case, files, packs={"TW-2024": never}).result == "failed"


def test_a_parcel_is_declared_at_noon_of_its_destination() -> None:
    case = case_of("TW-2024")
    law = law_of_case(case, shipped_files())

    assert law is not None
    assert document_of_case(case, law.time_zone).accepted_at == "2026-03-03T12:00:00+08:00"


@pytest.mark.parametrize(
    ("place", "values", "field", "wanted"),
    [
        ("sale", {"e_commerce_purchase": False}, "sale_nature_code", "C2C"),
        ("sale", {"e_commerce_purchase": True}, "sale_nature_code", "B2C"),
        ("buyer", {"gift_parcels_used_this_year": 0}, "sale_nature_code", "gift"),
        ("buyer", {"type": "business"}, "sale_nature_code", "B2B"),
        ("", {"scheme": {"kind": "K", "number": "1", "status": "valid"}}, "vendor_number", "1"),
        (
            "",
            {"scheme": {"kind": "K", "number": "1", "status": "valid", "info_passed": False}},
            "vendor_number",
            None,
        ),
        ("sale", {"delivery_in_supply": True}, "detail", ConsignmentDetail(trade_terms_code="DAP")),
        (
            "",
            {"import_charges_minor": 28_000},
            "detail",
            ConsignmentDetail(charges=[ValuationCharge("IC", "280.00", "TWD")]),
        ),
        ("", {"method": "specific"}, "procedure", Procedure(additional_procedure_codes=["SPECIFIC-DUTY"])),
        (
            "",
            {"elects_general_tariff": True},
            "procedure",
            Procedure(additional_procedure_codes=["GENERAL-TARIFF"]),
        ),
    ],
)
def test_what_a_case_states_becomes_what_a_filer_would_send(
    place: str, values: dict[str, Any], field: str, wanted: Any
) -> None:
    document = document_of_case(changed(case_of("TW-2024"), place, **values))

    assert getattr(document, field) == wanted


def test_excise_in_the_currency_of_the_law_is_sent_without_loss() -> None:
    case = changed(case_of("TW-2024"), "", charges_currency="USD", freight_minor=333)
    case["input"]["rates"] = [{"currency": "USD", "rate": "33.00"}]
    case["input"]["items"][0]["excise_minor"] = 13_001

    document = document_of_case(case)

    assert (document.charges_currency_code, document.freight_amount) == ("TWD", "109.89")
    assert document.goods_items[0].excise_amount == "130.01"


def test_parts_of_a_figure_are_single_charges() -> None:
    case, files = case_of("GH-2023"), shipped_files()
    charges = case["expect"]["items"][0]["charges"]
    assert run_case(case, files).result == "passed"

    # The sum of the item stays as it was.
    charges["nhil"] += 1
    charges["getfund"] -= 1
    result = run_case(case, files)

    assert [difference.partition(":")[0] for difference in result.differences] == [
        "item 1 charges nhil",
        "item 1 charges getfund",
    ]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("charge_rules", ["gb-vat-supply", "gb-duty"], "case charge_rules"),
        ("finding_codes", ["no-tariff-line"], "case finding_codes"),
        ("debtor_codes", {"tax": "seller"}, "case liable for tax"),
    ],
)
def test_our_own_codes_that_a_case_names_are_compared_exactly(key: str, value: Any, said: str) -> None:
    case, files = case_of("GB-2021"), shipped_files()
    case["expect"] |= {
        "charge_rules": ["gb-vat-supply"],
        "finding_codes": [],
        "debtor_codes": {"duty": "none", "tax": "platform"},
    }
    case["expect"]["items"][0]["relief_code"] = "LVI_135"
    assert run_case(case, files).differences == []

    case["expect"][key] = value
    (difference,) = run_case(case, files).differences
    assert difference.startswith(said)


def test_the_relief_code_of_an_item_is_compared_exactly() -> None:
    case = case_of("GB-2021")
    case["expect"]["items"][0]["relief_code"] = "none"

    assert run_case(case, shipped_files()).differences == [
        "item 1 relief_code: none in the case, LVI_135 here"
    ]


def test_a_case_states_nature_of_sale_part_of_a_unit_and_a_lacking_identifier() -> None:
    case = changed(case_of("GB-2021"), "sale", nature="own-goods")
    case["input"]["items"][0] |= {
        "quantity": "1.5",
        "quantity_unit_code": "KGM",
        "unit_price_minor": 2000,
        "flags": ["no_product_id"],
    }

    document = document_of_case(case)

    item = document.goods_items[0]
    assert document.sale_nature_code == "own-goods"
    assert (item.quantity, item.quantity_unit_code, item.invoice_amount) == ("1.5", "KGM", "30.00")
    assert item.merchant_product_id is None


def test_a_vague_description_speaks_where_screening_lies_over_the_law() -> None:
    case = next(
        c for c in read_cases((CASES / "SCREENING" / "cases.yaml").read_bytes()) if c["id"] == "SCR-03"
    )
    assert run_case(case, shipped_files()).result == "passed"

    case["input"]["items"][0]["description"] = "printed cotton dress for women"
    (difference,) = run_case(case, shipped_files()).differences
    assert difference.startswith("case rules")


# ---- whose a rate is ----


def test_a_tax_rate_that_is_not_the_laws_fails_with_both_figures_and_is_not_put_in_force() -> None:
    case, files = case_of("EU-2026"), shipped_files()
    assert run_case(case, files).differences == []

    case["input"]["items"][0]["tax_rate_ppm"] = 160_000

    # The tax is as before: only what the case states of the rate differs.
    assert run_case(case, files).differences == ["item 1 tax_rate_ppm: 160000 in the case, 210000 in the law"]


def test_a_duty_rate_that_is_not_the_shipped_tariffs_fails_with_both_figures() -> None:
    case = next(
        one for one in read_cases((CASES / "GB-2021" / "cases.yaml").read_bytes()) if one["id"] == "GB-05"
    )
    files = shipped_files()
    assert run_case(case, files).differences == []
    (item,) = case["input"]["items"]

    item["duty_rate_ppm"] = 990_000

    (difference,) = run_case(case, files).differences
    assert difference.startswith(f"duty on {item['hs']}: 990000 ppm in the case, ")


def test_goods_with_a_tax_rate_of_their_own_say_so() -> None:
    case = case_of("EU-2026")
    case["input"]["items"][0] |= {"tax_rate_ppm": 40_000, "tax_kind": "of_the_goods"}

    differences = run_case(case, shipped_files()).differences

    assert "totals tax_minor: 945 in the case, 180 here" in differences
    assert not any("tax_rate_ppm" in one for one in differences)


def test_no_case_that_a_pack_brings_states_a_rate_that_a_pack_owns() -> None:
    files = shipped_files()

    for path, content in files.items():
        for case in read_cases(content) if path.endswith("/cases.yaml") else ():
            law = law_of_case(case, files)
            assert law is not None
            stated = {(*line.terms(), line.measure) for line in stated_lines(case["input"])}
            assert stated == {(*line.terms(), line.measure) for line in law.tariff_lines}, case["id"]
            plain = [
                item["sequence"]
                for item in case["input"]["items"]
                if "tax_rate_ppm" in item and item.get("tax_kind") not in TAXES_OF_THE_TARIFF
            ]
            assert plain == [], case["id"]


def test_vat_rates_raised_by_five_points_fail_every_case_that_bears_vat() -> None:
    files = shipped_files()
    pack = decode_pack(files["EU-VAT/pack.yaml"], "EU-VAT/pack.yaml")
    parameters = [
        msgspec.structs.replace(
            one, values=[msgspec.structs.replace(v, value=int(str(v.value)) + 50_000) for v in one.values]
        )
        for one in pack.parameters
    ]
    raised = {"EU-VAT": msgspec.structs.replace(pack, parameters=parameters)}
    cases = read_cases(files["EU-2026/cases.yaml"])
    bearing = [case for case in cases if case["expect"]["totals"].get("tax_minor")]

    green = [case["id"] for case in bearing if run_case(case, files, packs=raised).result == "passed"]

    assert green == []
    assert len(bearing) > 50


# ---- who owes, relief, form, in words ----


@pytest.mark.parametrize(
    ("place", "values", "said"),
    [
        ("liable", {"duty": "platform"}, "liable for duty: platform in the case"),
        ("liable", {"tax": "importer"}, "liable for tax: importer in the case"),
        ("liable", {"tax": "seller and importer"}, "liable for tax: seller and importer in the case"),
        ("", {"declaration": "H1"}, "declaration: H1 in the case, H7 here"),
        ("item", {"relief": "C07"}, "item 1 relief: C07 in the case, FLAT3 here"),
    ],
)
def test_a_word_that_names_another_code_fails_like_a_figure(
    place: str, values: dict[str, Any], said: str
) -> None:
    case = case_of("EU-2026")
    expect = case["expect"]
    (expect["items"][0] if place == "item" else expect[place] if place else expect).update(values)

    (difference,) = run_case(case, shipped_files()).differences

    assert difference.startswith(said)


def test_who_would_owe_what_comes_to_nothing_may_be_told_and_nobody_else() -> None:
    """A duty of 0 stands on the bill of goods in free tariff lines."""
    (case,) = (
        one
        for one in read_cases((CASES / "NO-VOEC-2024" / "cases.yaml").read_bytes())
        if one["id"] == "NO-05"
    )
    files = shipped_files()
    assert case["expect"]["totals"]["duty_minor"] == 0

    told = {who: _with_duty_of(case, who, files) for who in ("none", "recipient", "seller")}

    assert told == {
        "none": [],
        "recipient": [],
        "seller": ["liable for duty: seller in the case, none here"],
    }


def _with_duty_of(case: dict[str, Any], who: str, files: dict[str, bytes]) -> list[str]:
    copy = deepcopy(case)
    copy["expect"]["liable"]["duty"] = who
    return run_case(copy, files).differences


def test_several_debtors_are_named_each_and_nobody_left_out() -> None:
    (case,) = (
        one for one in read_cases((CASES / "SG-OVR-2024" / "cases.yaml").read_bytes()) if one["id"] == "SG-06"
    )
    files = shipped_files()
    assert run_case(case, files).differences == []

    case["expect"]["liable"]["tax"] = "vendor"

    assert run_case(case, files).differences == ["liable for tax: vendor in the case, seller, consignee here"]
