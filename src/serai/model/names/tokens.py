"""Names of people as tokens that meet though a name was written otherwise: free of order, script and accents.

A token may be hashed before it is compared: two forms of one name give equal tokens, or they do not meet.
"""

import re
from typing import Final

from anyascii import anyascii

NAME_TOKENS_COUNT_MAX: Final = 6
"""Tokens of a document, of all its people together: a name has two to four."""

_NOT_LETTERS = re.compile(r"[^a-z]+")
_SIGNS = re.compile(r"[A-Z]+[a-z]*|[a-z]+")
_JOINING_MARKS = re.compile(r"['\u2019`\u00b4\u2010-]")
_REPEATED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiou]")
_SKELETON_LENGTH_MIN = 2
_FIRST_SIGN = "\u2e80"
"""From here on scripts write without blanks, a sign for a syllable or word."""
# Letters and groups of letters that alphabets are written with in more than one way, first to last.
_SPELLINGS: Final = (
    ("shch", "sh"),
    ("sch", "sh"),
    ("tsch", "ch"),
    ("ph", "f"),
    ("th", "t"),
    ("kh", "h"),
    ("gh", "g"),
    ("dj", "j"),
    ("x", "ks"),
    ("ck", "k"),
    ("q", "k"),
    ("c", "k"),
    ("w", "v"),
    ("y", "i"),
    ("j", "i"),
    ("z", "s"),
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("oo", "u"),
)
_TITLES: Final = frozenset(
    ["mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "monsieur", "madame", "sr", "sra"]
)


def name_tokens(name: str) -> tuple[str, ...]:
    """Return the tokens of a name, sorted, each once; titles and initials give none.

    `Müller, José` and `JOSE MUELLER` give the same two, so do `Юлия` and `Yuliya`.
    """
    return tuple(sorted({_fold(word) for word in _words(name)}))[:NAME_TOKENS_COUNT_MAX]


def spell_plainly(name: str) -> str:
    """Return a name as it stands, but for case and doubled blanks: equal, nothing differs."""
    return " ".join(name.casefold().split())


def _words(name: str) -> list[str]:
    parts = _JOINING_MARKS.sub("", name).split()
    found: list[str] = []
    for part in parts:
        if part.isascii():
            found += _NOT_LETTERS.split(part.lower())
        elif part[0] >= _FIRST_SIGN:
            found += _read_signs(part, is_whole_name=len(parts) == 1)
        else:
            found += _NOT_LETTERS.split(anyascii(part).lower())
    return [word for word in found if len(word) > 1 and word not in _TITLES]


def _read_signs(part: str, *, is_whole_name: bool) -> list[str]:
    """Read a word of signs. Written together, the family's name is the first sign, the given the rest."""
    signs = [sign.lower() for sign in _SIGNS.findall(anyascii(part))]
    if is_whole_name and len(signs) > 1:
        return [signs[0], "".join(signs[1:])]
    return ["".join(signs)]


def _fold(word: str) -> str:
    for written, folded in _SPELLINGS:
        word = word.replace(written, folded)
    word = _REPEATED.sub(r"\1", word)
    skeleton = _VOWELS.sub("", word)
    return skeleton if len(skeleton) >= _SKELETON_LENGTH_MIN else word
