"""A description is vague when no word in it names goods."""

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.descriptions.chapter_words import CHAPTER_WORDS
from serai.laboratory.invented.parcels import consignments
from serai.law.vague_words import no_vague_words, read_vague_words
from tests.beside import SHARED, needs
from tests.journey.batches import LAWS, item, parcel, rule_ids, run

WORDS = read_vague_words((LAWS / "tables" / "vague_descriptions.txt").read_bytes())
DESCRIPTIONS = SHARED / "reference" / "descriptions"


@pytest.mark.parametrize(
    "description",
    [
        "gift",
        "gifts",
        "new sample",
        "2 x accessories (black)",
        "daily necessities",
        "spare parts, no 4711",
        "toys",
        "plastic",
        "as per invoice",
        "!!!",
        "4711-b",
        "birthday gift box",
        "geschenk",
        "échantillons",
        "礼品",
        "礼品杂货",
        "هدية",
        "هَدِيَّة شخصية",
        "قطع غيار",
        "presentes diversos",
        "PEÇAS DE REPOSIÇÃO",
        "roupas",
        "подарок",
        "личные вещи",
        "запасные части, 2 шт",
        "ギフト",
        "日用品雑貨",
        "中古品各種",
        "선물",
        "생활용품 기타",
        "hediyelik eşya",
        "HEDİYE",
        "yedek parça",
    ],
)
def test_vague(description: str) -> None:
    assert WORDS.is_vague(description.lower())


@pytest.mark.parametrize(
    "description",
    [
        "cotton t-shirt, knitted",
        "plastic toys",
        "gift card holder of leather",
        "parts for vacuum cleaner",
        "wooden building blocks, 40 pieces",
        "glass bottle",
        "футболка хлопковая",
        "棉质t恤",
        "茶",
        "christmas decorations",
        "бумажные пакеты",
        "шарф шерстяной",
        "قميص قطني",
        "طقم ملاعق",
        "camiseta de algodão",
        "caneca de cerâmica",
        "綿のtシャツ",
        "陶器のマグカップ",
        "ギフト用マグカップ",
        "면 티셔츠",
        "선물 상자 종이",
        "pamuklu tişört",
        "家具零件",
        "ropa usada",
        "seramik kupa",
    ],
)
def test_telling(description: str) -> None:
    assert not WORDS.is_vague(description)


@given(
    st.lists(
        st.sampled_from([*sorted(WORDS.empty | WORDS.wide | WORDS.phrase_words), "cup", "t-shirt", "9 x"])
    )
)
def test_the_quick_way_out_changes_no_answer(words: list[str]) -> None:
    thorough = replace(WORDS, phrase_words=frozenset(word for one in words for word in one.split()))

    assert WORDS.is_vague(" ".join(words)) == thorough.is_vague(" ".join(words))


def test_without_a_list_nothing_is_vague() -> None:
    assert no_vague_words().test(["gift", ""]) == [False, False]


def test_our_examples_for_each_chapter_are_not_vague_themselves() -> None:
    assert [words for words in CHAPTER_WORDS.values() if WORDS.is_vague(words.lower())] == []
    assert len(CHAPTER_WORDS) == 96


def test_the_invented_parcels_are_vague_where_they_were_made_so() -> None:
    at = dt.datetime(2026, 7, 3, tzinfo=dt.UTC)
    made = consignments(1_000, at=at, first_acceptance=at - dt.timedelta(days=2))
    descriptions = {
        line.get("description", "shoes").lower() for document in made for line in document["goods_items"]
    }
    vague = {one for one in descriptions if WORDS.is_vague(one)}

    assert vague == {"gift", "parts", "accessories", "sample", "goods", "daily necessities"}


def test_a_vague_item_waits_and_is_told_better_words() -> None:
    processed = run(
        parcel("T-1", item(), item(sequence_number=2, commodity_code="640411", description="Gift"))
    )

    findings = processed.findings
    assert rule_ids(processed, 0) >= {"screening-vague-description"}
    assert findings.words("code").texts() == ["description-vague"]
    assert findings.numbers("item").tolist() == [1]
    assert findings.words("pointer").texts() == ["/goods_items/1/description"]
    assert findings.words("word").texts() == [
        "running shoes with textile upper and rubber sole; trainers; sneakers"
    ]
    assert processed.items.numbers("lane_number").tolist() == [0, 1]


@needs(DESCRIPTIONS)
def test_clear_descriptions_of_others_are_seldom_called_vague(
    record_property: Callable[[str, object], None],
) -> None:
    recall = share("vague_terms.csv", "term")
    record_property("recall", f"{recall:.3f}")

    # Most of those terms are brands and part numbers, which no list of words knows.
    assert recall >= 0.09
    assert share("search_references.csv", "term") <= 0.01
    assert share("extra_references.csv", "description") <= 0.01


def share(file: str, column: str) -> float:
    with (DESCRIPTIONS / file).open(encoding="utf-8") as lines:
        found = WORDS.test([row[column].lower() for row in csv.DictReader(lines)])
    return sum(found) / len(found)
