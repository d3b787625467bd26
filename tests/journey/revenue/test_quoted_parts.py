"""Quotes that serve several parcels: parts of a promise add up, and terms are told one by one."""

from fractions import Fraction
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.revenue.quote_agreement import Surroundings, hold_against, share_of
from serai.journey.revenue.quote_difference import quoted_sums
from serai.model.documents import Consignment, GoodsItem, Person
from serai.model.quote import QuotedCharge, QuotedLine, QuoteTerms

SHIRTS = QuotedLine(1, "61091000", "CN", "7", "C62", "70.00", "EUR", "1.400")
TOYS = QuotedLine(2, "95030095", "VN", "3", "C62", "90.00", "EUR", "0.900")


def terms(*, charges: list[QuotedCharge] | None = None, tolerance_ppm: int = 10_000) -> QuoteTerms:
    return QuoteTerms(
        lines=[SHIRTS, TOYS],
        charges=charges or [],
        stated={"logistics_channel_code": "post"},
        freight_amount="16.00",
        insurance_amount="0",
        discount_amount="0",
        charges_currency_code="EUR",
        assumed=["allowance"],
        law="L",
        basis="B",
        value_tolerance_ppm=tolerance_ppm,
        mass_tolerance_ppm=100_000,
    )


AROUND = Surroundings({"logistics_channel_code": "post"}, has_drawn=False, has_company=False)
ALL = {1: Fraction(7), 2: Fraction(3)}


def document(*items: GoodsItem, freight: str | None = "16.00") -> Consignment:
    person = Person(name="A", country_code="CN")
    return Consignment(
        reference="R",
        goods_items=list(items),
        consignor=person,
        consignee=person,
        logistics_channel_code="post",
        freight_amount=freight,
        charges_currency_code="EUR",
    )


def item(line: QuotedLine, quantity: str, amount: str, mass: str = "0.100", number: int = 1) -> GoodsItem:
    return GoodsItem(
        number, line.commodity_code, "x", quantity, amount, "EUR", line.origin_country_code, mass
    )


@given(
    st.lists(st.integers(0, 7_000), max_size=4),
    st.lists(st.integers(0, 3_000), max_size=4),
    st.lists(st.integers(0, 10**7), min_size=3, max_size=3),
)
def test_parts_of_a_promise_add_up_to_the_whole(
    first_cuts: list[int], second_cuts: list[int], amounts: list[int]
) -> None:
    charges = [
        QuotedCharge(place, f"r{place}", "border", f"{amount // 100}.{amount % 100:02d}", "EUR", "buyer")
        for place, amount in enumerate(amounts)
    ]
    first = [0, *sorted(first_cuts), 7_000]
    second = [0, *sorted(second_cuts), 3_000]
    total, used = 0, {1: Fraction(), 2: Fraction()}
    for line, cuts in ((1, first), (2, second)):
        for begin, end in pairwise(cuts):
            drawn = {line: Fraction(end - begin, 1_000)}
            total += quoted_sums(terms(charges=charges), used, drawn)["border", "EUR", "buyer"]
            used[line] += drawn[line]

    assert used == ALL
    assert total == sum(amounts)


def test_a_part_agrees_with_its_part_of_freight() -> None:
    part = document(item(SHIRTS, "7", "70.00"), freight="7.00")
    agreement = hold_against(terms(), ALL, part, AROUND)

    assert agreement.binds
    assert agreement.drawn == {1: Fraction(7)}
    assert share_of(terms(), agreement.drawn) == Fraction(70, 160)


def test_one_declared_item_may_draw_from_two_like_lines() -> None:
    more = QuotedLine(2, "61091000", "CN", "3", "C62", "30.00", "EUR", "0.600")
    twice = msgspec.structs.replace(terms(), lines=[SHIRTS, more])
    agreement = hold_against(twice, ALL, document(item(SHIRTS, "9", "90.00"), freight="14.40"), AROUND)

    assert agreement.drawn == {1: Fraction(7), 2: Fraction(2)}


def test_every_term_that_fails_is_told_not_the_first_alone() -> None:
    wrong = document(item(SHIRTS, "9", "90.00"), item(TOYS, "1", "80.00", number=2))
    around = Surroundings({"logistics_channel_code": "express"}, has_drawn=True, has_company=True)
    agreement = hold_against(terms(), ALL, wrong, around)

    assert [one.term for one in agreement.failed] == ["quantity", "value", "channel", "allowance"]
    assert agreement.failed[1].pointer == "/goods_items/1/invoice_amount"
    assert agreement.drawn == {}


def test_value_and_mass_hold_within_the_tolerance_and_no_further() -> None:
    def binds(amount: str, mass: str, tolerance_ppm: int) -> bool:
        one = document(item(TOYS, "3", amount, mass), freight="9.00")
        return hold_against(terms(tolerance_ppm=tolerance_ppm), ALL, one, AROUND).binds

    assert binds("90.90", "0.990", 10_000)
    assert binds("89.10", "0.100", 10_000)
    assert not binds("90.91", "0.990", 10_000)
    assert not binds("90.90", "0.991", 10_000)
    assert not binds("90.01", "0.900", 0)
