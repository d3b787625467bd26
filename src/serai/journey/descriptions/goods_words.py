"""Words that would do: for goods of a heading, in several languages. Our own table, goods_words.csv."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "zh")
SUGGESTIONS_COUNT: Final = 3
_HEADING_LENGTH, _CHAPTER_LENGTH = 4, 2
_PREFIX_LENGTHS = (6, _HEADING_LENGTH, _CHAPTER_LENGTH)


@dataclass(frozen=True, slots=True)
class GoodsWords:
    """The table. words: by language, then by code of six, four and two digits, in the order of the table."""

    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    def suggest(self, codes: Sequence[str], language: str) -> tuple[str, ...]:
        """Suggest descriptions for goods of these commodity codes (likeliest first), the nearest first.

        language: ISO 639-1; one the table has not is English. Of several codes each gives one before any
        gives a second. Empty where the table has nothing for the heading: words of another heading mislead.
        """
        known = self.words.get(language, self.words[LANGUAGES[0]])
        lists = [tuple(_nearest(known, code)) for code in codes]
        depth = max(map(len, lists), default=0)
        turns = (words[place] for place in range(depth) for words in lists if place < len(words))
        return tuple(dict.fromkeys(turns))[:SUGGESTIONS_COUNT]


def _nearest(known: Mapping[str, tuple[str, ...]], code: str) -> Iterator[str]:
    """Yield words of the subheading, then of its heading; of a chapter only for who knows no more."""
    for length in _PREFIX_LENGTHS:
        if length <= len(code) and (length > _CHAPTER_LENGTH or len(code) < _HEADING_LENGTH):
            yield from known.get(code[:length], ())


@cache
def shipped_goods_words() -> GoodsWords:
    """Return the table that came with the package."""
    return read_goods_words((files("serai.journey.descriptions") / "goods_words.csv").read_bytes())


def read_goods_words(content: bytes) -> GoodsWords:
    """Read a table: code, and for each language words with `;` between; the first is the fullest."""
    words: dict[str, dict[str, list[str]]] = {language: defaultdict(list) for language in LANGUAGES}
    for row in csv.DictReader(content.decode("utf-8").splitlines()):
        code = row["code"]
        for language in LANGUAGES:
            given = row[language].split(";")
            words[language][code] += given
            for length in _PREFIX_LENGTHS[1:]:
                words[language][code[:length]].append(given[0])
    return GoodsWords(
        {
            language: {code: tuple(given) for code, given in by_code.items()}
            for language, by_code in words.items()
        }
    )
