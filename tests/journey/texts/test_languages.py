"""Sentences in other languages: what lacks is said in English, and what is put in keeps its direction."""

import pytest

from serai.journey.finding_messages import finding_out, sentence_of
from serai.model.findings import Finding
from serai.model.languages import LANGUAGES, direction_of, isolate, read_texts

CODE = Finding("no-tariff-line", "/goods_items/0/commodity_code", "hold")


def test_every_language_says_a_reason_in_its_own_words() -> None:
    said = {language: finding_out(CODE, language) for language in LANGUAGES}

    assert {one.language for one in said.values()} == set(LANGUAGES)
    assert len({one.sentence for one in said.values()}) == len(LANGUAGES)
    assert all(one.remedy and one.appeal for one in said.values())


def test_text_without_a_translation_is_in_english_and_says_so() -> None:
    unknown = Finding("h7-missing", "", parameters={"name": "net mass", "number": "18 01"})

    said = sentence_of(unknown, "xx")

    assert (said.language, said.sentence) == ("en", sentence_of(unknown, "en").sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_put_into_a_sentence_from_the_right_keeps_its_own_direction(language: str) -> None:
    finding = Finding("prelodged-ended", "", "hold", {"value": "2026-07-01 (EU)"})

    said = sentence_of(finding, language).sentence

    assert isolate("2026-07-01 (EU)", language) in said
    assert ("\u2068" in said) == (direction_of(language) == "rtl")


def test_catalogue_that_a_language_lacks_is_read_in_english() -> None:
    english = read_texts("serai.journey.cases", "pages", "en", dict[str, object])

    assert read_texts("serai.journey.cases", "pages", "xx", dict[str, object]) == english
