"""What errors say, in another language: sentences by their English template, from the words of the pages.

`tools/languages` takes every sentence that an error is raised with into the catalogues. One that has no
translation is said in English.
"""

import datetime as dt

from serai.foundation.http.interface_words import interface_words
from serai.foundation.locales import day_and_time_text, day_text, number_text
from serai.model.errors import SeraiError
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.message_text import MessageText, Parameter


def text_in(text: str, language: str) -> str:
    """Return a sentence in a language, with its numbers and days as that language writes them."""
    if not text or language == DEFAULT_LANGUAGE:
        return str(text)
    words = interface_words(language)
    if not isinstance(text, MessageText):
        return words.gettext(text)
    if text.many is None:
        template = words.gettext(text.template)
    else:
        template = words.ngettext(text.template, text.many, _count_of(text))
    return template.format(**{name: _shown(value, language) for name, value in text.parameters.items()})


def error_text(error: SeraiError, language: str) -> str:
    """Return what an error says and the next step, as one text in a language."""
    message, next_step = error.texts
    return f"{text_in(message, language)} {text_in(next_step, language)}".strip()


def _count_of(text: MessageText) -> int:
    count = text.parameters["count"]
    return count if isinstance(count, int) else 0


def _shown(value: Parameter, language: str) -> str:
    match value:
        case str():
            return text_in(value, language) if isinstance(value, MessageText) else value
        case dt.datetime():
            return day_and_time_text(day_text(value.date(), language), f"{value:%H:%M}", language)
        case dt.date():
            return day_text(value, language)
        case int():
            return number_text(value, language)
        case _:
            return f"{value:g}"
