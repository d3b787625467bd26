"""What is wrong with translations: missing, unknown, in English, another code's, with other parameters."""

import re
from calendar import month_name
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from gettext import c2py
from string import Formatter
from typing import Final

from babel.messages.catalog import Catalog, Message
from serai.foundation.locales import locale_of
from serai.model.languages import DEFAULT_LANGUAGE, LANGUAGES

from tools.languages.catalogues import find_catalogues
from tools.languages.interface import extract_words, read_words
from tools.languages.lists import Lists, read_lists
from tools.languages.sentences import find_sentences

TRANSLATED: Final = tuple(one for one in LANGUAGES if one != DEFAULT_LANGUAGE)
_COUNTS: Final = frozenset({"count", "num", "all"})
"""Parameters that say a number on which the form depends."""
_MONTHS: Final = {name: number for number, name in enumerate(month_name) if name}
_WORDS_PARAMETER: Final = re.compile(r"%\((\w+)\)")
_BRACED_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")


def find_faults() -> list[str]:
    """Return a line for each fault of every catalogue that is under the check."""
    lists = read_lists()
    catalogues = find_catalogues()
    unknown = lists.waiting.keys() - {one.name for one in catalogues}
    faults = [f"lists.yaml: {name} is no catalogue" for name in sorted(unknown)]
    for catalogue in catalogues:
        english = catalogue.texts(DEFAULT_LANGUAGE)
        for language in TRANSLATED:
            if catalogue.name in lists.waiting and not catalogue.path(language).is_file():
                continue
            is_whole = catalogue.name not in lists.waiting
            texts = catalogue.texts(language)
            faults += [
                f"{catalogue.name} {language} {fault}"
                for fault in faults_of_texts(english, texts, lists.same, is_whole=is_whole)
            ]
    sentences = find_sentences(lists.operators)
    faults += sentences.faults
    template = extract_words()
    of_errors = {one.one for one in sentences.sentences}
    for language in TRANSLATED:
        words = read_words(language)
        faults += [
            f"web/words {language} {fault}"
            for fault in (
                *faults_of_words(template, words, language, lists),
                *_told_alike(words, of_errors),
            )
        ]
    return faults


def faults_of_texts(
    english: Mapping[str, str], texts: Mapping[str, str], same: Iterable[str], *, is_whole: bool
) -> Iterator[str]:
    """Say what is wrong with texts by place.

    same: texts that need no other words. is_whole: whether each is needed.
    """
    if is_whole:
        yield from (f"{place}: missing" for place in english if place not in texts)
    yield from (f"{place}: unknown" for place in texts if place not in english)
    for place, text in texts.items():
        if place not in english:
            continue
        if not text.strip():
            yield f"{place}: empty"
        if text == english[place] and text not in same and _has_words(text):
            yield f"{place}: left in English"
        if _parameters(text) != _parameters(english[place]):
            yield f"{place}: parameters {_parameters(text)}, in English {_parameters(english[place])}"
        # A text of the law: its sums, days and articles are the law.
        if english[place] == place and (other := _other_figures(text, place)):
            yield f"{place}: other figures, {other}"
    yield from _mistaken(english, texts)


def faults_of_words(template: Catalog, words: Catalog, language: str, lists: Lists) -> Iterator[str]:
    """Say what is wrong with the words of the pages, held against those that the code says (template)."""
    plural_count = len(locale_of(language).plural_form.tags) + 1
    for message in template:
        if not message.id:
            continue
        translated = words.get(message.id, message.context)
        strings = _strings(translated) if translated is not None else ()
        if not any(strings):
            if not _waits(message, lists.templates):
                yield f"{_name(message)!r}: missing"
            continue
        if isinstance(message.id, tuple) and (len(strings) != words.num_plurals or not all(strings)):
            yield f"{_name(message)!r}: {sum(map(bool, strings))} of {words.num_plurals} plural forms"
        yield from _faults_of_word(message, strings, lists.same, _of_few(words.plural_expr))
    known = {_name(message) for message in template}
    yield from (f"{_name(message)!r}: unknown" for message in words if _name(message) not in known)
    if words.num_plurals > plural_count:
        yield f"{words.num_plurals} plural forms, Unicode has {plural_count}"


def _faults_of_word(
    message: Message, strings: Sequence[str], same: Iterable[str], of_few: Collection[int]
) -> Iterator[str]:
    """of_few: places of plural forms of a number or two, which need not name it: "one day", "two days"."""
    name = _name(message)
    if strings[0] == name and name not in same and _has_words(name):
        yield f"{name!r}: left in English"
    wanted = _word_parameters(message.id[-1] if isinstance(message.id, tuple) else name)
    for place, string in enumerate(strings):
        found = _word_parameters(string)
        may_lack = _COUNTS if isinstance(message.id, tuple) and place in of_few else frozenset()
        if not wanted - may_lack <= found <= wanted:
            yield f"{name!r}: parameters {sorted(found)}, in English {sorted(wanted)}"


def _word_parameters(text: str) -> set[str]:
    """Return what stands for a value: `%(name)s` in words of pages, `{name}` in sentences of errors."""
    return {*_WORDS_PARAMETER.findall(text), *_BRACED_PARAMETER.findall(text)}


def _told_alike(words: Catalog, of_errors: Collection[str]) -> Iterator[str]:
    """Find sentences of errors whose translation is another one's."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for message in words:
        if message.id and _name(message) in of_errors and any(_strings(message)):
            by_text["\n".join(_strings(message))].append(_name(message))
    for names in by_text.values():
        if len(names) > 1:
            yield f"{names[1]!r}: the same as {names[0]!r}"


@cache
def _of_few(plural_expression: str) -> set[int]:
    form_of = c2py(plural_expression)
    numbers = Counter(form_of(number) for number in range(200))
    return {form for form, count in numbers.items() if count <= 2}


def _mistaken(english: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[str]:
    """Find sentences that are another code's, though the English ones differ."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for place, text in texts.items():
        if place in english and place.endswith((".sentence", ".without_figures")):
            by_text[text].append(place)
    for places in by_text.values():
        if len({english[place] for place in places}) > 1:
            yield f"{places[1]}: the same as {places[0]}"


def _other_figures(text: str, english: str) -> list[str]:
    """Return figures that one has and the other not. A month that English names may be a number."""
    told, wanted = (Counter(re.findall(r"[0-9]+", one)) for one in (text, english))
    months = Counter(str(number) for name, number in _MONTHS.items() if name in english)
    return sorted([*(wanted - told), *(told - wanted - months)])


def _parameters(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


def _has_words(text: str) -> bool:
    return any(letter.isalpha() for letter in re.sub(r"\{\w*\}|%\(\w+\)s", "", text))


def _name(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def _strings(message: Message) -> Sequence[str]:
    return (
        tuple(message.string) if isinstance(message.string, (tuple, list)) else (str(message.string or ""),)
    )


def _waits(message: Message, waiting: Iterable[str]) -> bool:
    folders = tuple(waiting)
    return bool(message.locations) and all(place.startswith(folders) for place, _ in message.locations)
