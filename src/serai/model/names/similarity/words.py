"""What the words of a name are worth, and how they are spelt when only their sound counts."""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec

_REPEATED = re.compile(r"(.)\1+")
_DATA: Final = msgspec.yaml.decode(files("serai.model.names.similarity").joinpath("words.yaml").read_bytes())


def _words(kind: str) -> frozenset[str]:
    return frozenset(_DATA[kind].split())


def _numbers(kind: str) -> dict[str, int]:
    return {word: number for number, words in _DATA[kind].items() for word in words.split()}


_VOWELS: Final = str.maketrans("", "", "aeiou")
_PARTICLES: Final = _words("particles")
_TITLES: Final = _words("titles")
_FORMS: Final = _words("company_forms")
_COMMON: Final = _words("common")
_ONES: Final = _numbers("ones")
_TENS: Final = _numbers("tens")
_SERVANT_OF: Final = frozenset(("abd", "abdul", "abdel", "abdal", "abdol", "abdoul"))
_OF_GOD: Final = frozenset(("allah", "lah", "ullah", "llh", "allh"))
_ARTICLES: Final = frozenset(("al", "el", "ul", "ur", "ar", "as", "ash", "ad", "az", "at", "an", "us"))
# Letters and groups of letters that alphabets are written with in more than one way, first to last.
_SPELLINGS: Final = (
    ("shch", "sh"), ("tsch", "ch"), ("sch", "sh"), ("tch", "ch"), ("ph", "f"), ("th", "t"), ("kh", "h"),
    ("gh", "g"),
    ("dzh", "j"), ("zh", "j"), ("dj", "j"), ("dh", "d"), ("ck", "k"), ("ch", "s"), ("sh", "s"), ("ks", "x"),
    ("ts", "s"), ("tz", "s"), ("q", "k"), ("c", "k"), ("w", "v"), ("ij", "i"), ("yu", "u"), ("ya", "a"),
    ("yo", "o"), ("ye", "e"), ("iu", "u"), ("ou", "u"), ("oo", "u"), ("ow", "u"), ("ee", "i"), ("ie", "i"),
    ("ej", "ei"), ("aj", "ai"), ("ei", "i"), ("ey", "i"), ("ay", "ai"), ("ae", "a"), ("oe", "o"), ("ue", "u"),
    ("y", "i"), ("o", "u"), ("e", "i"), ("z", "s"),
)  # fmt: skip
_LIGHT: Final = _PARTICLES | _TITLES | _FORMS
_FOLDED: Final[dict[str, str]] = {}
_FOLDED_COUNT_MAX: Final = 1 << 16
_WEIGHT_OF_LIGHT: Final = 0.15
_WEIGHT_OF_COMMON: Final = 0.5
_WEIGHT_OF_INITIAL: Final = 0.4


@lru_cache(maxsize=1 << 16)
def weight_of(word: str) -> float:
    """Return how much a word says about who is meant: 1 for a name, less for titles, particles, company
    forms and words that half of all firms bear."""
    if word in _LIGHT:
        return _WEIGHT_OF_LIGHT
    if len(word) == 1 and not word.isdigit():
        return _WEIGHT_OF_INITIAL
    return _WEIGHT_OF_COMMON if word in _COMMON else 1.0


def is_light(word: str) -> bool:
    """Say whether a word leads to nobody: a particle, title, company form or initial."""
    return word in _LIGHT or (len(word) == 1 and not word.isdigit())


def fold(word: str) -> str:
    """Spell a word as it sounds: `Mohammed` and `Muhamad` differ by a vowel, `Yusuf` and `Yousuf` by none."""
    return _FOLDED.get(word) or fold_words((word,))[0]


def fold_words(words: Sequence[str]) -> list[str]:
    """Spell each word as `fold` does, in bulk, and keep how for `fold`."""
    folded = fold_texts(words)
    if len(_FOLDED) > _FOLDED_COUNT_MAX:
        _FOLDED.clear()
    _FOLDED.update(zip(words, folded, strict=True))
    return folded


def fold_texts(texts: Sequence[str]) -> list[str]:
    """Spell the words of each text as `fold` does; in bulk. A text has blanks between words, and no lines."""
    text = _REPEATED.sub(r"\1", "\n".join(texts))
    for written, folded in _SPELLINGS:
        if written in text:
            text = text.replace(written, folded)
    return _lines(_REPEATED.sub(r"\1", text), texts)


@lru_cache(maxsize=1 << 16)
def skeleton(word: str) -> str:
    """Return the consonants of a word as they sound; its vowels where it has nothing else."""
    return skeletons_of((fold(word),))[0]


def skeletons_of(folded: Sequence[str]) -> list[str]:
    """Return the skeleton of each word that was folded; in bulk."""
    bones = _REPEATED.sub(r"\1", "\n".join(folded).translate(_VOWELS))
    return [one or word[:1] for one, word in zip(_lines(bones, folded), folded, strict=True)]


def _lines(text: str, texts: Sequence[str]) -> list[str]:
    """Return the lines of what was joined of texts."""
    return text.split("\n") if texts else []


def join_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Join what is one name in several words (`Abd al-Rahman`), and write numbers in digits."""
    if not any(word in _SERVANT_OF or word in _ONES or word in _TENS for word in words):
        return words
    joined: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word in _SERVANT_OF and place < len(words):
            if words[place] in _ARTICLES and place + 1 < len(words):
                place += 1
            joined.append("abdullah" if words[place] in _OF_GOD else "abdul" + words[place])
            place += 1
        elif word in _TENS:
            after = words[place] if place < len(words) else ""
            ones = _ONES.get(after, int(after) if after.isdigit() and len(after) == 1 else 0)
            place += ones > 0
            joined.append(str(_TENS[word] + ones))
        elif word in _ONES:
            joined.append(str(_ONES[word]))
        else:
            joined.append(word)
    return tuple(joined)
