"""Assessing goods before they are loaded."""

from pathlib import Path

import msgspec
import pytest

from serai.journey.consignments.store import PRELOADING_OUTCOMES
from serai.journey.preloading.required_data import (
    OUTCOMES,
    PRE_LOADING,
    PreloadingRules,
    read_preloading_rules,
)
from serai.journey.preloading.rules import assess_preloading
from serai.journey.screening.list_formats.plain_csv import decode_csv_list
from serai.journey.screening.lists import Lists, build_lists
from serai.law.goods_kinds import no_goods_kinds
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.documents import Package, Person, TransportDocument
from serai.model.errors import SeraiError

_LAWS = Path(__file__).parents[3] / "laws"
_LISTED = b"entry_id,name,kind_code\nX1,Invented Zoltan Listed,person\n"
_WHOLE = TransportDocument(
    reference="T-1",
    house_document="HOUSE-1",
    logistics_channel_code="express",
    gross_mass_kg="1.200",
    packages=[Package()],
    description="cotton t-shirts, knitted",
    consignor=Person(name="Invented Maker", street="Road 1", country_code="CN"),
    consignee=Person(name="Invented Buyer", city="Berlin", country_code="DE"),
)


@pytest.fixture(scope="module")
def rules() -> PreloadingRules:
    return read_preloading_rules((_LAWS / PRE_LOADING).read_bytes())


@pytest.fixture(scope="module")
def lists() -> Lists:
    words = read_vague_words((_LAWS / VAGUE_WORDS).read_bytes())
    return build_lists(decode_csv_list(_LISTED, "TEST"), words, no_goods_kinds())


def test_goods_of_which_all_is_known_may_be_loaded(lists: Lists, rules: PreloadingRules) -> None:
    (assessed,) = assess_preloading([_WHOLE], lists, rules)
    assert (assessed.outcome, assessed.reasons) == ("assessment-complete", [])


def test_all_that_is_missing_is_asked_for_at_once(lists: Lists, rules: PreloadingRules) -> None:
    bare = TransportDocument(reference="T-2", house_document="HOUSE-2", logistics_channel_code="express")
    (assessed,) = assess_preloading([bare], lists, rules)
    assert assessed.outcome == "request-for-information"
    assert [one.parameters["datum"] for one in assessed.reasons] == [one.datum for one in rules.data]


def test_a_number_in_a_register_stands_for_name_and_address(lists: Lists, rules: PreloadingRules) -> None:
    firm = Person(country_code="GB", party_identifier="GB123456789000")
    document = msgspec.structs.replace(_WHOLE, consignee=firm)
    (assessed,) = assess_preloading([document], lists, rules)
    assert assessed.outcome == "assessment-complete"


def test_one_vague_part_of_a_description_is_named(lists: Lists, rules: PreloadingRules) -> None:
    document = msgspec.structs.replace(_WHOLE, description="cotton t-shirts, knitted; parts")
    (assessed,) = assess_preloading([document], lists, rules)
    assert assessed.outcome == "request-for-information"
    assert [(one.code, one.parameters) for one in assessed.reasons] == [
        ("loading-description-vague", {"value": "parts"})
    ]


def test_a_listed_name_leads_to_review_and_the_filer_is_not_told_whose(
    lists: Lists, rules: PreloadingRules
) -> None:
    listed = Person(name="LISTED, Zoltan Invented", city="Berlin", country_code="DE")
    document = msgspec.structs.replace(_WHOLE, consignee=listed)
    before, after = assess_preloading([_WHOLE, document], lists, rules)
    assert before.outcome == "assessment-complete"
    assert after.outcome == "in-review"
    assert [one.entry_id for one in after.hits] == ["X1"]
    assert "Zoltan" not in str(after.reasons)
    assert "X1" not in str(after.reasons)


def test_the_history_of_a_case_names_the_same_outcomes() -> None:
    assert PRELOADING_OUTCOMES == OUTCOMES


@pytest.mark.parametrize("content", [b"data: []", b"- 1", b"outcomes: {a: fly}", b"\xff"])
def test_a_table_that_is_not_one_is_refused(content: bytes) -> None:
    with pytest.raises(SeraiError, match="pre_loading"):
        read_preloading_rules(content)
