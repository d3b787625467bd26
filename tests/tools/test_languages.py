"""Translations: the check holds for all that is under it, and finds each way to be wrong."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.languages.catalogues import find_catalogues, is_machine_made
from tools.languages.check import TRANSLATED, faults_of_texts, faults_of_words
from tools.languages.lists import Lists

ROOT = Path(__file__).parents[2]
PLURAL = re.compile(r"{% trans [^%]*%}(?:(?!{% endtrans).)*?{% pluralize[^%]*%}", re.S)
ENGLISH = {"late.sentence": "It came late, on {day}.", "early.sentence": "It came early, on {day}."}
FRENCH = {"late.sentence": "Arrivé en retard, le {day}.", "early.sentence": "Arrivé trop tôt, le {day}."}
NOTHING_WAITS = Lists({}, {}, {}, {"Serai": "a name"})


def test_texts_that_no_person_has_read_are_marked_in_their_file() -> None:
    there = [(one, language) for one in find_catalogues() for language in TRANSLATED]

    unread = {language for one, language in there if one.path(language).is_file()}

    assert all(is_machine_made(language, None) for language in TRANSLATED)
    assert all(is_machine_made(language, one) for one, language in there if one.path(language).is_file())
    assert unread == set(TRANSLATED)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"late.sentence": None}, "late.sentence: missing"),
        ({"never.sentence": "Jamais."}, "never.sentence: unknown"),
        ({"late.sentence": " "}, "late.sentence: empty"),
        ({"late.sentence": ENGLISH["late.sentence"]}, "late.sentence: left in English"),
        ({"late.sentence": "En retard."}, "late.sentence: parameters [], in English ['day']"),
        ({"late.sentence": "Le {jour}."}, "late.sentence: parameters ['jour'], in English ['day']"),
        ({"early.sentence": FRENCH["late.sentence"]}, "early.sentence: the same as late.sentence"),
    ],
)
def test_wrong_text_is_found(change: dict[str, str | None], fault: str) -> None:
    texts = {place: text for place, text in (FRENCH | change).items() if text is not None}

    assert fault in faults_of_texts(ENGLISH, texts, (), is_whole=True)
    assert list(faults_of_texts(ENGLISH, FRENCH, (), is_whole=True)) == []


def _words(language: str, *strings: str | tuple[str, ...]) -> Catalog:
    catalog = Catalog(locale=language)
    for name, string in zip(NAMES, strings, strict=True):
        catalog.add(name, string)
    return catalog


NAMES: tuple[str | tuple[str, ...], ...] = (
    "Law of %(country)s",
    ("%(count)s day", "%(count)s days"),
    "Serai",
)
RUSSIAN = ("Право: %(country)s", ("%(count)s день", "%(count)s дня", "%(count)s дней"), "Serai")


@pytest.mark.parametrize(
    ("strings", "fault"),
    [
        (("", *RUSSIAN[1:]), "'Law of %(country)s': missing"),
        (("Law of %(country)s", *RUSSIAN[1:]), "'Law of %(country)s': left in English"),
        (("Право: %(land)s", *RUSSIAN[1:]), "parameters ['land'], in English ['country']"),
        ((RUSSIAN[0], ("%(count)s день", "", ""), "Serai"), "'%(count)s day': 1 of 3 plural forms"),
    ],
)
def test_wrong_word_of_a_page_is_found(strings: tuple[str | tuple[str, ...], ...], fault: str) -> None:
    template = _words("en", "", ("", ""), "")

    found = list(faults_of_words(template, _words("ru", *strings), "ru", NOTHING_WAITS))

    assert any(fault in one for one in found)
    assert list(faults_of_words(template, _words("ru", *RUSSIAN), "ru", NOTHING_WAITS)) == []


def test_every_plural_goes_by_a_number_and_not_by_its_text() -> None:
    blocks = [
        (file.name, block)
        for file in (ROOT / "src/serai").rglob("templates/*.html")
        for block in PLURAL.findall(file.read_text("utf-8"))
    ]

    wrong = [
        (name, block)
        for name, block in blocks
        if not block.startswith("{% trans count=") and not re.search(r"{% pluralize \w+ %}", block)
    ]
    assert len(blocks) > 20
    assert wrong == []
