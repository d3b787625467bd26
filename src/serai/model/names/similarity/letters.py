"""Names of any script in plain letters: what the index and the comparison see of a name.

Tricks of writing are undone here: marks that turn the direction, signs without width, letters of another
alphabet that look the same, and names that never end.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rigour._core import maybe_ascii

SIGNS_COUNT_MAX: Final = 300
"""Signs of a name that are compared; the longest name on the lists of the UN and of OFAC has 190."""

_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u2018\u2019\u02bc\u02bb\u02bf\u02be\u00b4\u2032\u201b"))
_FIRST_SIGN: Final = "\u2e80"
_LAST_SIGN: Final = "\uabff"
_SIGNS = re.compile(r"[A-Z]+[a-z]*|[a-z]+")
# Scripts that write no vowels, or only the long ones.
_VOWELLESS = re.compile(r"[\u0590-\u07bf\u0860-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u0e00-\u0eff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[a-z]")
# Letters that `maybe_ascii` reads each by itself, and takes 100 us for a word of them; a word with a short i
# ends otherwise.
_RUSSIAN = re.compile("[\u0430-\u0438\u043a-\u044f]+")
# Letters of the Cyrillic and the Greek alphabet by what they look like, not by how they sound.
_SHAPED_LIKE: Final = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u04bb\u051b\u043a\u043c\u0442\u043d\u0432"
    "\u03b1\u03bf\u03c1\u03c5\u03bd\u03b9\u03ba\u03c4\u03c7\u03b5",
    "aeopcyxisjdhqkmthb" + "aopuvikt" + "xe",
)
_LOOKS_LATIN = re.compile(
    "[a-z\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u04bb\u051b\u043a\u043c\u0442\u043d\u0432"
    "\u03b1\u03bf\u03c1\u03c5\u03bd\u03b9\u03ba\u03c4\u03c7\u03b5]+"
)
_PLAIN: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


_SIGNS_COUNT_MAX: Final = 1 << 15


class _Signs(dict[int, str | int | None]):
    """What becomes of each sign, learnt as they turn up; so many of them: nobody fills it."""

    def __init__(self, become: Callable[[str], str | None]) -> None:
        super().__init__()
        self._become = become

    def __missing__(self, code: int) -> str | int | None:
        found = self._become(chr(code))
        if len(self) < _SIGNS_COUNT_MAX:
            self[code] = found
        return found


_SHOWN: Final = _Signs(lambda sign: None if unicodedata.category(sign) in ("Mn", "Me", "Cf", "Cc") else sign)
_OF_WORDS: Final = _Signs(lambda sign: sign if sign.isalnum() or unicodedata.category(sign) == "Mc" else " ")
_RUSSIAN_LETTERS: Final = _Signs(maybe_ascii)
_ARTICLE: Final = "\u0627\u0644"
_NONE: Final[frozenset[str]] = frozenset()
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_BLANKS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
# Family names that are not written in Latin letters as they are read.
_READ_OTHERWISE: Final = {"gim": "kim", "i": "lee", "yi": "lee", "bag": "park", "pak": "park", "choe": "choi"}


def without_tricks(name: str) -> str:
    """Return a name of at most SIGNS_COUNT_MAX signs, folded, without marks, directions and hidden signs."""
    if len(name) > SIGNS_COUNT_MAX:
        name = name[:SIGNS_COUNT_MAX]
    if name.isascii():
        return name.casefold().replace("'", "").replace("`", "")
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    # Put together again: Hangul stands for syllables, and comes apart into what no table knows.
    return unicodedata.normalize("NFC", folded.translate(_SHOWN)).translate(_APOSTROPHES)


def plain_words(folded: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words of a folded name in plain letters, and those whose script leaves vowels out."""
    if "." in folded:
        folded = _INITIALS.sub(r"\1", folded)
    if folded.isascii():
        return tuple(folded.translate(_BLANKS).split()), _NONE
    text = folded.translate(_PLAIN)
    has_latin = _LATIN.search(text) is not None
    words: list[str] = []
    vowelless: set[str] = set()
    parts = _parts(text)
    for written in parts:
        part = written
        is_vowelless = _VOWELLESS.search(part) is not None
        if is_vowelless and part.startswith(_ARTICLE) and len(part) > len(_ARTICLE):
            # Arabic writes the article as part of the word.
            words.append("al")
            part = part.removeprefix(_ARTICLE)
        read = _read(part, has_latin=has_latin, is_whole_name=len(parts) == 1)
        if is_vowelless:
            read = tuple("abd" if word == "bd" else word for word in read)
            vowelless.update(read)
        words += read
    return tuple(words), frozenset(vowelless) if vowelless else _NONE


def _parts(text: str) -> list[str]:
    """Cut at what is neither letter nor digit; marks that are part of a letter stay."""
    return text.translate(_OF_WORDS).split()


@lru_cache(maxsize=1 << 16)
def _read(part: str, *, has_latin: bool, is_whole_name: bool) -> tuple[str, ...]:
    return tuple(_read_word(part, has_latin, is_whole_name))


def _read_word(part: str, has_latin: bool, is_whole_name: bool) -> list[str]:
    if part.isascii():
        return [part]
    if has_latin and _LOOKS_LATIN.fullmatch(part):
        return [part.translate(_SHAPED_LIKE)]
    if _FIRST_SIGN <= part[0] <= _LAST_SIGN:
        return _read_signs([sign.lower() for sign in _SIGNS.findall(anyascii(part))], is_whole_name)
    if _HANGUL.match(part):
        signs = [sign.lower() for sign in _SIGNS.findall(anyascii(part))]
        signs = [_READ_OTHERWISE.get(signs[0], signs[0]), *signs[1:]] if signs else []
        return _read_signs([one.replace("eo", "o").replace("eu", "u") for one in signs], is_whole_name)
    return _NOT_PLAIN.sub(" ", _in_latin(part).lower()).split()


def _in_latin(part: str) -> str:
    """Write a word of an alphabet in Latin letters; a word of two alphabets by what it looks like."""
    if _LATIN.search(part):
        part = part.translate(_SHAPED_LIKE)
    if _RUSSIAN.fullmatch(part):
        return part.translate(_RUSSIAN_LETTERS)
    known: str = maybe_ascii(part)
    # Signs for sounds that Latin has no letter for become apostrophes and the like: no part of the name.
    return known if known.isascii() else _NOT_PLAIN.sub("", anyascii(part).lower())


def _read_signs(signs: list[str], is_whole_name: bool) -> list[str]:
    """Written together, the family's name is the first sign and the given name the rest."""
    if is_whole_name and len(signs) > 1:
        return [signs[0], "".join(signs[1:])]
    return ["".join(signs)] if signs else []
