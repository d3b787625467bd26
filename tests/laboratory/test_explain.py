"""An explanation says what was decided, to the cent, and where every step comes from."""

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.explanation.consignment import explain_consignment
from serai.explanation.phrases import read_phrases
from serai.explanation.sentences import sentences
from serai.explanation.side_by_side import side_by_side
from serai.explanation.steps import ChargeExplained, Explanation, Step
from serai.explanation.wording import render_rate
from serai.journey.assessment.rules import Assessment, assess
from serai.journey.pipeline import Context, run_pipeline
from serai.journey.screening.lists import Lists
from serai.journey.validation.columns import read_columns
from serai.laboratory.explain_file import explain_document, explain_file
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.documents import document_of_case
from serai.laboratory.worked_examples.figures import item_figures, total_figures
from serai.laboratory.worked_examples.laws import book_of_case
from serai.laboratory.worked_examples.running import DECLARANT
from serai.law.book import LawBook
from serai.law.exact import multiply_divide
from serai.law.exchange import ExchangeRate
from serai.law.library import load_book
from serai.law.vocabulary import FUNCTIONS, WORDS
from serai.model.columns import fill_word
from serai.model.documents import VENDOR, AdditionalFiscalReference, Consignment, GoodsItem, Person
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT
from serai.model.money import PLACES, render_exact
from tests.beside import SHARED, needs
from tests.law.packs import LAW_WAS_ANOTHER

ROOT = Path(__file__).parents[2]
CASES = SHARED / "regimes"
REGIMES = ("EU-2021", "EU-2026")
EXAMPLE = ROOT / "examples" / "tutorial" / "pen-notebook-keyring.json"
NOON = "2026-07-01T12:00:00+00:00"
JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 1)
PACKS = ("EU-2021", "EU-2026", "EU-VAT", "FR-TPC-2026", "IT-FEE-2026", "RO-FEE-2026")


@cache
def law_files() -> dict[str, bytes]:
    laws = ROOT / "laws"
    found = (path for path in laws.rglob("*") if path.is_file())
    wanted = {path.relative_to(laws).as_posix(): path.read_bytes() for path in found}
    # The rates of these tests are invented, the published ones would go before them.
    # Drafts are explained as if in force.
    return {
        path: content.replace(b"\nstatus: draft\n", b"\nstatus: in_force\n")
        for path, content in wanted.items()
        if not path.startswith("tables/exchange/")
    }


@cache
def cases() -> list[dict[str, Any]]:
    files = sorted(CASES.glob("cases-*.yaml"))
    found = [case for path in files for case in read_cases(path.read_bytes())]
    with_pack = {path.partition("/")[0] for path in law_files()}
    return [case for case in found if case["regime"] in with_pack and "return" not in case["input"]]


@cache
def book() -> LawBook:
    rate = ExchangeRate(
        table="eu-customs-monthly",
        home="EUR",
        currency="USD",
        numerator=10_870,
        denominator=10_000,
        direction="foreign_per_home",
        valid_from=dt.date(2021, 1, 1),
        valid_to=None,
        source="invented rate",
    )
    daily = msgspec.structs.replace(rate, table="ecb-daily", numerator=10_900)
    return load_book(law_files(), codes=PACKS, exchange_rates=[rate, daily])


def assess_alone(documents: list[Consignment], law: LawBook) -> Assessment:
    columns = read_columns(documents, [DECLARANT] * len(documents), 0, law)
    count = len(documents)
    no, absent = np.zeros(count, dtype=np.bool_), np.full(count, ABSENT, dtype=np.int64)
    consignments = columns.consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        is_value_contradicted=no,
        allowance_used=absent,
        same_day_value=absent,
    )
    items = columns.items.with_columns(goods_kind_codes=fill_word("", columns.items.row_count))
    return assess(consignments, items, columns.first_items, law)


def every_step(explanation: Explanation) -> Iterator[Step]:
    waiting = explanation.sections()
    while waiting:
        step = waiting.pop()
        yield step
        waiting.extend(step.children)


def hold_against(explanation: Explanation, assessed: Assessment, consignment: int) -> None:
    """Hold every charge of the explanation against the record, row by row."""
    charges = assessed.charges
    rows = np.flatnonzero(charges.numbers("consignment") == consignment).tolist()
    recorded = sorted(
        (
            int(charges.numbers("item")[row] >= 0),
            charges.words("kind_code").texts()[row],
            charges.words("currency_code").texts()[row],
            int(charges.numbers("amount_minor")[row]),
            int(charges.numbers("base_minor")[row]),
            charges.words("due_code").texts()[row],
            charges.words("debtor_code").texts()[row],
            bool(charges.flags("is_waived")[row]),
        )
        for row in rows
    )
    explained = sorted(
        (*described, one.base_minor, one.due_code, one.debtor_code, one.is_waived)
        for is_item, group in (
            (1, [charge for item in explanation.items for charge in item.charges]),
            (0, explanation.charges),
        )
        for one in group
        for described in [(is_item, one.kind, one.currency, one.amount_minor)]
    )

    assert explained == recorded
    for charge in explanation.all_charges():
        assert charge.step.result_minor == charge.amount_minor
        assert rounded_as_said(charge, assessed)


def rounded_as_said(charge: ChargeExplained, assessed: Assessment) -> bool:
    """The exact product of the step, rounded as the law says, is the amount."""
    if not charge.rate_denominator:
        return True
    exact = Fraction(charge.base_minor * charge.rate_numerator, charge.rate_denominator)
    rounding = next(
        one.charge.charge.rounding
        for governed in assessed.runs
        for one in governed.run.charges
        if one.charge.charge.rule_id == charge.rule_id
    )
    numerator = np.array([exact.numerator], dtype=np.int64)
    amount = multiply_divide(numerator, 1, exact.denominator, mode=rounding.mode, unit=rounding.unit_minor)
    said = render_exact(exact / 10 ** PLACES[charge.currency])
    return charge.step.exact == said and int(amount[0]) == charge.amount_minor


def check_sources(explanation: Explanation) -> None:
    for step in every_step(explanation):
        assert step.law_ref or step.source or step.pointer, step
        texts = (step.meaning, step.result, step.filled, step.exact, step.rounding, step.needed)
        assert not any("{" in text or "}" in text for text in texts if text), step
        assert step.meaning
        assert step.result
        assert step.is_known or step.needed or step.result == "none" or step.is_repeat, step


# ---- worked examples ----


@needs(CASES)
def test_every_worked_case_is_explained_to_the_cent() -> None:
    assert len(cases()) >= 30
    for case in cases():
        law = book_of_case(case, law_files())
        assert law is not None
        assessed = assess_alone([document_of_case(case)], law)

        explanation = explain_consignment(assessed, 0)

        hold_against(explanation, assessed, 0)
        check_sources(explanation)
        if case["regime"] in REGIMES and case["id"] not in LAW_WAS_ANOTHER:
            hold_totals(explanation, assessed, case)
        assert msgspec.json.decode(msgspec.json.encode(explanation), type=Explanation) == explanation
        assert 2 <= len(sentences(explanation)) <= 6


def hold_totals(explanation: Explanation, assessed: Assessment, case: Mapping[str, Any]) -> None:
    totals = {
        total.name: total.amount_minor for total in explanation.totals if total.currency == case["currency"]
    }
    wanted = total_figures(assessed, case["currency"])
    for name in ("duty", "tax", "fee", "due_at_border", "due_at_sale"):
        assert (
            totals.get(name)
            == wanted[f"{name}_minor"]
            == case["expect"]["totals"].get(f"{name}_minor", totals.get(name))
        )
    for place, item in enumerate(explanation.items):
        assert item.value is not None
        assert item.value.result_minor == item_figures(assessed, place)["customs_value_minor"]
    assert explanation.thresholds[0].children[0].result_minor == wanted["threshold_value_minor"]


# ---- random consignments ----


def goods_item(number: int, price: int, currency: str, quantity: int, code: str) -> GoodsItem:
    return GoodsItem(
        sequence_number=number,
        commodity_code=code,
        description=f"Invented thing {number}",
        quantity=str(quantity),
        invoice_amount=f"{price / 100:.2f}",
        invoice_currency_code=currency,
        origin_country_code="CN",
        gross_mass_kg="0.100",
    )


items_drawn = st.lists(
    st.tuples(
        st.integers(0, 40_000),
        st.sampled_from(["EUR", "USD", "JPY"]),
        st.integers(1, 4),
        st.sampled_from(["610910", "220421", "330300", "960810"]),
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def consignments(draw: st.DrawFn) -> Consignment:
    items = draw(items_drawn)
    amount = st.none() | st.integers(0, 3_000).map(lambda minor: f"{minor / 100:.2f}")
    day = draw(st.sampled_from(["2024-05-02", "2026-06-30", "2026-07-01", "2027-01-15", "2019-01-01"]))
    return Consignment(
        reference="DRAWN-1",
        goods_items=[goods_item(n, *item) for n, item in enumerate(items, 1)],
        consignor=Person(name="Invented Seller", country_code="CN"),
        consignee=Person(
            name="Invented Person",
            country_code=draw(st.sampled_from(["DE", "IE", "IT", "RO", "US"])),
            postcode="10115",
        ),
        logistics_channel_code=draw(st.sampled_from(["post", "express", "cargo"])),
        sale_nature_code=draw(st.sampled_from(["B2C", "gift", "B2B", "not-stated"])),
        is_preference_claimed=draw(st.booleans()),
        scheme_kind_code=draw(st.sampled_from([None, "IOSS"])),
        additional_fiscal_references=draw(
            st.sampled_from([[], [AdditionalFiscalReference(VENDOR, "IM1234567890")]])
        ),
        freight_amount=draw(amount),
        insurance_amount=draw(amount),
        charges_currency_code="EUR",
        accepted_at=f"{day}T12:00:00+00:00",
    )


@pytest.mark.in_turn
@given(st.lists(consignments(), min_size=1, max_size=3))
@settings(max_examples=12)
def test_any_consignment_of_a_batch_is_explained_as_it_was_assessed(documents: list[Consignment]) -> None:
    assessed = assess_alone(documents, book())

    explanations = [explain_consignment(assessed, row) for row in range(len(documents))]

    for row, explanation in enumerate(explanations):
        hold_against(explanation, assessed, row)
        check_sources(explanation)
        alone = explain_consignment(assess_alone([documents[row]], book()), 0)
        assert msgspec.structs.replace(alone, needed=[]) == msgspec.structs.replace(explanation, needed=[])
        assert sentences(explanation)


@given(consignments())
@settings(max_examples=8)
def test_an_explanation_beside_itself_shows_no_change(document: Consignment) -> None:
    explanation = explain_consignment(assess_alone([document], book()), 0)

    compared = side_by_side(explanation, explanation)

    assert compared.changed_steps() == []
    assert not any(row.changed for row in compared.figures)


# ---- what is unknown ----


def test_a_missing_rate_of_exchange_is_said_with_what_is_needed() -> None:
    item = goods_item(1, 1_000, "JPY", 1, "610910")
    document = Consignment(
        reference="YEN",
        goods_items=[msgspec.structs.replace(item, invoice_amount="1000")],
        consignor=Person(name="Invented Seller", country_code="JP"),
        consignee=Person(name="Invented Person", country_code="IE", postcode="D02 X285"),
        logistics_channel_code="post",
        sale_nature_code="B2C",
        accepted_at="2026-07-01T12:00:00+00:00",
    )

    explanation = explain_consignment(assess_alone([document], book()), 0)

    value = explanation.items[0].value
    assert value is not None
    assert (value.is_known, value.result) == (False, "unknown")
    assert value.needed == "a published rate of JPY in table eu-customs-monthly for 1 July 2026"
    assert explanation.all_charges() == []
    assert any(one.code == "no-exchange-rate" and one.pointer for one in explanation.needed)
    assert sentences(explanation)[-1].startswith("Something is missing")


def test_a_consignment_without_law_says_so() -> None:
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    abroad = msgspec.structs.replace(document.consignee, country_code="US")

    explanation = explain_document(
        msgspec.structs.replace(document, consignee=abroad), accepted_on=JULY, book=book()
    )

    assert explanation.law is None
    assert [one.code for one in explanation.needed] == ["no-law"]
    assert sentences(explanation)[0].startswith("No law in force")


def test_conversion_shows_the_rate_as_it_was_published() -> None:
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    items = [msgspec.structs.replace(item, invoice_currency_code="USD") for item in document.goods_items]
    foreign = msgspec.structs.replace(document, goods_items=items)

    explanation = explain_document(foreign, accepted_on=JULY, book=book())

    steps = {step.id: step for step in every_step(explanation) if not step.is_repeat}
    rate = steps["consignment.exchange_rate.customs.USD"]
    assert (rate.result, rate.filled, rate.source) == ("1 EUR = 1.087 USD", "10870 / 10000", "invented rate")
    line = steps["item-1.line_value"]
    assert (line.filled, line.exact, line.result) == ("USD 2.00 x 1 / 1.087", "2000 / 1087", "EUR 1.84")
    assert steps["item-1.invoice_amount"].pointer == "/goods_items/0/invoice_amount"


# ---- the first of July ----


def explain_example(day: dt.date) -> Explanation:
    with EXAMPLE.open("rb") as file:
        (explanation,) = explain_file(file, "json", accepted_on=day, book=book())
    return explanation


def test_the_day_before_and_the_first_of_july_side_by_side() -> None:
    june, july = explain_example(JUNE), explain_example(JULY)

    rows = {row.id: row for row in side_by_side(june, july).figures}

    assert (rows["total.duty"].a, rows["total.duty"].b) == ("EUR 0.00", "EUR 9.00")
    assert (rows["total.tax"].a, rows["total.tax"].b) == ("EUR 3.22", "EUR 5.29")
    assert (rows["total.due_at_border"].a, rows["total.due_at_border"].b) == ("EUR 3.22", "EUR 14.29")
    relief = rows["item-1.relief_code"]
    assert (relief.a, relief.b) == ("C07", "FLAT3")
    assert relief.a_law_ref == "Reg. 1186/2009 art. 23"
    assert relief.b_law_ref == "Reg. (EU) 2026/382 art. 1"
    assert "law_ref" in relief.changed


def test_steps_that_only_one_day_has_are_added_or_removed() -> None:
    compared = side_by_side(explain_example(JUNE), explain_example(JULY))

    changes = {row.id: row.changed for row in compared.changed_steps()}
    assert changes["item-1.eu-duty-flat"] == ["added"]
    assert changes["item-1.is_perfume"] == ["removed"]
    assert "item-1.line_value" not in changes
    assert len({row.id for row in compared.steps}) == len(compared.steps)


def test_freight_is_shared_with_method_and_weights() -> None:
    steps = {step.id: step for step in every_step(explain_example(JULY)) if not step.is_repeat}

    share = steps["item-3.freight_share"]

    assert (share.filled, share.exact, share.result) == ("EUR 4.00 x EUR 3.00 / EUR 10.00", "1.2", "EUR 1.20")
    assert share.rounding is not None
    assert "last goods item takes the rest" in share.rounding
    assert [child.name for child in share.children] == ["freight", *["line_value"] * 3]


def test_rows_of_a_table_before_the_one_that_held_say_why_not() -> None:
    relief = explain_example(JULY).items[0].relief

    assert [(row.name, row.result) for row in relief.children] == [
        ("F01", "does not hold"),
        ("C08", "does not hold"),
        ("1C1", "does not hold"),
        ("FLAT3", "holds"),
    ]
    assert all(row.children for row in relief.children)


def test_a_buyer_reads_it_in_short_sentences() -> None:
    said = sentences(explain_example(JULY))

    assert said == [
        "The rules of 1 July 2026 apply: European Union: EUR 3 per item up to EUR 150; normal tariff above.",
        "The goods count EUR 10.00, which is within the limit of EUR 150.00 (Reg. (EU) 2026/382 art. 1).",
        "Customs duty comes to EUR 9.00 (Reg. (EU) 2026/382 art. 1; Council statement of 11 February 2026).",
        "Value added tax comes to EUR 5.29 (Dir. 2006/112/EC art. 85, 86).",
        "EUR 14.29 is to be paid when the parcel arrives, EUR 9.00 by the post, EUR 5.29 by the recipient.",
    ]


def test_a_batch_of_the_corridor_is_explained_like_an_assessment() -> None:
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    processed = run_pipeline(
        [document] * 2, [DECLARANT] * 2, 1_782_907_200_000, book(), Lists.empty(), context=Context.empty(2)
    )

    second = explain_consignment(processed, 1)

    assert [charge.amount_minor for charge in second.all_charges()] == [300, 133, 300, 230, 300, 166]


# ---- words ----


def test_every_text_is_of_a_word_or_function_that_exists() -> None:
    phrases = read_phrases("en")

    assert set(phrases.functions) <= set(FUNCTIONS)
    assert set(phrases.words) - {"due_at_border"} <= set(WORDS)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SeraiError) as caught:
        read_phrases("../en")

    assert caught.value.code == "language-unknown"


def test_a_faulty_document_is_named() -> None:
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    broken = msgspec.structs.replace(document.goods_items[0], invoice_amount="two")

    with pytest.raises(SeraiError) as caught:
        explain_document(
            msgspec.structs.replace(document, goods_items=[broken]), accepted_on=JULY, book=book()
        )

    assert caught.value.code == "document-faulty"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (Fraction(1334, 1000), "1.334"),
        (Fraction(2), "2"),
        (Fraction(1, 3), "1 / 3"),
        (Fraction(-5, 100), "-0.05"),
    ],
)
def test_numbers_are_exact(number: Fraction, said: str) -> None:
    assert render_exact(number) == said


@pytest.mark.parametrize(
    ("numerator", "denominator", "said"),
    [(230_000, 1_000_000, "23 %"), (25_500, 1_000_000, "2.55 %"), (2, 3, "2 / 3"), (0, 1, "0 %")],
)
def test_rates_are_said_in_per_cent_or_as_the_fraction_they_are(
    numerator: int, denominator: int, said: str
) -> None:
    assert render_rate(numerator, denominator) == said


def test_a_law_that_no_source_confirms_on_its_day_says_so() -> None:
    confirmed, later = explain_example(dt.date(2026, 8, 31)), explain_example(dt.date(2026, 9, 1))

    told = "This law is not confirmed since 31 August 2026: no source read shows it in force after that."
    assert (confirmed.law_not_confirmed_since, later.law_not_confirmed_since) == (None, "2026-08-31")
    assert told not in sentences(confirmed)
    assert sentences(later)[1] == told


def test_one_goods_item_can_be_read_alone() -> None:
    explanation = explain_example(JULY).only_item(2)

    assert [item.sequence_number for item in explanation.items] == [2]
    assert [charge.amount_minor for charge in explanation.all_charges()] == [300, 230]


def test_one_price_unknown_among_many_is_named_under_each_that_waits_for_it() -> None:
    items = [goods_item(number, 100, "EUR", 1, "610910") for number in range(1, 13)]
    items[9] = msgspec.structs.replace(items[9], invoice_currency_code="JPY", invoice_amount="100")
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    gift = msgspec.structs.replace(document, goods_items=items, sale_nature_code="gift", accepted_at=NOON)

    explanation = explain_consignment(assess_alone([gift], book()), 0)

    check_sources(explanation)
    value = explanation.items[0].value
    assert value is not None
    assert value.needed == "a published rate of JPY in table eu-customs-monthly for 1 July 2026"


def test_many_items_are_explained_with_figures_counted_rather_than_listed() -> None:
    document = msgspec.json.decode(EXAMPLE.read_bytes(), type=Consignment)
    items = [goods_item(number, 100, "EUR", 1, f"6109{number:02}") for number in range(1, 31)]

    explanation = explain_document(
        msgspec.structs.replace(document, goods_items=items), accepted_on=JULY, book=book()
    )

    value = explanation.thresholds[0].children[0]
    assert value.filled is not None
    assert value.filled.endswith("+ and 22 more")
    assert explanation.totals[0].amount_minor == 30 * 300
    check_sources(explanation)
