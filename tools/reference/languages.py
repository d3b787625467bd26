"""One page of all texts by language: how many there are, which no person has read, and what is left out."""

from serai.model.languages import DEFAULT_LANGUAGE, LANGUAGES

from tools.languages.catalogues import Catalogue, LawCatalogue, find_catalogues, is_machine_made
from tools.languages.check import TRANSLATED
from tools.languages.interface import extract_words, read_words
from tools.languages.lists import read_lists
from tools.reference.layout import MARK, cell

INTRO = (
    "Texts are written in English; `python -m tools.languages check` holds the others against them. A number "
    "with `m` is of texts that a machine made and nobody has checked; whoever checks a file writes who and "
    "when into its first line. `laws` are sentences, remedies, appeals and titles of the shipped law packs, "
    "by their English words; meanings and notes of packs and names of the vocabulary's words are in English "
    "alone. `web/words` holds the words of the pages and every sentence of a problem of the API: title, "
    "detail, next step, and sentence and remedy of each fault. An answer says of each text in `language` "
    "which it is in."
)


def build_pages() -> dict[str, str]:
    """Return the page of languages."""
    lists = read_lists()
    names = [f"{name} (`{code}`)" for code, name in LANGUAGES.items()]
    head = f"| catalogue | {' | '.join(names)} |\n|---|{'---|' * len(LANGUAGES)}\n"
    rows = "".join(_row(one) for one in find_catalogues())
    waiting = "".join(f"| `{name}` | {cell(why)} |\n" for name, why in lists.waiting.items())
    same = "".join(f"| {cell(text)} | {cell(why)} |\n" for text, why in lists.same.items())
    parts = [MARK, "# Languages\n", f"{INTRO}\n", f"{head}{rows}{_words_row()}"]
    if waiting:
        parts.append(f"## Not translated yet\n\n| catalogue | why |\n|---|---|\n{waiting}")
    parts.append(f"## The same in another language\n\n| text | why |\n|---|---|\n{same}")
    operators = "".join(f"| `{place}` | {cell(why)} |\n" for place, why in lists.operators.items())
    parts.append(f"## Errors in English alone\n\n| raised in | who meets them |\n|---|---|\n{operators}")
    return {"reference/languages.md": "\n".join(parts)}


def _row(catalogue: Catalogue | LawCatalogue) -> str:
    cells = [str(len(catalogue.texts(DEFAULT_LANGUAGE)))]
    for language in TRANSLATED:
        count = len(catalogue.texts(language))
        cells.append(_told(count, is_made=count > 0 and is_machine_made(language, catalogue)))
    return f"| `{catalogue.name}` | {' | '.join(cells)} |\n"


def _words_row() -> str:
    cells = [str(sum(1 for one in extract_words() if one.id))]
    for language in TRANSLATED:
        said = [one for one in read_words(language) if one.id and any(one.string or ())]
        cells.append(_told(len(said), is_made=is_machine_made(language, None)))
    return f"| `web/words`: words of the pages | {' | '.join(cells)} |\n"


def _told(count: int, *, is_made: bool) -> str:
    return f"{count} m" if is_made else str(count)
