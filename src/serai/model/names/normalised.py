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


def normalise_name(name: str) -> str:
    """Return a name's words in the order given, ready to be compared; empty when nothing is left.

    `Müller-Łoś, José` becomes `muller los jose`.
    """
    if name.isascii():
        return " ".join(name.casefold().translate(_PUNCTUATION).split())
    # Signs such as mathematical letters become capitals when taken apart; folded letters may come apart
    # again.
    folded = unicodedata.normalize("NFKD", name).casefold()
    taken_apart = unicodedata.normalize("NFKD", folded).translate(_PLAIN)
    letters = "".join(sign for sign in taken_apart if not unicodedata.category(sign).startswith("M"))
    return " ".join(_NOT_LETTERS.sub(" ", letters).split())


def sort_words(normalised: str) -> str:
    """Return the words in alphabetical order: family name first or last makes no difference."""
    return " ".join(sorted(normalised.split()))


def sorted_names(names: Sequence[str]) -> list[str]:
    """Return each name normalised, its words sorted; in bulk: names are looked up so."""
    joined = "\n".join(names)
    if not joined.isascii() or joined.count("\n") != len(names) - 1:
        return [sort_words(normalise_name(name)) for name in names]
    keep_lines = {**_PUNCTUATION, 10: "\n"}
    return [" ".join(sorted(line.split())) for line in joined.casefold().translate(keep_lines).split("\n")]
