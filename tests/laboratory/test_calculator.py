"""The calculator for everybody: its address, its faults at their fields, its answers and what they assume."""

import asyncio
import datetime as dt
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.foundation.http.problems import InputFaultyError
from serai.foundation.metrics import Metrics
from serai.journey.law_in_force.state import LawState
from serai.laboratory.compare.assumed_rates import DUTY_RATES_PPM, SOURCE
from serai.law.tariff import day_number
from serai.model.errors import SeraiError
from serai.portal.calculator.assumed_law import assume_rates
from serai.portal.calculator.form import (
    CalculatorForm,
    ItemForm,
    basket_of,
    find_faults,
    place_faults,
    read_form,
)
from serai.portal.calculator.goods import goods_choices
from serai.portal.calculator.service import DETAILS_MAX, WAITING_MAX, Answer, CalculatorService
from serai.portal.calculator.view import CalculatorView, view_answers
from serai.portal.law.pages import files_of
from serai.portal.law.places import countries_with_law
from tests.laboratory.shipped_law import law_with_rates, law_without_rates

AT = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
GOODS = goods_choices("en")
NAMES = dict(countries_with_law(law_with_rates().book, AT.date()))
COUNTRIES = {"DE", "FR", "US", "MX", "GB", "RO", "BR", "IE"}
DRESS = "goods_1=dress&price_1=30.00&currency_1=EUR&quantity_1=1&origin_1=CN"


class _At:
    """A clock that stands."""

    def now(self) -> dt.datetime:
        return AT


def form_of(query: str) -> CalculatorForm:
    return read_form(parse_qsl(query, keep_blank_values=True))


def ask(query: str, law: LawState | None = None) -> list[Answer]:
    form = form_of(query)
    used = law or law_with_rates()

    async def answer() -> list[Answer]:
        service = CalculatorService(lambda: used, files_of, _At(), Metrics())
        return await service.answer(lambda way: basket_of(form, GOODS, way), form.to, form.by, "en")

    return asyncio.run(answer())


def page_of(query: str) -> CalculatorView:
    return view_answers(form_of(query), ["a dress"], ask(query), NAMES, "en")


# ---- the address ----


def test_address_of_an_answer_leads_to_the_same_question() -> None:
    form = form_of(f"{DRESS}&to=DE&to=US&by=express&postage=4.50")

    assert form_of(form.query()) == form


def test_blank_rows_and_fields_are_not_in_the_address() -> None:
    form = form_of(f"goods_1=&price_1=&currency_1=EUR&{DRESS.replace('_1', '_2')}&weight_2=&to=DE&to=DE")

    assert form.query() == f"{DRESS}&to=DE"


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)


@given(
    st.lists(
        st.builds(
            ItemForm, **dict.fromkeys(("goods", "description", "code", "weight"), texts),
            price=texts.filter(bool), currency=texts.filter(bool), quantity=texts.filter(bool),
            origin=texts.filter(bool),
        ),
        min_size=1, max_size=10,
    ),
    texts,
)  # fmt: skip
def test_nothing_that_is_typed_is_lost(items: list[ItemForm], postage: str) -> None:
    form = CalculatorForm(items=items, to=["DE"], by="post", postage=postage, is_asked=True)

    assert form_of(form.query()) == form


def test_another_row_is_a_form_and_no_question() -> None:
    form = form_of(f"{DRESS}&to=DE&add=1")

    assert (len(form.items), form.is_asked) == (2, False)
    assert form.items[1] == ItemForm()


def test_more_rows_than_there_is_room_for_are_left_out() -> None:
    form = form_of("&".join(f"goods_{number}=dress&price_{number}=1" for number in range(1, 60)))

    assert len(form.items) == 10


# ---- faults ----


def test_what_is_missing_is_told_at_its_field() -> None:
    faults = find_faults(form_of("goods_1=&price_1=&code_1=62044300&by=pigeon"), GOODS, COUNTRIES, "en")

    assert {one.field for one in faults} == {"price_1", "description_1", "to", "by"}


def test_faults_of_the_quotes_stand_at_fields_of_the_second_row() -> None:
    query = f"{DRESS}&goods_2=pen&price_2=five&currency_2=EUR&quantity_2=0&origin_2=ZZZ&to=DE&to=US&postage=x"
    with pytest.raises(InputFaultyError) as raised:
        ask(query)

    fields = {one.field for one in place_faults(form_of(query), raised.value.faults)}
    assert {"price_2", "postage"} <= fields
    assert not any(field.endswith("_1") for field in fields)


def test_fault_that_comes_once_for_each_country_is_told_once() -> None:
    query = DRESS.replace("30.00", "0") + "&to=DE&to=FR&to=US"
    with pytest.raises(InputFaultyError) as raised:
        ask(query)

    faults = place_faults(form_of(query), raised.value.faults)
    assert [one.field for one in faults] == ["price_1"]


# ---- answers ----


def test_dress_to_germany_is_worked_out_in_full_and_explained() -> None:
    (answer,) = ask(f"{DRESS}&to=DE")

    assert answer.quote is not None
    assert answer.quote.is_complete
    assert not answer.assumed
    assert answer.quote.totals is not None
    assert answer.quote.totals.due_at_border_amount == "9.27"
    assert answer.explanation is not None
    assert {charge.title for charge in answer.explanation.all_charges()} >= {"Value added tax"}


def test_every_line_leads_to_its_reason_and_no_anchor_stands_twice() -> None:
    view = page_of(f"{DRESS}&to=DE&to=FR")

    def anchors(whys: list[Any]) -> list[str]:
        return [one for why in whys for one in (why.anchor, *anchors(why.children)) if one]

    known = [anchor for country in view.countries for anchor in anchors(country.why)]
    asked = [line.why for country in view.countries for line in country.bill]
    assert len(known) == len(set(known))
    assert asked
    assert set(asked) <= set(known)


def test_invented_rate_stands_in_and_is_told() -> None:
    (answer,) = ask(f"{DRESS}&to=US&by=express", law_without_rates())

    assert answer.quote is not None
    assert answer.quote.is_complete
    assert {one.code for one in answer.assumed} == {"no-exchange-rate", "no-tariff-line"}
    view = view_answers(form_of(f"{DRESS}&to=US&by=express"), [], [answer], NAMES, "en")
    assert view.countries[0].state == "assumed"


def test_published_rate_goes_before_an_invented_one() -> None:
    law = law_with_rates()
    assumed = assume_rates(law, AT.date())
    day = day_number(AT.date())

    published = law.book.reference.exchange.find("ecb-daily", "USD", day)
    assert published is not None
    assert assumed.book.reference.exchange.find("ecb-daily", "USD", day) == published
    without = assume_rates(law_without_rates(), AT.date()).book.reference.exchange
    stand_in = without.find("us-cbp-daily", "EUR", day) or without.find("jp-customs-weekly", "EUR", day)
    assert stand_in is not None
    assert stand_in.source == SOURCE


def test_country_with_law_for_another_way_only_is_answered_by_that() -> None:
    (answer,) = ask(f"{DRESS}&to=MX")

    assert answer.way == "express"
    assert answer.quote is not None
    assert answer.quote.law is not None


def test_tax_that_the_seller_owes_elsewhere_is_not_in_the_sum_and_is_told() -> None:
    romania = page_of(f"{DRESS}&to=RO").countries[0]

    assert romania.to_pay == "EUR\u00a09.93"
    assert romania.elsewhere == "RON\u00a025.00"


def test_many_countries_are_compared_and_few_are_explained() -> None:
    few, many = page_of(f"{DRESS}&to=DE&to=FR"), page_of(f"{DRESS}&to=DE&to=FR&to=US&to=GB&to=BR")

    assert few.has_details
    assert not many.has_details
    assert len(many.countries) == 5 > DETAILS_MAX
    burdens = [one.burden_ppm or 0 for one in many.countries]
    assert burdens == sorted(burdens, reverse=True)


def test_answer_holds_nothing_of_a_person() -> None:
    text = msgspec.json.encode(ask(f"{DRESS}&to=DE&name=Mirelan&street=Mill+Lane")).decode()

    assert "Mirelan" not in text
    assert "Mill" not in text


def test_every_plain_choice_has_a_rate_of_duty_to_stand_in() -> None:
    for name, goods in GOODS.items():
        tariff = {line.commodity_prefix for line in law_with_rates().book.reference.tariff.lines}
        code = goods.commodity_code
        assert any(code.startswith(prefix) for prefix in [*DUTY_RATES_PPM, *tariff]), name


def test_region_that_is_taken_is_told() -> None:
    brazil = page_of(f"{DRESS}&to=BR").countries[0]

    assert brazil.state == "known"
    assert any(text.startswith("The region is ") for text in brazil.assumptions)


def test_figure_that_nobody_knows_is_named() -> None:
    india = page_of(f"{DRESS}&to=IN").countries[0]

    assert india.state == "unknown"
    assert any("surcharge" in text for text in india.lacking)


def test_all_countries_with_a_law_are_answered_at_once() -> None:
    view = page_of(DRESS + "".join(f"&to={code}" for code in NAMES))

    states = [one.state for one in view.countries]
    assert len(states) == len(NAMES)
    # Mail to the United States and all to Thailand wait for rates of October 2026 that nobody has read.
    assert states.count("unknown") < 12


@pytest.mark.in_turn
def test_more_baskets_than_can_wait_are_asked_to_come_again() -> None:
    form = form_of(f"{DRESS}&to=DE")

    async def crowd() -> list[list[Answer] | BaseException]:
        service = CalculatorService(law_with_rates, files_of, _At(), Metrics())
        asks = [
            service.answer(lambda way: basket_of(form, GOODS, way), form.to, form.by, "en")
            for _ in range(WAITING_MAX + 5)
        ]
        return await asyncio.gather(*asks, return_exceptions=True)

    answers = asyncio.run(crowd())

    refused = [one for one in answers if isinstance(one, BaseException)]
    assert [one.code for one in refused if isinstance(one, SeraiError)] == ["busy"] * 5
    assert len(refused) == 5


@pytest.mark.parametrize(("language", "word"), [("en", "CITES permit"), ("fr", "CITES"), ("sw", "CITES")])
def test_what_may_not_be_sent_without_a_permit_is_told_before_it_is_sent(language: str, word: str) -> None:
    form = form_of(
        "code_1=96011000&description_1=small+white+figurine&weight_1=0.2&price_1=30.00&currency_1=EUR&quantity_1=1&origin_1=CN&to=DE"
    )
    used = law_with_rates()

    async def answer() -> list[Answer]:
        service = CalculatorService(lambda: used, files_of, _At(), Metrics())
        return await service.answer(lambda way: basket_of(form, GOODS, way), form.to, form.by, language)

    (found,) = asyncio.run(answer())
    (told,) = [one for one in found.restrictions if one.code == "eu-cites"]
    view = view_answers(form, ["ivory"], [found], NAMES, language)

    assert (told.lane, told.language) == ("await", language)
    assert word in told.sentence
    assert told.remedy
    assert view.countries[0].restrictions == found.restrictions
    assert not ask(f"{DRESS}&to=DE")[0].restrictions
