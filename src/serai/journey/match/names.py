"""Names of people as tokens that meet though a name was written otherwise: free of order, script and accents.

A token may be hashed before it is compared: two forms of one name give equal tokens, or they do not meet.
"""

import re
from typing import Final

from anyascii import anyascii

NAME_TOKENS_COUNT_MAX: Final = 6
"""Tokens of a document, of all its people together: a name has two to four."""

_WORDS = re.compile(r"[A-Za-z]+")
_CAPITALS = re.compile(r"[A-Z]+[a-z]*|[a-z]+")
_REPEATED = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiou]")
_SKELETON_LENGTH_MIN = 3
# Letters and groups of letters that alphabets are written with in more than one way, first to last.
_SPELLINGS: Final = (
    ("shch", "sh"),
    ("sch", "sh"),
    ("tsch", "ch"),
    ("ph", "f"),
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
_TITLES: Final = frozenset("mr mrs ms miss dr prof herr frau monsieur madame sr sra".split())


def name_tokens(name: str) -> tuple[str, ...]:
    """Return the tokens of a name, sorted, each once; titles, initials and what has no letters give none.

    `Müller, José` and `JOSE MUELLER` give the same two, so do `Юлия` and `Yuliya`.
    """
    return tuple(sorted({_fold(word) for word in _words(name)}))[:NAME_TOKENS_COUNT_MAX]


def spell_plainly(name: str) -> str:
    """Return a name as it stands, without case and doubled blanks: written alike says that nothing differs."""
    return " ".join(name.casefold().split())


def _words(name: str) -> list[str]:
    if not name.isascii():
        # Scripts without blanks come back as one word with a capital for each sign.
        found = [part for word in name.split() for part in _split_signs(word)]
    else:
        found = _WORDS.findall(name)
    return [word for word in (one.lower() for one in found) if len(word) > 1 and word not in _TITLES]


def _split_signs(word: str) -> list[str]:
    plain = anyascii(word)
    if any("\u2e80" <= sign for sign in word):
        return _CAPITALS.findall(plain)
    return _WORDS.findall(plain)


def _fold(word: str) -> str:
    for written, folded in _SPELLINGS:
        word = word.replace(written, folded)
    word = _REPEATED.sub(r"\1", word)
    skeleton = _REPEATED.sub(r"\1", _VOWELS.sub("", word).replace("h", ""))
    return skeleton if len(skeleton) >= _SKELETON_LENGTH_MIN else word
