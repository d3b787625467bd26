"""Pages speak the reader's language throughout, and nobody meets the words of the code.

No browser is needed: what a page says is in what is sent.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from serai.foundation.http.wording import marked_code
from tests.browser.served_pages import Served
from tools.accessibility.pages import PAGES, Looked
from tools.languages.reading import PageReader
from tools.languages.shown import MACHINE_WORDS, latin_words, texts_of

_EXPLAINED: Final = frozenset(
    {"law of a place", "law of two days", "comparison of laws"}
    | {one.name for one in PAGES if one.name.startswith(("case", "calculator, "))}
)
"""Pages that say texts of law packs, which are in the language of the law: meanings, references, sources."""
_DATA: Final = (
    "Testland Customs",
    "Anvil Express",
    "officer",
    "second",
    "registrar",
    "Other Post",
    # Notes of who loaded them, and codes of the wire.
    *("invented lists", "packs that came with Serai", "webhooks", "post", "express"),
    # Goods of the parcels that the server is filled with.
    *("accessories", "set of", "size", "mini", "red", "blue", "black", "white", "silver ring", "yoga band"),
    *("building blocks toy", "knit t-shirt", "coat", "dress", "socks", "wallet", "lipstick", "kitchen box"),
    *("power bank", "data cable", "blouse", "belt", "game controller", "underwear", "gift"),
)


@pytest.fixture(scope="module")
def reader(served: Served) -> Iterator[PageReader]:
    made = PageReader(served)
    yield made
    made.close()


def _explained() -> list[str]:
    path = Path(__file__).parents[2] / "tools/languages/latin.yaml"
    return [*yaml.safe_load(path.read_text(encoding="utf-8")), *_DATA]


def _pages() -> list[Looked]:
    # The account of an organisation's manager has a language of its own.
    return [one for one in PAGES if one.name not in _EXPLAINED and one.who != "manager"]


def _english_left(reader: PageReader, language: str) -> dict[str, str]:
    known = _explained()
    return {
        text: one.name
        for one in _pages()
        for _, text in latin_words(texts_of(reader.read(one, language)), known)
    }


@pytest.mark.in_turn
def test_page_in_arabic_says_nothing_in_english(reader: PageReader) -> None:
    assert _english_left(reader, "ar") == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "ru"])
def test_pages_in_other_letters_say_nothing_in_english(reader: PageReader, language: str) -> None:
    assert _english_left(reader, language) == {}


@pytest.mark.slow
def test_no_word_of_the_code_is_on_a_page_but_marked_as_one(reader: PageReader) -> None:
    known = _explained()
    found = {
        (one.name, word)
        for one in PAGES
        if not one.press and one.who != "manager"
        for text in texts_of(reader.read(one, "en"))
        for word in MACHINE_WORDS.findall(text)
        if word not in known
    }

    assert found == set()


def test_words_in_latin_letters_are_found_and_code_and_names_are_left() -> None:
    page = (
        '<html lang="ar"><head><title>Serai</title></head><body><p>مرحبا <b>Hello there</b></p>'
        '<code>commodity_code</code><p lang="en">English</p><img alt="A picture"><p>EUR 3.00, MRN 26DE1</p>'
        "<p>Anvil Express</p><p>rate_ppm 1.000000</p></body></html>"
    )

    texts = texts_of(page)

    found = {word for word, _ in latin_words(texts, ["Anvil Express"])}
    assert found == {"Hello", "there", "picture", "rate", "ppm"}
    assert {word for text in texts for word in MACHINE_WORDS.findall(text)} == {"rate_ppm", "1.000000"}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("relief_code IN ('none')", "<code>relief_code IN (&#39;none&#39;)</code>"),
        ("as declared (/goods_items/0/x_y)", "as declared (<code>/goods_items/0/x_y</code>)"),
        ("a <b> and/or Europe/Berlin", "a &lt;b&gt; and/or Europe/Berlin"),
        ("NOT a_b AND c_d > 0, yes", "<code>NOT a_b AND c_d &gt; 0</code>, yes"),
    ],
)
def test_names_of_the_code_are_marked_in_an_explanation(text: str, marked: str) -> None:
    assert str(marked_code(text)) == marked
