"""By what a document can be found that shares no number with the others as it is written."""

from collections.abc import Iterable
from typing import Final

from serai.journey.matching.document_frames import Matchable, numbers_of
from serai.journey.matching.numbers import number_forms
from serai.journey.matching.rules import HOUSE_DOCUMENT, ORDER, UCR
from serai.model.documents import Declaration

FEATURE_DOCUMENTS_COUNT_MAX: Final = 24
"""What more documents than this are like says nothing of any of them."""

_PREFIXES: Final = {UCR: "ucr||", HOUSE_DOCUMENT: "house||", ORDER: "order||"}


def linkage_features_of(document: Matchable) -> dict[str, str]:
    """Return the texts that documents like this one have in common: its numbers without case and punctuation,
    with their signs in order, so that two that were swapped make no difference. Of each also the number with
    its signs as they are: who has that, too, has the same number."""
    forms = [number_forms(text) for _, text in numbers_of(document)]
    return {f"signs|{digits or ''.join(sorted(plain))}": plain for _, plain, digits, *_ in forms if plain}


def keys_in_other_fields(document: Matchable) -> list[tuple[int, str]]:
    """Return kind and text of the match keys that a document would have if each of its numbers stood in any
    field, as written or plainly; the text is as in `rules.keys_of`."""
    texts: Iterable[str] = dict.fromkeys(
        form for _, text in numbers_of(document) for form in number_forms(text)[:2] if form
    )
    return [(kind, prefix + text) for text in texts for kind, prefix in _PREFIXES.items()]


def lacks(document: Declaration, kinds_there: int, kinds_needed: int) -> bool:
    """Say whether a declaration waits for a document: by law, or for the order that it names.

    kinds_there, kinds_needed: bit by kind number.
    """
    return bool(kinds_needed & ~kinds_there) or (bool(document.order_references) and not kinds_there >> 2 & 1)
