"""Words that the world's regimes need: what each says, and an imaginary regime written in data alone."""

import datetime as dt
from typing import Literal

import numpy as np
import pytest
from msgspec.structs import replace

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.validation.columns import read_columns
from serai.law.book import LawBook, LoadedPack, build_book
from serai.law.exchange import Exchange
from serai.law.load import decode_pack
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry, SchemeRegister
from serai.law.tariff import Tariff, TariffLine
from serai.law.territory import Territories, Territory
from serai.model.documents import (
    VENDOR,
    AdditionalFiscalReference,
    Consignment,
    ConsignmentDetail,
    GoodsItem,
    Person,
    Procedure,
    ReturnedGoods,
    ValuationCharge,
)
from tests.law.packs import EVER, charges_of, compile_pack, findings_of, item, pack_text


def territory(customs: str) -> Territory:
    return Territory(
        country_code="XX",
        customs_territory_code=customs,
        tax_territory_code="XX",
        time_zone="UTC",
        valid_from=EVER,
        valid_to=None,
        source="test",
        name="an invented country",
    )


def book_of(
    *texts: str,
    lines: tuple[TariffLine, ...] = (),
    customs: str = "XX",
    entries: tuple[SchemeEntry, ...] = (),
) -> LawBook:
    packs = [
        LoadedPack(decode_pack(text.encode(), f"{number}/pack.yaml"), str(number))
        for number, text in enumerate(texts)
    ]
    shapes = [shape for one in packs for shape in one.pack.registrations]
    register = SchemeRegister(shapes, entries)
    return build_book(packs, Territories([territory(customs)]), Tariff(lines), Exchange([]), register)


def line(measure: str, prefix: str, **terms: object) -> TariffLine:
    given = {"valid_from": EVER, "valid_to": None, "source": "test", **terms}
    return TariffLine(measure=measure, commodity_prefix=prefix, **given)  # type: ignore[arg-type]


def parcel(*items: GoodsItem, **fields: object) -> Consignment:
    given: dict[str, object] = {
        "reference": "T-1",
        "goods_items": list(items) or [item()],
        "consignor": Person(name="Invented Sender", country_code="CN"),
        "consignee": Person(name="Invented Buyer", country_code="XX"),
        "logistics_channel_code": "express",
        "sale_nature_code": "B2C",
        "charges_currency_code": "EUR",
        "accepted_at": "2026-08-01T10:00:00+00:00",
    }
    return Consignment(**{**given, **fields})  # type: ignore[arg-type]


def assessed(book: LawBook, document: Consignment, **context: int) -> Assessment:
    columns = read_columns([document], ["filer"], 0, book)
    known = {name: np.array([value], dtype=np.int64) for name, value in context.items()}
    return assess(columns.consignments.with_columns(**known), columns.items, columns.first_items, book)


def amount(level: str, expression: str, when: str = "TRUE", kind: str = "fee", name: str = "test") -> str:
    return (
        f"- {{rule_id: {name}, tax_type_code: T, kind: {kind}, level: {level}, title: t, when: {when!r}, "
        f"law_ref: l, due: border, debtor: [{{code: importer}}], amount: {expression!r}}}\n"
    )


def only_amount(result: Assessment) -> int:
    ((_, _, found),) = charges_of(result)
    return found


# ---- what a buyer may draw ----

ALLOWANCE = """allowance:
  kind: count
  per: half_year
  draws: CASE WHEN is_free THEN 1 ELSE 0 END
  is_given_back: false
  law_ref: l
parameters:
- name: times
  kind: count
  meaning: "Times a half year"
  values: [{valid_from: 2020-01-01, valid_to: null, value: 6, source: act}]
- name: fee
  kind: money
  meaning: "What is due otherwise"
  values: [{valid_from: 2020-01-01, valid_to: null, value: 7.00 EUR, source: act}]
definitions:
- {name: is_free, level: consignment, value: allowance_used < times, meaning: m, law_ref: l}
charges:
"""


@pytest.mark.parametrize(("used", "owed", "after"), [(5, [], 6), (6, [700], 6)])
def test_allowance_is_free_until_it_is_drawn_and_says_what_stands_afterwards(
    used: int, owed: list[int], after: int
) -> None:
    book = book_of(pack_text(ALLOWANCE + amount("consignment", "fee", "NOT is_free")))

    result = assessed(book, parcel(), allowance_used=used)

    assert [found for _, _, found in charges_of(result)] == owed
    assert result.runs[0].run.read("allowance_used_after").data.tolist() == [after]


def test_allowance_that_nobody_read_decides_nothing() -> None:
    book = book_of(pack_text(ALLOWANCE + amount("consignment", "fee", "NOT is_free")))

    result = assessed(book, parcel())

    assert charges_of(result) == []
    assert ("data-needed", "allowance_used") in findings_of(result)


def test_allowance_in_money_is_in_the_currency_of_the_law() -> None:
    block = ALLOWANCE.replace("kind: count\n  per", "kind: money\n  per").replace(
        "THEN 1 ELSE 0 END", "THEN SUM(line_value) ELSE 0 END"
    )
    block = block.replace("- name: times\n  kind: count", "- name: times\n  kind: money")
    block = block.replace("value: 6,", "value: 0.06 EUR,")
    book = book_of(pack_text(block + amount("consignment", "fee", "NOT is_free")))

    result = assessed(book, parcel(), allowance_used=5)

    assert result.runs[0].run.read("allowance_used_after").data.tolist() == [5 + 2000]


def test_a_law_has_one_allowance() -> None:
    charges = amount("consignment", "fee", "NOT is_free")
    layer = pack_text(ALLOWANCE.partition("parameters:")[0], code="XX-LAYER", layer="common")
    book = book_of(pack_text(ALLOWANCE + charges), layer)

    with pytest.raises(LawPackError) as fault:
        book.program_number(("XX-TEST", "XX-LAYER"))

    assert (fault.value.code, fault.value.place) == ("duplicate-name", "XX-LAYER")


def test_aggregation_says_what_counts_together_and_adds_a_value() -> None:
    body = (
        "aggregation:\n"
        "  {together: [consignee, consignor], moment: purchased, value: SUM(line_value), law_ref: l}\n"
        "charges:\n" + amount("consignment", "aggregated_value + same_day_value")
    )
    book = book_of(pack_text(body))

    assert only_amount(assessed(book, parcel(), same_day_value=50)) == 2050
    assert ("data-needed", "same_day_value") in findings_of(assessed(book, parcel()))


# ---- further measures of the tariff ----

TWO_TARIFFS = """tariff_rates:
- {name: north_rate, measure: duty, territory: SE, meaning: m}
- {name: south_rate, measure: duty, territory: ZA, meaning: m}
charges:
"""


@pytest.mark.parametrize(
    ("north", "south", "owed", "lacks"),
    [
        (100_000, 20_000, [200], set()),
        (10_000, 20_000, [40], set()),
        (None, 20_000, [], {("no-tariff-line", "north_rate")}),
        (10_000, None, [], {("no-tariff-line", "south_rate")}),
    ],
)
def test_a_law_may_weigh_the_duties_of_two_territories_and_neither_is_guessed(
    north: int | None, south: int | None, owed: list[int], lacks: set[tuple[str, str]]
) -> None:
    both = "GREATEST(TARIFF_DUTY(line_value, north_rate), TARIFF_DUTY(line_value, south_rate))"
    lines = [
        line("duty", "610910", ad_valorem_ppm=ppm, territory_code=territory)
        for ppm, territory in ((north, "SE"), (south, "ZA"))
        if ppm is not None
    ]
    # The destination's own line is not asked.
    lines.append(line("duty", "610910", ad_valorem_ppm=500_000, territory_code="XX"))
    book = book_of(pack_text(TWO_TARIFFS + amount("item", both)), lines=tuple(lines))

    result = assessed(book, parcel())

    assert [found for _, _, found in charges_of(result)] == owed
    assert findings_of(result) == lacks


MEASURES = """tariff_rates:
- {name: dumping_rate, measure: anti_dumping, meaning: "Anti-dumping duty on goods of this origin"}
charges:
"""


@pytest.mark.parametrize(
    ("lines", "owed"),
    [
        ((line("anti_dumping", "6109", ad_valorem_ppm=300_000, origin_code="CN"),), 600),
        ((line("anti_dumping", "6109", ad_valorem_ppm=300_000, origin_code="VN"),), 0),
        ((line("anti_dumping", "6109", specific_micro=150_000_000, specific_unit="piece"),), 150),
        ((), 0),
    ],
)
def test_further_measure_falls_where_a_line_names_goods_and_origin(
    lines: tuple[TariffLine, ...], owed: int
) -> None:
    book = book_of(pack_text(MEASURES + amount("item", "TARIFF_DUTY(line_value, dumping_rate)")), lines=lines)

    assert only_amount(assessed(book, parcel())) == owed


def test_further_measure_of_a_code_too_short_is_unknown_and_the_word_is_to_blame() -> None:
    lines = (line("anti_dumping", "610910", ad_valorem_ppm=1), line("anti_dumping", "610990"))
    book = book_of(pack_text(MEASURES + amount("item", "TARIFF_DUTY(line_value, dumping_rate)")), lines=lines)

    result = assessed(book, parcel(item(commodity_code="6109")))

    assert charges_of(result) == []
    assert ("commodity-code-too-short", "dumping_rate") in findings_of(result)


def test_rate_of_a_measure_is_a_word_and_the_largest_of_a_consignment_decides() -> None:
    lines = (line("anti_dumping", "6109", ad_valorem_ppm=160_000), line("anti_dumping", "64"))
    body = MEASURES + amount("item", "line_value * dumping_rate", "MAX(dumping_rate) = dumping_rate")
    book = book_of(pack_text(body), lines=lines)

    result = assessed(book, parcel(item(), item(2, commodity_code="640411")))

    assert only_amount(result) == 320


def test_least_and_greatest_compare_rates_of_different_denominators() -> None:
    body = "charges:\n" + amount(
        "item",
        "line_value * LEAST(quantity / piece_count, GREATEST(freight / line_value, gross_mass / net_mass))",
    )
    book = book_of(pack_text(body))
    goods = item(quantity="3", gross_mass_kg="0.100"), item(2, quantity="4")

    result = assessed(
        book,
        parcel(
            *(
                GoodsItem(**{f: getattr(one, f) for f in one.__struct_fields__} | {"net_mass_kg": "0.400"})
                for one in goods
            ),
            freight_amount="5.00",
        ),
    )

    # 3/7 against the larger of 1/4 and 1/4; 4/7 against the larger of 1/4 and 1/2.
    assert [found for _, _, found in charges_of(result)] == [500, 1000]


@pytest.mark.parametrize(
    ("unit", "given", "owed"),
    [
        ("litre", {"supplementary_quantity": "1500", "supplementary_unit_code": "MLT"}, 105),
        ("litre", {"quantity": "1.5", "quantity_unit_code": "LTR"}, 105),
        ("litre_alcohol", {"supplementary_quantity": "0.6", "supplementary_unit_code": "LPA"}, 42),
        ("pair", {"supplementary_quantity": "2", "supplementary_unit_code": "NPR"}, 140),
        ("pair", {"supplementary_quantity": "2", "supplementary_unit_code": "LTR"}, None),
        ("litre", {}, None),
    ],
)
def test_specific_duty_is_by_the_unit_of_its_line_and_unknown_without(
    unit: str, given: dict[str, str], owed: int | None
) -> None:
    book = book_of(
        pack_text("charges:\n" + amount("item", "TARIFF_DUTY(line_value)", kind="duty")),
        lines=(line("duty", "6109", specific_micro=70_000_000, specific_unit=unit),),
    )

    result = assessed(book, parcel(item(1, **given)))

    assert [found for _, _, found in charges_of(result)] == ([] if owed is None else [owed])


def test_content_of_a_line_is_a_count_in_its_unit() -> None:
    when = "supplementary_unit_code IN ('GRM', 'MLT') AND line_value < floor * supplementary_quantity"
    body = """parameters:
- name: floor
  kind: money
  meaning: "Price of a gram or millilitre"
  values: [{valid_from: 2020-01-01, valid_to: null, value: 1.00 EUR, source: act}]
charges:
"""
    book = book_of(pack_text(body + amount("item", "line_value", when)))
    low = parcel(item(supplementary_quantity="21", supplementary_unit_code="MLT"))
    high = parcel(item(supplementary_quantity="20", supplementary_unit_code="GRM"))

    assert only_amount(assessed(book, low)) == 2000
    assert charges_of(assessed(book, high)) == []


@pytest.mark.parametrize("second", ["'anti_dumping'", "line_value", "duty_rat"])
def test_second_argument_of_a_tariff_duty_is_the_word_of_a_measure(second: str) -> None:
    with pytest.raises(LawPackError, match="its word"):
        compile_pack(MEASURES + amount("item", f"TARIFF_DUTY(line_value, {second})"))


# ---- what a declaration bears ----


def test_charges_of_the_import_are_counted_in_and_none_is_nothing() -> None:
    book = book_of(pack_text("charges:\n" + amount("consignment", "import_charges")))
    charges = [ValuationCharge("IC", "2.50", "EUR"), ValuationCharge("IC", "0.30", "EUR")]
    other = [ValuationCharge("AK", "9.00", "EUR"), ValuationCharge("IC", "9.00", "USD")]

    assert only_amount(assessed(book, parcel(detail=ConsignmentDetail(charges=[*charges, *other])))) == 280
    assert only_amount(assessed(book, parcel())) == 0


EXCISE = (
    "requirements:\n- {rule_id: stated, level: item, when: commodity_code = '22083000', "
    "is_there: excise <> 0, datum: excise_amount, pointer: /goods_items/*/excise_amount, lane: review, "
    "law_ref: l, sentence: s, remedy: r}\n"
)


@pytest.mark.parametrize(
    ("code", "excise", "owed"),
    [("22083000", None, None), ("22083000", "0.00", 0), ("22083000", "3.00", 300), ("61091000", None, 0)],
)
@pytest.mark.parametrize("small_rows_max", [0, 24])
def test_an_amount_that_the_law_asks_for_and_nobody_gave_is_unknown_and_so_is_what_rests_on_it(
    code: str, excise: str | None, owed: int | None, small_rows_max: int
) -> None:
    charges = "charges:\n" + amount("item", "excise", when="excise > 0", name="excise-duty")
    book = book_of(pack_text(charges + amount("item", "charge_excise_duty", name="tax") + EXCISE))
    whisky = replace(item(commodity_code=code), excise_amount=excise)
    columns = read_columns([parcel(whisky)], ["filer"], 0, book)

    frames = columns.consignments, columns.items, columns.first_items
    result = assess(*frames, book, small_rows_max=small_rows_max)

    assert result.consignments.flags("has_unknown_charge").tolist() == [owed is None]
    assert sum(one[2] for one in charges_of(result)) == 2 * (owed or 0)
    assert len(charges_of(result)) == (0 if owed is None else 1 + (owed > 0))


@pytest.mark.parametrize(("terms", "owed"), [("DAP", 500), ("EXW", 0), (None, 0)])
def test_terms_of_the_sale_say_who_sold_the_delivery(terms: str | None, owed: int) -> None:
    is_sold = "trade_terms_code IS NOT NULL AND trade_terms_code IN ('DAP', 'DDP')"
    body = "charges:\n" + amount("consignment", f"CASE WHEN {is_sold} THEN freight ELSE 0 END")
    detail = None if terms is None else ConsignmentDetail(trade_terms_code=terms)

    document = parcel(detail=detail, freight_amount="5.00")

    assert only_amount(assessed(book_of(pack_text(body)), document)) == owed


@pytest.mark.parametrize(
    ("repaid", "owed"), [("none", 0), ("tax", 0), ("duty", 500), ("duty-and-tax", 500), (None, 500)]
)
def test_goods_that_come_back_say_what_was_repaid_and_silence_relieves_nothing(
    repaid: Literal["none", "duty", "tax", "duty-and-tax"] | None, owed: int
) -> None:
    is_free = "has_export_reference AND COALESCE(export_relief_code IN ('none', 'tax'), FALSE)"
    body = "charges:\n" + amount("consignment", f"CASE WHEN {is_free} THEN 0 ELSE freight END")
    returned = ReturnedGoods(export_reference="E1", export_relief_code=repaid)

    document = parcel(detail=ConsignmentDetail(returned_goods=returned), freight_amount="5.00")

    assert only_amount(assessed(book_of(pack_text(body)), document)) == owed


@pytest.mark.parametrize(("codes", "owed"), [(["C07", "GEN"], 1), (["C07"], 0), (None, 0)])
def test_what_the_importer_elects_stands_in_the_additional_procedures(
    codes: list[str] | None, owed: int
) -> None:
    body = """parameters:
- name: elected
  kind: code
  is_list: true
  meaning: "Codes of the election"
  values: [{valid_from: 2020-01-01, valid_to: null, value: ["GEN"], source: act}]
charges:
"""
    when = "HAS_ANY_CODE(additional_procedure_codes, elected)"
    procedure = None if codes is None else Procedure(additional_procedure_codes=codes)

    result = assessed(
        book_of(pack_text(body + amount("consignment", "freight", when))), parcel(procedure=procedure)
    )

    assert len(charges_of(result)) == owed


def test_value_that_nobody_found_is_a_finding_on_every_day() -> None:
    body = "parameters:\n- {name: levy, kind: money, meaning: m, values: []}\ncharges:\n"
    book = book_of(pack_text(body + amount("consignment", "levy")))

    result = assessed(book, parcel())

    assert charges_of(result) == []
    assert ("parameter-not-known", "levy") in findings_of(result)


# ---- which packs govern ----


def charge_of(rule_id: str) -> str:
    return "charges:\n" + amount("consignment", "freight", name=rule_id)


def test_pack_governs_the_procedures_and_directions_it_names_else_import_for_free_circulation() -> None:
    keys = "procedures: ['9710']\ndirections: [EX]\nrelief:"
    export = pack_text(charge_of("out"), code="XX-OUT").replace("relief:", keys)
    book = book_of(pack_text(charge_of("in")), export)
    outbound = parcel(procedure=Procedure(direction_code="EX", requested_procedure_code="9710"))
    inbound = parcel(procedure=Procedure(requested_procedure_code="9710"))
    warehoused = parcel(procedure=Procedure(requested_procedure_code="71"))

    assert assessed(book, parcel()).runs[0].run.program.code == "XX-TEST"
    assert assessed(book, outbound).runs[0].run.program.code == "XX-OUT"
    for outside, asked in ((inbound, "IM 9710"), (warehoused, "IM 71")):
        result = assessed(book, outside)
        assert (charges_of(result), findings_of(result)) == ([], {("outside-scope", asked)})


@pytest.mark.parametrize(
    ("codes", "told"), [([], None), (["000"], None), (["K1"], None), (["K1", "1PP"], "1PP"), (["C28"], "C28")]
)
def test_additional_procedure_that_no_pack_knows_is_told_under_every_law(
    codes: list[str], told: str | None
) -> None:
    known = "additional_procedures: [{code: K1, meaning: m, source: act}]\nrelief:"
    book = book_of(pack_text(charge_of("in")).replace("relief:", known))

    of_consignment = parcel(procedure=Procedure(additional_procedure_codes=codes))
    of_item = parcel(replace(item(), additional_procedure_codes=codes))

    for document in (of_consignment, of_item):
        found = dict(findings_of(assessed(book, document)))
        assert found.get("additional-procedure-not-known") == told


def test_packs_of_two_channels_do_not_hide_an_overlap_behind_them() -> None:
    def of(code: str, channel: str, begin: str) -> str:
        return pack_text(code=code, valid_from=begin).replace("relief:", f"channels: [{channel}]\nrelief:")

    post, express = of("XX-POST", "post", "2020-01-01"), of("XX-EXPRESS", "express", "2020-02-01")
    book_of(post, express)

    with pytest.raises(LawPackError) as fault:
        book_of(post, express, of("XX-POST2", "post", "2020-03-01"))
    assert (fault.value.code, fault.value.place) == ("overlap", "XX-POST, XX-POST2")


def test_law_of_a_country_goes_before_that_of_its_customs_union_and_keeps_its_layers() -> None:
    fee = """parameters:
- name: union_rate
  kind: rate
  meaning: "A fee by value, in the currency of the country"
  values: [{valid_from: 2020-01-01, valid_to: null, value: 7 %, source: act}]
charges:
""" + amount("consignment", "SUM(line_value * union_rate)", name="union-fee")
    layer = pack_text(fee, code="UNION-DUTY", jurisdiction="UNION", layer="duty")
    layer = layer.replace("currency: EUR", "currency: null")
    union = pack_text(code="UNION-BASE", jurisdiction="UNION")
    national = pack_text(code="XX-BASE").replace("currency: EUR", "currency: KES")

    of_its_own = parcel(item(invoice_currency_code="KES"))

    both = assessed(book_of(union, national, layer, customs="UNION"), of_its_own)
    alone = assessed(book_of(union, layer, customs="UNION"), parcel())

    assert both.runs[0].run.program.code == "XX-BASE+UNION-DUTY"
    assert both.charges.words("currency_code").texts() == ["KES"]
    assert alone.runs[0].run.program.code == "UNION-BASE+UNION-DUTY"
    assert alone.charges.words("currency_code").texts() == ["EUR"]


def test_only_a_layer_may_leave_its_currency_open() -> None:
    book = book_of(pack_text().replace("currency: EUR", "currency: null"))

    with pytest.raises(LawPackError, match="only a layer"):
        book.program_number(("XX-TEST",))


def test_planned_law_does_not_say_which_moment_counts() -> None:
    planned = pack_text(code="XX-NEXT", valid_from="2030-01-01").replace("in_force", "planned")
    planned = planned.replace("law_moment: accepted", "law_moment: purchased")
    book = book_of(pack_text(), planned)

    result = assessed(book, parcel(purchased_at="2019-01-01T00:00:00+00:00"))

    assert result.runs[0].run.program.code == "XX-TEST"


# ---- a regime that does not exist ----

IMAGINARY = """
time_zone: UTC
allowance:
  kind: money
  per: month
  draws: CASE WHEN is_relieved THEN SUM(line_value) ELSE 0 END
  is_given_back: true
  reopens_earlier: false
  law_ref: "Imaginary Act s. 3"
parameters:
- name: month_limit
  kind: money
  meaning: "What a buyer may bring in free in a calendar month."
  values: [{valid_from: 2020-01-01, valid_to: null, value: 100.00 EUR, source: act}]
- name: kilogram
  kind: mass
  meaning: "The unit of the handling fee."
  values: [{valid_from: 2020-01-01, valid_to: null, value: 1 kg, source: act}]
- name: fee_per_kilogram
  kind: money
  meaning: "Handling fee for each kilogram."
  values: [{valid_from: 2020-01-01, valid_to: null, value: 2.50 EUR, source: act}]
- name: inner_rate
  kind: rate
  meaning: "Tax inside its own base."
  values: [{valid_from: 2020-01-01, valid_to: null, value: 20 %, source: act}]
definitions:
- {name: is_prepaid, level: consignment, law_ref: l, meaning: m,
   value: "scheme_status_code = 'valid' AND scheme_kind_code IN ('ONE', 'TWO')"}
- {name: is_relieved, level: consignment, law_ref: l, meaning: m,
   value: "allowance_used + SUM(line_value) <= month_limit"}
charges:
- rule_id: im-handling
  tax_type_code: H
  kind: fee
  level: item
  title: "Handling by weight"
  when: "TRUE"
  base: fee_per_kilogram
  rate: gross_mass / kilogram
  is_in_tax_base: true
  due: border
  debtor: [{code: carrier}]
  law_ref: "Imaginary Act s. 4"
- rule_id: im-tax
  tax_type_code: T
  kind: tax
  level: item
  title: "Tax inside its base"
  when: NOT is_relieved
  base: line_value + charges_in_tax_base
  rate: inner_rate / (1 - inner_rate)
  due: [{code: sale, when: is_prepaid}, {code: border}]
  debtor:
  - {code: platform, when: "is_prepaid AND scheme_kind_code = 'TWO'"}
  - {code: seller, when: is_prepaid}
  - {code: importer}
  law_ref: "Imaginary Act s. 5"
registrations:
- {kind: ONE, title: "Scheme of sellers", pattern: "ONE[0-9]{4}", register: one, source: act}
- kind: TWO
  title: "Scheme of platforms"
  pattern: "[0-9]{9}"
  check: {weights: [9, 8, 7, 6, 5, 4, 3, 2, 1], modulus: 11}
  source: act
"""
ONE = SchemeEntry(kind="ONE", number="ONE0001", valid_from=dt.date(2020, 1, 1), valid_to=None)


@pytest.mark.parametrize(
    ("used", "scheme", "charges", "debtor"),
    [
        # 300 g at 2.50 a kilogram is 0.75.
        (8000, {}, [("fee", "border", 75)], ["carrier"]),
        # (20.00 + 0.75) / 0.8 x 0.2 = 5.1875.
        (8001, {}, [("fee", "border", 75), ("tax", "border", 519)], ["carrier", "importer"]),
        (
            8001,
            {
                "scheme_kind_code": "ONE",
                "additional_fiscal_references": [AdditionalFiscalReference(VENDOR, "ONE0001")],
            },
            [("fee", "border", 75), ("tax", "sale", 519)],
            ["carrier", "seller"],
        ),
        # 1 x 9 + 2 x 1 = 11.
        (
            8001,
            {
                "scheme_kind_code": "TWO",
                "additional_fiscal_references": [AdditionalFiscalReference(VENDOR, "100000002")],
            },
            [("fee", "border", 75), ("tax", "sale", 519)],
            ["carrier", "platform"],
        ),
        (
            8001,
            {
                "scheme_kind_code": "TWO",
                "additional_fiscal_references": [AdditionalFiscalReference(VENDOR, "100000003")],
            },
            [("fee", "border", 75), ("tax", "border", 519)],
            ["carrier", "importer"],
        ),
    ],
)
def test_imaginary_regime_with_month_limit_fee_by_weight_inner_tax_and_two_schemes(
    used: int, scheme: dict[str, str], charges: list[tuple[str, str, int]], debtor: list[str]
) -> None:
    book = book_of(pack_text(IMAGINARY), entries=(ONE,))

    result = assessed(book, parcel(item(gross_mass_kg="0.300"), **scheme), allowance_used=used)

    assert charges_of(result) == charges
    assert result.charges.words("debtor_code").texts() == debtor
    after = result.runs[0].run.read("allowance_used_after").data.tolist()
    assert after == ([10_000] if used == 8000 else [used])
