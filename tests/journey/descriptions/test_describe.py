"""A description is told whether it names goods, which words would do and which heading it speaks of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.journey.descriptions.agreement import Verdict
from serai.journey.descriptions.better_words import better_words
from serai.journey.descriptions.chapter_words import CHAPTER_WORDS
from serai.journey.descriptions.commodity import CodeScore, Suggested
from serai.journey.descriptions.description import Description, describe
from serai.journey.descriptions.features import hash_features
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words
from serai.journey.descriptions.vagueness import measure_doubt
from serai.journey.descriptions.weights import read_weights, shipped_weights, write_weights
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.errors import SeraiError
from serai.model.text_arrays import cut_texts
from tests.journey.batches import LAWS

VAGUE = read_vague_words((LAWS / VAGUE_WORDS).read_bytes())


def told(
    *texts: str, codes: list[str | None] | None = None, language: str | None = "en"
) -> list[Description]:
    return describe(
        texts,
        vague_words=VAGUE,
        weights=shipped_weights(),
        goods_words=shipped_goods_words(),
        commodity_codes=codes,
        language=language,
    )


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("plush toy bear", "9503"),
        ("USB-Ladekabel 2 m", "8544"),
        ("crème pour le visage", "3304"),
        ("camiseta de algodón talla L", "6109"),
        ("硅胶手机壳", "3926"),
        ("kitchen knife with steel blade", "8211"),
    ],
)
def test_plain_words_lead_to_their_heading(text: str, heading: str) -> None:
    (one,) = told(text)

    assert one.headings[0].code == heading
    assert one.hs[0].code.startswith(heading)
    assert one.words
    assert not one.vague
    assert one.suggestions == ()


def test_words_on_the_list_are_surely_vague_and_named() -> None:
    one, other = told("New gift", "礼品")

    assert (one.vague, one.listed, one.vagueness, one.terms) == (True, True, 1.0, ("new", "gift"))
    assert (other.listed, other.terms) == (True, ("礼品",))


def test_article_numbers_are_likely_vague() -> None:
    for one in told("sku-48213", "eu0776"):
        assert one.vague
        assert not one.listed
        assert one.terms


def test_better_words_are_of_the_declared_heading_and_in_the_filers_language() -> None:
    codes: list[str | None] = ["42022290"]
    assert told("gift", codes=codes)[0].suggestions[0] == "handbag of plastic sheeting or textile"
    assert told("geschenk", codes=codes, language="de")[0].suggestions[0].startswith("Handtasche")
    assert told("礼品", codes=codes, language="zh")[0].suggestions[0] == "帆布手提包"


def test_a_heading_without_words_gets_none_of_its_chapter() -> None:
    live_bees, honey = told("gift", "gift", codes=["010641", "040900"])

    assert live_bees.suggestions == ()
    assert honey.suggestions[0] == "natural honey in jars"
    assert better_words(["010641"]) == {"010641": CHAPTER_WORDS["01"]}


def test_better_words_come_in_the_language_of_the_text_unless_one_is_asked_for() -> None:
    texts = ("geschenk", "regalo", "cadeau", "礼品", "gift", "sku-48213")
    german, spanish, french, chinese, english, silent = told(*texts, codes=["950300"] * 6, language=None)

    assert german.suggestions[0] == "Plüschtier"
    assert spanish.suggestions[0] == "peluche"
    assert french.suggestions[0] == "peluche"
    assert chinese.suggestions[0] == "毛绒玩具"
    assert english.suggestions[0] == silent.suggestions[0] == "plush toy"


def test_cut_and_misspelt_words_share_consonants_with_the_right_ones() -> None:
    found = hash_features(cut_texts(["conditioner", "cndtnr", "bottle", "bttl"]))
    right, cut, bottle, bttl = (set(found.numbers[found.owners == owner].tolist()) for owner in range(4))

    assert len(right & cut) == 2  # all its consonants, and the first four
    assert len(bottle & bttl) == 1  # a double one counts once
    for one in told("repair cndtnr 300ml", "hair condishoner", "shampo"):
        assert one.headings[0].code == "3305"


def test_a_text_that_surely_speaks_of_one_heading_is_less_vague() -> None:
    sure, unsure, none = (
        Suggested(tuple(CodeScore("9503", score) for score in scores), (), ())
        for scores in ([0.9], [0.2], [])
    )

    doubts = measure_doubt([sure, unsure, none])

    assert 0 < doubts[0] < doubts[1] < doubts[2]
    assert shipped_weights().vague_doubt > 0


def test_a_language_that_is_not_in_the_table_gets_english() -> None:
    assert told("gift", codes=["950300"], language="sw") == told("gift", codes=["950300"])


def test_better_words_are_not_vague_themselves_and_lead_to_their_heading() -> None:
    goods_words = shipped_goods_words()
    texts, codes = [], []
    for code, words in goods_words.words["en"].items():
        if len(code) == 6:
            texts.append(words[0])
            codes.append(code)
    answers = told(*texts)

    led = [code[:4] in {one.code for one in a.headings} for code, a in zip(codes, answers, strict=True)]
    assert np.mean(led) > 0.98
    assert np.mean([one.vague for one in answers]) < 0.02


def test_no_word_of_the_table_is_on_the_list_of_vague_words() -> None:
    by_language = shipped_goods_words().words.values()

    assert [
        one for by_code in by_language for v in by_code.values() for one in v if VAGUE.is_vague(one.lower())
    ] == []


def test_every_language_of_the_table_has_words_for_each_code() -> None:
    words = shipped_goods_words().words

    assert set(words) == set(LANGUAGES)
    assert len({frozenset(by_code) for by_code in words.values()}) == 1
    assert all(
        one.strip() == one and one for by_code in words.values() for v in by_code.values() for one in v
    )


def test_a_code_of_other_goods_is_doubted_with_a_suggestion_and_its_reason() -> None:
    right, wrong, silent = told(
        "cotton t-shirt", "cotton t-shirt", "k-9 x", codes=["610910", "85171300", "85171300"]
    )

    assert right.declared is not None
    assert right.declared.verdict is Verdict.AGREES
    assert wrong.declared is not None
    assert wrong.declared.verdict is Verdict.DOUBTFUL
    assert wrong.declared.suggestion is not None
    assert wrong.declared.suggestion.code == "610910"
    assert "shirt" in wrong.declared.words
    assert silent.declared is not None
    assert silent.declared.verdict is Verdict.UNTOLD


def test_a_description_without_letters_suggests_no_code() -> None:
    for one in told("", "!!!", "\n\n", "\ud800", "é" * 5000):
        assert one.hs == () or one.hs[0].score <= 1
    assert told("")[0].headings == ()
    assert told("")[0].vague


@settings(max_examples=60)
@given(st.lists(st.text(max_size=60), max_size=6))
def test_an_answer_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    together = told(*texts)

    assert len(together) == len(texts)
    for text, one in zip(texts, together, strict=True):
        alone = told(text)[0]
        assert (one.vague, one.terms, one.words) == (alone.vague, alone.terms, alone.words)
        assert [likely.code for likely in one.headings] == [likely.code for likely in alone.headings]
        assert all(0 <= likely.score <= 1 for likely in one.hs)


@pytest.mark.in_turn
def test_the_weights_are_small_and_come_back_from_their_file_as_they_were() -> None:
    weights = shipped_weights()
    content = write_weights(weights)
    again = read_weights(content)

    assert len(content) < 3_000_000
    assert again.headings == weights.headings
    assert np.array_equal(again.columns, weights.columns)
    assert np.allclose(again.values, weights.values, atol=1e-6)


@pytest.mark.parametrize("content", [b"", b"nothing of ours", b"\x28\xb5\x2f\xfd" + b"\x00" * 20])
def test_a_file_that_is_no_weights_is_an_error(content: bytes) -> None:
    with pytest.raises(SeraiError, match="weights"):
        read_weights(content)
