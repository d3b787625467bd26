"""Descriptions as one array of characters, cut into words; columnar, so that a batch costs little a text."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from serai.model.columns import Int64s

CHARACTERS_READ = 400
"""Of each text; what comes after says nothing new, and nobody's text may cost more than another's."""
_PLANE = 0x10000
_FIRST_IDEOGRAPH = 0x2E80
_ZERO = ord("0")
_SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch of texts.

    characters: code points of all texts, lower case, without accents, each digit a 0. read: the same with
    their digits. starts, ends: of each word, half-open places in them. owners: text of each word, ascending.
    count: of texts.
    """

    characters: Int64s
    read: Int64s
    starts: Int64s
    ends: Int64s
    owners: Int64s
    count: int

    def word(self, number: int) -> str:
        """Return one word as it was read."""
        return "".join(map(chr, self.read[self.starts[number] : self.ends[number]].tolist()))


def cut_texts(texts: Sequence[str]) -> Texts:
    """Cut texts into words: runs of letters and digits; an ideograph is a word, since nothing parts them."""
    joined = _SEPARATOR.join([fold(text) for text in texts])
    characters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    kinds = _kinds()[np.minimum(characters, _PLANE - 1)]
    is_inside = kinds > 0
    is_alone = kinds == _ALONE
    before = np.concatenate(([False], is_inside[:-1] & ~is_alone[:-1])) if len(kinds) else is_inside
    after = np.concatenate((is_inside[1:] & ~is_alone[1:], [False])) if len(kinds) else is_inside
    starts = np.flatnonzero(is_inside & (is_alone | ~before))
    ends = np.flatnonzero(is_inside & (is_alone | ~after)) + 1
    line_ends = np.flatnonzero(characters == ord(_SEPARATOR))
    owners = np.searchsorted(line_ends, starts)
    return Texts(np.where(kinds == _DIGIT, _ZERO, characters), characters, starts, ends, owners, len(texts))


def fold(text: str) -> str:
    """Return a text in lower case without accents, as far as it is read."""
    short = text[:CHARACTERS_READ].lower()
    if not short.isascii():
        parts = unicodedata.normalize("NFKD", short)
        short = "".join([one for one in parts if not unicodedata.combining(one)])[:CHARACTERS_READ].lower()
    return short.replace(_SEPARATOR, " ")


_LETTER, _DIGIT, _ALONE = 1, 2, 3


@cache
def _kinds() -> npt.NDArray[np.int8]:
    """Return what each character is: 0 parts words. Those beyond the first plane count as its last: none."""
    kinds = np.zeros(_PLANE, dtype=np.int8)
    for code in range(_PLANE - 1):
        one = chr(code)
        if one.isdecimal():
            kinds[code] = _DIGIT
        elif one.isalpha():
            kinds[code] = _ALONE if _is_ideograph(code) else _LETTER
    return kinds


def _is_ideograph(code: int) -> bool:
    return code >= _FIRST_IDEOGRAPH and not 0xAC00 <= code <= 0xD7A3  # Hangul has blanks between words
