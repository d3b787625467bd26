"""Words of the pages: taken from templates and Python by Babel, and merged into each language's catalogue."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.pofile import read_po, write_po
from serai.journey.scorecards.duties import shipped_duties
from serai.journey.validation.data_quality.formula import FORMULA
from serai.model.languages import DEFAULT_LANGUAGE, LANGUAGES

from tools.languages.lists import read_lists
from tools.languages.sentences import find_sentences

ROOT: Final = Path(__file__).parents[2]
WORDS: Final = ROOT / "src/serai/web/words"
MACHINE_MADE: Final = "Status: machine-made, checked by nobody."
"""In the head of a catalogue that no person has read; whoever has, writes who and when instead."""
_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}
_SAYS: Final = re.compile(rb"\b(" + "|".join(_KEYWORDS).encode() + rb")\s*\(")
_OPTIONS: Final = {
    "**/templates/**.html": {
        "trimmed": "true",
        "silent": "false",
        "newstyle_gettext": "true",
        "extensions": "jinja2.ext.do",
    }
}


def _extract_python(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """As Babel's own, but a file that says no word of a page is not taken to pieces: most say none."""
    if _SAYS.search(file.read()):
        file.seek(0)
        yield from extract_python(file, keywords, comment_tags, options)


_METHODS: Final[list[tuple[str, Any]]] = [
    ("**.py", _extract_python),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
]


def extract_words() -> Catalog:
    """Return every word of the pages and every sentence of an error, with its plural where it has one."""
    catalog = Catalog(project="Serai", charset="utf-8")
    found = extract_from_dir(
        ROOT / "src/serai",
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        strip_comment_tags=True,
    )
    for place, line, message, _, context in found:
        catalog.add(message, context=context, locations=[(place, line)])
    for check in FORMULA.checks:
        catalog.add(check.title, locations=[("journey/validation/data_quality/formula.yaml", 1)])
    for duty in shipped_duties():
        catalog.add(duty.duty, locations=[("laws/due-diligence.yaml", 1)])
    for one in find_sentences(read_lists().operators).sentences:
        catalog.add(one.one if one.many is None else (one.one, one.many), locations=[(one.place, one.line)])
    return catalog


def read_words(language: str) -> Catalog:
    """Return the catalogue of a language as it stands; an empty one where there is no file."""
    path = WORDS / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language, project="Serai", header_comment=f"# {MACHINE_MADE}")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_words() -> None:
    """Write every catalogue anew: new words come without a translation, those that nothing says go."""
    template = extract_words()
    WORDS.mkdir(exist_ok=True)
    for language in LANGUAGES:
        if language == DEFAULT_LANGUAGE:
            continue
        catalog = read_words(language)
        catalog.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        write_words(language, catalog)


def write_words(language: str, catalog: Catalog) -> None:
    """Write a catalogue, without places and times, which would change with every line of code."""
    plain = Catalog(locale=language, project="Serai", header_comment=catalog.header_comment, fuzzy=False)
    for message in catalog:
        if message.id:
            plain.add(message.id, message.string, context=message.context)
    head = f"{plain.header_comment}\n" + (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language}\\n"\n'
        f'"Plural-Forms: {plain.plural_forms}\\n"\n\n'
    )
    with (WORDS / f"{language}.po").open("wb") as file:
        file.write(head.encode())
        write_po(file, plain, width=0, omit_header=True, no_location=True, sort_output=True)
