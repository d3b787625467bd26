"""A name made ready to be looked up and compared: words in plain letters, the company's form apart."""

from typing import Final, NamedTuple

from rigour._core import extract_org_types, remove_org_types

from serai.model.names.similarity.letters import SIGNS_COUNT_MAX, plain_words, without_tricks
from serai.model.names.similarity.words import join_names

WORDS_COUNT_MAX: Final = 16
"""Words of a name that are compared; the rest of a longer one is left out."""
_WORD_LENGTH_MAX: Final = 40
_CASEFOLD: Final = 4
"""rigour.text.normalize.Normalize.CASEFOLD. That package imports ICU, which a node need not have."""


class PreparedName(NamedTuple):
    """A name ready to be compared. forms: what kind of company its name says it is, such as `jsc`.
    vowelless: words whose script leaves vowels out, so that only the consonants are known. is_cut: it has
    more signs than are compared."""

    words: tuple[str, ...]
    forms: tuple[str, ...]
    vowelless: frozenset[str]
    is_cut: bool


def prepare_name(name: str, kind_code: str = "") -> PreparedName:
    """Make a name ready. kind_code: person, organisation, vessel ... as on lists; empty: not known.

    A person has no company form; `Ag` and `As` are parts of names of theirs.
    """
    folded = without_tricks(name)
    forms: tuple[str, ...] = ()
    if kind_code not in ("person", "vessel"):
        found = extract_org_types(folded, _CASEFOLD, 0, True)
        if found:
            bare = remove_org_types(folded, _CASEFOLD, 0, " ")
            if any(sign.isalnum() for sign in bare):
                folded = bare
                forms = tuple(dict.fromkeys(form for _, form in found))
    if folded.count(",") == 1 and kind_code != "organisation":
        family, _, given = folded.partition(",")
        folded = f"{given} {family}"
    plain, vowelless = plain_words(folded)
    words = join_names(plain)
    if vowelless and words != plain:
        vowelless = frozenset(word for word in words if word in vowelless or word not in plain)
    if len(words) > WORDS_COUNT_MAX or any(len(word) > _WORD_LENGTH_MAX for word in words):
        words = tuple(word[:_WORD_LENGTH_MAX] for word in words[:WORDS_COUNT_MAX])
    return PreparedName(words, forms, vowelless, len(name) > SIGNS_COUNT_MAX)
