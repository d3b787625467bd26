"""Names as lists are searched for them: one script form, no accents, no punctuation, lower case.

Exact but for the writing, since a hit on a list is told to an officer: `tokens` is for likeness, not this.
"""

import re
import unicodedata
from collections.abc import Sequence

_NOT_LETTERS = re.compile(r"[\W_]+")
_PUNCTUATION = {code: " " for code in range(128) if not chr(code).isalnum()}
# Letters that Unicode does not take apart, as passports and lists write them in plain letters.
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ħ": "h",
        "ŧ": "t",
    }
)


class _Letters(dict[int, str | int | None]):
    """What becomes of each sign, learnt as they turn up: a mark on a letter goes, no letter is a blank."""

    def __missing__(self, code: int) -> str | int | None:
        sign = chr(code)
        if unicodedata.category(sign).startswith("M"):
            self[code] = None
        elif _NOT_LETTERS.fullmatch(sign):
            self[code] = " "
        else:
            self[code] = code
        return self[code]


_LETTERS = _Letters(_PLAIN)


def normalise_name(name: str) -> str:
    """Return a name's words in the order given, ready to be compared; empty when nothing is left.

    `Müller-Łoś, José` becomes `muller los jose`.
    """
    if name.isascii():
        return " ".join(name.casefold().translate(_PUNCTUATION).split())
    # Signs such as mathematical letters become capitals when taken apart; folded letters may come apart
    # again.
    folded = unicodedata.normalize("NFKD", name).casefold()
    taken_apart = unicodedata.normalize("NFKD", folded)
    return " ".join(taken_apart.translate(_LETTERS).split())


def sort_words(normalised: str) -> str:
    """Return the words in alphabetical order: family name first or last makes no difference."""
    return " ".join(sorted(normalised.split()))


def normalise_names(names: Sequence[str]) -> list[str]:
    """Return each name as `normalise_name` does; in bulk."""
    return list(map(" ".join, _words_of(names)))


def sorted_names(names: Sequence[str]) -> list[str]:
    """Return each name normalised, its words sorted; in bulk: names are looked up so."""
    return [" ".join(sorted(words)) for words in _words_of(names)]


def _words_of(names: Sequence[str]) -> list[list[str]]:
    """Return the words of each name, normalised."""
    joined = "\n".join(names)
    if joined.count("\n") != len(names) - 1:
        return [normalise_name(name).split() for name in names]
    if joined.isascii():
        return _plain_words_of(joined)
    plain = iter(_plain_words_of("\n".join([name for name in names if name.isascii()])))
    return [next(plain) if name.isascii() else normalise_name(name).split() for name in names]


def _plain_words_of(joined: str) -> list[list[str]]:
    """Normalise names in plain letters, one a line, and cut them into words."""
    return list(map(str.split, joined.casefold().translate(_KEEP_LINES).split("\n")))


_KEEP_LINES = {**_PUNCTUATION, 10: "\n"}
