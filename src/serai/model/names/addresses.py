"""Addresses as they are compared: free of order, abbreviations, accents and punctuation."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from serai.model.names.normalised import normalise_names

# Words of streets that are written short: one form for each, of no language in particular.
_SHORT: Final = {
    "rd": "road",
    "st": "street",
    "ave": "avenue",
    "av": "avenue",
    "ln": "lane",
    "dr": "drive",
    "sq": "square",
    "ct": "court",
    "pl": "place",
    "blvd": "boulevard",
    "bd": "boulevard",
    "hwy": "highway",
    "str": "strasse",
    "apt": "apartment",
    "app": "apartment",
    "appt": "apartment",
    "fl": "floor",
    "no": "",
    "nr": "",
    "numero": "",
}
_SHORT_ENDS: Final = (("str", "strasse"), ("pl", "platz"))
_SHORT_END_LENGTH_MIN: Final = 6


def street_words(streets: Sequence[str]) -> list[list[str]]:
    """Return the words of each street with its house number as they are compared; in bulk. Empty: nothing is
    left.

    `Hauptstr. 5` and `5, HAUPTSTRASSE` give the same two, in another order.
    """
    return [list(filter(None, map(_fold, one.split()))) for one in normalise_names(streets)]


@lru_cache(maxsize=20_000)
def _fold(word: str) -> str:
    known = _SHORT.get(word)
    if known is not None:
        return known
    if len(word) >= _SHORT_END_LENGTH_MIN:
        for short, whole in _SHORT_ENDS:
            if word.endswith(short):
                return word.removesuffix(short) + whole
    return word
