"""Words of the pages by language: gettext catalogues (`web/words/<language>.po`), read when first asked for.

A word is written in English where it is used, and marked: `{% trans %}Sign in{% endtrans %}` or
`{{ _("Sign in") }}` in templates, `words.gettext("Sign in")` in Python, `translatable("Sign in")` where it is
only named and said later. `python -m tools.languages extract` takes them into every catalogue.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from serai.model.languages import DEFAULT_LANGUAGE, LANGUAGES

Words = NullTranslations
"""`gettext(message)` and `ngettext(one, many, count)`: in English where there is no translation."""


def translatable(message: str) -> str:
    """Mark a text that pages say later, by `_(...)`; it stays as it is."""
    return message


@cache
def interface_words(language: str) -> Words:
    """Return the words of a language."""
    file = files("serai") / "web" / "words" / f"{language}.po"
    if language == DEFAULT_LANGUAGE or language not in LANGUAGES or not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as content:
        write_mo(compiled, read_po(content, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
