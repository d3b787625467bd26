"""By what a document can be found that shares no number with the others as it is written."""

from collections.abc import Iterable
from itertools import product
from typing import Final

from serai.journey.match.document_frames import Matchable, amounts_of, numbers_of, people_of
from serai.journey.match.names import name_tokens
from serai.journey.match.numbers import number_forms
from serai.journey.match.rules import HOUSE_DOCUMENT, ORDER, UCR
from serai.model.documents import Consignment

LIKENESS_DOCUMENTS_COUNT_MAX: Final = 24
"""What more documents than this are like says nothing of any of them."""

_PREFIXES: Final = {UCR: "ucr||", HOUSE_DOCUMENT: "house||", ORDER: "order||"}


def likeness_of(document: Matchable) -> list[str]:
    """Return the texts that documents like this one have in common, each once: its numbers with their signs
    in order, and its people with each amount that it may be known by."""
    signs = [number_forms(text) for _, text in numbers_of(document)]
    found = [f"signs|{forms[2] or ''.join(sorted(forms[1]))}" for forms in signs if forms[1]]
    names = {"+".join(name_tokens(one.name or "")) for one in people_of(document)} - {""}
    found += [f"sale|{name}|{amount}" for name, amount in product(sorted(names), amounts_of(document))]
    return list(dict.fromkeys(found))


def keys_in_other_fields(document: Matchable) -> list[tuple[int, str]]:
    """Return kind and text of the match keys that a document would have if each of its numbers stood in any
    field, as written or plainly; the text is as in `rules.keys_of`."""
    texts: Iterable[str] = dict.fromkeys(
        form for _, text in numbers_of(document) for form in number_forms(text)[:2] if form
    )
    return [(kind, prefix + text) for text in texts for kind, prefix in _PREFIXES.items()]


def lacks(document: Consignment, kinds_there: int, kinds_needed: int) -> bool:
    """Say whether a declaration waits for a document: by law, or for the order that it names.

    kinds_there, kinds_needed: bit by kind number.
    """
    return bool(kinds_needed & ~kinds_there) or (bool(document.order_references) and not kinds_there >> 2 & 1)
